//! A picture of one run: a row per coroutine, with time running from left to right.

mod labels;
mod layout;
mod states;
mod svg;
mod text;
mod words;

pub use labels::by_label;
pub use states::{Span, State, Turn, Whose};
pub use svg::{Size, svg};
pub use text::{Characters, text};

use crate::escape::visible;
use crate::judging::transcript::Transcript;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use virtual_time::Activity;

/// What one run looked like.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    pub rows: Vec<Row>,
    /// Everything that was printed, in order, with seconds after the first line.
    pub lines: Vec<(f64, String)>,
    /// Whose turn it was on the program's thread, ordered by start; `None` if it is not known, or
    /// if there was more than one thread.
    pub thread: Option<Vec<Turn>>,
}

/// One coroutine.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub label: String,
    /// When it waited, as its lines tell.
    pub waits: Vec<Wait>,
    pub marks: Vec<Mark>,
    /// When it had done all that it had to do, in seconds after the first line, if it did.
    pub ended: Option<f64>,
    /// What it was doing, ordered by start: what is drawn.
    pub states: Vec<Span>,
}

/// A wait of a coroutine, in seconds after the first line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wait {
    pub from: f64,
    pub to: f64,
    /// When it should have ended, if the exercise says how long it lasts.
    pub due: Option<f64>,
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
    pub fn new(mut rows: Vec<Row>, transcript: &Transcript) -> Self {
        let lines: Vec<_> =
            transcript.lines.iter().map(|line| (line.at, visible(line.text.as_bytes()))).collect();
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
            rows.push(Row { label: "main".into(), marks: others, ..Row::default() });
        }
        let start = transcript.first_line_at();
        let shifted = |it: &Activity| Activity { from: it.from - start, to: it.to - start, ..*it };
        let activities: Vec<_> = transcript.recording.activities.iter().map(shifted).collect();
        let mut timeline = Self { rows, lines, thread: None };
        timeline.thread = states::turns(&timeline.rows, &activities, timeline.seconds());
        for (index, row) in timeline.rows.iter_mut().enumerate() {
            row.states = states::states(index, row, timeline.thread.as_deref());
        }
        timeline
    }

    /// The same for a program that is known to have started all its coroutines before its first
    /// line, which a recording does not show: those that could not begin, because others had the
    /// thread, wanted to run.
    #[must_use]
    pub fn with_all_started(mut self) -> Self {
        let turns = self.thread.as_deref().unwrap_or_default();
        for (index, row) in self.rows.iter_mut().enumerate() {
            row.states.splice(0..0, states::held_up(index, row, turns));
        }
        self
    }

    /// The same with one more row: notes, each at its seconds after the first line. If `is_end`, the
    /// last one is an end mark.
    #[must_use]
    pub fn with_notes(mut self, label: &str, notes: &[(f64, String)], is_end: bool) -> Self {
        let note = |(line, (at, text)): (usize, &(f64, String))| Mark {
            at: *at,
            // No line: only its place among the notes counts.
            line,
            text: text.clone(),
        };
        self.rows.push(Row {
            label: label.into(),
            marks: notes.iter().enumerate().map(note).collect(),
            ended: notes.last().filter(|_| is_end).map(|(at, _)| *at),
            ..Row::default()
        });
        self
    }

    /// What the picture calls the one who has the thread.
    fn holder(&self, whose: Whose) -> &str {
        match whose {
            Whose::Held(Some(row)) => &self.rows[row].label,
            Whose::Held(None) => "taken",
            Whose::Asleep => "asleep",
        }
    }

    /// Whether anything in the picture is in this state.
    fn shows(&self, state: State) -> bool {
        let is_it = |span: &Span| span.state == state;
        // The row of the thread uses the shapes of the first two.
        let of_the_thread = self.thread.is_some() && state != State::WantsToRun;
        of_the_thread || self.rows.iter().any(|row| row.states.iter().any(is_it))
    }

    /// Seconds from the first line to the last.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.lines.last().map_or(0.0, |(at, _)| *at)
    }
}

/// The label of the last row.
const THREAD: &str = "the thread";

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
