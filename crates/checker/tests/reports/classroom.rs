//! GitHub Classroom: what its reporter makes of the results, in both ways in which it has counted.

use crate::{
    HOSTILE, all, assert_harmless, good, hostile, inconclusive, not_judged, report, wrong,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use checker::grade::{Graded, score};
use checker::judging::verdict::NotPassed;
use checker::report::Format;
use serde_json::Value;
use std::collections::BTreeMap;

/// What the reporter does with a step's outputs.
struct Reported {
    /// The points as shown in its log: a runner's maximum, times the part of its tests that passed.
    shown: f64,
    /// The points as sent to Classroom: the scores of all tests.
    sent: f64,
    possible: f64,
    /// What the step fails with, if it does.
    failure: Option<&'static str>,
}

/// The outputs of a step, as the runner reads them from `$GITHUB_OUTPUT`.
fn outputs(graded: &[Graded]) -> BTreeMap<String, Value> {
    let report = report(Format::Classroom, graded);
    let outputs = report.lines().map(|line| {
        let (name, value) = line.split_once('=').unwrap();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        assert!(name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_name));
        // In an environment variable, there is room for 128 KB.
        assert!(value.len() < 100_000, "{name}: {}", value.len());
        let json = BASE64_STANDARD.decode(value).unwrap();
        (name.to_owned(), serde_json::from_slice(&json).unwrap())
    });
    let outputs: BTreeMap<_, _> = outputs.collect();
    assert_eq!(outputs.len(), report.lines().count(), "each has a name of its own");
    outputs
}

fn reported(graded: &[Graded]) -> Reported {
    let outputs = outputs(graded);
    let mut reported = Reported { shown: 0.0, sent: 0.0, possible: 0.0, failure: None };
    for runner in outputs.values() {
        assert_eq!(runner["version"], 1);
        let maximum = runner["max_score"].as_f64().unwrap();
        let tests = runner["tests"].as_array().unwrap();
        let passed = tests.iter().filter(|test| test["status"] == "pass").count();
        reported.shown += passed as f64 / tests.len() as f64 * maximum;
        if maximum > 0.0 {
            reported.possible += maximum;
            reported.sent += tests.iter().map(|test| test["score"].as_f64().unwrap()).sum::<f64>();
        }
    }
    let has = |status: &str| outputs.values().any(|runner| runner["status"] == status);
    reported.failure = match () {
        () if has("fail") => Some("Some tests failed."),
        () if has("error") => Some("Some tests errored."),
        () => None,
    };
    reported
}

#[test]
fn the_reporter_gives_our_points_however_it_counts() {
    let mut all: Vec<Vec<Graded>> = all().into_iter().map(|it| vec![it]).collect();
    all.push(vec![good(), wrong(), inconclusive()].into_iter().fold(Vec::new(), distinct));
    all.extend(not_judged("the reason").map(|it| vec![it]));
    for graded in &all {
        let reported = reported(graded);
        let (earned, possible) = score(graded);
        assert_eq!((reported.shown, reported.sent, reported.possible), (earned, earned, possible));
    }
}

/// One answer to each exercise.
fn distinct(mut all: Vec<Graded>, graded: Graded) -> Vec<Graded> {
    if all.iter().all(|it| it.exercise != graded.exercise) {
        all.push(graded);
    }
    all
}

#[test]
fn what_could_not_be_judged_is_an_error_and_what_is_wrong_a_failure() {
    assert_eq!(reported(&[good()]).failure, None);
    assert_eq!(reported(&[wrong()]).failure, Some("Some tests failed."));
    for graded in [inconclusive()].into_iter().chain(not_judged("the reason")) {
        assert_eq!(reported(&[graded]).failure, Some("Some tests errored."));
    }
}

#[test]
fn every_result_has_its_reason() {
    for graded in all() {
        let name = graded.exercise.name;
        let outputs = outputs(std::slice::from_ref(&graded));
        for one in crate::judged(&graded) {
            let test = &outputs[&format!("{name}-{}", one.id)]["tests"][0];
            assert_eq!(test["name"], format!("{name}: {}", one.name));
            let has = |text: &str| test["message"].as_str().is_some_and(|it| it.contains(text));
            match &one.verdict {
                Ok(()) => assert!(test["message"].is_null()),
                Err(NotPassed::Failed(reason)) => {
                    assert!(has(&reason.seen) && has(reason.mistake.why) && has(&reason.hint()));
                    assert_eq!(has("0 s  "), reason.timeline.is_some());
                }
                Err(NotPassed::Skipped { because } | NotPassed::Inconclusive { because }) => {
                    assert!(has(because));
                }
                Err(NotPassed::NotReadable(doubt)) => assert!(has(doubt.looked_for)),
            }
        }
    }
}

/// A missing answer is not inconclusive, and what is inconclusive says so once.
#[test]
fn what_was_not_judged_says_why_and_no_more() {
    let reasons =
        ["could not be started", "could not be recorded", "inconclusive: the virtual clock"];
    for (graded, reason) in not_judged("the reason").into_iter().zip(reasons) {
        for runner in outputs(&[graded]).values() {
            let message = runner["tests"][0]["message"].as_str().unwrap();
            assert!(message.starts_with(reason) && message.ends_with(": the reason"), "{message}");
        }
    }
}

/// The reporter writes names, code and messages to its log as they are.
#[test]
fn hostile_text_is_no_command_in_the_log() {
    for graded in hostile().into_iter().chain(not_judged(HOSTILE)) {
        for runner in outputs(&[graded]).values() {
            let test = &runner["tests"][0];
            for key in ["name", "message", "test_code"] {
                assert_harmless(test[key].as_str().unwrap_or_default());
            }
        }
    }
}
