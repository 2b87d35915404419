//! Gradescope: by a schema of the documented keys.

use crate::schema::assert_follows;
use crate::{all, assert_harmless, good, hostile, inconclusive, not_judged, report, wrong};
use checker::grade::{Graded, score};
use checker::judging::verdict::NotPassed;
use checker::report::Format;
use serde::Deserialize;
use std::collections::BTreeSet;

const SCHEMA: &str = include_str!("schemas/gradescope.json");

#[derive(Deserialize)]
struct Results {
    score: Option<f64>,
    execution_time: Option<f64>,
    output: Option<String>,
    output_format: Option<OutputFormat>,
    test_output_format: Option<OutputFormat>,
    test_name_format: Option<OutputFormat>,
    visibility: Option<Visibility>,
    stdout_visibility: Option<Visibility>,
    tests: Option<Vec<Test>>,
}

#[derive(Deserialize)]
struct Test {
    score: Option<f64>,
    max_score: Option<f64>,
    status: Option<Status>,
    name: Option<String>,
    number: Option<String>,
    output: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutputFormat {
    Text,
    SimpleFormat,
    Html,
    Md,
    Ansi,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Visibility {
    Hidden,
    AfterDueDate,
    AfterPublished,
    Visible,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Passed,
    Failed,
}

fn results(graded: &[Graded]) -> Results {
    let report = report(Format::Gradescope, graded);
    assert_follows(&report, SCHEMA);
    serde_json::from_str(&report).unwrap_or_else(|error| panic!("{error}: {report}"))
}

#[test]
fn every_report_has_its_points_and_reasons() {
    let mut all: Vec<Vec<Graded>> = all().into_iter().map(|it| vec![it]).collect();
    all.push(vec![good(), wrong(), inconclusive()]);
    for graded in &all {
        let results = results(graded);
        let (earned, _) = score(graded);
        assert_eq!(results.score, Some(earned), "it counts, not the sum");
        let formats = [results.output_format, results.test_output_format, results.test_name_format];
        assert!(formats.iter().all(|it| *it == Some(OutputFormat::Text)), "no text is markup");
        assert_eq!(results.visibility, Some(Visibility::Visible));
        assert_eq!(results.stdout_visibility, Some(Visibility::Hidden));
        assert_eq!(results.execution_time, Some(1.25));

        let tests = results.tests.unwrap();
        assert_eq!(tests.iter().filter_map(|test| test.score).sum::<f64>(), earned);
        let numbers: BTreeSet<_> = tests.iter().map(|test| test.number.clone()).collect();
        assert_eq!(numbers.len(), tests.len(), "each has a number of its own");
        let judged = graded.iter().flat_map(crate::judged);
        assert_eq!(tests.len(), judged.clone().count());
        for (test, one) in tests.iter().zip(judged) {
            let has = |text: &str| test.output.as_ref().is_some_and(|it| it.contains(text));
            assert!(test.name.as_ref().unwrap().ends_with(one.name));
            let state = (test.score, test.max_score, test.status);
            let expected = match &one.verdict {
                Ok(()) => (Some(one.points), Some(one.points), Some(Status::Passed)),
                // Neither passed nor failed.
                Err(NotPassed::Inconclusive { because }) => {
                    assert!(has(&format!("inconclusive: {because}")));
                    (None, None, None)
                }
                Err(NotPassed::Failed(reason)) => {
                    assert!(has(&reason.seen) && has(reason.mistake.why) && has(&reason.hint()));
                    assert_eq!(has("0 s  "), reason.timeline.is_some(), "{:?}", test.output);
                    (Some(0.0), Some(one.points), Some(Status::Failed))
                }
                Err(_) => (Some(0.0), Some(one.points), Some(Status::Failed)),
            };
            assert_eq!(state, expected);
        }
    }
}

#[test]
fn what_was_not_judged_is_not_held_against_the_program() {
    let [not_started, others @ ..] = not_judged("the reason");
    let results_of = |it: &Graded| results(std::slice::from_ref(it));
    let results = results_of(&not_started);
    let tests = results.tests.unwrap();
    assert_eq!((results.score, tests[0].status), (Some(0.0), Some(Status::Failed)));
    assert!(results.output.unwrap().contains("could not be started: the reason"));
    for graded in [&others[0], &others[1], &inconclusive()] {
        let results = results_of(graded);
        let output = results.output.unwrap();
        assert!(
            output.contains(" not judged\n") && output.contains("is not held against"),
            "{output}"
        );
        assert!(results.tests.unwrap().iter().all(|it| it.status != Some(Status::Failed)));
    }
}

#[test]
fn hostile_text_is_only_text() {
    for graded in hostile().into_iter().chain(not_judged(crate::HOSTILE)) {
        let Results { output, tests, .. } = results(&[graded]);
        assert_harmless(&output.unwrap());
        for Test { name, output, .. } in tests.unwrap() {
            assert_harmless(&name.unwrap());
            let output = output.unwrap_or_default();
            assert_harmless(&output);
            assert!(output.len() < 20_000, "{}", output.len());
        }
    }
}
