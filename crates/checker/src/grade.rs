//! Grades answers: records their runs, judges the recordings, and tries again where the machine was
//! too busy to tell.

use crate::answers::Answer;
use crate::caging::Caging;
use crate::clock::{Clock, ClockUsed};
use crate::escape::Outside;
use crate::exercises::{Argument, Exercise};
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::{Mistake, NotPassed, fail};
use crate::recorder::{Job, NoRecording, TimeLimits};
use crate::recording::{Ending, Recording};
use crate::relative::Relative;
use crate::runner::Runner;
use crate::timeline::Timeline;
use cage::held::Held;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom;
use serde::{Deserialize, Serialize};

/// How often a run is repeated if it could not be judged or left room for doubt.
const REPEATS: usize = 2;
/// Seconds that a program may take until the first line of the exercise: an interpreter that starts,
/// a `cargo run` that compiles.
pub const START_LIMIT: f64 = 90.0;
/// The same for a program that is built, in a loop in which somebody waits for the verdict.
pub const BUILT_START_LIMIT: f64 = 10.0;
/// Seconds that a program may take from that line on, whatever its lines announce.
pub const ANNOUNCED_LIMIT: f64 = 300.0;

pub(crate) const TAMPERED: Mistake = Mistake {
    id: "tampered-with-the-recorder",
    why: "The program, or one that it started, interfered with the process that records it.",
    hint: "Leave the parent process alone: send it no signal, and do not trace it.",
};

/// How answers are graded.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Settings {
    /// Bounds each run, in seconds.
    pub time_limit: Option<f64>,
    /// Whether somebody waits for the verdict, and the program is built: it has to start soon.
    pub starts_soon: bool,
    pub clock: Clock,
    /// Whether points that are lost on the virtual clock have to be lost in real time, too.
    pub confirm: bool,
    /// Whether the program is known to note its tasks: a stranger's is not given a file for them.
    pub tasks: bool,
    /// The cage that programs run in. Without it, they run with the user's own permissions.
    pub caging: Option<Caging>,
    /// What the arguments are drawn from, if they have to be the same each time.
    pub seed: Option<[u8; 32]>,
}

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
    /// If points lost on the virtual clock were to be confirmed: whether they were. If they were
    /// not, this is the grade in real time.
    pub confirmed: Option<bool>,
}

/// What became of an answer.
#[derive(Clone, Debug)]
pub enum Outcome {
    Judged(Vec<Judged>),
    /// The program could not be started, for this reason.
    NotStarted(Outside),
    /// The checker could not record it, for this reason.
    NotRecorded(Outside),
    /// It was to be judged on the virtual clock, which cannot be used for it, for this reason.
    NotBelieved(Outside),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Summary {
    FullMarks,
    PointsLost,
    NotStarted,
    Inconclusive,
}

impl Summary {
    /// The exit code that says so.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::FullMarks => 0,
            Self::PointsLost => 1,
            Self::NotStarted => 2,
            Self::Inconclusive => 3,
        }
    }
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

    /// The first criterion that was not passed because of the program, and its place in the rubric.
    #[must_use]
    pub fn first_mistake(&self) -> Option<(usize, &NotPassed)> {
        let Outcome::Judged(judged) = &self.outcome else { return None };
        judged.iter().enumerate().find_map(|(index, one)| match &one.verdict {
            Err(why @ (NotPassed::Failed(_) | NotPassed::NotReadable(_))) => Some((index, why)),
            _ => None,
        })
    }

    /// The picture of the run that shows the first mistake; if it needs no picture, of the first run.
    #[must_use]
    pub fn timeline(&self) -> Option<Timeline> {
        match self.first_mistake() {
            Some((_, NotPassed::Failed(reason))) if reason.timeline.is_some() => {
                reason.timeline.clone()
            }
            _ => Some(self.exercise.rubric.timeline(self.recordings.first()?)),
        }
    }

    /// What held its programs, if they ran in a cage.
    #[must_use]
    pub fn cage(&self) -> Option<&Held> {
        self.recordings.first()?.cage.as_ref()
    }

    /// The clock of each run that was judged.
    pub fn clocks(&self) -> impl Iterator<Item = &ClockUsed> {
        self.recordings.iter().map(|recording| &recording.clock)
    }

    /// Whether another attempt may tell what this one could not. If the virtual clock cannot be used
    /// this time, it cannot be used the next time.
    #[must_use]
    pub fn is_to_be_repeated(&self) -> bool {
        let is_final = matches!(self.outcome, Outcome::NotBelieved(_));
        !is_final && self.summary() == Summary::Inconclusive
    }

    #[must_use]
    pub fn summary(&self) -> Summary {
        match &self.outcome {
            Outcome::NotStarted(_) => Summary::NotStarted,
            Outcome::NotRecorded(_) | Outcome::NotBelieved(_) => Summary::Inconclusive,
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

/// Grades all answers, their runs side by side.
pub fn grade_all(answers: &[Answer], runner: &Runner, settings: &Settings) -> Vec<Graded> {
    let first: Vec<_> = answers.iter().map(|answer| (answer, settings.clone())).collect();
    let graded = answers.iter().zip(grade_once(&first, runner)).map(|(answer, graded)| {
        let graded = repeat(answer, runner, settings, graded);
        if settings.confirm { confirm(answer, runner, settings, graded) } else { graded }
    });
    graded.collect()
}

/// Grades all answers, each in its own way, their runs side by side. What could not be judged is
/// still to be tried again.
pub fn grade_once(answers: &[(&Answer, Settings)], runner: &Runner) -> Vec<Graded> {
    let jobs: Vec<Vec<Job>> =
        answers.iter().map(|(answer, settings)| jobs(answer, settings, true)).collect();
    let mut recordings = runner.record_all(&jobs.concat()).into_iter();
    let graded = answers
        .iter()
        .zip(&jobs)
        .map(|((answer, _), jobs)| judge(answer, recordings.by_ref().take(jobs.len()).collect()));
    graded.collect()
}

/// Grades an answer that could not be judged before: alone, so that other runs do not keep the
/// machine busy. The last attempt counts.
pub fn grade_again(answer: &Answer, runner: &Runner, settings: &Settings) -> Graded {
    let first = judge(answer, runner.record_all(&jobs(answer, settings, false)));
    repeat(answer, runner, settings, first)
}

/// Tries again what could not be judged: alone, so that other runs do not keep the machine busy.
fn repeat(answer: &Answer, runner: &Runner, settings: &Settings, mut graded: Graded) -> Graded {
    for _ in 0..REPEATS {
        if !graded.is_to_be_repeated() {
            break;
        }
        let mut again = judge(answer, runner.record_all(&jobs(answer, settings, false)));
        again.attempts.splice(0..0, graded.attempts);
        graded = again;
    }
    graded
}

/// Runs what lost points on the virtual clock once more, in real time and alone. If the verdicts
/// differ, those in real time count.
fn confirm(answer: &Answer, runner: &Runner, settings: &Settings, graded: Graded) -> Graded {
    let Some(lost) = lost_by_timing(&graded) else { return graded };
    let settings = &Settings { clock: Clock::Real, ..settings.clone() };
    let mut jobs = jobs(answer, settings, true);
    // The arguments that it lost the points with.
    for (job, recording) in jobs.iter_mut().zip(&graded.recordings) {
        job.arguments.clone_from(&recording.arguments);
    }
    let real = judge(answer, runner.record_all(&jobs));
    let real = repeat(answer, runner, settings, real);
    let agrees = matches!(&real.outcome, Outcome::Judged(judged) if not_passed(judged) == lost);
    let attempts = [graded.attempts.clone(), real.attempts.clone()].concat();
    let counts = if agrees { graded } else { real };
    Graded { attempts, confirmed: Some(agrees), ..counts }
}

/// The criteria that were not passed, each with what was wrong.
type NotPassedOnes = Vec<(&'static str, &'static str)>;

/// Whether an answer lost points on the virtual clock that may be different in real time.
#[must_use]
pub fn is_to_be_confirmed(graded: &Graded) -> bool {
    lost_by_timing(graded).is_some()
}

/// What an answer lost, if timing may be the reason and one of its runs was on the virtual clock. The
/// words of its lines are the same on every clock, and so are its limits.
fn lost_by_timing(graded: &Graded) -> Option<NotPassedOnes> {
    let Outcome::Judged(judged) = &graded.outcome else { return None };
    let lost = not_passed(judged);
    let is_timing = lost.iter().any(|(id, _)| *id != "lines");
    let is_stopped = graded.recordings.iter().any(|it| matches!(it.ending, Ending::Limit(_)));
    (is_timing && !is_stopped && graded.clocks().any(ClockUsed::is_virtual)).then_some(lost)
}

fn not_passed(judged: &[Judged]) -> NotPassedOnes {
    let wrong = |one: &Judged| match &one.verdict {
        Ok(()) => None,
        Err(NotPassed::Failed(reason)) => Some((one.id, reason.mistake.id)),
        Err(NotPassed::NotReadable(_)) => Some((one.id, "not readable")),
        Err(NotPassed::Skipped { .. }) => Some((one.id, "skipped")),
        Err(NotPassed::Inconclusive { .. }) => Some((one.id, "inconclusive")),
    };
    judged.iter().filter_map(wrong).collect()
}

/// Records one run of a command as given, whether or not it answers an exercise.
///
/// # Errors
///
/// If it could not be started or recorded.
pub fn record_once(
    exercise: Option<&Exercise>,
    command: &[String],
    runner: &Runner,
    settings: &Settings,
) -> Result<Recording, NoRecording> {
    let job = Job {
        exercise: exercise.map_or(String::new(), |exercise| exercise.name.into()),
        command: command.to_vec(),
        start: None,
        arguments: Vec::new(),
        limits: limits(exercise, settings),
        clock: settings.clock,
        first_try: false,
        live: runner.live.is_some(),
        tasks: settings.tasks,
        cage: settings.caging.as_ref().map(|caging| caging.plan(command, &[])),
    };
    runner.record(&job)
}

fn jobs(answer: &Answer, settings: &Settings, first_try: bool) -> Vec<Job> {
    let Ok(command) = &answer.command else { return Vec::new() };
    let cage = settings.caging.as_ref().map(|caging| caging.plan(command, &answer.folders));
    let mut random =
        settings.seed.map_or_else(|| StdRng::from_rng(&mut rand::rng()), StdRng::from_seed);
    let runs = answer.exercise.runs.iter();
    runs.map(|arguments| Job {
        exercise: answer.exercise.name.into(),
        command: command.clone(),
        start: answer.start.clone(),
        arguments: drawn(arguments, &mut random),
        limits: limits(Some(answer.exercise), settings),
        clock: settings.clock,
        first_try,
        live: false,
        tasks: settings.tasks,
        cage: cage.clone(),
    })
    .collect()
}

/// The arguments. Drawn ones are distinct numbers, none of them a default.
fn drawn(arguments: &[Argument], random: &mut StdRng) -> Vec<String> {
    let numbers = (10..1000).sample(random, arguments.len());
    let shown = |(argument, number): (&Argument, i64)| match argument {
        Argument::Drawn => number.to_string(),
        Argument::Text(text) => (*text).into(),
    };
    arguments.iter().zip(numbers).map(shown).collect()
}

fn limits(exercise: Option<&Exercise>, settings: &Settings) -> TimeLimits {
    let start_limit = if settings.starts_soon { BUILT_START_LIMIT } else { START_LIMIT };
    match settings.time_limit {
        Some(total) => TimeLimits { first_line: total, rest: total, most: total, total },
        None => TimeLimits {
            first_line: start_limit,
            rest: exercise.map_or(ANNOUNCED_LIMIT, |exercise| exercise.time_limit),
            most: ANNOUNCED_LIMIT,
            total: start_limit + ANNOUNCED_LIMIT,
        },
    }
}

fn is_tampering(recording: &Result<Recording, NoRecording>) -> bool {
    matches!(recording, Err(NoRecording::Tampered(_)))
}

fn judge(answer: &Answer, mut recordings: Vec<Result<Recording, NoRecording>>) -> Graded {
    let Answer { exercise, command, .. } = answer;
    let mut shown_command = command.clone().unwrap_or_default();
    if let Some(folder) = &answer.relative_to {
        // First of all: what is quoted may be cut off in the middle of a path.
        let relative = Relative::to(folder);
        shown_command = relative.all(shown_command);
        let shown = |recording: Result<_, _>| recording.map(|it| relative.recording(it));
        recordings = recordings.into_iter().map(shown).collect();
    }
    let mut graded = Graded {
        exercise,
        command: shown_command,
        outcome: Outcome::Judged(Vec::new()),
        attempts: Vec::new(),
        recordings: Vec::new(),
        confirmed: None,
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
        Err(NoRecording::NotBelieved(why)) => Outcome::NotBelieved(why),
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
