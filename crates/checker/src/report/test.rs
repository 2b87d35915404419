//! A criterion as a test, in the words that Exercism and GitHub Classroom share.

use super::shown;
use super::words::{explanation, limited};
use crate::grade::Graded;
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::{NotPassed, Verdict};
use crate::timeline::Characters;
use serde::Serialize;
use std::path::Path;

/// What became of a test. An error is not the program's.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Pass,
    Fail,
    Error,
}

impl Status {
    pub fn of(verdict: &Verdict) -> Self {
        match verdict {
            Ok(()) => Self::Pass,
            Err(NotPassed::Inconclusive { .. }) => Self::Error,
            Err(_) => Self::Fail,
        }
    }
}

/// Why it was not passed, if it was not.
pub fn message(verdict: &Verdict) -> Option<String> {
    verdict.is_err().then(|| explanation(verdict, Characters::UNICODE).join("\n"))
}

/// The code of the test: the runs, with the names of files only, and what has to come of them.
pub fn test_code(graded: &Graded, one: &Judged) -> String {
    let name = |word: String| match Path::new(&word).file_name() {
        Some(name) if word.starts_with('/') => limited(&name.to_string_lossy()),
        _ => limited(&word),
    };
    let runs = graded.recordings.iter().map(|recording| {
        let command: Vec<_> = recording.command_line().into_iter().map(name).collect();
        format!("$ {}", limited(&shown(&command)))
    });
    let asks = format!("{} ({} of {POINTS} points)", one.name, one.points);
    runs.chain([asks]).collect::<Vec<_>>().join("\n")
}
