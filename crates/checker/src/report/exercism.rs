//! The results.json of an Exercism test runner, version 3:
//! <https://exercism.org/docs/building/tooling/test-runners/interface>.
//!
//! No test has a `task_id`: the instructions of the exercises have no numbered tasks.

use super::Checked;
use super::test::{Status, message, test_code};
use super::words::{Problem, judged, limited};
use crate::escape::cut;
use crate::grade::Graded;
use crate::judging::rubric::Judged;
use crate::recording::Line;
use serde::Serialize;

/// How many characters a message has at most. Exercism takes 65,535 bytes.
const LONGEST_MESSAGE: usize = 16_000;
/// How many characters of what a program printed are shown.
const LONGEST_OUTPUT: usize = 500;
/// What Exercism's documentation has runners say.
const TRUNCATED: &str = "Output was truncated. Please limit to 500 chars";

#[derive(Serialize)]
struct Results {
    version: u32,
    status: Status,
    message: Option<String>,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    status: Status,
    message: Option<String>,
    output: Option<String>,
    test_code: String,
}

/// The report as JSON.
///
/// # Panics
///
/// Never: all of it can be written as JSON.
#[must_use]
pub fn report(checked: &Checked) -> String {
    let results = results(checked);
    serde_json::to_string_pretty(&results).expect("only plain data") + "\n"
}

/// A failed test is certain. If there is none, but not everything could be judged, nothing is: the
/// tests did not run correctly, for which Exercism has an error.
fn results(checked: &Checked) -> Results {
    let tests: Vec<_> =
        checked.graded.iter().flat_map(|it| tests(it, &checked.prefix(it))).collect();
    let has = |status| tests.iter().any(|test| test.status == status);
    let status = match () {
        () if has(Status::Fail) => Status::Fail,
        () if has(Status::Error) => Status::Error,
        () => Status::Pass,
    };
    let line = |test: &Test| {
        let message = test.message.as_ref().filter(|_| test.status == Status::Error)?;
        Some(format!("{}: {message}", test.name))
    };
    let message = (status == Status::Error).then(|| {
        cut(&tests.iter().filter_map(line).collect::<Vec<_>>().join("\n"), LONGEST_MESSAGE)
    });
    Results { version: 3, status, message, tests }
}

/// A test for each criterion; a single one for a program that was not judged.
fn tests(graded: &Graded, prefix: &str) -> Vec<Test> {
    let problem = Problem::of(graded).map(|problem| Test {
        name: format!("{prefix}{}", problem.words),
        status: Status::Error,
        message: Some(limited(&problem.reason)),
        output: None,
        test_code: String::new(),
    });
    let output = graded.recordings.first().map(|recording| output(&recording.stdout));
    let test = |one| test(graded, one, prefix, output.clone());
    problem.into_iter().chain(judged(graded).iter().map(test)).collect()
}

fn test(graded: &Graded, one: &Judged, prefix: &str, output: Option<String>) -> Test {
    Test {
        name: format!("{prefix}{}", one.name),
        status: Status::of(&one.verdict),
        message: message(&one.verdict),
        output,
        test_code: test_code(graded, one),
    }
}

/// What the program printed, as far as there is room.
fn output(lines: &[Line]) -> String {
    let lines: Vec<_> = lines.iter().map(Line::visible).collect();
    let text = lines.join("\n");
    if text.chars().count() <= LONGEST_OUTPUT {
        return text;
    }
    let kept = LONGEST_OUTPUT - TRUNCATED.chars().count() - 1;
    format!("{}\n{TRUNCATED}", text.chars().take(kept).collect::<String>())
}
