//! What the programs of learners take without the checker: the same commands, with the same interpreters
//! and as many arguments as in a check, in real time.

use crate::cores;
use crate::cost::cost;
use crate::side_by_side::side_by_side;
use crate::spent::{self, Spent};
use cage::Layers;
use cage::limits::Limits;
use cage::needs::VersionManagers;
use checker::answers::{self, Answer};
use checker::caging::Caging;
use checker::exercises::{Argument, Exercise};
use checker::runner::Stop;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How many run side by side for each core. Mostly, they wait: it takes so many to keep the cores almost as
/// busy as in a class. On a machine that shares its cores with others, the same program takes more CPU
/// time when they are busy.
const SIDE_BY_SIDE: usize = 50;
/// How many seconds one may take, if its exercise allows more. What waits forever has used its CPU time
/// long before.
const LONGEST: f64 = 45.0;

/// What the programs in the folder of a learner take.
#[derive(Default)]
pub struct Programs {
    /// CPU seconds to build them.
    pub build: f64,
    /// For each time that all of them ran: of each exercise, what each run took.
    pub rounds: Vec<BTreeMap<&'static str, Vec<Spent>>>,
}

impl Programs {
    /// CPU seconds if they are built once, and those of each exercise are run as often as this says: on
    /// average of the round with this number and the one after it.
    pub fn cpu(&self, attempts: &BTreeMap<String, usize>, round: usize) -> f64 {
        let rounds = &self.rounds[round..=round + 1];
        let of_answer = |(name, runs): (&&str, &Vec<Spent>)| {
            let all: f64 = runs.iter().map(|run| run.cpu).sum();
            all * attempts.get(*name).copied().unwrap_or_default() as f64
        };
        let all: f64 = rounds.iter().flatten().map(of_answer).sum();
        self.build + all / rounds.len() as f64
    }
}

/// Programs without a checker.
pub struct Bare {
    /// Those in each folder.
    pub programs: Vec<Programs>,
    /// A run each: the index of its folder, its exercise, and how it is started.
    runs: Vec<(usize, &'static Exercise, Command)>,
}

/// Builds the programs in each of these folders. Packages are built there.
pub fn build_all(folders: &[&Path]) -> Bare {
    let caging = Caging {
        layers: Layers::offered(),
        limits: Limits::DEFAULT,
        allowed: Vec::new(),
        variables: Vec::new(),
        loopback: false,
        managers: VersionManagers::default(),
    };
    let mut programs: Vec<Programs> = Vec::new();
    let mut runs = Vec::new();
    for (index, folder) in folders.iter().enumerate() {
        let found = answers::find(folder, &[], None).map_or(Vec::new(), |found| found.programs);
        let mut built = Vec::new();
        let build = cost(|| {
            built = found.iter().map(|it| it.build_in_silence(&Stop::default(), None)).collect()
        });
        let is_package = found.iter().any(answers::Program::is_package);
        let build = if is_package { build.cpu } else { 0.0 };
        programs.push(Programs { build, ..Programs::default() });
        for answer in &built {
            let of_answer = answer.exercise.runs.iter().filter_map(|it| bare(answer, it, &caging));
            runs.extend(of_answer.map(|command| (index, answer.exercise, command)));
        }
    }
    Bare { programs, runs }
}

impl Bare {
    /// Runs each of them once.
    pub fn run_all(&mut self) {
        let run = |(index, exercise, mut command): (usize, &'static Exercise, Command)| {
            let longest = Duration::from_secs_f64(exercise.time_limit.min(LONGEST));
            let spent = spent::run(&mut command, longest, |_| {});
            (spent, (index, exercise, command))
        };
        self.programs.iter_mut().for_each(|it| it.rounds.push(BTreeMap::new()));
        let runs = std::mem::take(&mut self.runs);
        let at_a_time = SIDE_BY_SIDE * cores();
        for (spent, run) in side_by_side("runs without a checker", at_a_time, runs, run) {
            if let Some(round) = self.programs[run.0].rounds.last_mut() {
                round.entry(run.1.name).or_default().push(spent);
            }
            self.runs.push(run);
        }
    }
}

/// A run without a checker, with the environment that it has in a check: that finds what is behind
/// the shims of version managers.
fn bare(answer: &Answer, arguments: &[Argument], caging: &Caging) -> Option<Command> {
    let words = answer.command.as_ref().ok()?;
    let plan = caging.plan(words, &answer.folders);
    let argument = |(index, argument): (usize, &Argument)| match argument {
        Argument::Drawn => (100 + 7 * index).to_string(),
        Argument::Text(text) => (*text).into(),
    };
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .args(arguments.iter().enumerate().map(argument))
        .env_clear()
        .envs(plan.environment)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(start) = &answer.start {
        command.current_dir(start);
    }
    Some(command)
}
