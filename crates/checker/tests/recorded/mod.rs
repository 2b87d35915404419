//! Recordings written as text: `src/exercises/FOLDER/cases/**/NAME.txt`.
//!
//! A case begins with a comment, followed by all the verdicts that the judges must give:
//!
//! - `failed ID MISTAKE`, `skipped ID`, `inconclusive ID`, `not-readable ID`: every other criterion
//!   is passed
//! - `points N`: what it earns
//!
//! Then come its runs, each with what was recorded:
//!
//! - `run EXERCISE ARGUMENTS...` begins a run
//! - `SECONDS TEXT`: a line on standard output, seconds after the start; `\e` is an escape
//! - `SECONDS ! TEXT`: a line on standard error
//! - `exit CODE`, `signal NAME`, `time-limit`, `waits-forever` or `limit NAME NUMBER`: how it ended
//! - `refused reading PATH`, `writing PATH` or `network`: what the cage kept from it
//! - `waiting sleeping`, `polling` or `busy`; `cpu SECONDS` after the first line; `lag SECONDS`;
//!   `first-try` for a run that can be repeated; `virtual` for one on the virtual clock

use cage::limits::Limit;
use checker::clock::ClockUsed;
use checker::exercises::{self, Exercise};
use checker::recording::{Ending, Line, Recording, Refused, Waiting};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of all cases, of all exercises.
pub fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/exercises")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "txt") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A case.
pub struct Case {
    pub exercise: &'static Exercise,
    /// The verdicts other than passed.
    pub expected: BTreeSet<String>,
    pub points: Option<f64>,
    pub runs: Vec<Recording>,
}

/// Reads a case.
pub fn read(file: &Path) -> Case {
    let (mut expected, mut points, mut runs) = (BTreeSet::new(), None, Vec::new());
    for line in fs::read_to_string(file).unwrap().lines().filter(|line| !line.starts_with('#')) {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" => {}
            "failed" | "skipped" | "inconclusive" | "not-readable" => {
                expected.insert(line.to_owned());
            }
            "points" => points = Some(rest.parse().unwrap()),
            "run" => runs.push(begin(rest)),
            _ => recorded(runs.last_mut().expect("a run"), word, rest),
        }
    }
    let name = &runs.first().unwrap_or_else(|| panic!("{file:?} has no run")).command[0];
    let exercise = exercises::find(name).unwrap_or_else(|| panic!("{file:?}: {name}?"));
    Case { exercise, expected, points, runs }
}

fn begin(command_line: &str) -> Recording {
    let mut words = command_line.split_whitespace().map(ToOwned::to_owned);
    Recording {
        command: words.by_ref().take(1).collect(),
        arguments: words.collect(),
        stdout: Vec::new(),
        stderr: Vec::new(),
        ending: Ending::Exited(0),
        seconds: 0.0,
        cpu_before: 0.02,
        cpu_after: 0.01,
        waiting: Waiting::Unknown,
        clock: ClockUsed::Real { because: None },
        lag: 0.0,
        first_try: false,
        cut: Vec::new(),
        activities: Vec::new(),
        is_underway: false,
        tasks: Vec::new(),
        cage: None,
        refused: None,
    }
}

fn limit(text: &str) -> Limit {
    let (name, most) = text.split_once(' ').unwrap_or((text, "0"));
    serde_json::from_value(serde_json::json!({ name: most.parse::<u64>().unwrap() })).unwrap()
}

fn refused(text: &str) -> Refused {
    match text.split_once(' ') {
        Some(("reading", path)) => Refused::Reading(path.into()),
        Some(("writing", path)) => Refused::Writing(Some(path.into())),
        _ => Refused::Network { has_loopback: false },
    }
}

fn recorded(run: &mut Recording, word: &str, rest: &str) {
    let seconds = || rest.parse().unwrap_or_else(|_| panic!("{word} {rest}"));
    match word {
        "exit" => run.ending = Ending::Exited(rest.parse().unwrap()),
        "signal" => run.ending = Ending::Signaled(rest.into()),
        "time-limit" => run.ending = Ending::TimeLimit,
        "waits-forever" => run.ending = Ending::WaitsForever,
        "limit" => run.ending = Ending::Limit(limit(rest)),
        "refused" => run.refused = Some(refused(rest)),
        "virtual" => run.clock = ClockUsed::Virtual,
        "waiting" if rest == "sleeping" => run.waiting = Waiting::Sleeping,
        "waiting" if rest == "polling" => run.waiting = Waiting::Polling,
        "waiting" if rest == "busy" => run.waiting = Waiting::Busy,
        "cpu" => run.cpu_after = seconds(),
        "lag" => run.lag = seconds(),
        "first-try" => run.first_try = true,
        _ => {
            let at = word.parse().unwrap_or_else(|_| panic!("what is {word} {rest}"));
            run.seconds = at;
            let (lines, text) = match rest.strip_prefix('!') {
                Some(text) => (&mut run.stderr, text.strip_prefix(' ').unwrap_or(text)),
                None => (&mut run.stdout, rest),
            };
            let text = text.replace(r"\e", "\x1b").replace(r"\r", "\r");
            lines.push(Line { at, bytes: text.into_bytes() });
        }
    }
}
