//! A rubric: the criteria that an exercise is judged by, and how they add up.

use super::language::Language;
use super::verdict::{Doubt, Mistake, NotPassed, Verdict, skip};
use crate::recording::{Ending, Recording};
use crate::timeline::Timeline;

/// What every exercise is worth.
pub const POINTS: f64 = 10.0;

/// What an exercise reads in one recording.
pub trait ReadRun {
    fn read(recording: &Recording) -> Self;

    /// The picture of the run.
    fn timeline(&self) -> Timeline;

    /// Seconds from the start of the process to the first line of the exercise, if there is one.
    fn first_line(&self) -> Option<f64>;

    /// Seconds that the lines say the program will sleep, all added up.
    fn announced(&self) -> f64 {
        0.0
    }

    /// A line that keeps this criterion, by its id, from being judged without doubt.
    fn doubt(&self, criterion: &str) -> Option<Doubt>;
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

/// How a criterion is judged. A mistake is only named if no line that it rests on is in doubt.
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
pub struct Criteria<E: Evidence + 'static> {
    criteria: &'static [Criterion<E>],
    own_words: &'static [Mistake],
}

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
        Self { criteria, own_words: &[] }
    }

    /// The same, with words of its own for mistakes with the ids of these.
    pub const fn with_words(self, own_words: &'static [Mistake]) -> Self {
        Self { own_words, ..self }
    }

    fn judge_criterion(&self, criterion: &Criterion<E>, evidence: &E) -> Verdict {
        match criterion.judge {
            Judge::AllRuns(judge) => {
                let mut doubts = evidence.runs().iter().filter_map(|run| run.doubt(criterion.id));
                unless_in_doubt(judge(evidence), || doubts.next())
            }
            Judge::EachRun(judge) => {
                worst(evidence.runs().iter().map(|run| criterion.complete(judge(run), run)))
            }
        }
    }

    /// Gives a reason the exercise's own words, in the program's language.
    fn in_words(&self, mut verdict: Verdict, language: Language) -> Verdict {
        if let Err(NotPassed::Failed(reason)) = &mut verdict {
            let own = self.own_words.iter().find(|own| own.id == reason.mistake.id);
            reason.mistake = *own.unwrap_or(&reason.mistake);
            reason.language = language;
        }
        verdict
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

    /// Judges without recordings: the criterion `ends` gets this verdict, the others are skipped.
    fn judge_without_recordings(&self, ends: &Verdict) -> Vec<Judged>;

    /// The picture of one run.
    fn timeline(&self, recording: &Recording) -> Timeline;

    /// When, in seconds from the start of the process, the first line of the exercise came, if it
    /// did, and how many seconds the lines so far say that the program will sleep, all added up.
    fn progress(&self, recording: &Recording) -> Option<(f64, f64)>;
}

impl<E: Evidence> Rubric for Criteria<E> {
    fn list(&self) -> Vec<(&'static str, &'static str, f64)> {
        self.criteria
            .iter()
            .map(|criterion| (criterion.id, criterion.name, criterion.points))
            .collect()
    }

    fn judge(&self, recordings: &[Recording]) -> Vec<Judged> {
        let evidence = E::read(recordings);
        let language = recordings.first().map(|recording| Language::of(&recording.command));
        let mut judged: Vec<Judged> = Vec::new();
        let is_stopped = recordings.iter().any(|it| matches!(it.ending, Ending::Limit(_)));
        for criterion in self.criteria {
            let verdict = judge_bases(criterion, &judged)
                .and_then(|()| self.judge_criterion(criterion, &evidence));
            let verdict = self.in_words(verdict, language.unwrap_or_default());
            let verdict = if is_stopped { not_inconclusive(verdict) } else { verdict };
            let &Criterion { id, name, points, depends_on, .. } = criterion;
            judged.push(Judged { id, name, points, depends_on, verdict });
        }
        judged
    }

    fn judge_without_recordings(&self, ends: &Verdict) -> Vec<Judged> {
        let judged =
            self.criteria.iter().map(|&Criterion { id, name, points, depends_on, .. }| {
                let verdict = match id {
                    "ends" => ends.clone(),
                    _ => skip("there is no recording to judge it by"),
                };
                Judged { id, name, points, depends_on, verdict }
            });
        judged.collect()
    }

    fn timeline(&self, recording: &Recording) -> Timeline {
        E::Run::read(recording).timeline()
    }

    fn progress(&self, recording: &Recording) -> Option<(f64, f64)> {
        let run = E::Run::read(recording);
        Some((run.first_line()?, run.announced()))
    }
}

/// The verdict on a criterion if one that it depends on was not passed.
fn judge_bases<E: Evidence>(criterion: &Criterion<E>, judged: &[Judged]) -> Verdict {
    let bases = judged.iter().filter(|base| criterion.depends_on.contains(&base.id));
    for base in bases {
        let because = format!("it depends on \"{}\"", base.name);
        match &base.verdict {
            Ok(()) => {}
            Err(NotPassed::NotReadable(doubt)) => {
                return Err(NotPassed::NotReadable(doubt.clone()));
            }
            Err(NotPassed::Inconclusive { .. }) => return Err(NotPassed::Inconclusive { because }),
            Err(_) => return Err(NotPassed::Skipped { because }),
        }
    }
    Ok(())
}

/// The verdict on a program that was stopped at a limit: a busy machine is no excuse for that, and
/// running it again would not help.
fn not_inconclusive(verdict: Verdict) -> Verdict {
    match verdict {
        Err(NotPassed::Inconclusive { .. }) => skip("a run was stopped at a limit"),
        verdict => verdict,
    }
}

impl<E: Evidence> Criterion<E> {
    /// Completes the verdict on a run: what is in doubt is not held against it, and a failure gets
    /// its picture.
    fn complete(&self, mut verdict: Verdict, run: &E::Run) -> Verdict {
        verdict = unless_in_doubt(verdict, || run.doubt(self.id));
        if let Err(NotPassed::Failed(reason)) = &mut verdict {
            reason.timeline = self.pictured.then(|| run.timeline());
        }
        verdict
    }
}

/// The verdict, or the doubt that it cannot be told apart from.
fn unless_in_doubt(verdict: Verdict, doubt: impl FnOnce() -> Option<Doubt>) -> Verdict {
    match verdict {
        Err(NotPassed::Failed(_) | NotPassed::Skipped { .. }) => match doubt() {
            Some(doubt) => Err(NotPassed::NotReadable(Box::new(doubt))),
            None => verdict,
        },
        _ => verdict,
    }
}

/// The worst of several runs' verdicts. A run in which there is nothing to judge does not count if
/// another has something.
fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Err(NotPassed::Failed(_)) => 0,
        Err(NotPassed::Inconclusive { .. }) => 1,
        Err(NotPassed::NotReadable(_)) => 2,
        Ok(()) => 3,
        Err(NotPassed::Skipped { .. }) => 4,
    };
    verdicts.min_by_key(rank).unwrap_or(Ok(()))
}
