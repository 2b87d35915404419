//! The questions of a quiz, one after another. It neither reads keys nor prints.

use super::Question;
use crate::data;
use checker::report::style::BOLD;
use serde::Deserialize;
use std::path::Path;

/// The key that skips a question.
pub const SKIP: char = 's';

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

/// A file of questions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    question: Vec<Question>,
}

impl Quiz {
    #[must_use]
    pub fn new(questions: Vec<Question>) -> Self {
        let unanswered = |question| Prediction { question, chosen: None };
        Self { predictions: questions.into_iter().map(unanswered).collect(), asked: 0 }
    }

    /// The questions about an exercise of this repository, run without arguments.
    ///
    /// # Errors
    ///
    /// If they cannot be read; one line that names the file.
    pub fn of_exercise(repository: &Path, exercise: &str) -> Result<Self, String> {
        let file = repository.join(format!("crates/learn/lessons/{exercise}/questions.toml"));
        let questions: Questions = data::read(&file)?;
        Ok(Self::new(questions.question))
    }

    /// The next question as text: its number, its options, and the keys that answer it. `None` if
    /// there are no more.
    #[must_use]
    pub fn prompt(&self) -> Option<String> {
        let Question { asks, options } = &self.predictions.get(self.asked)?.question;
        let (number, of) = (self.asked + 1, self.predictions.len());
        let option = |(key, option): (usize, &super::Choice)| {
            format!("  {BOLD}{key}{BOLD:#}  {}\n", option.words)
        };
        let options: String = (1..).zip(options).map(option).collect();
        Some(format!("{BOLD}Question {number} of {of}: {asks}{BOLD:#}\n\n{options}"))
    }

    /// The keys that answer the next question.
    pub fn keys(&self) -> impl Iterator<Item = char> {
        let next = self.predictions.get(self.asked);
        ('1'..='9').take(next.map_or(0, |next| next.question.options.len()))
    }

    /// Answers the next question with its key, or skips it with [`SKIP`]. Returns whether the key
    /// means anything.
    pub fn answer(&mut self, key: char) -> bool {
        let chosen = self.keys().position(|known| known == key);
        let Some(next) = self.predictions.get_mut(self.asked) else { return false };
        let is_answer = chosen.is_some() || key == SKIP;
        if is_answer {
            next.chosen = chosen;
            self.asked += 1;
        }
        is_answer
    }

    /// What was predicted, question by question. Those that were never asked count as skipped.
    #[must_use]
    pub fn predictions(&self) -> &[Prediction] {
        &self.predictions
    }
}
