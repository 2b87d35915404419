//! A question about a run that has yet to happen, and what may be answered.

use serde::Deserialize;

/// A question, as files have it. `CONTRIBUTING.md` explains the keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub asks: String,
    /// Two to four, of which exactly one is true of the run. The keys 1 to 4 choose them.
    #[serde(rename = "option")]
    pub options: Vec<Choice>,
}

/// An option of a question.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub words: String,
    pub claim: Claim,
    /// For an option that is wrong: the sentence that explains what happens instead.
    pub why_not: Option<String>,
}

/// What an option says of the run. All seconds count from the first line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Claim {
    /// The line with this number, counted from 1, begins with this text and comes at this time.
    /// Without a number, it is the last line.
    Line { number: Option<usize>, text: String, at: f64 },
    /// The program ends at this time.
    Seconds(f64),
    /// These rows of the timeline, counted from 1, end at the same time and after all others: one
    /// if it is the only one, none if no row ends.
    Last(Vec<usize>),
}
