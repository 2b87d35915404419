//! Grades answers: records their runs, judges the recordings, and tries again where the machine
//! was too busy to tell.

use crate::answers::Answer;
use crate::recorder::{Job, TimeLimits};
use crate::recording::{Ending, Recording};
use crate::rubrics::Exercise;
use crate::runner::Runner;
use crate::verdict::{Judged, Verdict};
use rand::seq::IteratorRandom;
use std::io;

/// How often a run is repeated that could not be judged, or left a doubt.
const REPEATS: usize = 2;
/// Seconds that a program may take until its first line: an interpreter that starts, a `cargo run`
/// that compiles.
const START_LIMIT: f64 = 90.0;

/// An answer and its grade.
#[derive(Clone, Debug)]
pub struct Graded {
    pub exercise: Exercise,
    pub command: Vec<String>,
    pub outcome: Outcome,
    /// One for each time that the answer was run.
    pub attempts: Vec<Attempt>,
    /// The recordings that the outcome is judged by.
    pub recordings: Vec<Recording>,
}

/// What became of an answer.
#[derive(Clone, Debug)]
pub enum Outcome {
    Judged(Vec<Judged>),
    /// The program could not be started, for this reason.
    NotStarted(String),
    /// The checker could not record it, for this reason.
    NotRecorded(String),
}

/// One time that an answer was run.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The worst lag of the machine in its runs, in seconds.
    pub lag: f64,
    /// Ids of the criteria that could not be judged.
    pub inconclusive: Vec<&'static str>,
}

/// The grade of a whole call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    FullMarks,
    PointsLost,
    NotStarted,
    Inconclusive,
}

impl Graded {
    /// Points earned, and points to be had.
    #[must_use]
    pub fn score(&self) -> (usize, usize) {
        let possible = self.exercise.criteria().len();
        let earned = match &self.outcome {
            Outcome::Judged(judged) => {
                judged.iter().filter(|one| matches!(one.verdict, Verdict::Passed)).count()
            }
            _ => 0,
        };
        (earned, possible)
    }

    #[must_use]
    pub fn summary(&self) -> Summary {
        let Outcome::Judged(judged) = &self.outcome else {
            return match self.outcome {
                Outcome::NotStarted(_) => Summary::NotStarted,
                _ => Summary::Inconclusive,
            };
        };
        let any = |is: fn(&Verdict) -> bool| judged.iter().any(|one| is(&one.verdict));
        if any(|verdict| matches!(verdict, Verdict::Inconclusive { .. })) {
            Summary::Inconclusive
        } else if any(|verdict| !matches!(verdict, Verdict::Passed)) {
            Summary::PointsLost
        } else {
            Summary::FullMarks
        }
    }
}

/// Points earned in all exercises, and points to be had.
#[must_use]
pub fn score(all: &[Graded]) -> (usize, usize) {
    let scores = all.iter().map(Graded::score);
    scores.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// The summary of all: what could not be started or judged comes before points lost, because then
/// the grade is not final.
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
                // By itself, so that the other runs are not what keeps the machine busy.
                let mut again =
                    judge(answer, runner.record_all(&self::jobs(answer, time_limit, false)));
                again.attempts.splice(0..0, std::mem::take(&mut graded.attempts));
                *graded = again;
            }
        }
    }
    all
}

/// Records one run of an answer, as its command stands.
///
/// # Errors
///
/// If it could not be started, or the checker could not record it: one line.
pub fn record_once(
    answer: &Answer,
    runner: &Runner,
    time_limit: Option<f64>,
) -> Result<Recording, String> {
    let command = answer.command.clone()?;
    let limits = limits(answer.exercise, time_limit);
    let job = Job { command: command.clone(), limits, first_try: false };
    let recording = runner.record_all(&[job]).remove(0).map_err(|error| error.to_string())?;
    match &recording.ending {
        Ending::NotStarted(reason) => Err(format!("{}: {reason}", command[0])),
        _ => Ok(recording),
    }
}

fn jobs(answer: &Answer, time_limit: Option<f64>, first_try: bool) -> Vec<Job> {
    let Ok(command) = &answer.command else { return Vec::new() };
    let runs = answer.exercise.runs(&draw_numbers());
    let job = |arguments: &Vec<String>| Job {
        command: [&command[..], arguments].concat(),
        limits: limits(answer.exercise, time_limit),
        first_try,
    };
    runs.iter().map(job).collect()
}

fn limits(exercise: Exercise, time_limit: Option<f64>) -> TimeLimits {
    match time_limit {
        Some(total) => TimeLimits { first_line: total, rest: total, total },
        None => {
            let rest = exercise.time_limit();
            TimeLimits { first_line: START_LIMIT, rest, total: START_LIMIT + rest }
        }
    }
}

/// Four different numbers that no program can know, none of them a default.
fn draw_numbers() -> Vec<i64> {
    (10..1000).sample(&mut rand::rng(), 4)
}

fn judge(answer: &Answer, recordings: Vec<io::Result<Recording>>) -> Graded {
    let exercise = answer.exercise;
    let mut graded = Graded {
        exercise,
        command: answer.command.clone().unwrap_or_default(),
        outcome: Outcome::Judged(Vec::new()),
        attempts: Vec::new(),
        recordings: Vec::new(),
    };
    if let Err(problem) = &answer.command {
        graded.outcome = Outcome::NotStarted(problem.clone());
        return graded;
    }
    match recordings.into_iter().collect::<io::Result<Vec<_>>>() {
        Err(error) => graded.outcome = Outcome::NotRecorded(error.to_string()),
        Ok(recordings) => {
            let not_started = recordings.iter().find_map(|recording| match &recording.ending {
                Ending::NotStarted(reason) => Some(reason.clone()),
                _ => None,
            });
            graded.outcome = match not_started {
                Some(reason) => Outcome::NotStarted(reason),
                None => Outcome::Judged(exercise.judge(&recordings)),
            };
            graded.recordings = recordings;
        }
    }
    let lag = graded.recordings.iter().map(|recording| recording.lag).fold(0.0, f64::max);
    let inconclusive = match &graded.outcome {
        Outcome::Judged(judged) => judged
            .iter()
            .filter(|one| matches!(one.verdict, Verdict::Inconclusive { .. }))
            .map(|one| one.id)
            .collect(),
        _ => Vec::new(),
    };
    graded.attempts.push(Attempt { lag, inconclusive });
    graded
}
