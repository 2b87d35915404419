//! Hints, one step at a time: why, then where, then the line with a part left out.

use super::build_error::BuildError;
use super::check::Finding;
use super::source::{Gap, shown};
use super::text::Lesson;
use super::view::shown_path;
use checker::grade::Outcome;
use checker::judging::verdict::NotPassed;
use std::path::Path;

/// The steps for what a finding shows: three, or fewer where there is no more to say. `program` is
/// its path as it is shown. Code is indented.
#[must_use]
pub fn steps(finding: &Finding, lesson: &Lesson, program: &Path) -> Vec<String> {
    let hints = Hints { finding, lesson, program };
    match (&finding.error, finding.gap()) {
        (Some(error), _) => hints.of_error(error),
        (None, Some(gap)) => hints.of_gap(&gap),
        (None, None) => hints.of_verdict(),
    }
}

struct Hints<'a> {
    finding: &'a Finding,
    lesson: &'a Lesson,
    program: &'a Path,
}

impl Hints<'_> {
    fn of_error(&self, error: &BuildError) -> Vec<String> {
        let Some(line) = error.line else { return Vec::new() };
        let why = match &error.code {
            Some(code) => format!("To have this error explained, run rustc --explain {code}"),
            None => "An error without a code such as E0425 is often about syntax: a bracket, \
                     quote or semicolon that is missing just before, or a mistake in a macro such \
                     as println!."
                .into(),
        };
        if !self.is_about_program(error) {
            return vec![why];
        }
        // The program cannot always be parsed: its functions are looked for in the text.
        let before: Vec<_> = self.finding.text.lines().take(line).collect();
        let function = before.iter().rev().find_map(|line| {
            let mut names = self.lesson.function.keys();
            names.find(|name| line.contains(&format!("fn {name}(")))
        });
        match function {
            None => vec![why, self.place(None, line)],
            Some(name) => {
                let nearly = code(&self.lesson.function[name].nearly);
                vec![why, self.place(Some(name), line), nearly]
            }
        }
    }

    /// Whether the place of an error is in the program, and not in a module beside it.
    fn is_about_program(&self, error: &BuildError) -> bool {
        let place = error.lines.iter().find_map(|line| Some(line.split_once("--> ")?.1));
        // Without the line and the column.
        let path = place.and_then(|place| place.rsplitn(3, ':').nth(2));
        path.is_some_and(|path| self.program.ends_with(path) || Path::new(path) == self.program)
    }

    fn of_gap(&self, gap: &Gap) -> Vec<String> {
        let Some(task) = self.lesson.function.get(&gap.function) else { return Vec::new() };
        let place = self.place(Some(&gap.function), gap.line);
        vec![task.why.clone(), place + "\nReplace this line.", code(&task.nearly)]
    }

    fn of_verdict(&self) -> Vec<String> {
        let graded = &self.finding.graded;
        let (Outcome::Judged(judged), Some((index, why))) =
            (&graded.outcome, graded.first_mistake())
        else {
            return Vec::new();
        };
        let (mistake, hint) = match why {
            NotPassed::Failed(reason) => (reason.mistake.id, reason.hint()),
            NotPassed::NotReadable(doubt) => {
                ("", format!("Print it as the original does: {}", doubt.original))
            }
            NotPassed::Skipped { .. } | NotPassed::Inconclusive { .. } => return Vec::new(),
        };
        let Some(clue) = self.lesson.clue(judged[index].id, mistake) else { return vec![hint] };
        let place = self.finding.source.as_ref().and_then(|source| source.place(clue));
        let place = match place {
            Some((function, line)) => self.place(Some(&function.name), line),
            None => format!("There is no function {}.", clue.function),
        };
        let mut steps = vec![hint, format!("{place}\n{}", clue.look)];
        steps.extend(self.lesson.nearly(clue).map(code));
        steps
    }

    /// A line of the program, as `path:line`, and its text.
    fn place(&self, function: Option<&str>, line: usize) -> String {
        let text =
            self.finding.text.lines().nth(line.saturating_sub(1)).map_or(String::new(), shown);
        let of = function.map_or(String::new(), |function| format!(", in {function}"));
        format!("{}:{line}{of}:\n{}", shown_path(self.program), code(&text))
    }
}

/// Lines of code, indented.
fn code(lines: &str) -> String {
    let lines = lines.trim().lines().map(|line| format!("      {line}"));
    lines.collect::<Vec<_>>().join("\n")
}
