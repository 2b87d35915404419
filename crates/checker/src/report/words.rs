//! What reports on the same grades say alike.

use super::json::Passed;
use crate::caging;
use crate::clock::ClockUsed;
use crate::escape::{Outside, cut, quoted};
use crate::grade::{Graded, Outcome, Summary};
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::{Doubt, NotPassed, Reason, Verdict};
use crate::timeline::{self, Characters};

/// How many characters of a text a platform gets: no text that makes sense is longer.
const LONGEST: usize = 2000;

/// The points that could not be judged: all of them, if the program could not be recorded.
pub fn unjudged(graded: &Graded) -> f64 {
    match &graded.outcome {
        Outcome::Judged(_) => graded.open(),
        _ if graded.summary() == Summary::Inconclusive => POINTS,
        _ => 0.0,
    }
}

/// Why an answer was not judged at all.
pub struct Problem {
    /// Stable: JUnit's readers refer to it.
    pub id: &'static str,
    /// What could not be done.
    pub words: &'static str,
    pub reason: String,
}

impl Problem {
    pub fn of(graded: &Graded) -> Option<Self> {
        let (id, words, reason) = match &graded.outcome {
            Outcome::Judged(_) => return None,
            Outcome::NotStarted(reason) => {
                ("not-started", "could not be started", reason.to_string())
            }
            Outcome::NotRecorded(reason) => {
                ("not-recorded", "could not be recorded", reason.to_string())
            }
            Outcome::NotBelieved(reason) => {
                let words = "inconclusive: the virtual clock cannot be used";
                ("virtual-clock", words, reason.to_string())
            }
        };
        Some(Self { id, words, reason })
    }

    pub fn sentence(&self) -> String {
        format!("{}: {}", self.words, limited(&self.reason))
    }
}

/// The criteria that an answer was judged by, if it was.
pub fn judged(graded: &Graded) -> &[Judged] {
    match &graded.outcome {
        Outcome::Judged(judged) => judged,
        _ => &[],
    }
}

/// The word for a verdict.
pub fn word(verdict: &Verdict) -> &'static str {
    Passed::from(verdict).word()
}

/// Why a criterion was not passed, line by line, with the picture of the run if there is one.
pub fn explanation(verdict: &Verdict, characters: Characters) -> Vec<String> {
    let described = |(part, words): &(&str, String)| {
        format!("{part}: {}", limited(&Outside::from(&**words).to_string()))
    };
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

/// The text, cut off if it is too long for a platform.
pub fn limited(text: &str) -> String {
    cut(text, LONGEST)
}

/// The picture that belongs to a reason, if there is one, after an empty line.
pub fn drawn(reason: &Reason, characters: Characters) -> Vec<String> {
    /// Columns: what most pages have room for.
    const WIDTH: usize = 72;
    let Some(timeline) = &reason.timeline else { return Vec::new() };
    let picture = timeline::text(timeline, WIDTH, characters);
    [String::new()].into_iter().chain(picture).collect()
}

/// All that there is to say about an answer besides its criteria.
pub fn sentences(graded: &Graded) -> Vec<String> {
    let problem = Problem::of(graded).map(|problem| problem.sentence());
    let praise = praise(graded).map(ToOwned::to_owned);
    problem.into_iter().chain(praise).chain(remarks(graded)).collect()
}

/// For full marks: why it worked, and what to try next.
pub fn praise(graded: &Graded) -> Option<&'static str> {
    (graded.summary() == Summary::FullMarks).then_some(graded.exercise.praise)
}

/// How its runs were made, and what follows from that.
pub fn remarks(graded: &Graded) -> Vec<String> {
    let all = [not_judged(graded), in_real_time(graded), confirmed(graded), repeated(graded)];
    all.into_iter().flatten().collect()
}

/// What to do about points that could not be judged.
pub fn not_judged(graded: &Graded) -> Option<String> {
    if matches!(graded.outcome, Outcome::NotBelieved(_)) {
        return Some("check it with --clock real".into());
    }
    let open = graded.open();
    let points = if open == 1.0 { "point" } else { "points" };
    (open > 0.0)
        .then(|| format!("{open} {points} not judged: check again when the machine is less busy"))
}

/// Why runs were in real time, if the virtual clock was tried.
pub fn in_real_time(graded: &Graded) -> Option<String> {
    let reasons: Vec<_> = graded.clocks().filter_map(ClockUsed::because).collect();
    let reason = reasons.first()?;
    let runs = match (reasons.len(), graded.clocks().count()) {
        (some, all) if some == all => String::new(),
        (some, all) => format!("{some} of {all} runs "),
    };
    Some(format!("{runs}in real time: {reason}"))
}

/// Whether real time confirmed the verdicts on the virtual clock.
pub fn confirmed(graded: &Graded) -> Option<String> {
    Some(match graded.confirmed? {
        true => "confirmed in real time".into(),
        false => "judged in real time: the verdicts on the virtual clock were not confirmed".into(),
    })
}

/// That the answer was run again, if so.
pub fn repeated(graded: &Graded) -> Option<String> {
    let times = graded.attempts.len();
    let lag = graded.attempts.iter().map(|attempt| attempt.lag).fold(0.0, f64::max);
    let late = match lag > 0.0 {
        true => format!("; the machine was up to {lag:.2} s late"),
        false => String::new(),
    };
    (times > 1).then(|| format!("run {times} times{late}"))
}

/// The cage that the programs ran in, if any ran.
pub fn cage_line(all: &[Graded], verbose: bool) -> Option<String> {
    let ran = all.iter().find(|graded| !graded.recordings.is_empty())?;
    Some(caging::line(ran.cage(), verbose))
}

/// The four parts of a reason, each with its name.
pub fn parts(reason: &Reason) -> [(&'static str, String); 4] {
    [
        ("expected", reason.expected.clone()),
        ("seen", reason.seen.clone()),
        ("why", reason.mistake.why.into()),
        ("hint", reason.hint()),
    ]
}

/// The three parts of a doubt, each with its name.
pub fn doubt_parts(doubt: &Doubt) -> [(&'static str, String); 3] {
    [
        ("line", quoted(&doubt.line)),
        ("original", quoted(doubt.original)),
        ("missing", doubt.looked_for.into()),
    ]
}
