//! The report for continuous integration: a suite per exercise, a case per criterion. A failure is
//! the learner's; an error is the checker's or the machine's.

use super::{doubt_parts, parts};
use crate::caging;
use crate::escape::{Outside, quoted};
use crate::grade::{Graded, Outcome};
use crate::judging::rubric::Judged;
use crate::judging::verdict::NotPassed;
use crate::timeline::{self, Characters};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The report as XML.
#[must_use]
pub fn report(all: &[Graded]) -> String {
    let mut report = Report::new("checker");
    for graded in all {
        let name = graded.exercise.name;
        let mut suite = TestSuite::new(name);
        for (number, used) in graded.clocks().enumerate() {
            let because = used.because().map_or(String::new(), |why| format!(": {why}"));
            let clock = format!("{}{because}", used.name());
            suite.add_property((format!("clock-of-run-{}", number + 1), clock));
        }
        if let Some(confirmed) = graded.confirmed {
            let confirmed = confirmed.to_string();
            suite.add_property(("confirmed-in-real-time", &*confirmed));
        }
        if !graded.recordings.is_empty() {
            let line = caging::line(graded.cage(), true);
            suite.add_property(("cage", line.strip_prefix("in a cage: ").unwrap_or(&line)));
        }
        match &graded.outcome {
            Outcome::Judged(judged) => {
                for one in judged {
                    let mut case = TestCase::new(one.id, status(one));
                    case.set_classname(name);
                    suite.add_test_case(case);
                }
            }
            Outcome::NotStarted(reason) => {
                suite.add_test_case(problem("not-started", reason));
            }
            Outcome::NotRecorded(reason) => {
                suite.add_test_case(problem("not-recorded", reason));
            }
            Outcome::NotBelieved(reason) => {
                suite.add_test_case(problem("virtual-clock", reason));
            }
        }
        report.add_test_suite(suite);
    }
    report.to_string().expect("the text is escaped")
}

fn problem(name: &str, reason: &Outside) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(reason.to_string());
    TestCase::new(name, status)
}

fn status(one: &Judged) -> TestCaseStatus {
    match &one.verdict {
        Ok(()) => TestCaseStatus::success(),
        Err(NotPassed::Skipped { because }) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(because.as_str());
            status
        }
        Err(NotPassed::NotReadable(doubt)) => {
            let parts = doubt_parts(doubt).map(|(part, words)| format!("{part}: {words}"));
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_message(format!("not readable: {}", quoted(&doubt.line)))
                .set_type("not-readable")
                .set_description(parts.join("\n"));
            status
        }
        Err(NotPassed::Inconclusive { because }) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(because.as_str()).set_type("inconclusive");
            status
        }
        Err(NotPassed::Failed(reason)) => {
            let mut lines = vec![format!("{}: 0/{} points", one.name, one.points)];
            lines.extend(parts(reason).map(|(part, words)| format!("{part}: {words}")));
            if let Some(timeline) = &reason.timeline {
                lines.extend(timeline::text(timeline, 72, Characters::ASCII));
            }
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_message(format!("expected {}; seen {}", reason.expected, reason.seen))
                .set_type(reason.mistake.id)
                .set_description(lines.join("\n"));
            status
        }
    }
}
