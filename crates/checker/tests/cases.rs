//! The judges, on recordings written as text: `src/exercises/FOLDER/cases/**/NAME.txt`. To add a
//! case, add a file.
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
use checker::grade::{Attempt, Graded, Outcome};
use checker::judging::rubric::Judged;
use checker::judging::verdict::NotPassed;
use checker::recording::{Ending, Line, Recording, Refused, Waiting};
use checker::report::json;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The files of all cases, of all exercises.
fn files() -> Vec<PathBuf> {
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

struct Case {
    exercise: &'static Exercise,
    expected: BTreeSet<String>,
    points: Option<f64>,
    runs: Vec<Recording>,
}

fn read(file: &Path) -> Case {
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

#[test]
fn each_case_loses_what_it_should_and_is_named() {
    let mut wrong = Vec::new();
    let files = files();
    for file in &files {
        let case = read(file);
        let judged = case.exercise.rubric.judge(&case.runs);
        let seen = judged.iter().filter_map(|one| match &one.verdict {
            Ok(()) => None,
            Err(NotPassed::Failed(reason)) => {
                Some(format!("failed {} {}", one.id, reason.mistake.id))
            }
            Err(NotPassed::Skipped { .. }) => Some(format!("skipped {}", one.id)),
            Err(NotPassed::Inconclusive { .. }) => Some(format!("inconclusive {}", one.id)),
            Err(NotPassed::NotReadable(_)) => Some(format!("not-readable {}", one.id)),
        });
        let seen: BTreeSet<_> = seen.collect();
        let points = judged.iter().map(Judged::earned).sum::<f64>();
        if seen != case.expected || case.points.is_some_and(|expected| expected != points) {
            wrong.push(format!(
                "{}\n  expected {:?}, {:?} points\n  seen     {seen:?}, {points} points",
                file.display(),
                case.expected,
                case.points
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

/// Waiting at the same time is the main idea, and worth about half of the points.
#[test]
fn a_program_that_blocks_or_awaits_in_sequence_earns_at_most_half() {
    let in_sequence = ["blocking-sleep", "awaited-one-after-the-other", "chains-one-after-another"];
    let mut count = 0;
    for file in files() {
        let case = read(&file);
        let judged = case.exercise.rubric.judge(&case.runs);
        let is_one = |one: &Judged| match &one.verdict {
            Err(NotPassed::Failed(reason)) => in_sequence.contains(&reason.mistake.id),
            _ => false,
        };
        if judged.iter().any(is_one) {
            let points: f64 = judged.iter().map(Judged::earned).sum();
            assert!(points <= 5.0, "{points} points for {}", file.display());
            count += 1;
        }
    }
    assert!(count >= 10, "only {count} such cases");
}

#[test]
fn every_exercise_has_cases_and_one_that_is_right() {
    for exercise in exercises::ALL {
        let cases: Vec<_> = files().iter().map(|file| read(file)).collect();
        let is_right = |case: &&Case| case.exercise == *exercise && case.expected.is_empty();
        assert!(cases.iter().find(is_right).is_some(), "{} has no right case", exercise.name);
    }
}

/// An id that stands for two mistakes would tell a grader nothing.
#[test]
fn a_mistake_has_one_id_and_an_id_one_mistake() {
    let mut whys: BTreeMap<&str, &str> = BTreeMap::new();
    // countsync says them in words of its own.
    let cases = files().into_iter().map(|file| read(&file));
    for case in cases.filter(|case| case.exercise.name != "countsync") {
        for judged in case.exercise.rubric.judge(&case.runs) {
            if let Err(NotPassed::Failed(reason)) = judged.verdict {
                let mistake = reason.mistake;
                let why = *whys.entry(mistake.id).or_insert(mistake.why);
                assert_eq!(why, mistake.why, "{}", mistake.id);
                let hint = reason.hint();
                assert!(!hint.contains(['{', '}']), "a placeholder is left: {hint}");
            }
        }
    }
}

/// countsync has no event loop and nothing to await.
#[test]
fn countsync_is_not_told_to_await() {
    let cases = files().into_iter().map(|file| read(&file));
    for case in cases.filter(|case| case.exercise.name == "countsync") {
        for judged in case.exercise.rubric.judge(&case.runs) {
            if let Err(NotPassed::Failed(reason)) = judged.verdict {
                let says = format!("{} {}", reason.mistake.why, reason.hint()).to_lowercase();
                for word in ["await", "event loop", "concurrency", "gather"] {
                    assert!(!says.contains(word), "{}: {says}", reason.mistake.id);
                }
            }
        }
    }
}

/// All keys of a JSON value, however deep.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.keys().cloned());
            map.values().for_each(|value| keys(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn the_readme_describes_every_key_of_the_json_report() {
    let mut graded = Vec::new();
    for Case { exercise, runs, .. } in files().iter().map(|file| read(file)) {
        graded.push(Graded {
            exercise,
            command: vec!["program".into()],
            outcome: Outcome::Judged(exercise.rubric.judge(&runs)),
            attempts: vec![Attempt { lag: 0.0, inconclusive: vec![] }],
            recordings: runs,
            confirmed: None,
        });
    }
    let report: Value = serde_json::from_str(&json::report(&graded, true)).unwrap();
    assert_eq!(report["schema"], json::SCHEMA);
    let mut found = BTreeSet::new();
    keys(&report, &mut found);
    let readme = include_str!("../README.md");
    for key in found {
        let documented =
            readme.contains(&format!("`{key}`")) || readme.contains(&format!("\"{key}\""));
        assert!(documented, "README.md does not describe the key {key}");
    }
}
