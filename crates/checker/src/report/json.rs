//! The report for programs: one schema, described in the crate's README.md, with a version that
//! goes up when programs that read it would have to change.

use super::words::praise;
use super::{Checked, shown};
use crate::clock::ClockUsed;
pub use crate::grade::Summary as Verdict;
use crate::grade::{self, Graded, Outcome, score, summary};
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::{self, NotPassed};
use crate::recording::{self, Ending, Waiting};
use crate::timeline::{self, Span, Whose};
use cage::held::Held;
use serde::{Deserialize, Serialize};

/// The version of the schema.
pub const SCHEMA: u32 = 2;

/// The report. Points are in steps of 0.5; texts that came from outside are escaped.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    pub schema: u32,
    pub verdict: Verdict,
    pub earned: f64,
    pub possible: f64,
    pub exercises: Vec<Exercise>,
}

/// An answer to an exercise, and its grade.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exercise {
    pub exercise: String,
    pub command: String,
    pub verdict: Verdict,
    pub problem: Option<String>,
    pub earned: f64,
    pub possible: f64,
    pub criteria: Vec<Criterion>,
    pub praise: Option<String>,
    pub attempts: Vec<Attempt>,
    pub clocks: Vec<Clock>,
    pub confirmed: Option<bool>,
    pub cage: Option<Held>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recordings: Option<Vec<Recording>>,
}

/// One attempt: all runs of an answer, once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    pub lag: f64,
    pub inconclusive: Vec<String>,
}

/// The clock of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Clock {
    pub clock: String,
    pub because: Option<String>,
}

/// A criterion, and its verdict.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Criterion {
    pub id: String,
    pub name: String,
    pub depends_on: Vec<String>,
    pub earned: f64,
    pub possible: f64,
    pub verdict: Passed,
    pub because: Option<String>,
    pub reason: Option<Reason>,
    pub doubt: Option<Doubt>,
}

/// The verdict of a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passed {
    Passed,
    Failed,
    NotReadable,
    Skipped,
    Inconclusive,
}

impl Passed {
    /// In words: the same in all reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotReadable => "not readable",
            Self::Skipped => "skipped",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl From<&verdict::Verdict> for Passed {
    fn from(verdict: &verdict::Verdict) -> Self {
        match verdict {
            Ok(()) => Self::Passed,
            Err(NotPassed::Failed(_)) => Self::Failed,
            Err(NotPassed::NotReadable(_)) => Self::NotReadable,
            Err(NotPassed::Skipped { .. }) => Self::Skipped,
            Err(NotPassed::Inconclusive { .. }) => Self::Inconclusive,
        }
    }
}

/// Why a criterion failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reason {
    pub mistake: String,
    pub expected: String,
    pub seen: String,
    pub why: String,
    pub hint: String,
    pub timeline: Option<Timeline>,
}

/// What could not be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Doubt {
    pub line: String,
    pub original: String,
    pub looked_for: String,
}

/// A picture of a run, in seconds after the first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Timeline {
    pub seconds: f64,
    pub rows: Vec<Row>,
    pub thread: Option<Vec<Turn>>,
}

/// A row of a picture: a coroutine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    pub label: String,
    /// From when to when it waited; without an end, it waits forever.
    pub waits: Vec<(f64, Option<f64>)>,
    pub events: Vec<Event>,
    pub states: Vec<Span>,
    pub ended: Option<f64>,
}

/// What a coroutine printed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    pub at: f64,
    pub line: usize,
    pub text: String,
}

/// Whose turn it was on the thread.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Turn {
    pub from: f64,
    pub to: f64,
    pub state: Taken,
    pub by: Option<String>,
}

/// Whether somebody had the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taken {
    Asleep,
    Taken,
}

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recording {
    pub command: String,
    pub ending: Ending,
    pub seconds: f64,
    pub cpu_before: f64,
    pub cpu_after: f64,
    pub waiting: Waiting,
    pub clock: String,
    pub lag: f64,
    pub first_try: bool,
    pub cut: Vec<String>,
    pub stdout: Vec<Line>,
    pub stderr: Vec<Line>,
}

/// A line that a program printed, in seconds after its start.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    pub at: f64,
    pub text: String,
}

/// The report as text.
///
/// # Panics
///
/// Never: all of it can be written as JSON.
#[must_use]
pub fn report(checked: &Checked) -> String {
    let report = Report::new(checked.graded, checked.verbose);
    let text = serde_json::to_string_pretty(&report).expect("only plain data");
    text + "\n"
}

impl Report {
    /// The report. With `verbose`, it includes the recordings.
    #[must_use]
    pub fn new(all: &[Graded], verbose: bool) -> Self {
        let (earned, possible) = score(all);
        let exercises = all.iter().map(|graded| Exercise::new(graded, verbose)).collect();
        Self { schema: SCHEMA, verdict: summary(all), earned, possible, exercises }
    }
}

impl Exercise {
    /// An answer and its grade. With `verbose`, it includes the recordings.
    #[must_use]
    pub fn new(graded: &Graded, verbose: bool) -> Self {
        let (criteria, problem) = match &graded.outcome {
            Outcome::Judged(judged) => (judged.iter().map(Criterion::from).collect(), None),
            Outcome::NotStarted(reason)
            | Outcome::NotRecorded(reason)
            | Outcome::NotBelieved(reason) => (Vec::new(), Some(reason.to_string())),
        };
        Self {
            exercise: graded.exercise.name.into(),
            command: shown(&graded.command),
            verdict: graded.summary(),
            problem,
            earned: graded.earned(),
            possible: POINTS,
            criteria,
            praise: praise(graded).map(Into::into),
            attempts: graded.attempts.iter().map(Attempt::from).collect(),
            clocks: graded.clocks().map(Clock::from).collect(),
            confirmed: graded.confirmed,
            cage: graded.cage().cloned(),
            recordings: verbose.then(|| graded.recordings.iter().map(Recording::from).collect()),
        }
    }
}

impl From<&grade::Attempt> for Attempt {
    fn from(attempt: &grade::Attempt) -> Self {
        Self { lag: attempt.lag, inconclusive: owned(&attempt.inconclusive) }
    }
}

impl From<&ClockUsed> for Clock {
    fn from(used: &ClockUsed) -> Self {
        Self { clock: used.name().into(), because: used.because().map(ToString::to_string) }
    }
}

impl From<&Judged> for Criterion {
    fn from(one: &Judged) -> Self {
        let (because, reason, doubt) = match &one.verdict {
            Ok(()) => (None, None, None),
            Err(NotPassed::Failed(reason)) => (None, Some((&**reason).into()), None),
            Err(NotPassed::NotReadable(doubt)) => (None, None, Some((&**doubt).into())),
            Err(NotPassed::Skipped { because } | NotPassed::Inconclusive { because }) => {
                (Some(because.to_string()), None, None)
            }
        };
        Self {
            id: one.id.into(),
            name: one.name.into(),
            depends_on: owned(one.depends_on),
            earned: one.earned(),
            possible: one.points,
            verdict: (&one.verdict).into(),
            because,
            reason,
            doubt,
        }
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

impl From<&verdict::Reason> for Reason {
    fn from(reason: &verdict::Reason) -> Self {
        Self {
            mistake: reason.mistake.id.into(),
            expected: reason.expected.clone(),
            seen: reason.seen.clone(),
            why: reason.mistake.why.into(),
            hint: reason.hint(),
            timeline: reason.timeline.as_ref().map(Timeline::from),
        }
    }
}

impl From<&verdict::Doubt> for Doubt {
    fn from(doubt: &verdict::Doubt) -> Self {
        Self {
            line: doubt.line.to_string(),
            original: doubt.original.into(),
            looked_for: doubt.looked_for.into(),
        }
    }
}

impl From<&timeline::Timeline> for Timeline {
    fn from(timeline: &timeline::Timeline) -> Self {
        let turn = |&timeline::Turn { from, to, whose }: &timeline::Turn| {
            let (state, by) = match whose {
                Whose::Asleep => (Taken::Asleep, None),
                Whose::Held(row) => {
                    (Taken::Taken, row.map(|row| timeline.rows[row].label.to_string()))
                }
            };
            Turn { from, to, state, by }
        };
        let thread = timeline.thread.as_ref().map(|turns| turns.iter().map(turn).collect());
        let rows = timeline.rows.iter().map(Row::from).collect();
        Self { seconds: timeline.seconds(), rows, thread }
    }
}

impl From<&timeline::Row> for Row {
    fn from(row: &timeline::Row) -> Self {
        let wait = |wait: &timeline::Wait| (wait.from, wait.to.is_finite().then_some(wait.to));
        let event = |mark: &timeline::Mark| Event {
            at: mark.at,
            line: mark.line,
            text: mark.text.to_string(),
        };
        Self {
            label: row.label.to_string(),
            waits: row.waits.iter().map(wait).collect(),
            events: row.marks.iter().map(event).collect(),
            states: row.states.clone(),
            ended: row.ended,
        }
    }
}

impl From<&recording::Recording> for Recording {
    fn from(recording: &recording::Recording) -> Self {
        let lines = |lines: &[recording::Line]| {
            lines.iter().map(|line| Line { at: line.at, text: line.visible() }).collect()
        };
        Self {
            command: shown(&recording.command_line()),
            ending: recording.ending.clone(),
            seconds: recording.seconds,
            cpu_before: recording.cpu_before,
            cpu_after: recording.cpu_after,
            waiting: recording.waiting,
            clock: recording.clock.name().into(),
            lag: recording.lag,
            first_try: recording.first_try,
            cut: recording.cut.clone(),
            stdout: lines(&recording.stdout),
            stderr: lines(&recording.stderr),
        }
    }
}
