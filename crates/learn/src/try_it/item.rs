//! A thing to try, as its file has it.

use crate::predict::Question;
use serde::Deserialize;

/// A file in a folder `tries`, or a variant in it: what to change, and what happens then.
/// `CONTRIBUTING.md` explains the keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Try {
    /// Number and title of the item in the README; variants have none.
    #[serde(default)]
    pub number: usize,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub arguments: Vec<String>,
    #[serde(default)]
    pub change: Vec<Change>,
    pub lines: Vec<String>,
    /// When each line comes, in seconds from the first one.
    pub at: Vec<f64>,
    /// When the program ends, in seconds from the first line.
    pub seconds: f64,
    /// The exit code.
    #[serde(default)]
    pub exit: i32,
    /// The exercise whose timeline has the same rows.
    pub timeline: Option<String>,
    /// What the row of the thread says.
    pub thread: Option<String>,
    /// What the checker says: parts of its reasons.
    #[serde(default)]
    pub checker: Vec<String>,
    /// What to predict before it runs.
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
    #[serde(default)]
    pub variant: Vec<Try>,
}

/// A text in `src/main.rs`, and what to put in its place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub from: String,
    pub to: String,
}

impl Try {
    /// The item itself, then its variants.
    pub fn runs(&self) -> impl Iterator<Item = &Self> {
        [self].into_iter().chain(&self.variant)
    }

    /// The text of the exercise's `src/main.rs` with the changes made.
    ///
    /// # Errors
    ///
    /// If a text to change does not occur exactly once.
    pub fn changed(&self, main: &str) -> Result<String, String> {
        let mut changed = main.to_owned();
        for Change { from, to } in &self.change {
            if changed.matches(&**from).count() != 1 {
                return Err(format!("src/main.rs does not have this exactly once: {from}"));
            }
            changed = changed.replace(&**from, to);
        }
        Ok(changed)
    }
}
