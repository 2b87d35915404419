//! What the checker says of one criterion, and how a rubric is judged.

use crate::mistake::Mistake;
use crate::recording::Recording;
use crate::timeline::Timeline;

/// What became of one criterion.
#[derive(Clone, Debug)]
pub enum Verdict {
    Passed,
    /// The program is wrong: the point is lost.
    Failed(Box<Reason>),
    /// A criterion that this one builds on was not passed: the point is lost there and here.
    Skipped {
        because: String,
    },
    /// The machine was too busy to tell. Nothing is held against the program.
    Inconclusive {
        because: String,
    },
}

/// Why a criterion failed.
#[derive(Clone, Debug)]
pub struct Reason {
    pub mistake: Mistake,
    pub expected: String,
    /// What was seen instead, with times. Bytes of the judged program are escaped in it.
    pub seen: String,
    /// A picture of the run, where time is what went wrong.
    pub timeline: Option<Timeline>,
}

/// `Ok` for passed; any other verdict ends the judgement early.
pub type Judgement = Result<(), Verdict>;

/// A judgement that fails for this reason.
pub fn fail(mistake: Mistake, expected: impl Into<String>, seen: impl Into<String>) -> Judgement {
    let (expected, seen) = (expected.into(), seen.into());
    Err(Verdict::Failed(Box::new(Reason { mistake, expected, seen, timeline: None })))
}

/// A judgement that there is nothing to judge.
pub fn skip(because: impl Into<String>) -> Judgement {
    Err(Verdict::Skipped { because: because.into() })
}

/// A judgement that the machine may hide the answer.
pub fn too_busy(recording: &Recording) -> Judgement {
    let because = match recording.first_try {
        true => "a little off, and the machine may be the cause".into(),
        false => format!("the machine was up to {:.2} s late: too busy to judge", recording.lag),
    };
    Err(Verdict::Inconclusive { because })
}

/// The judgement of several runs: what one of them shows to be wrong is wrong. A run in which there
/// is nothing to judge does not count if another has.
pub fn all(judgements: impl Iterator<Item = Judgement>) -> Judgement {
    let rank = |judgement: &Judgement| match judgement {
        Err(Verdict::Failed(_)) => 0,
        Err(Verdict::Inconclusive { .. }) => 1,
        Ok(()) | Err(Verdict::Passed) => 2,
        Err(Verdict::Skipped { .. }) => 3,
    };
    judgements.min_by_key(rank).unwrap_or(Ok(()))
}

/// Adds a picture of the run to a judgement that failed.
pub trait WithTimeline {
    #[must_use]
    fn with_timeline(self, timeline: impl FnOnce() -> Timeline) -> Self;
}

impl WithTimeline for Judgement {
    fn with_timeline(mut self, timeline: impl FnOnce() -> Timeline) -> Self {
        if let Err(Verdict::Failed(reason)) = &mut self {
            reason.timeline = Some(timeline());
        }
        self
    }
}

/// One thing that a program is judged by, worth one point. `Evidence` is what the rubric's
/// exercise makes of the recordings.
pub struct Criterion<Evidence> {
    /// Stable: reports and graders refer to it.
    pub id: &'static str,
    /// What it asks, in a learner's words.
    pub name: &'static str,
    /// Ids of the criteria, earlier in the rubric, that it builds on.
    pub depends_on: &'static [&'static str],
    pub judge: fn(&Evidence) -> Judgement,
}

/// A criterion and what became of it.
#[derive(Clone, Debug)]
pub struct Judged {
    pub id: &'static str,
    pub name: &'static str,
    pub depends_on: &'static [&'static str],
    pub verdict: Verdict,
}

/// Judges every criterion, in order.
pub fn judge_all<Evidence>(rubric: &[Criterion<Evidence>], evidence: &Evidence) -> Vec<Judged> {
    let mut judged: Vec<Judged> = Vec::new();
    for criterion in rubric {
        let base = judged.iter().find(|base| {
            criterion.depends_on.contains(&base.id) && !matches!(base.verdict, Verdict::Passed)
        });
        let verdict = match base.map(|base| (base.name, &base.verdict)) {
            None => (criterion.judge)(evidence).err().unwrap_or(Verdict::Passed),
            Some((name, Verdict::Inconclusive { .. })) => {
                Verdict::Inconclusive { because: format!("builds on: {name}") }
            }
            Some((name, _)) => Verdict::Skipped { because: format!("builds on: {name}") },
        };
        let &Criterion { id, name, depends_on, .. } = criterion;
        judged.push(Judged { id, name, depends_on, verdict });
    }
    judged
}
