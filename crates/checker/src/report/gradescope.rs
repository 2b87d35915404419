//! The results.json of a Gradescope autograder:
//! <https://gradescope-autograders.readthedocs.io/en/latest/specs/>.
//!
//! The score is that of the whole report, and not left to be summed up: a criterion that could not
//! be judged has no points and no status, by which Gradescope would show it as passed or failed.

use super::Checked;
use super::words::{Problem, cage_line, explanation, judged, limited, sentences, unjudged, word};
use crate::grade::{Graded, summary};
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::NotPassed;
use crate::timeline::Characters;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
struct Results {
    score: f64,
    execution_time: f64,
    output: String,
    output_format: &'static str,
    test_output_format: &'static str,
    test_name_format: &'static str,
    visibility: &'static str,
    stdout_visibility: &'static str,
    extra_data: Value,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    name: String,
    number: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    output: String,
    extra_data: Value,
}

/// The report as JSON.
///
/// # Panics
///
/// Never: all of it can be written as JSON.
#[must_use]
pub fn report(checked: &Checked) -> String {
    let tests = checked.graded.iter().enumerate().flat_map(|(index, graded)| {
        let number = |criterion: usize| match checked.graded.len() {
            1 => format!("{}", criterion + 1),
            _ => format!("{}.{}", index + 1, criterion + 1),
        };
        tests(graded, &checked.prefix(graded), number)
    });
    let (score, _) = checked.score();
    let results = Results {
        score,
        execution_time: (checked.seconds * 1000.0).round() / 1000.0,
        output: output(checked),
        output_format: "text",
        test_output_format: "text",
        test_name_format: "text",
        visibility: "visible",
        stdout_visibility: "hidden",
        extra_data: json!({ "verdict": summary(checked.graded) }),
        tests: tests.collect(),
    };
    serde_json::to_string_pretty(&results).expect("only plain data") + "\n"
}

/// What is said above the tests.
fn output(checked: &Checked) -> String {
    let mut lines = vec![checked.total()];
    for graded in checked.graded {
        let prefix = checked.prefix(graded);
        lines.extend(sentences(graded).iter().map(|sentence| format!("{prefix}{sentence}")));
    }
    if checked.graded.iter().any(|graded| unjudged(graded) > 0.0) {
        lines.push(
            "What could not be judged is not held against the program: submit it again, or have the \
             autograder run again."
                .into(),
        );
    }
    lines.extend(cage_line(checked.graded, checked.verbose));
    lines.join("\n")
}

/// A test for each criterion; a single one for a program that was not judged.
fn tests(graded: &Graded, prefix: &str, number: impl Fn(usize) -> String) -> Vec<Test> {
    if let Some(problem) = Problem::of(graded) {
        let is_lost = unjudged(graded) == 0.0;
        return vec![Test {
            score: is_lost.then_some(0.0),
            max_score: is_lost.then_some(POINTS),
            status: is_lost.then_some("failed"),
            name: format!("{prefix}{}", problem.words),
            number: number(0),
            output: limited(&problem.reason),
            extra_data: json!({ "exercise": graded.exercise.name, "verdict": problem.id }),
        }];
    }
    let test = |(index, one): (usize, &Judged)| {
        let is_open = matches!(one.verdict, Err(NotPassed::Inconclusive { .. }));
        let status = if one.verdict.is_ok() { "passed" } else { "failed" };
        let lines = explanation(&one.verdict, Characters::UNICODE);
        let mistake = match &one.verdict {
            Err(NotPassed::Failed(reason)) => Some(reason.mistake.id),
            _ => None,
        };
        Test {
            score: (!is_open).then(|| one.earned()),
            max_score: (!is_open).then_some(one.points),
            status: (!is_open).then_some(status),
            name: format!("{prefix}{}", one.name),
            number: number(index),
            output: lines.join("\n"),
            extra_data: json!({
                "exercise": graded.exercise.name,
                "criterion": one.id,
                "verdict": word(&one.verdict),
                "mistake": mistake,
            }),
        }
    };
    judged(graded).iter().enumerate().map(test).collect()
}
