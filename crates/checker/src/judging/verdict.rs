//! What the checker says about one criterion.

use crate::recording::Recording;
use crate::timeline::Timeline;

/// What became of one criterion. `Ok` is a pass; everything else ends the judgement early.
pub type Verdict = Result<(), NotPassed>;

/// Why a criterion was not passed.
#[derive(Clone, Debug)]
pub enum NotPassed {
    /// The program is wrong: the points are lost.
    Failed(Box<Reason>),
    /// There was nothing to judge: the points are lost because of a mistake elsewhere.
    Skipped { because: String },
    /// The machine was too busy to tell. Nothing is held against the program.
    Inconclusive { because: String },
}

/// Why a criterion failed.
#[derive(Clone, Debug)]
pub struct Reason {
    pub mistake: Mistake,
    pub expected: String,
    /// What was seen instead, with times. What the judged program printed is escaped in it.
    pub seen: String,
    /// A picture of the run, if the criterion asks for one.
    pub timeline: Option<Timeline>,
}

/// What is wrong with a program, as far as its output shows. Each is defined next to the judge that
/// names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Stable and unique: reports and graders refer to it.
    pub id: &'static str,
    /// Why it probably happened.
    pub why: &'static str,
    /// One thing to try.
    pub hint: &'static str,
}

/// A verdict that the program is wrong in this way.
pub fn fail(mistake: Mistake, expected: impl Into<String>, seen: impl Into<String>) -> Verdict {
    let (expected, seen) = (expected.into(), seen.into());
    Err(NotPassed::Failed(Box::new(Reason { mistake, expected, seen, timeline: None })))
}

/// A verdict that there is nothing to judge.
pub fn skip(because: impl Into<String>) -> Verdict {
    Err(NotPassed::Skipped { because: because.into() })
}

/// A verdict that the machine was too busy to tell.
pub fn too_busy(recording: &Recording) -> Verdict {
    let because = match recording.first_try {
        true => "a little off, possibly because the machine was busy".into(),
        false => format!("the machine was up to {:.2} s late: too busy to judge", recording.lag),
    };
    Err(NotPassed::Inconclusive { because })
}
