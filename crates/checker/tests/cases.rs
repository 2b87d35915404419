//! The judges, on recordings written as text, of which `recorded` tells the form. To add a case, add a
//! file.

mod recorded;

use checker::exercises;
use checker::grade::{Attempt, Graded, Outcome};
use checker::judging::rubric::Judged;
use checker::judging::verdict::NotPassed;
use checker::report::json;
use recorded::{Case, files, read};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

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
    let report: Value = serde_json::to_value(json::Report::new(&graded, true)).unwrap();
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
