//! What a lesson says about an exercise: `lessons/NAME/lesson.toml`.

use crate::data;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A lesson. `CONTRIBUTING.md` explains the keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// Its place in the order of lessons, from 1.
    pub number: usize,
    /// What the program does, for learners who have not seen it run.
    pub program: String,
    /// Why it works: for full marks.
    pub works: String,
    /// The functions that are left to write.
    pub function: BTreeMap<String, Task>,
    /// Where to look if a criterion of the rubric is not met.
    pub criterion: BTreeMap<String, Clue>,
    /// Where to look after a certain mistake, if that says more than its criterion does.
    #[serde(default)]
    pub mistake: BTreeMap<String, Clue>,
}

/// A function to write.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// What has to happen in it.
    pub wants: String,
    /// The idea behind it: the first step of a hint.
    pub why: String,
    /// The lines, without what matters: the last step.
    pub nearly: String,
}

/// Where a mistake probably is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clue {
    pub function: String,
    /// Texts in the line to look at, the best first.
    #[serde(default)]
    pub near: Vec<String>,
    /// What to look for there.
    pub look: String,
    /// The line, without what matters; if it is left out, that of the function.
    pub nearly: Option<String>,
}

impl Lesson {
    /// Reads the lesson about an exercise.
    ///
    /// # Errors
    ///
    /// If it cannot be read; one line that names the file.
    pub fn read(repository: &Path, exercise: &str) -> Result<Self, String> {
        data::read(&repository.join(format!("crates/learn/lessons/{exercise}/lesson.toml")))
    }

    /// The clue for a mistake in a criterion.
    #[must_use]
    pub fn clue(&self, criterion: &str, mistake: &str) -> Option<&Clue> {
        self.mistake.get(mistake).or_else(|| self.criterion.get(criterion))
    }

    /// The lines of a clue, without what matters.
    #[must_use]
    pub fn nearly<'a>(&'a self, clue: &'a Clue) -> Option<&'a str> {
        let task = || self.function.get(&clue.function).map(|task| &task.nearly);
        clue.nearly.as_ref().or_else(task).map(|nearly| nearly.trim())
    }
}
