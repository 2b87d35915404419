//! The reports: the same grades for people, for programs, and for the platforms that teachers use.
//!
//! - `format`: all of them, and who renders which
//! - `human`, `json`, `junit`, `markdown`, `html`: for any reader; `gradescope`, `classroom`, `github`
//!   and `exercism`: in the words of these platforms
//! - `words`: what they say alike; `test`: a criterion as a test; `picture`: the runs of an answer;
//!   `style`: colors
//!
//! Texts from outside are escaped when the grades are made. What else a platform would act on, its own
//! report escapes.

mod classroom;
mod exercism;
mod format;
mod github;
mod gradescope;
pub mod html;
pub mod human;
pub mod json;
mod junit;
mod markdown;
pub mod picture;
pub mod style;
mod test;
mod words;

pub use format::Format;

use crate::caging::is_cage;
use crate::escape::Outside;
use crate::grade::{Graded, score};
use crate::judging::cause::cause;
use crate::judging::ending::kept_by_the_cage;
use crate::places::Places;
use crate::recording::{Ending, Recording};
use human::Look;
use words::unjudged;

/// All that reports are made from.
pub struct Checked<'a> {
    pub graded: &'a [Graded],
    /// How long the check took.
    pub seconds: f64,
    /// Whether reports include each line of each run, if they can.
    pub verbose: bool,
    /// How the report for people looks.
    pub look: Look,
    /// Where to look in the program of an answer. Only asked for reports that say so.
    pub places: &'a dyn Fn(&Graded) -> Places,
}

impl Checked<'_> {
    /// Points earned, and the maximum.
    fn score(&self) -> (f64, f64) {
        score(self.graded)
    }

    /// The points in words: those that could not be judged are neither earned nor lost.
    fn total(&self) -> String {
        let (earned, possible) = self.score();
        let open: f64 = self.graded.iter().map(unjudged).sum();
        let open = if open > 0.0 { format!(", {open} not judged") } else { String::new() };
        format!("{earned} of {possible} points{open}")
    }

    /// What to put in front of the name of a criterion where there may be several exercises.
    fn prefix(&self, graded: &Graded) -> String {
        match self.graded.len() {
            1 => String::new(),
            _ => format!("{}: ", graded.exercise.name),
        }
    }
}

/// A command as you would type it in a shell, with nothing in it that acts on a terminal.
pub(crate) fn shown(command: &[String]) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_@%+=:,./-".contains(c);
    let words: Vec<_> = command
        .iter()
        .map(|word| match !word.is_empty() && word.chars().all(is_plain) {
            true => word.clone(),
            false => format!("'{}'", word.replace('\'', r"'\''")),
        })
        .collect();
    Outside::from(words.join(" ")).to_string()
}

pub(crate) fn ending(recording: &Recording) -> String {
    match &recording.ending {
        Ending::Exited(code) => format!("exit code {code}"),
        Ending::Signaled(name) => format!("signal {name}"),
        Ending::TimeLimit => "stopped at the time limit".into(),
        Ending::OutputLimit => "stopped at the output limit".into(),
        Ending::Limit(limit) => format!("stopped: {limit}"),
        Ending::WaitsForever => "stopped, as it waits forever".into(),
    }
}

/// How a program ended if it did not end cleanly, with what its error message says was wrong.
#[must_use]
pub fn bad_ending(recording: &Recording) -> Option<String> {
    if recording.ending == Ending::Exited(0) {
        return None;
    }
    let its_error =
        cause(recording).map_or(String::new(), |line| format!(": {}", Outside::from(line)));
    Some(format!("the program did not end cleanly: {}{its_error}", ending(recording)))
}

/// If a program crashed in a cage: what the cage kept from it, or that this may be why.
#[must_use]
pub fn perhaps_the_cage(recording: &Recording) -> Option<String> {
    recording.cage.as_ref().filter(|held| is_cage(held) && recording.ending.is_crash())?;
    Some(match kept_by_the_cage(recording) {
        Some((mistake, words)) => format!("in a cage: {words}. {} {}", mistake.why, mistake.hint),
        None => IN_A_CAGE.into(),
    })
}

/// What a teacher should know about lost points for which nothing shows that they are the cage's doing.
const IN_A_CAGE: &str = "in the cage, a program can read only its own folder and write only to \
     $TMPDIR; it has no network, and its home folder is empty. To allow more: --allow-read PATH, \
     --allow-env NAME, --allow-loopback. To compare, if you trust it: --cage off";
