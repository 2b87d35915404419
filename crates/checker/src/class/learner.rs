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
    /// Whether that is because the checker failed, and not because of what was submitted.
    #[serde(default)]
    pub checker_failed: bool,
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
            checker_failed: false,
        }
    }

    /// What is still to be done for the answer to this exercise.
    #[must_use]
    pub fn pending(&self, exercise: &str) -> Option<&Pending> {
        self.answers.iter().find(|answer| answer.exercise == exercise)?.pending.as_ref()
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
            answer.is_unread()
                || answer.is_unclear()
                || answer.is_inconclusive()
                || answer.is_not_started()
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
            Graded::Missing(_) | Graded::Unread(_) | Graded::Unclear(_) => false,
            Graded::Report(report) => report.verdict == Verdict::Inconclusive,
        }
    }

    /// Whether there is no recording of its program, as the virtual clock cannot be used, or the checker
    /// failed.
    #[must_use]
    pub fn is_not_recorded(&self) -> bool {
        let Graded::Report(report) = &self.graded else { return false };
        self.is_inconclusive() && report.problem.is_some()
    }

    /// Whether it may be in something that could not be read.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        matches!(self.graded, Graded::Unread(_))
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
        report.verdict == Verdict::NotStarted && !self.is_refused
    }
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
    /// Whether its compiler refuses it, as that of each machine would.
    pub is_refused: bool,
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
    /// None was found, but there may be one in what could not be read: both, as a sentence.
    Unread(String),
    /// More than one file could be it, so none was judged: which they are.
    Unclear(String),
    /// As in the JSON report of a single check.
    Report(Box<json::Exercise>),
}
