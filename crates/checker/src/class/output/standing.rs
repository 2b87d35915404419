//! What a learner's result comes to: points, a verdict in words, and a note for the teacher.

use crate::class::learner::{Answer, Graded, Learner};
use crate::escape::legible;
use crate::judging::rubric::POINTS;
use crate::report::json;

/// What a learner's result comes to.
pub struct Standing {
    /// For each exercise, in their order: the points, if they are certain.
    pub points: Vec<Option<f64>>,
    /// All points together, if they are certain.
    pub total: Option<f64>,
    /// The most that can be earned.
    pub possible: f64,
    pub verdict: Verdict,
    /// All that the teacher should know, in one line.
    pub note: String,
}

/// The verdict on a learner. The points are certain with the first three only; without a submission,
/// they are for the teacher to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    FullMarks,
    PointsLost,
    /// There is no answer to any exercise.
    Missing,
    /// The learner is in the class list, but submitted nothing.
    NoSubmission,
    /// A program could not be started: perhaps it is the learner's fault, perhaps this machine
    /// lacks what it needs.
    NotStarted,
    Inconclusive,
    /// The submission or a part of it could not be read, more than one file could be an answer, or the
    /// checker failed.
    NotGraded,
}

impl Verdict {
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::FullMarks => "full marks",
            Self::PointsLost => "points lost",
            Self::Missing => "missing",
            Self::NoSubmission => "no submission",
            Self::NotStarted => "not started",
            Self::Inconclusive => "inconclusive",
            Self::NotGraded => "not graded",
        }
    }
}

impl Standing {
    /// Adds up a learner's result.
    #[must_use]
    pub fn new(learner: &Learner, exercises: &[&str]) -> Self {
        let answers: Vec<_> = exercises.iter().map(|name| answer(learner, name)).collect();
        let points: Vec<_> = answers.iter().map(|answer| points(*answer)).collect();
        let possible = answers.iter().map(|answer| possible(*answer)).sum();
        let total = points.iter().copied().sum();
        let verdict = verdict(learner, &answers, total == Some(possible));
        Self { points, total, possible, verdict, note: note(learner) }
    }

    /// That of a learner who submitted nothing.
    #[must_use]
    pub fn absent(exercises: &[&str]) -> Self {
        Self {
            points: vec![None; exercises.len()],
            total: None,
            possible: exercises.len() as f64 * POINTS,
            verdict: Verdict::NoSubmission,
            note: String::new(),
        }
    }
}

/// What a learner submitted for an exercise.
#[must_use]
pub fn answer<'a>(learner: &'a Learner, exercise: &str) -> Option<&'a Answer> {
    learner.answers.iter().find(|answer| answer.exercise == exercise)
}

fn points(answer: Option<&Answer>) -> Option<f64> {
    match &answer?.graded {
        _ if answer?.pending.is_some() => None,
        Graded::Missing(_) => Some(0.0),
        Graded::Unread(_) | Graded::Unclear(_) => None,
        Graded::Report(report) => match report.verdict {
            json::Verdict::FullMarks | json::Verdict::PointsLost => Some(report.earned),
            json::Verdict::NotStarted | json::Verdict::Inconclusive => None,
        },
    }
}

/// The most that can be earned with an answer.
#[must_use]
pub fn possible(answer: Option<&Answer>) -> f64 {
    match answer.map(|answer| &answer.graded) {
        Some(Graded::Report(report)) => report.possible,
        _ => POINTS,
    }
}

fn verdict(learner: &Learner, answers: &[Option<&Answer>], is_full: bool) -> Verdict {
    let has = |wanted: json::Verdict| {
        answers.iter().flatten().any(
            |answer| matches!(&answer.graded, Graded::Report(report) if report.verdict == wanted),
        )
    };
    let is_pending = answers.iter().flatten().any(|answer| answer.pending.is_some());
    let is_missing = |answer: &Answer| matches!(answer.graded, Graded::Missing(_));
    match () {
        () if learner.problem.is_some() || answers.iter().any(Option::is_none) => {
            Verdict::NotGraded
        }
        () if answers.iter().flatten().any(|it| it.is_unread() || it.is_unclear()) => {
            Verdict::NotGraded
        }
        () if has(json::Verdict::NotStarted) => Verdict::NotStarted,
        () if is_pending || has(json::Verdict::Inconclusive) => Verdict::Inconclusive,
        () if answers.iter().flatten().all(|answer| is_missing(answer)) => Verdict::Missing,
        () if is_full => Verdict::FullMarks,
        () => Verdict::PointsLost,
    }
}

fn note(learner: &Learner) -> String {
    let mut sentences: Vec<String> = learner.problem.iter().cloned().collect();
    sentences.extend(learner.notes.iter().cloned());
    // What is so of several exercises is said once.
    let mut about: Vec<(String, String)> = Vec::new();
    for answer in &learner.answers {
        let problem = match &answer.graded {
            Graded::Missing(reason) | Graded::Unread(reason) | Graded::Unclear(reason) => {
                Some(reason)
            }
            Graded::Report(report) => report.problem.as_ref(),
        };
        let all = problem.into_iter().chain(&answer.notes).cloned();
        for sentence in all.chain(mistakes(&answer.graded)) {
            match about.last_mut().filter(|(_, last)| *last == sentence) {
                Some((names, _)) => *names += &format!(", {}", answer.exercise),
                None => about.push((answer.exercise.clone(), sentence)),
            }
        }
    }
    sentences.extend(about.iter().map(|(names, sentence)| format!("{names}: {sentence}")));
    let sentences: Vec<_> = sentences.iter().map(|sentence| ended(sentence)).collect();
    legible(&sentences.join(" "))
}

/// What points were lost for and how many, such as `blocking-sleep (-7)`. Some may be lost only because
/// criteria depend on another that failed.
fn mistakes(graded: &Graded) -> Option<String> {
    let Graded::Report(report) = graded else { return None };
    let reasons = report.criteria.iter().filter_map(|criterion| criterion.reason.as_ref());
    let mut mistakes: Vec<&str> = Vec::new();
    for reason in reasons {
        if !mistakes.contains(&&*reason.mistake) {
            mistakes.push(&reason.mistake);
        }
    }
    let is_certain = report.verdict == json::Verdict::PointsLost;
    let lost = report.possible - report.earned;
    (is_certain && !mistakes.is_empty()).then(|| format!("{} (-{lost})", mistakes.join(", ")))
}

/// A sentence with an end, so that another can follow.
fn ended(sentence: &str) -> String {
    let sentence = sentence.trim_end();
    let has_end = sentence.ends_with(['.', '!', '?', ':']);
    if has_end { sentence.into() } else { format!("{sentence}.") }
}
