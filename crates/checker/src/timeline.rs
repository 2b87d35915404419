//! A picture of one run: a row per coroutine, with time running from left to right.

mod layout;
mod svg;
mod text;
mod words;

pub use svg::{Size, svg};
pub use text::{Characters, text};

use crate::escape::visible;
use crate::judging::transcript::TextLine;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What one run looked like.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    pub rows: Vec<Row>,
    /// Everything that was printed, in order, with seconds after the first line.
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
        let mut is_shown = vec![false; lines.len()];
        for row in &mut rows {
            // Programs that get it wrong print their lines in any order.
            row.marks.sort_by_key(|mark| mark.line);
            for mark in &row.marks {
                is_shown[mark.line] = true;
            }
        }
        let others: Vec<_> = lines
            .iter()
            .enumerate()
            .filter(|(index, (_, text))| !text.is_empty() && !is_shown[*index])
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

/// Rounded to a tenth of a second, so that pictures of the same program are identical.
fn rounded(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

/// The shortest step, in seconds, at which the labels of an axis fit.
fn step(fits: impl Fn(u32) -> bool) -> u32 {
    let steps = (0..9).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u32.pow(power)));
    steps.into_iter().find(|step| fits(*step)).unwrap_or(u32::MAX)
}

/// How wide a text is, in columns of a terminal or letters of a monospaced font.
fn columns(text: &str) -> usize {
    text.width()
}

/// The text, cut to at most this many columns: after a word if possible, and with an ellipsis.
fn shortened(text: &str, most: usize, ellipsis: &str) -> String {
    if columns(text) <= most {
        return text.into();
    }
    let room = most.saturating_sub(columns(ellipsis));
    let mut used = 0;
    let fitting = text.chars().take_while(|character| {
        used += character.width().unwrap_or(0);
        used <= room
    });
    let (cut, rest) = text.split_at(fitting.map(char::len_utf8).sum());
    let cut = match cut.rsplit_once(' ') {
        Some((words, _)) if !rest.starts_with(' ') => words,
        _ => cut,
    };
    format!("{}{ellipsis}", cut.trim_end())
}
