//! The reports: the same grades for people, for programs and for continuous integration.

pub mod human;
pub mod json;
pub mod junit;
pub mod style;

use crate::caging::is_cage;
use crate::escape::{Outside, quoted};
use crate::judging::cause::cause;
use crate::judging::ending::kept_by_the_cage;
use crate::judging::verdict::{Doubt, Reason};
use crate::recording::{Ending, Recording};

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
const IN_A_CAGE: &str = "in the cage, a program can read only its own folder, write only to $TMPDIR, has no network, and its \
     home folder is empty. To allow more: --allow-read PATH, --allow-env NAME, --allow-loopback. To \
     compare, if you trust it: --cage off";

/// The four parts of a reason, each with its name.
fn parts(reason: &Reason) -> [(&'static str, String); 4] {
    [
        ("expected", reason.expected.clone()),
        ("seen", reason.seen.clone()),
        ("why", reason.mistake.why.into()),
        ("hint", reason.hint()),
    ]
}

/// The three parts of a doubt, each with its name.
fn doubt_parts(doubt: &Doubt) -> [(&'static str, String); 3] {
    [
        ("line", quoted(&doubt.line)),
        ("original", quoted(doubt.original)),
        ("missing", doubt.looked_for.into()),
    ]
}
