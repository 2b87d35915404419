//! A rubric: the criteria that an exercise is judged by, and how they add up.

use super::verdict::{NotPassed, Verdict};
use crate::recording::Recording;
use crate::timeline::Timeline;

/// What every exercise is worth.
pub const POINTS: f64 = 10.0;

/// What an exercise reads in one recording.
pub trait ReadRun {
    fn read(recording: &Recording) -> Self;

    /// The picture of the run.
    fn timeline(&self) -> Timeline;
}

/// What an exercise reads in the recordings of all its runs.
pub trait Evidence {
    type Run: ReadRun;

    /// Takes the recordings in the order of the exercise's runs.
    fn read(recordings: &[Recording]) -> Self;

    /// The runs that are judged one by one.
    fn runs(&self) -> &[Self::Run];
}

impl<Run: ReadRun> Evidence for Vec<Run> {
    type Run = Run;

    fn read(recordings: &[Recording]) -> Self {
        recordings.iter().map(Run::read).collect()
    }

    fn runs(&self) -> &[Run] {
        self
    }
}

/// How a criterion is judged.
pub enum Judge<E: Evidence> {
    /// Run by run: the criterion is as good as the worst of them.
    EachRun(fn(&E::Run) -> Verdict),
    /// By all runs together.
    AllRuns(fn(&E) -> Verdict),
}

/// One thing that a program is judged by.
pub struct Criterion<E: Evidence> {
    /// Stable and unique in its rubric: reports and graders refer to it.
    pub id: &'static str,
    /// What it asks for, in a learner's words.
    pub name: &'static str,
    pub points: f64,
    /// Ids of the criteria, earlier in the rubric, without which this one cannot be judged.
    pub depends_on: &'static [&'static str],
    pub judge: Judge<E>,
    /// Whether a picture of the run helps to see what went wrong.
    pub pictured: bool,
}

/// The criteria of an exercise.
pub struct Criteria<E: Evidence + 'static>(&'static [Criterion<E>]);

impl<E: Evidence> Criteria<E> {
    /// Checks at compile time that the points add up to `POINTS` and that criteria depend only on
    /// earlier ones.
    ///
    /// # Panics
    ///
    /// If they do not.
    pub const fn new(criteria: &'static [Criterion<E>]) -> Self {
        let mut points = 0.0;
        let mut index = 0;
        while index < criteria.len() {
            points += criteria[index].points;
            assert!(!has_id(criteria, index, criteria[index].id), "two criteria with the same id");
            let mut base = 0;
            while base < criteria[index].depends_on.len() {
                let id = criteria[index].depends_on[base];
                assert!(has_id(criteria, index, id), "no earlier criterion has this id");
                base += 1;
            }
            index += 1;
        }
        assert!(points == POINTS, "the points of a rubric do not add up");
        Self(criteria)
    }
}

/// Whether one of the first `count` criteria has this id.
const fn has_id<E: Evidence>(criteria: &[Criterion<E>], count: usize, id: &str) -> bool {
    let mut index = 0;
    while index < count {
        if is_same(criteria[index].id.as_bytes(), id.as_bytes()) {
            return true;
        }
        index += 1;
    }
    false
}

/// `==`, which is not available in a `const fn`.
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

/// A criterion and what became of it.
#[derive(Clone, Debug)]
pub struct Judged {
    pub id: &'static str,
    pub name: &'static str,
    pub points: f64,
    pub depends_on: &'static [&'static str],
    pub verdict: Verdict,
}

impl Judged {
    /// The points that the program earns for this criterion.
    #[must_use]
    pub fn earned(&self) -> f64 {
        if self.verdict.is_ok() { self.points } else { 0.0 }
    }
}

/// A rubric, whatever its exercise reads.
pub trait Rubric: Sync {
    /// Id, name and points of each criterion.
    fn list(&self) -> Vec<(&'static str, &'static str, f64)>;

    /// Judges every criterion by the recordings of the exercise's runs, in their order.
    fn judge(&self, recordings: &[Recording]) -> Vec<Judged>;

    /// The picture of one run.
    fn timeline(&self, recording: &Recording) -> Timeline;
}

impl<E: Evidence> Rubric for Criteria<E> {
    fn list(&self) -> Vec<(&'static str, &'static str, f64)> {
        self.0.iter().map(|criterion| (criterion.id, criterion.name, criterion.points)).collect()
    }

    fn judge(&self, recordings: &[Recording]) -> Vec<Judged> {
        let evidence = E::read(recordings);
        let mut judged: Vec<Judged> = Vec::new();
        for criterion in self.0 {
            let verdict = judge_bases(criterion, &judged).and_then(|()| criterion.judge(&evidence));
            let &Criterion { id, name, points, depends_on, .. } = criterion;
            judged.push(Judged { id, name, points, depends_on, verdict });
        }
        judged
    }

    fn timeline(&self, recording: &Recording) -> Timeline {
        E::Run::read(recording).timeline()
    }
}

/// The verdict on a criterion if one that it depends on was not passed.
fn judge_bases<E: Evidence>(criterion: &Criterion<E>, judged: &[Judged]) -> Verdict {
    let bases = judged.iter().filter(|base| criterion.depends_on.contains(&base.id));
    for base in bases {
        let because = format!("depends on: {}", base.name);
        match base.verdict {
            Ok(()) => {}
            Err(NotPassed::Inconclusive { .. }) => return Err(NotPassed::Inconclusive { because }),
            Err(_) => return Err(NotPassed::Skipped { because }),
        }
    }
    Ok(())
}

impl<E: Evidence> Criterion<E> {
    fn judge(&self, evidence: &E) -> Verdict {
        match self.judge {
            Judge::AllRuns(judge) => judge(evidence),
            Judge::EachRun(judge) => {
                worst(evidence.runs().iter().map(|run| self.with_picture(judge(run), run)))
            }
        }
    }

    fn with_picture(&self, mut verdict: Verdict, run: &E::Run) -> Verdict {
        if self.pictured
            && let Err(NotPassed::Failed(reason)) = &mut verdict
        {
            reason.timeline = Some(run.timeline());
        }
        verdict
    }
}

/// The worst of several runs' verdicts. A run with nothing to judge does not count if another run
/// has something.
fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Err(NotPassed::Failed(_)) => 0,
        Err(NotPassed::Inconclusive { .. }) => 1,
        Ok(()) => 2,
        Err(NotPassed::Skipped { .. }) => 3,
    };
    verdicts.min_by_key(rank).unwrap_or(Ok(()))
}
