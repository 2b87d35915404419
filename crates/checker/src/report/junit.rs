//! The report for continuous integration: a suite per exercise, a case per criterion. A failure is
//! the learner's; an error is the checker's or the machine's. GitLab tells cases apart by class and
//! name, and shows a case's file as a link.

use super::Checked;
use super::words::{Problem, cage_line, explanation, judged, limited};
use crate::escape::{Outside, quoted};
use crate::grade::Graded;
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::NotPassed;
use crate::places::Place;
use crate::timeline::Characters;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The report as XML.
///
/// # Panics
///
/// Never: what is not XML is escaped.
#[must_use]
pub fn report(checked: &Checked) -> String {
    let mut report = Report::new("checker");
    for graded in checked.graded {
        report.add_test_suite(suite(graded, checked));
    }
    report.to_string().expect("the text is escaped")
}

fn suite(graded: &Graded, checked: &Checked) -> TestSuite {
    let name = graded.exercise.name;
    let mut suite = TestSuite::new(name);
    suite.add_property(("points", &*format!("{}/{POINTS}", graded.earned())));
    for (number, used) in graded.clocks().enumerate() {
        let because = used.because().map_or(String::new(), |why| format!(": {why}"));
        let clock = format!("{}{because}", used.name());
        suite.add_property((format!("clock-of-run-{}", number + 1), clock));
    }
    if let Some(confirmed) = graded.confirmed {
        suite.add_property(("confirmed-in-real-time", &*confirmed.to_string()));
    }
    if let Some(line) = cage_line(std::slice::from_ref(graded), true) {
        suite.add_property(("cage", line.strip_prefix("in a cage: ").unwrap_or(&line)));
    }
    let places = (checked.places)(graded);
    let cases = judged(graded).iter().map(|one| {
        let mut case = TestCase::new(one.id, status(one));
        case.add_property(("points", &*format!("{}/{}", one.earned(), one.points)));
        (case, places.criteria.get(one.id))
    });
    let problem = Problem::of(graded).map(|problem| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let reason = limited(&problem.reason);
        status.set_message(&*reason).set_type(problem.id).set_description(&*reason);
        (TestCase::new(problem.id, status), None)
    });
    for (mut case, place) in cases.chain(problem) {
        case.set_classname(name);
        if let Some(Place { file, .. }) = place.or(places.main.as_ref()) {
            case.extra.insert("file".into(), file.into());
        }
        suite.add_test_case(case);
    }
    suite
}

fn status(one: &Judged) -> TestCaseStatus {
    let non_success = TestCaseStatus::non_success;
    let (mut status, kind, message) = match &one.verdict {
        Ok(()) => return TestCaseStatus::success(),
        Err(NotPassed::Skipped { because }) => {
            (TestCaseStatus::skipped(), "skipped", because.clone())
        }
        Err(NotPassed::Inconclusive { because }) => {
            (non_success(NonSuccessKind::Error), "inconclusive", because.clone())
        }
        Err(NotPassed::NotReadable(doubt)) => {
            let message = format!("not readable: {}", quoted(&doubt.line));
            (non_success(NonSuccessKind::Failure), "not-readable", message)
        }
        Err(NotPassed::Failed(reason)) => {
            let message = format!("expected {}; seen {}", reason.expected, reason.seen);
            (non_success(NonSuccessKind::Failure), reason.mistake.id, message)
        }
    };
    let points = format!("{}: {}/{} points", one.name, one.earned(), one.points);
    let lines = [points].into_iter().chain(explanation(&one.verdict, Characters::ASCII));
    status
        .set_message(limited(&Outside::from(message).to_string()))
        .set_type(kind)
        .set_description(lines.collect::<Vec<_>>().join("\n"));
    status
}
