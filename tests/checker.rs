//! The exercises and the checker agree: the checker knows every exercise, solved ones get full
//! marks, starters get none, and right answers in Python are found right.

use assert_cmd::Command;
use checker::places;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::thread::scope;
use tests::{exercises, path, text};
use toml::Table;

/// What `scripts/check` reports with these arguments. It ends with this exit code.
fn check(arguments: &[&str], code: i32) -> Value {
    let output = Command::new(path("scripts/check"))
        .current_dir(path("."))
        .args(["--format", "json"])
        .args(arguments)
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{report}{errors}");
    serde_json::from_str(&report).unwrap()
}

#[test]
fn solved_exercises_get_full_marks_and_starters_none() {
    scope(|scope| {
        for clock in ["virtual", "real"] {
            scope.spawn(move || {
                let report = check(&["--clock", clock], 0);
                assert_eq!(report["verdict"], "full-marks", "{clock}");
                let judged = report["exercises"].as_array().unwrap().len();
                assert_eq!(judged, exercises().len(), "{clock}");
            });
        }
        for name in exercises() {
            scope.spawn(move || {
                let starter = format!("{name}-starter");
                let run = ["cargo", "run", "-q", "-p", &name, "--example", &starter];
                let report = check(&[&[&name, "--"], &run[..]].concat(), 1);
                assert_eq!(report["earned"], 0.0, "the starter of {name}");
            });
        }
    });
}

#[test]
fn right_answers_in_python_get_full_marks() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3 here");
        return;
    }
    let answers = path("crates/checker/tests/answers").read_dir().unwrap().count();
    scope(|scope| {
        for clock in ["virtual", "real"] {
            scope.spawn(move || {
                let dir = ["--dir", "crates/checker/tests/answers", "--clock", clock];
                let report = check(&dir, 0);
                assert_eq!(report["exercises"].as_array().unwrap().len(), answers, "{clock}");
            });
        }
    });
}

#[test]
fn the_checker_and_the_readme_know_every_exercise() {
    let list = Command::new(path("scripts/check")).arg("--list").output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let mut known: Vec<_> = list.lines().filter(|line| !line.starts_with(' ')).collect();
    known.sort_unstable();
    assert_eq!(known, exercises(), "the checker's exercises, and the folders with a starter");
    for name in exercises() {
        let row = format!("| [`{name}`](crates/{name}) |");
        assert!(text("README.md").contains(&row), "README.md has no row {row}");
    }
}

/// The sources of the checker below this folder, or in this file.
fn sources(path: &Path) -> String {
    match path.read_dir() {
        Ok(entries) => entries.map(|entry| sources(&entry.unwrap().path())).collect(),
        Err(_) => fs::read_to_string(path).unwrap(),
    }
}

#[test]
fn hints_are_about_mistakes_that_the_checker_names() {
    let named = sources(&path("crates/checker/src"));
    let is_named = |mistake: &str| named.contains(&format!("id: \"{mistake}\","));
    for exercise in exercises() {
        let lesson: Table =
            text(&format!("crates/learn/lessons/{exercise}/lesson.toml")).parse().unwrap();
        for mistake in lesson.get("mistake").and_then(|it| it.as_table()).into_iter().flatten() {
            assert!(is_named(mistake.0), "{exercise}: {}", mistake.0);
        }
    }
    for mistake in places::mistakes() {
        assert!(is_named(mistake), "{mistake}");
    }
}
