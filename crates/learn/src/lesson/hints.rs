//! Hints, one step at a time: why, then where, then nearly the line.

use super::check::Finding;
use super::text::Lesson;
use crate::build::NotBuilt;
use checker::judging::verdict::NotPassed;
use std::path::Path;

/// The steps for what a finding shows first: three, or fewer where nothing more can be said.
/// `program` is the path to show.
#[must_use]
pub fn steps(finding: &Finding, lesson: &Lesson, program: &Path) -> Vec<String> {
    let found = Found { finding, lesson, program };
    match (&finding.graded, finding.gap()) {
        (Err(NotBuilt::Errors { code, at: Some((_, line)), .. }), _) => {
            found.of_error(code.as_deref(), *line)
        }
        (Err(_), _) => Vec::new(),
        (Ok(_), Some(gap)) => found.of_gap(&gap.function, gap.line),
        (Ok(_), None) => found.of_verdict(),
    }
}

struct Found<'a> {
    finding: &'a Finding,
    lesson: &'a Lesson,
    program: &'a Path,
}

impl Found<'_> {
    fn of_error(&self, code: Option<&str>, line: usize) -> Vec<String> {
        let why = match code {
            Some(code) => format!("rustc --explain {code} tells you about this kind of error."),
            None => "The compiler cannot read the program from here on: look for a bracket, a \
                     semicolon or a quote that is missing."
                .into(),
        };
        // The program may be one that cannot be parsed: its functions are looked for as text.
        let above = self.finding.text.lines().take(line).collect::<Vec<_>>();
        let function = above.iter().rev().find_map(|text| {
            let mut names = self.lesson.function.keys();
            names.find(|name| text.contains(&format!("fn {name}(")))
        });
        let Some(function) = function else { return vec![why, self.place(None, line)] };
        let place = self.place(Some(function), line);
        vec![why, place, self.lesson.function[function].nearly.trim().to_owned()]
    }

    fn of_gap(&self, function: &str, line: usize) -> Vec<String> {
        let Some(task) = self.lesson.function.get(function) else { return Vec::new() };
        let place = self.place(Some(function), line);
        let instead = format!("{place}\nWrite it in place of common::not_written!().");
        vec![task.why.clone(), instead, task.nearly.trim().to_owned()]
    }

    fn of_verdict(&self) -> Vec<String> {
        let Some((criterion, why)) = self.finding.not_passed() else { return Vec::new() };
        let (mistake, why) = match why {
            NotPassed::Failed(reason) => {
                (reason.mistake.id, format!("{}\n{}", reason.mistake.why, reason.hint()))
            }
            NotPassed::NotReadable(doubt) => {
                ("", format!("The original prints: {}\nMissing: {}", doubt.original, doubt.looked_for))
            }
            NotPassed::Skipped { .. } | NotPassed::Inconclusive { .. } => return Vec::new(),
        };
        let Some(clue) = self.lesson.clue(criterion.id, mistake) else { return vec![why] };
        let place = self.finding.source.as_ref().and_then(|source| {
            let function = source.function(&clue.function)?;
            let near = clue.near.as_ref().and_then(|near| source.line_with(function, near));
            Some(self.place(Some(&clue.function), near.unwrap_or(function.first)))
        });
        let place = place.unwrap_or_else(|| {
            format!("There is no function {} in {}.", clue.function, self.program.display())
        });
        let mut steps = vec![why, format!("{place}\n{}", clue.look)];
        steps.extend(self.lesson.nearly(clue).map(Into::into));
        steps
    }

    /// A line of the program, as `path:line`, with its text.
    fn place(&self, function: Option<&str>, line: usize) -> String {
        let text = self.finding.text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let of = function.map_or(String::new(), |function| format!(", in {function}"));
        format!("{}:{line}{of}:\n    {}", self.program.display(), text.trim())
    }
}
