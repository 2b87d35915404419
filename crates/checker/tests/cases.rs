//! The judges, on recordings written as text: `tests/cases/EXERCISE/NAME.txt`. To add a case is to
//! add a file.
//!
//! A case begins with a comment, then says what the judges must make of it, and nothing else:
//!
//! - `failed ID MISTAKE`, `skipped ID`, `unknown ID`: every other criterion is passed
//!
//! then come its runs, each with what was recorded:
//!
//! - `run ARGUMENTS...` begins a run
//! - `SECONDS TEXT`: a line on standard output, seconds after the start; `\e` is an escape
//! - `SECONDS ! TEXT`: a line on standard error
//! - `exit CODE`, `signal NAME` or `time-limit`: how it ended
//! - `waiting sleeping`, `polling` or `busy`, `cpu SECONDS` after the first line, `lag SECONDS`,
//!   `first-try` for a run that can be repeated

use checker::grade::{Attempt, Graded, Outcome};
use checker::recording::{Ending, Line, Recording, Waiting};
use checker::report::json;
use checker::rubrics::Exercise;
use checker::verdict::Verdict;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn files(exercise: Exercise) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(exercise.name());
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

struct Case {
    expected: BTreeSet<String>,
    runs: Vec<Recording>,
}

fn read(exercise: Exercise, file: &Path) -> Case {
    let mut case = Case { expected: BTreeSet::new(), runs: Vec::new() };
    for line in fs::read_to_string(file).unwrap().lines().filter(|line| !line.starts_with('#')) {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" => {}
            "failed" | "skipped" | "unknown" => {
                case.expected.insert(line.to_owned());
            }
            "run" => {
                let program = [exercise.name()].into_iter().chain(rest.split_whitespace());
                case.runs.push(Recording {
                    command: program.map(ToOwned::to_owned).collect(),
                    stdout: Vec::new(),
                    stderr: Vec::new(),
                    ending: Ending::Exited(0),
                    seconds: 0.0,
                    cpu_before: 0.02,
                    cpu_after: 0.01,
                    waiting: Waiting::Unknown,
                    lag: 0.0,
                    first_try: false,
                    cut: Vec::new(),
                });
            }
            _ => recorded(case.runs.last_mut().expect("a run"), word, rest),
        }
    }
    case
}

fn recorded(run: &mut Recording, word: &str, rest: &str) {
    let seconds = || rest.parse().unwrap_or_else(|_| panic!("{word} {rest}"));
    match word {
        "exit" => run.ending = Ending::Exited(rest.parse().unwrap()),
        "signal" => run.ending = Ending::Signaled(rest.into()),
        "time-limit" => run.ending = Ending::TimeLimit,
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
                Some(text) => (&mut run.stderr, text.trim_start()),
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
    let mut count = 0;
    for exercise in Exercise::ALL {
        for file in files(exercise) {
            let case = read(exercise, &file);
            let judged = exercise.judge(&case.runs);
            let seen = judged.iter().filter_map(|one| match &one.verdict {
                Verdict::Passed => None,
                Verdict::Failed(reason) => {
                    Some(format!("failed {} {}", one.id, reason.mistake.id()))
                }
                Verdict::Skipped { .. } => Some(format!("skipped {}", one.id)),
                Verdict::Inconclusive { .. } => Some(format!("unknown {}", one.id)),
            });
            let seen: BTreeSet<_> = seen.collect();
            if seen != case.expected {
                let name = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                wrong.push(format!(
                    "{}\n  expected {:?}\n  seen     {seen:?}",
                    name.display(),
                    case.expected
                ));
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
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
    for exercise in Exercise::ALL {
        for file in files(exercise) {
            let runs = read(exercise, &file).runs;
            graded.push(Graded {
                exercise,
                command: vec!["program".into()],
                outcome: Outcome::Judged(exercise.judge(&runs)),
                attempts: vec![Attempt { lag: 0.0, inconclusive: vec![] }],
                recordings: runs,
            });
        }
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
