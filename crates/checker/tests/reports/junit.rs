//! JUnit, as GitLab reads it: it knows a case by its class and name, and ignores another with the same.

use crate::{HOSTILE, all, assert_harmless, hostile, not_judged, report};
use checker::exercises::ALL;
use checker::grade::{Graded, score};
use checker::judging::verdict::NotPassed;
use checker::report::Format;
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use std::collections::BTreeSet;

fn read(graded: &[Graded]) -> Report {
    let report = report(Format::Junit, graded);
    Report::deserialize_from_str(&report).unwrap_or_else(|error| panic!("{error}: {report}"))
}

#[test]
fn every_case_has_a_class_and_a_name_of_its_own() {
    let mut answers: Vec<Graded> = ALL
        .iter()
        .map(|exercise| all().into_iter().find(|it| it.exercise == *exercise).unwrap())
        .collect();
    let criteria: usize = answers.iter().map(|it| crate::judged(it).len()).sum();
    let cases = |report: &Report| -> BTreeSet<(String, String)> {
        let cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
        cases.map(|it| (it.classname.clone().unwrap().to_string(), it.name.to_string())).collect()
    };
    assert_eq!(cases(&read(&answers)).len(), criteria);
    // None of them can be started.
    for (answer, exercise) in answers.iter_mut().zip(ALL) {
        *answer = not_judged("the reason")[0].clone();
        answer.exercise = exercise;
    }
    assert_eq!(cases(&read(&answers)).len(), ALL.len());
}

#[test]
fn every_case_has_its_points_its_file_and_its_reason() {
    for graded in all() {
        let report = read(std::slice::from_ref(&graded));
        let suite = &report.test_suites[0];
        let points = format!("{}/10", score(std::slice::from_ref(&graded)).0);
        assert_eq!((&*suite.properties[0].name, &*suite.properties[0].value), ("points", &*points));
        for (case, one) in suite.test_cases.iter().zip(crate::judged(&graded)) {
            assert_eq!(&*case.name, one.id);
            let file = case.extra.iter().find(|(name, _)| &***name == "file");
            assert_eq!(&**file.unwrap().1, "src/main,100%.py");
            let (kind, text) = match &case.status {
                TestCaseStatus::Success { .. } => (None, String::new()),
                TestCaseStatus::NonSuccess { kind, description, .. } => {
                    (Some(*kind), description.as_ref().unwrap().to_string())
                }
                TestCaseStatus::Skipped { description, .. } => {
                    (None, description.as_ref().unwrap().to_string())
                }
            };
            let expected = match &one.verdict {
                Ok(()) => None,
                Err(NotPassed::Failed(reason)) => {
                    for part in [&*reason.seen, reason.mistake.why, &reason.hint()] {
                        assert!(text.contains(part), "{text}");
                    }
                    Some(NonSuccessKind::Failure)
                }
                Err(NotPassed::NotReadable(_)) => Some(NonSuccessKind::Failure),
                Err(NotPassed::Inconclusive { because }) => {
                    assert!(text.contains(because), "{text}");
                    Some(NonSuccessKind::Error)
                }
                Err(NotPassed::Skipped { because }) => {
                    assert!(text.contains(because), "{text}");
                    None
                }
            };
            assert_eq!(kind, expected);
            let has_points = text.contains(&format!("0/{} points", one.points));
            assert_eq!(has_points, one.verdict.is_err(), "{text}");
        }
    }
}

#[test]
fn hostile_text_is_only_text() {
    let answers: Vec<_> = hostile().into_iter().chain(not_judged(HOSTILE)).collect();
    let report = read(&answers);
    let known: BTreeSet<_> = ALL.iter().flat_map(|it| it.rubric.list()).map(|it| it.0).collect();
    for case in report.test_suites.iter().flat_map(|suite| &suite.test_cases) {
        let is_known = known.contains(&*case.name)
            || case.name.contains("not-")
            || *case.name == *"virtual-clock";
        assert!(is_known, "{:?}", case.name);
        let (TestCaseStatus::NonSuccess { message, description, .. }
        | TestCaseStatus::Skipped { message, description, .. }) = &case.status
        else {
            continue;
        };
        assert_harmless(description.as_ref().unwrap());
        assert_harmless(message.as_ref().unwrap());
    }
}
