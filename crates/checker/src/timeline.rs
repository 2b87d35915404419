//! A picture of one run: a row per coroutine, time across.

mod svg;
mod text;

pub use svg::{Size, svg};
pub use text::{Characters, text};

use crate::escape::visible;
use crate::judging::transcript::TextLine;

/// What one run looked like.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    pub rows: Vec<Row>,
    /// All that was printed, in order, with seconds after the first line.
    pub lines: Vec<(f64, String)>,
}

/// One coroutine.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub label: String,
    /// From when to when it waited, in seconds after the first line.
    pub waits: Vec<(f64, f64)>,
    pub marks: Vec<Mark>,
}

/// Something that a coroutine printed.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Seconds after the first line.
    pub at: f64,
    /// Which of the timeline's lines it is, counted from 0.
    pub line: usize,
    /// What it says, in a word or two.
    pub text: String,
}

impl Timeline {
    /// The rows of the coroutines, then one for the lines that belong to none of them.
    pub fn new(mut rows: Vec<Row>, lines: &[TextLine]) -> Self {
        let lines: Vec<_> =
            lines.iter().map(|line| (line.at, visible(line.text.as_bytes()))).collect();
        let is_shown =
            |index: usize| rows.iter().flat_map(|row| &row.marks).any(|mark| mark.line == index);
        let others: Vec<_> = lines
            .iter()
            .enumerate()
            .filter(|(index, (_, text))| !text.is_empty() && !is_shown(*index))
            .map(|(line, (at, text))| Mark { at: *at, line, text: text.clone() })
            .collect();
        if !others.is_empty() {
            rows.push(Row { label: "main".into(), waits: Vec::new(), marks: others });
        }
        Self { rows, lines }
    }

    /// Seconds from the first line to the last.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.lines.last().map_or(0.0, |(at, _)| *at)
    }
}
