//! Exercism: by a schema of the documented keys.

use crate::schema::assert_follows;
use crate::{
    HOSTILE, all, assert_harmless, good, good_to, hostile, inconclusive, not_judged, report, wrong,
};
use checker::exercises::ALL;
use checker::grade::Graded;
use checker::judging::verdict::NotPassed;
use checker::report::Format;
use serde::Deserialize;

const SCHEMA: &str = include_str!("schemas/exercism.json");

#[derive(Deserialize)]
struct Results {
    status: Status,
    message: Option<String>,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    name: String,
    status: Status,
    message: Option<String>,
    output: Option<String>,
    test_code: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Pass,
    Fail,
    Error,
}

fn results(graded: &[Graded]) -> Results {
    let report = report(Format::Exercism, graded);
    assert!(report.len() < 500_000, "{}", report.len());
    assert_follows(&report, SCHEMA);
    let results: Results =
        serde_json::from_str(&report).unwrap_or_else(|error| panic!("{error}: {report}"));
    assert_eq!(results.message.is_some(), results.status == Status::Error);
    assert!(results.message.as_ref().is_none_or(|message| message.len() <= 65_535));
    for test in &results.tests {
        assert_eq!(test.message.is_some(), test.status != Status::Pass);
        let length = test.output.as_ref().map_or(0, |output| output.chars().count());
        assert!(length <= 500, "{length}");
    }
    results
}

#[test]
fn every_report_has_its_tests_in_the_order_of_the_rubric() {
    for graded in all() {
        let results = results(std::slice::from_ref(&graded));
        let judged = crate::judged(&graded);
        assert_eq!(results.tests.len(), judged.len());
        for (test, one) in results.tests.iter().zip(judged) {
            assert_eq!(test.name, one.name);
            assert!(test.test_code.contains(one.name), "{}", test.test_code);
            let has = |text: &str| test.message.as_ref().unwrap().contains(text);
            let status = match &one.verdict {
                Ok(()) => Status::Pass,
                Err(NotPassed::Inconclusive { .. }) => Status::Error,
                Err(NotPassed::Failed(reason)) => {
                    assert!(has(&reason.seen) && has(reason.mistake.why) && has(&reason.hint()));
                    assert_eq!(has("0 s  "), reason.timeline.is_some());
                    Status::Fail
                }
                Err(_) => Status::Fail,
            };
            assert_eq!(test.status, status);
        }
    }
}

#[test]
fn an_answer_fails_only_for_what_is_certainly_wrong() {
    assert_eq!(results(&[good()]).status, Status::Pass);
    assert_eq!(results(&[wrong()]).status, Status::Fail);
    assert_eq!(results(&[wrong(), inconclusive()]).status, Status::Fail);
    let open = results(&[inconclusive()]);
    assert_eq!(open.status, Status::Error);
    let message = open.message.unwrap();
    let is_error = |test: &&Test| test.status == Status::Error;
    for test in open.tests.iter().filter(is_error) {
        assert!(message.contains(&test.name) && message.contains(test.message.as_ref().unwrap()));
    }
    for graded in not_judged("the reason") {
        let results = results(&[graded]);
        assert_eq!(results.status, Status::Error);
        assert!(results.message.unwrap().contains("the reason"));
    }
}

#[test]
fn what_the_program_printed_is_cut_off_with_the_documented_words() {
    let output = |graded: &Graded| {
        let results = results(std::slice::from_ref(graded));
        results.tests.into_iter().next().unwrap().output.unwrap()
    };
    let mut graded = good_to(ALL[0]);
    let lines: Vec<_> = graded.recordings[0].stdout.iter().map(|line| line.visible()).collect();
    assert_eq!(output(&graded), lines.join("\n"));

    let line = &mut graded.recordings[0].stdout[0];
    line.bytes = "é".repeat(1000).into_bytes();
    let cut = output(&graded);
    assert_eq!(cut.chars().count(), 500);
    let (kept, words) = cut.split_once('\n').unwrap();
    assert_eq!(words, "Output was truncated. Please limit to 500 chars");
    assert!(kept.chars().all(|c| c == 'é'));
}

/// Whoever checks a file shows its name, not where the platform keeps it.
#[test]
fn the_code_of_a_test_has_no_folders() {
    let mut graded = wrong();
    graded.recordings[0].command =
        ["python3", "/mnt/exercism-iteration/countasync.py"].map(Into::into).into();
    for test in results(&[graded]).tests {
        assert!(test.test_code.starts_with("$ python3 countasync.py\n"), "{}", test.test_code);
    }
}

#[test]
fn hostile_text_is_only_text() {
    for graded in hostile().into_iter().chain(not_judged(HOSTILE)) {
        let results = results(&[graded]);
        assert_harmless(&results.message.unwrap_or_default());
        for Test { name, message, output, test_code, .. } in results.tests {
            for text in [Some(name), message, output, Some(test_code)] {
                assert_harmless(&text.unwrap_or_default());
            }
        }
    }
}
