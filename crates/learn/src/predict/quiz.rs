//! The questions of a quiz, one after another. It neither reads keys nor prints.

use super::Question;
use checker::report::human::Look;
use std::path::Path;

/// Questions, and the answers so far.
#[derive(Clone, Debug)]
pub struct Quiz {
    predictions: Vec<Prediction>,
    /// How many have been answered or skipped.
    asked: usize,
}

/// A question, and what was predicted.
#[derive(Clone, Debug)]
pub struct Prediction {
    pub question: Question,
    /// The index of the chosen option; `None` if the question was skipped.
    pub chosen: Option<usize>,
}

impl Quiz {
    #[must_use]
    pub fn new(questions: Vec<Question>) -> Self {
        todo!()
    }

    /// The questions about an exercise of this repository, run without arguments.
    ///
    /// # Errors
    ///
    /// If they cannot be read; one line that names the file.
    pub fn of_exercise(repository: &Path, exercise: &str) -> Result<Self, String> {
        todo!()
    }

    /// The next question as text: its number, its options, and the keys that answer it. `None` if
    /// there are no more.
    #[must_use]
    pub fn prompt(&self, look: Look) -> Option<String> {
        todo!()
    }

    /// Answers the next question with a key, or skips it with s. Returns the words of the answer, to
    /// be shown after the prompt, or `None` if the key means nothing.
    pub fn answer(&mut self, key: char) -> Option<String> {
        todo!()
    }

    /// What was predicted, question by question. Those that were never asked count as skipped.
    #[must_use]
    pub fn predictions(self) -> Vec<Prediction> {
        todo!()
    }
}
