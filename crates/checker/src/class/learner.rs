//! The result of one learner, as plain data: what is kept in its file, and what everything that a
//! teacher hands back is made from.

use crate::report::json::{self, Verdict};
use crate::report::picture::Picture;
use serde::{Deserialize, Serialize};
use submissions::Submitter;

/// The version of the files with results. Files of another version are graded anew.
pub const FORMAT: u32 = 1;

/// The result of one learner, or of a group that submitted together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Learner {
    pub format: u32,
    /// Who submitted it.
    pub submitter: Submitter,
    /// A hash of what was submitted, and of how it was graded: the result stands as long as it is
    /// the same.
    pub content: String,
    /// A hash of how it was graded, [`Asked::hash`](super::class_file::Asked::hash): results that
    /// were made differently are not mixed.
    #[serde(default)]
    pub asked: String,
    /// In the order of the exercises.
    pub answers: Vec<Answer>,
    /// What the teacher should know about the submission: sentences.
    pub notes: Vec<String>,
    /// Why nothing of it could be graded, if so.
    pub problem: Option<String>,
}

impl Learner {
    /// One of whom nothing could be graded, for this reason.
    #[must_use]
    pub fn not_graded(submitter: Submitter, problem: String) -> Self {
        Self {
            format: FORMAT,
            submitter,
            content: String::new(),
            asked: String::new(),
            answers: Vec::new(),
            notes: Vec::new(),
            problem: Some(problem),
        }
    }

    /// Whether something is still to be done in a later pass.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.answers.iter().any(|answer| answer.pending.is_some())
    }

    /// Whether all of it was judged, or will be in a later pass: trying again from the start would
    /// give the same.
    #[must_use]
    pub fn stands(&self) -> bool {
        let is_open = |answer: &Answer| {
            answer.is_unclear() || answer.is_inconclusive() || answer.is_not_started()
        };
        let stands = |answer: &Answer| answer.pending.is_some() || !is_open(answer);
        self.problem.is_none() && self.answers.iter().all(stands)
    }

    /// Whether no answer has more points than there are.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        self.answers.iter().all(|answer| match &answer.graded {
            Graded::Report(report) => report.earned <= report.possible,
            _ => true,
        })
    }
}

impl Answer {
    /// Whether the machine was too busy to tell what it is worth.
    #[must_use]
    pub fn is_inconclusive(&self) -> bool {
        match &self.graded {
            Graded::Missing(_) | Graded::Unclear(_) => false,
            Graded::Report(report) => report.verdict == Verdict::Inconclusive,
        }
    }

    /// Whether more than one file may be the answer.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        matches!(self.graded, Graded::Unclear(_))
    }

    /// Whether its program could not be started, and that may not be the learner's fault: the machine
    /// may lack what it needs.
    #[must_use]
    pub fn is_not_started(&self) -> bool {
        let Graded::Report(report) = &self.graded else { return false };
        let problem = report.problem.as_deref().unwrap_or_default();
        report.verdict == Verdict::NotStarted && !is_of_compiler(problem)
    }
}

/// Whether this is a compiler's error, and not that of a machine on which it could not work.
fn is_of_compiler(problem: &str) -> bool {
    const OF_MACHINE: [&str; 9] = [
        "os error",
        "No space left",
        "signal",
        "linking with",
        "linker",
        "Cannot allocate memory",
        "failed to get",
        "failed to download",
        "requires rustc",
    ];
    let is_error = problem.contains("error[E") || problem.contains("error:");
    is_error && !OF_MACHINE.iter().any(|words| problem.contains(words))
}

/// What was submitted for one exercise, and its grade.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    pub exercise: String,
    /// The file or package that was taken, relative to the submission.
    pub file: Option<String>,
    /// What the teacher should know about it, as that its name was not as expected: sentences.
    pub notes: Vec<String>,
    pub graded: Graded,
    /// A picture of each run that was judged.
    pub pictures: Vec<Picture>,
    /// If the grade is not final: what is still to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
}

/// What is still to be done before a grade is final: in the second pass, in real time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pending {
    /// The virtual clock cannot be used, for this reason.
    RealTime { because: String },
    /// Points that were lost on the virtual clock are to be confirmed.
    Confirm,
    /// The machine was too busy to tell.
    Again,
}

/// What became of an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Graded {
    /// There is none, for this reason.
    Missing(String),
    /// More than one file could be it, so none was judged: which they are.
    Unclear(String),
    /// As in the JSON report of a single check.
    Report(Box<json::Exercise>),
}

#[cfg(test)]
mod tests {
    use super::is_of_compiler;

    #[test]
    fn only_an_error_of_the_compiler_is_the_learners() {
        for (problem, is_theirs) in [
            (
                "it could not be built: error[E0425]: cannot find value `x` --> src/main.rs:1:1",
                true,
            ),
            ("it could not be built: error: expected `;` --> src/main.rs:1:1", true),
            ("it could not be built", false),
            ("it could not be built: error: linking with `cc` failed: signal: 9 (SIGKILL)", false),
            ("it could not be built: error: No space left on device (os error 28)", false),
            ("it could not be built: error: failed to get `tokio` as a dependency", false),
            ("there is no such program: ruby", false),
        ] {
            assert_eq!(is_of_compiler(problem), is_theirs, "{problem}");
        }
    }
}
