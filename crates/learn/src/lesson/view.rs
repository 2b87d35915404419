//! What the learner sees, as text with escape codes for color.

use super::check::Finding;
use super::progress::Progress;
use super::source::Gap;
use super::text::Task;
use crate::build::NotBuilt;
use anstyle::{AnsiColor, Style};
use checker::escape::Outside;
use checker::judging::rubric::POINTS;
use checker::report::human::Look;
use checker::timeline;
use std::path::Path;

pub const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();

/// A gap to fill.
#[must_use]
pub fn gap(gap: &Gap, task: Option<&Task>, program: &Path) -> String {
    let place = format!("{}:{}", program.display(), gap.line);
    let wants = task.map_or("A comment there says what must happen.", |task| &task.wants);
    format!("{BOLD}Write {}{BOLD:#} at {place}\n\n  {wants}\n", gap.function)
}

/// How much there is so far, with its picture.
#[must_use]
pub fn so_far(finding: &Finding, look: Look) -> String {
    let earned = finding.earned();
    let gaps = finding.source.as_ref().map_or(0, |source| source.gaps());
    let left = if gaps == 1 { "One gap is left".into() } else { format!("{gaps} gaps are left") };
    let mut text = format!("\n{left}. What there is so far earns {earned} of {POINTS} points");
    text += if finding.timeline().is_some() { ":\n\n" } else { ".\n" };
    text + &picture(finding, look)
}

/// The picture of a run, if there is one.
#[must_use]
pub fn picture(finding: &Finding, look: Look) -> String {
    let Some(timeline) = finding.timeline() else { return String::new() };
    let lines = timeline::text(&timeline, look.width, look.characters);
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Why a program could not be built. The compiler's paths count from the learner's `folder`, which
/// is put before them.
#[must_use]
pub fn not_built(why: &NotBuilt, exercise: &str, folder: &Path) -> String {
    match why {
        NotBuilt::Errors { first, more, .. } => {
            let sources = format!("{exercise}/src/");
            let shown = folder.join(&sources);
            let first = first.replace(&sources, &shown.display().to_string());
            let others = match more {
                0 => String::new(),
                1 => "\nOne more error may follow from this one.\n".into(),
                more => format!("\n{more} more errors may follow from this one.\n"),
            };
            format!("{BOLD}It does not compile yet:{BOLD:#}\n\n{first}\n{others}")
        }
        NotBuilt::Cargo(says) => {
            let lines = says.trim().lines().map(|line| format!("{}\n", Outside::from(line)));
            format!("{BOLD}cargo cannot build it:{BOLD:#}\n\n{}", lines.collect::<String>())
        }
        NotBuilt::Stopped => String::new(),
    }
}

/// The first of these steps of a hint.
#[must_use]
pub fn hints(steps: &[String], shown: usize) -> String {
    let steps_shown = steps.iter().take(shown).enumerate();
    let step = |(index, step): (usize, &String)| {
        let lines: String = step.lines().map(|line| format!("  {line}\n")).collect();
        format!("\n{BOLD}Hint {} of {}{BOLD:#}\n{lines}", index + 1, steps.len())
    };
    steps_shown.map(step).collect()
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
pub fn end(repository: &Path) -> String {
    let lesson = |name: &str| repository.join(format!("crates/{name}/README.md")).display().to_string();
    format!(
        "{BOLD}All four are solved.{BOLD:#}

You have written programs whose waits block, and programs whose waits overlap. You know that a
coroutine does nothing until it is awaited or spawned, that it lets others run only where it awaits
something that is not ready, and that one thread is enough for all of them.

{BOLD}Next{BOLD:#}

  What an event loop does inside, and real sockets: \"Under the hood\" in
    {}
  Tasks that fail or are dropped, and the order of results:
    {}
  Changes to predict and run:
    scripts/learn try
",
        lesson("countasync"),
        lesson("rand"),
    )
}
