//! The reports: the same grades for people, for programs, and for the platforms that teachers use.
//!
//! - `format`: all of them, and who renders which
//! - `human`, `json`, `junit`, `markdown`, `html`: for any reader; `gradescope`, `classroom`, `github`
//!   and `exercism`: in the words of these platforms
//! - `picture`: the runs of an answer; `style`: colors
//!
//! What they share is below. Texts from outside are escaped when the grades are made; whatever a
//! platform would act on, its own report escapes.

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

pub use format::Format;

use crate::caging::{self, is_cage};
use crate::clock::ClockUsed;
use crate::escape::{Outside, quoted};
use crate::grade::{Graded, Outcome, Summary, score};
use crate::judging::cause::cause;
use crate::judging::ending::kept_by_the_cage;
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::{Doubt, NotPassed, Reason, Verdict};
use crate::places::Places;
use crate::recording::{Ending, Recording};
use crate::timeline::{self, Characters};
use human::Look;

/// All that reports are made from.
pub struct Checked<'a> {
    pub graded: &'a [Graded],
    /// How long the check took.
    pub seconds: f64,
    /// Whether reports include each line of each run, if they can.
    pub verbose: bool,
    /// How the report for people looks.
    pub look: Look,
    /// Where to look in the program of an answer. Asked only by reports that say so.
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
        let open: f64 = self.graded.iter().map(open).sum();
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

/// The points that could not be judged: all of them, if the program could not be recorded.
fn open(graded: &Graded) -> f64 {
    match &graded.outcome {
        Outcome::Judged(_) => graded.open(),
        _ if graded.summary() == Summary::Inconclusive => POINTS,
        _ => 0.0,
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
const IN_A_CAGE: &str = "in the cage, a program can read only its own folder, write only to $TMPDIR, has no network, and its \
     home folder is empty. To allow more: --allow-read PATH, --allow-env NAME, --allow-loopback. To \
     compare, if you trust it: --cage off";

/// Why an answer was not judged at all.
struct Problem {
    /// Stable: JUnit's readers refer to it.
    id: &'static str,
    /// What could not be done.
    words: &'static str,
    reason: String,
}

impl Problem {
    fn of(graded: &Graded) -> Option<Self> {
        let (id, words, reason) = match &graded.outcome {
            Outcome::Judged(_) => return None,
            Outcome::NotStarted(reason) => {
                ("not-started", "could not be started", reason.to_string())
            }
            Outcome::NotRecorded(reason) => {
                ("not-recorded", "could not be recorded", reason.to_string())
            }
            Outcome::NotBelieved(reason) => {
                let reason = format!(
                    "the virtual clock cannot be used: {reason}; check it with --clock real"
                );
                ("virtual-clock", "inconclusive", reason)
            }
        };
        Some(Self { id, words, reason })
    }

    fn sentence(&self) -> String {
        format!("{}: {}", self.words, self.reason)
    }
}

/// The criteria that an answer was judged by, if it was.
fn judged(graded: &Graded) -> &[Judged] {
    match &graded.outcome {
        Outcome::Judged(judged) => judged,
        _ => &[],
    }
}

/// The word for a verdict.
fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Ok(()) => "passed",
        Err(NotPassed::Failed(_)) => "failed",
        Err(NotPassed::NotReadable(_)) => "not readable",
        Err(NotPassed::Skipped { .. }) => "skipped",
        Err(NotPassed::Inconclusive { .. }) => "inconclusive",
    }
}

/// Why a criterion was not passed, line by line, with the picture of the run if there is one.
fn explanation(verdict: &Verdict, characters: Characters) -> Vec<String> {
    let described = |(part, words): &(&str, String)| format!("{part}: {}", Outside::from(&**words));
    match verdict {
        Ok(()) => Vec::new(),
        Err(NotPassed::Skipped { because } | NotPassed::Inconclusive { because }) => {
            vec![described(&(word(verdict), because.clone()))]
        }
        Err(NotPassed::NotReadable(doubt)) => {
            let word = word(verdict).to_owned();
            [word].into_iter().chain(doubt_parts(doubt).iter().map(described)).collect()
        }
        Err(NotPassed::Failed(reason)) => {
            let parts = parts(reason);
            parts.iter().map(described).chain(drawn(reason, characters)).collect()
        }
    }
}

/// What a criterion tests, for platforms that show a test's code: the runs, and what has to come of
/// them.
fn test_code(graded: &Graded, one: &Judged) -> String {
    let runs =
        graded.recordings.iter().map(|recording| format!("$ {}", shown(&recording.command_line())));
    let asks = format!("{} ({} of {POINTS} points)", one.name, one.points);
    runs.chain([asks]).collect::<Vec<_>>().join("\n")
}

/// The picture that belongs to a reason, if there is one, after an empty line.
fn drawn(reason: &Reason, characters: Characters) -> Vec<String> {
    /// Columns: what most pages have room for.
    const WIDTH: usize = 72;
    let Some(timeline) = &reason.timeline else { return Vec::new() };
    let picture = timeline::text(timeline, WIDTH, characters);
    [String::new()].into_iter().chain(picture).collect()
}

/// All that there is to say about an answer besides its criteria.
fn sentences(graded: &Graded) -> Vec<String> {
    let problem = Problem::of(graded).map(|problem| problem.sentence());
    let praise = praise(graded).map(ToOwned::to_owned);
    problem.into_iter().chain(praise).chain(remarks(graded)).collect()
}

/// For full marks: why it worked, and what to try next.
fn praise(graded: &Graded) -> Option<&'static str> {
    (graded.summary() == Summary::FullMarks).then_some(graded.exercise.praise)
}

/// How its runs were made, and what follows from that.
fn remarks(graded: &Graded) -> Vec<String> {
    let all = [not_judged(graded), in_real_time(graded), confirmed(graded), repeated(graded)];
    all.into_iter().flatten().collect()
}

/// What to do about points that could not be judged.
fn not_judged(graded: &Graded) -> Option<String> {
    let open = graded.open();
    let points = if open == 1.0 { "point" } else { "points" };
    (open > 0.0)
        .then(|| format!("{open} {points} not judged: check again when the machine is less busy"))
}

/// Why runs were in real time, if the virtual clock was tried.
fn in_real_time(graded: &Graded) -> Option<String> {
    let reasons: Vec<_> = graded.clocks().filter_map(ClockUsed::because).collect();
    let reason = reasons.first()?;
    let runs = match (reasons.len(), graded.clocks().count()) {
        (some, all) if some == all => String::new(),
        (some, all) => format!("{some} of {all} runs "),
    };
    Some(format!("{runs}in real time: {reason}"))
}

/// Whether real time confirmed the verdicts on the virtual clock.
fn confirmed(graded: &Graded) -> Option<String> {
    Some(match graded.confirmed? {
        true => "confirmed in real time".into(),
        false => "judged in real time: the verdicts on the virtual clock were not confirmed".into(),
    })
}

/// That the answer was run again, if so.
fn repeated(graded: &Graded) -> Option<String> {
    let times = graded.attempts.len();
    let lag = graded.attempts.iter().map(|attempt| attempt.lag).fold(0.0, f64::max);
    let late = match lag > 0.0 {
        true => format!("; the machine was up to {lag:.2} s late"),
        false => String::new(),
    };
    (times > 1).then(|| format!("run {times} times{late}"))
}

/// The cage that the programs ran in, if any ran.
fn cage_line(all: &[Graded], verbose: bool) -> Option<String> {
    let ran = all.iter().find(|graded| !graded.recordings.is_empty())?;
    Some(caging::line(ran.cage(), verbose))
}

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
