//! The report for people: a line per criterion, reasons under the failed ones.

use super::style::{BOLD, DIM, GREEN, RED, YELLOW};
use super::words::{
    Problem, cage_line, confirmed, doubt_parts, in_real_time, judged, not_judged, parts, praise,
    repeated, word,
};
use super::{Checked, IN_A_CAGE, ending, perhaps_the_cage, shown};
use crate::caging;
use crate::clock::ClockUsed;
use crate::grade::Graded;
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::NotPassed;
use crate::recording::{Ending, Recording};
use crate::timeline::{self, Characters, Timeline};
use std::fmt::Write;

/// Columns to the left of a reason.
const INDENT: usize = 16;

/// What the report is written for.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns that a picture may take.
    pub width: usize,
    /// Whether lines are wrapped at that width. A file or a pipe gets whole lines.
    pub wraps: bool,
    pub characters: Characters,
}

/// The report, with escape codes for color. With `verbose`, it includes each line of each run.
#[must_use]
pub fn report(checked: &Checked) -> String {
    let &Checked { graded: all, verbose, look, .. } = checked;
    let mut text = String::new();
    for graded in all {
        exercise(&mut text, graded, &|_| ALL, look).expect("a string takes all");
        if verbose {
            recordings(&mut text, graded).expect("a string takes all");
        }
        text.push('\n');
    }
    if let Some(line) = cage_line(all, verbose) {
        if all.iter().any(is_perhaps_the_cage) {
            dim(&mut text, IN_A_CAGE, look).expect("a string takes all");
        }
        dim(&mut text, &line, look).expect("a string takes all");
        text.push('\n');
    }
    let (earned, possible) = checked.score();
    let _ = writeln!(text, "{BOLD}total {earned}/{possible}{BOLD:#}");
    text
}

/// A report that is opened step by step.
#[derive(Clone, Debug, Default)]
pub struct Folds {
    /// How many hints have been asked for: first comes the criterion's own, then `places`.
    pub hints: usize,
    /// Where to look in the program.
    pub places: Vec<String>,
    /// Whether the picture is as wide as the terminal.
    pub is_wide: bool,
    /// Whether each line of each run is shown.
    pub has_lines: bool,
}

impl Folds {
    /// How many hints there are.
    const HINTS: usize = 2;

    /// The details of a criterion in this place, if this is the first that was not passed.
    fn details(&self, index: usize, first: Option<usize>) -> Details<'_> {
        if first != Some(index) {
            return Details { parts: 0, places: &[], has_picture: false };
        }
        // Without its last part, which is the hint.
        let parts = ALL.parts - usize::from(self.hints == 0);
        let places = if self.hints < Self::HINTS { &[][..] } else { &self.places };
        Details { parts, places, has_picture: !self.is_wide }
    }
}

/// The report on one answer, in which only the first criterion that was not passed is explained, as
/// far as the folds are open. What matters most comes last, where a short screen still shows it.
#[must_use]
pub fn folded(graded: &Graded, folds: &Folds, look: Look) -> String {
    let mut text = String::new();
    let first = graded.first_mistake().map(|(index, _)| index);
    let details = |index| folds.details(index, first);
    if folds.has_lines {
        recordings(&mut text, graded).expect("a string takes all");
        text.push('\n');
    }
    if folds.is_wide
        && let Some(timeline) = graded.timeline()
    {
        text +=
            &format!("{}\n\n", timeline::text(&timeline, look.width, look.characters).join("\n"));
    }
    exercise(&mut text, graded, &details, look).expect("a string takes all");
    let has_crashed = |it: &Recording| perhaps_the_cage(it).is_some();
    if is_perhaps_the_cage(graded) && graded.recordings.iter().any(has_crashed) {
        dim(&mut text, IN_A_CAGE, look).expect("a string takes all");
    }
    // While somebody writes a program, only what is not covered matters.
    if let Some(held) = graded.cage()
        && held.missing().next().is_some()
    {
        dim(&mut text, &caging::line(Some(held), folds.has_lines), look)
            .expect("a string takes all");
    }
    text
}

/// What is said about a criterion that was not passed.
#[derive(Clone, Copy)]
struct Details<'a> {
    /// How many parts of its reason.
    parts: usize,
    /// Where to look in the program.
    places: &'a [String],
    has_picture: bool,
}

/// All that the verdict says.
const ALL: Details = Details { parts: 4, places: &[], has_picture: true };

/// The picture of one run, then its output: number, seconds and text of each line.
#[must_use]
pub fn timeline(timeline: &Timeline, look: Look) -> String {
    let mut text = timeline::text(timeline, look.width, look.characters).join("\n") + "\n\n";
    for (index, (at, line)) in timeline.lines.iter().enumerate() {
        let _ = writeln!(text, "{DIM}{:4} {at:8.3} s{DIM:#}  {line}", index + 1);
    }
    text
}

fn exercise<'a>(
    text: &mut String,
    graded: &Graded,
    details: &dyn Fn(usize) -> Details<'a>,
    look: Look,
) -> std::fmt::Result {
    let name = graded.exercise.name;
    let earned = graded.earned();
    let command = shown(&graded.command);
    let command = if command.is_empty() { command } else { format!("  {DIM}{command}{DIM:#}") };
    writeln!(text, "{BOLD}{name} {earned}/{POINTS}{BOLD:#}{command}")?;
    if let Some(Problem { words, reason, .. }) = Problem::of(graded) {
        writeln!(text, "  {YELLOW}{words}{YELLOW:#}: {reason}")?;
    }
    for (index, one) in judged(graded).iter().enumerate() {
        criterion(text, one, details(index), look)?;
    }
    if let Some(praise) = praise(graded) {
        writeln!(text, "  {praise}")?;
    }
    let in_real_time = in_real_time(graded).map(|words| format!("{DIM}{words}{DIM:#}"));
    let remarks = [not_judged(graded), in_real_time, confirmed(graded), repeated(graded)];
    remarks.iter().flatten().try_for_each(|remark| writeln!(text, "  {remark}"))
}

/// Whether points were lost in a cage, and nothing shows that this is its doing.
fn is_perhaps_the_cage(graded: &Graded) -> bool {
    let is_limit = |it: &Recording| matches!(it.ending, Ending::Limit(_));
    let is_known = graded.recordings.iter().any(|it| it.refused.is_some() || is_limit(it));
    graded.cage().is_some_and(caging::is_cage) && graded.first_mistake().is_some() && !is_known
}

fn dim(text: &mut String, words: &str, look: Look) -> std::fmt::Result {
    writeln!(text, "{DIM}{}{DIM:#}", hanging(words, 0, look))
}

fn criterion(text: &mut String, one: &Judged, details: Details, look: Look) -> std::fmt::Result {
    let verdict = word(&one.verdict);
    let color = match &one.verdict {
        Ok(()) => GREEN,
        Err(NotPassed::Failed(_)) => RED,
        Err(_) => YELLOW,
    };
    let points = format!("{}/{}", one.earned(), one.points);
    let name = hanging(one.name, 25, look);
    write!(text, "  {color}{verdict:12}{color:#}  {points:>7}  {name}")?;
    match &one.verdict {
        Ok(()) => writeln!(text),
        Err(NotPassed::Skipped { because } | NotPassed::Inconclusive { because }) => {
            let because = hanging(because, INDENT, look);
            writeln!(text, "\n{:INDENT$}{DIM}{because}{DIM:#}", "")
        }
        Err(NotPassed::NotReadable(doubt)) => {
            writeln!(text)?;
            let parts = doubt_parts(doubt);
            described(text, &parts[..details.parts.min(parts.len())], look)
        }
        Err(NotPassed::Failed(reason)) => {
            writeln!(text, "  {DIM}[{}]{DIM:#}", reason.mistake.id)?;
            described(text, &parts(reason)[..details.parts], look)?;
            for place in details.places {
                described(text, &[("look at", place.clone())], look)?;
            }
            match &reason.timeline {
                Some(timeline) if details.has_picture => picture(text, timeline, look),
                _ => Ok(()),
            }
        }
    }
}

/// The parts of a reason or a doubt, each with its name in front.
fn described(text: &mut String, parts: &[(&str, String)], look: Look) -> std::fmt::Result {
    for (part, words) in parts {
        let words = hanging(words, INDENT + 10, look);
        writeln!(text, "{:INDENT$}{part:8}  {words}", "")?;
    }
    Ok(())
}

/// The words, wrapped if the look wants it: from the second line on they stand at this column, or
/// further to the left where there is little room.
fn hanging(words: &str, column: usize, look: Look) -> String {
    if !look.wraps {
        return words.to_owned();
    }
    let indent = if look.width >= column + 30 { column } else { 4 };
    let (first, rest) = (" ".repeat(column), " ".repeat(indent));
    let options = textwrap::Options::new(look.width.max(column + 10))
        .initial_indent(&first)
        .subsequent_indent(&rest);
    textwrap::fill(words, options).trim_start().to_owned()
}

fn picture(text: &mut String, timeline: &Timeline, look: Look) -> std::fmt::Result {
    let width = look.width.saturating_sub(INDENT);
    writeln!(text)?;
    for line in timeline::text(timeline, width, look.characters) {
        writeln!(text, "{:INDENT$}{line}", "")?;
    }
    writeln!(text)
}

fn recordings(text: &mut String, graded: &Graded) -> std::fmt::Result {
    for recording in &graded.recordings {
        writeln!(text, "\n  $ {}", shown(&recording.command_line()))?;
        let start = recording.stdout.first().map_or(0.0, |line| line.at);
        for line in &recording.stdout {
            writeln!(text, "  {:8.3}  {}", line.at - start, line.visible())?;
        }
        for line in &recording.stderr {
            writeln!(text, "  {:8.3}  {DIM}stderr{DIM:#} {}", line.at - start, line.visible())?;
        }
        for cut in &recording.cut {
            writeln!(text, "            {DIM}cut off: {cut}{DIM:#}")?;
        }
        let clock = match recording.clock {
            ClockUsed::Virtual => "virtual clock".into(),
            ClockUsed::Real { .. } => {
                format!("real time, machine up to {:.3} s late", recording.lag)
            }
        };
        writeln!(
            text,
            "            {DIM}{}, {:.2} s in all, first line after {start:.2} s, \
             CPU {:.2} s before and {:.2} s after it, {clock}{DIM:#}",
            ending(recording),
            recording.seconds,
            recording.cpu_before,
            recording.cpu_after,
        )?;
    }
    Ok(())
}
