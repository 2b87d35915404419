//! Results for GitHub Classroom's reporter, `classroom-resources/autograding-grading-reporter`, as the
//! outputs of a step: a line for each criterion, such as `countasync-wait=eyJ2ZXJz...`, to append to
//! `$GITHUB_OUTPUT`.
//!
//! Each criterion is a runner of its own, with one test. The reporter's versions count the points of a
//! runner differently, by the scores of its tests or by how many of them passed: of a single one, both
//! give the same. A program that was not judged has the same lines, as the reporter fails if a
//! runner's result is missing.

use super::Checked;
use super::test::{Status, message, test_code};
use super::words::{Problem, judged};
use crate::grade::Graded;
use crate::judging::rubric::Judged;
use crate::judging::verdict::inconclusive;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;

#[derive(Serialize)]
struct Runner {
    version: u32,
    status: Status,
    max_score: f64,
    tests: [Test; 1],
}

#[derive(Serialize)]
struct Test {
    name: String,
    status: Status,
    score: f64,
    message: Option<String>,
    test_code: String,
    /// Where the test is: the reporter shows neither if there is no line.
    filename: &'static str,
    line_no: u32,
}

/// The report: names and results, line by line.
///
/// # Panics
///
/// Never: all of it can be written as JSON.
#[must_use]
pub fn report(checked: &Checked) -> String {
    let mut text = String::new();
    for graded in checked.graded {
        let problem = Problem::of(graded).map(|problem| problem.sentence());
        let of_problem = problem.as_ref().map(|problem| not_judged(graded, problem));
        for one in of_problem.as_deref().unwrap_or(judged(graded)) {
            let message = problem.clone().or_else(|| message(&one.verdict));
            let runner = runner(graded, one, message);
            let json = serde_json::to_string(&runner).expect("only plain data");
            let (exercise, id) = (graded.exercise.name, one.id);
            text += &format!("{exercise}-{id}={}\n", BASE64_STANDARD.encode(json));
        }
    }
    text
}

/// The criteria of a program that was not judged, for this reason.
fn not_judged(graded: &Graded, problem: &str) -> Vec<Judged> {
    let criteria = graded.exercise.rubric.list().into_iter();
    let verdict = inconclusive(problem);
    criteria
        .map(|(id, name, points)| Judged {
            id,
            name,
            points,
            depends_on: &[],
            verdict: verdict.clone(),
        })
        .collect()
}

fn runner(graded: &Graded, one: &Judged, message: Option<String>) -> Runner {
    let status = Status::of(&one.verdict);
    let test = Test {
        name: format!("{}: {}", graded.exercise.name, one.name),
        status,
        score: one.earned(),
        message,
        test_code: test_code(graded, one),
        filename: "",
        line_no: 0,
    };
    Runner { version: 1, status, max_score: one.points, tests: [test] }
}
