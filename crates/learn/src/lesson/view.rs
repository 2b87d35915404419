//! What the learner sees, as text with escape codes for color.

use super::build_error::BuildError;
use super::check::Finding;
use super::progress::Progress;
use super::source::Gap;
use super::text::Lesson;
use crate::paragraph::{indented, paragraph};
use checker::escape::visible;
use checker::judging::rubric::POINTS;
use checker::report::human::Look;
use checker::report::style::{BOLD, DIM, GREEN};
use checker::timeline;
use std::path::Path;

/// A path with nothing in it that acts on the terminal.
#[must_use]
pub fn shown_path(path: &Path) -> String {
    visible(path.as_os_str().as_encoded_bytes())
}

/// The name of an exercise, its place among the others, and where it is written if it has been begun.
#[must_use]
pub fn heading(exercise: &str, number: usize, of: usize, program: Option<&Path>) -> String {
    let place = program.map_or(String::new(), |program| format!(", in {}", shown_path(program)));
    format!("{BOLD}{exercise}{BOLD:#}  {DIM}{number} of {of}{place}{DIM:#}\n\n")
}

/// A gap to fill.
#[must_use]
pub fn gap(gap: &Gap, lesson: &Lesson, program: &Path, look: Look) -> String {
    let place = format!("{}:{}", shown_path(program), gap.line);
    let task = lesson.function.get(&gap.function);
    let wants = task.map_or("A comment there says what must happen.", |task| &task.wants);
    let wants = indented(wants, "  ", look);
    format!("Open {place} and write {BOLD}{}{BOLD:#}:\n\n{wants}", gap.function)
}

/// How much there is so far, with its picture.
#[must_use]
pub fn so_far(finding: &Finding, look: Look) -> String {
    let earned = finding.graded.earned();
    let gaps = finding.source.as_ref().map_or(0, |source| source.gaps().count());
    let left = if gaps == 1 { "One gap is left".into() } else { format!("{gaps} gaps are left") };
    let picture = picture(finding, look);
    let end = if picture.is_empty() { "." } else { ":\n" };
    format!("\n{left}. So far, this earns {earned} of {POINTS} points{end}\n{picture}")
}

/// The picture of a run, if there is one.
#[must_use]
pub fn picture(finding: &Finding, look: Look) -> String {
    let Some(timeline) = finding.timeline() else { return String::new() };
    let lines = timeline::text(&timeline, look.width, look.characters);
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Why a program could not be built. The compiler's paths count from the learner's `folder`, which
/// is put before them; cargo's, to manifests, count from the current folder.
#[must_use]
pub fn build_error(error: &BuildError, folder: &Path) -> String {
    let shown = |line: &String| match line.split_once("--> ") {
        Some((before, path)) if !path.starts_with('/') && !path.contains("Cargo.toml:") => {
            format!("{before}--> {}/{path}\n", shown_path(folder))
        }
        _ => format!("{line}\n"),
    };
    let lines = error.lines.iter().map(shown);
    let others = match error.more {
        0 => String::new(),
        1 => "\nThere is one more error; fixing this one may fix it, too.\n".into(),
        more => {
            format!("\nThere are {more} more errors; fixing this one may fix some of them, too.\n")
        }
    };
    format!("{BOLD}It cannot be built yet:{BOLD:#}\n\n{}{others}", lines.collect::<String>())
}

/// The first steps of a hint, as many as are shown.
#[must_use]
pub fn hints(steps: &[String], shown: usize, look: Look) -> String {
    if steps.is_empty() && shown > 0 {
        return "\nThere is no hint for this.\n".into();
    }
    let step = |(index, step): (usize, &String)| {
        let lines = step.lines().map(|line| match line.starts_with(' ') {
            // Code.
            true => format!("{line}\n"),
            false => indented(line, "  ", look),
        });
        let lines: String = lines.collect();
        format!("\n{BOLD}Hint {} of {}{BOLD:#}\n{lines}", index + 1, steps.len())
    };
    steps.iter().take(shown).enumerate().map(step).collect()
}

/// The list of the exercises, with the state of each.
#[must_use]
pub fn list(exercises: &[&str], progress: &Progress) -> String {
    let line = |(index, name): (usize, &&str)| {
        let state = progress.state(name);
        let words = if state.is_solved() {
            format!("{GREEN}solved{GREEN:#}")
        } else if state.begun {
            format!("best so far: {} of {POINTS} points", state.best)
        } else {
            format!("{DIM}not begun{DIM:#}")
        };
        format!("  {BOLD}{}{BOLD:#}  {name:12} {words}\n", index + 1)
    };
    exercises.iter().enumerate().map(line).collect()
}

/// What has been learnt, and what is next, once everything is solved.
#[must_use]
pub fn end(repository: &Path, look: Look) -> String {
    let learnt = paragraph(
        "You have written a program whose waits block, and three whose waits overlap. A coroutine \
         does nothing until it is awaited or spawned. It lets others run only where it awaits \
         something that is not ready yet; a call that blocks holds up all of them. That is why one \
         thread is enough, as long as nothing blocks it.",
        look,
    );
    let readme = |name: &str| repository.join("crates").join(name).join("README.md");
    format!(
        "{BOLD}All four are solved.{BOLD:#}\n\n{learnt}\n{BOLD}What next{BOLD:#}\n\n\
         \x20 The event loop from the inside, and real sockets: \"Under the hood\" in\n\
         \x20     {}\n\
         \x20 Tasks that fail or are dropped:\n\
         \x20     {}\n\
         \x20 Changes to try, each with a prediction first:\n\
         \x20     scripts/learn try\n",
        readme("countasync").display(),
        readme("rand").display(),
    )
}
