//! Grades answers: records their runs, judges the recordings, and tries again where the machine was
//! too busy to tell.

use crate::answers::Answer;
use crate::escape::Outside;
use crate::exercises::{Argument, Exercise};
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::{Mistake, NotPassed, fail};
use crate::recorder::{Job, NoRecording, TimeLimits};
use crate::recording::Recording;
use crate::runner::Runner;
use rand::seq::IteratorRandom;

/// How often a run is repeated if it could not be judged or left room for doubt.
const REPEATS: usize = 2;
/// Seconds that a program may take until the first line of the exercise: an interpreter that starts,
/// a `cargo run` that compiles.
pub const START_LIMIT: f64 = 90.0;
/// Seconds that a program may take from that line on, whatever its lines announce.
pub const ANNOUNCED_LIMIT: f64 = 300.0;

const TAMPERED: Mistake = Mistake {
    id: "tampered-with-the-recorder",
    why: "The program, or one that it started, interfered with the process that records it.",
    hint: "Leave the parent process alone: send it no signal, and do not trace it.",
};

/// An answer and its grade.
#[derive(Clone)]
pub struct Graded {
    pub exercise: &'static Exercise,
    pub command: Vec<String>,
    pub outcome: Outcome,
    /// One for each time that the answer was run.
    pub attempts: Vec<Attempt>,
    /// The recordings that were judged.
    pub recordings: Vec<Recording>,
}

/// What became of an answer.
#[derive(Clone, Debug)]
pub enum Outcome {
    Judged(Vec<Judged>),
    /// The program could not be started, for this reason.
    NotStarted(Outside),
    /// The checker could not record it, for this reason.
    NotRecorded(Outside),
}

/// One attempt: all runs of an answer, once.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The machine's worst lag in its runs, in seconds.
    pub lag: f64,
    /// Ids of the criteria that could not be judged.
    pub inconclusive: Vec<&'static str>,
}

/// The overall result, of one answer or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    FullMarks,
    PointsLost,
    NotStarted,
    Inconclusive,
}

impl Graded {
    /// The points that it earned, of `POINTS`.
    #[must_use]
    pub fn earned(&self) -> f64 {
        match &self.outcome {
            Outcome::Judged(judged) => judged.iter().map(Judged::earned).sum(),
            _ => 0.0,
        }
    }

    /// The points that could not be judged.
    #[must_use]
    pub fn open(&self) -> f64 {
        let Outcome::Judged(judged) = &self.outcome else { return 0.0 };
        judged.iter().filter(|one| is_open(one)).map(|one| one.points).sum()
    }

    #[must_use]
    pub fn summary(&self) -> Summary {
        match &self.outcome {
            Outcome::NotStarted(_) => Summary::NotStarted,
            Outcome::NotRecorded(_) => Summary::Inconclusive,
            Outcome::Judged(judged) if !inconclusive(judged).is_empty() => Summary::Inconclusive,
            Outcome::Judged(judged) if judged.iter().any(|one| one.verdict.is_err()) => {
                Summary::PointsLost
            }
            Outcome::Judged(_) => Summary::FullMarks,
        }
    }
}

/// Ids of the criteria that could not be judged.
fn inconclusive(judged: &[Judged]) -> Vec<&'static str> {
    judged.iter().filter(|one| is_open(one)).map(|one| one.id).collect()
}

fn is_open(one: &Judged) -> bool {
    matches!(one.verdict, Err(NotPassed::Inconclusive { .. }))
}

/// Points earned in all exercises, and the maximum.
#[must_use]
pub fn score(all: &[Graded]) -> (f64, f64) {
    (all.iter().map(Graded::earned).sum(), all.len() as f64 * POINTS)
}

/// The summary of all. What could not be started or judged takes precedence over lost points,
/// because the grade is not final then.
#[must_use]
pub fn summary(all: &[Graded]) -> Summary {
    [Summary::NotStarted, Summary::Inconclusive, Summary::PointsLost]
        .into_iter()
        .find(|summary| all.iter().any(|graded| graded.summary() == *summary))
        .unwrap_or(Summary::FullMarks)
}

/// Grades all answers, their runs side by side. `time_limit` bounds each run, in seconds.
pub fn grade_all(answers: &[Answer], runner: &Runner, time_limit: Option<f64>) -> Vec<Graded> {
    let jobs: Vec<Vec<Job>> = answers.iter().map(|answer| jobs(answer, time_limit, true)).collect();
    let mut recordings = runner.record_all(&jobs.concat()).into_iter();
    let mut all: Vec<_> = answers
        .iter()
        .zip(&jobs)
        .map(|(answer, jobs)| judge(answer, recordings.by_ref().take(jobs.len()).collect()))
        .collect();
    for _ in 0..REPEATS {
        for (graded, answer) in all.iter_mut().zip(answers) {
            if graded.summary() == Summary::Inconclusive {
                // Alone, so that other runs do not keep the machine busy.
                let mut again =
                    judge(answer, runner.record_all(&self::jobs(answer, time_limit, false)));
                again.attempts.splice(0..0, std::mem::take(&mut graded.attempts));
                *graded = again;
            }
        }
    }
    all
}

/// Records one run of an answer, with its command as given.
///
/// # Errors
///
/// One line, if it could not be started or recorded.
pub fn record_once(
    answer: &Answer,
    runner: &Runner,
    time_limit: Option<f64>,
) -> Result<Recording, String> {
    let command = answer.command.clone()?;
    let program = command[0].clone();
    let limits = limits(answer.exercise, time_limit);
    let exercise = answer.exercise.name.into();
    let job = Job { exercise, command, arguments: Vec::new(), limits, first_try: false };
    runner.record(&job).map_err(|problem| match problem {
        NoRecording::NotStarted(reason) => format!("{program}: {reason}"),
        NoRecording::NotRecorded(reason) | NoRecording::Tampered(reason) => reason.to_string(),
    })
}

fn jobs(answer: &Answer, time_limit: Option<f64>, first_try: bool) -> Vec<Job> {
    let Ok(command) = &answer.command else { return Vec::new() };
    let runs = answer.exercise.runs.iter();
    runs.map(|arguments| Job {
        exercise: answer.exercise.name.into(),
        command: command.clone(),
        arguments: drawn(arguments),
        limits: limits(answer.exercise, time_limit),
        first_try,
    })
    .collect()
}

/// The arguments. Drawn ones are distinct numbers, none of them a default.
fn drawn(arguments: &[Argument]) -> Vec<String> {
    let numbers = (10..1000).sample(&mut rand::rng(), arguments.len());
    let shown = |(argument, number): (&Argument, i64)| match argument {
        Argument::Drawn => number.to_string(),
        Argument::Text(text) => (*text).into(),
    };
    arguments.iter().zip(numbers).map(shown).collect()
}

fn limits(exercise: &Exercise, time_limit: Option<f64>) -> TimeLimits {
    match time_limit {
        Some(total) => TimeLimits { first_line: total, rest: total, most: total, total },
        None => TimeLimits {
            first_line: START_LIMIT,
            rest: exercise.time_limit,
            most: ANNOUNCED_LIMIT,
            total: START_LIMIT + ANNOUNCED_LIMIT,
        },
    }
}

fn is_tampering(recording: &Result<Recording, NoRecording>) -> bool {
    matches!(recording, Err(NoRecording::Tampered(_)))
}

fn judge(answer: &Answer, mut recordings: Vec<Result<Recording, NoRecording>>) -> Graded {
    let Answer { exercise, command } = answer;
    let mut graded = Graded {
        exercise,
        command: command.clone().unwrap_or_default(),
        outcome: Outcome::Judged(Vec::new()),
        attempts: Vec::new(),
        recordings: Vec::new(),
    };
    if let Err(problem) = command {
        graded.outcome = Outcome::NotStarted(problem.clone().into());
        return graded;
    }
    // What a program does to one recorder may be why there is no other recording, either.
    if let Some(index) = recordings.iter().position(is_tampering) {
        recordings.swap(0, index);
    }
    graded.outcome = match recordings.into_iter().collect::<Result<Vec<_>, _>>() {
        Err(NoRecording::Tampered(how)) => {
            let verdict = fail(TAMPERED, "the program leaves its recorder alone", how.to_string());
            Outcome::Judged(exercise.rubric.judge_without_recordings(&verdict))
        }
        Err(NoRecording::NotStarted(why)) => Outcome::NotStarted(why),
        Err(NoRecording::NotRecorded(why)) => Outcome::NotRecorded(why),
        Ok(recordings) => {
            graded.recordings = recordings;
            Outcome::Judged(exercise.rubric.judge(&graded.recordings))
        }
    };
    let lag = graded.recordings.iter().map(|recording| recording.lag).fold(0.0, f64::max);
    let inconclusive = match &graded.outcome {
        Outcome::Judged(judged) => inconclusive(judged),
        _ => Vec::new(),
    };
    graded.attempts.push(Attempt { lag, inconclusive });
    graded
}
