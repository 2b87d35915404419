//! A picture of one run: a row per coroutine, with time running from left to right.

mod labels;
mod layout;
mod live;
mod states;
mod svg;
mod tasks;
mod text;
mod words;

pub use labels::by_label;
pub use live::frame;
pub use states::{Span, State, Turn, Whose};
pub use svg::{Size, svg};
pub use text::{Characters, text};

use crate::escape::visible;
use crate::judging::transcript::Transcript;
use crate::recording::Task;
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
    /// Seconds from the first line to now, if the program still runs.
    pub now: Option<f64>,
    /// When somebody had the thread for only a moment: whenever a task was polled or, if that is not
    /// known, a line was printed.
    pub moments: Vec<f64>,
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
    /// What it was doing, ordered by start: what is drawn. What it ran for only a moment has no
    /// length.
    pub states: Vec<Span>,
}

/// A wait of a coroutine, in seconds after the first line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wait {
    pub from: f64,
    /// `OPEN` if no line has ended it so far; `Timeline::new` lets it last until now, or leaves it out
    /// if the program has ended.
    pub to: f64,
    /// When it should have ended, if the exercise says how long it lasts.
    pub due: Option<f64>,
}

impl Wait {
    /// The end of a wait that no line has ended.
    pub const OPEN: f64 = f64::INFINITY;
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
        let coroutines = rows.len();
        let mut is_shown = vec![false; lines.len()];
        for row in &mut rows {
            // Programs that get it wrong print their lines in any order.
            row.marks.sort_by_key(|mark| mark.line);
            row.label = visible(row.label.as_bytes());
            for mark in &mut row.marks {
                is_shown[mark.line] = true;
                mark.text = visible(mark.text.as_bytes());
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
        let now = transcript
            .recording
            .is_underway
            .then_some(transcript.recording.seconds - transcript.first_line_at());
        for row in &mut rows {
            row.waits.iter_mut().for_each(|wait| wait.to = wait.to.min(now.unwrap_or(wait.to)));
            row.waits.retain(|wait| wait.to != Wait::OPEN);
        }
        let start = transcript.first_line_at();
        let shifted = |it: &Activity| Activity { from: it.from - start, to: it.to - start, ..*it };
        let activities: Vec<_> = transcript.recording.activities.iter().map(shifted).collect();
        let moments = lines.iter().map(|(at, _)| *at).collect();
        let mut timeline = Self { rows, lines, thread: None, now, moments };
        if !timeline.add_states_of_tasks(coroutines, transcript, &activities) {
            timeline.add_states_of_thread(&activities);
        }
        timeline
    }

    /// Adds what the tasks were doing that the program noted, if they tell the whole story, and each
    /// of the first rows, which are those of the coroutines, is a task.
    fn add_states_of_tasks(
        &mut self,
        coroutines: usize,
        transcript: &Transcript,
        activities: &[Activity],
    ) -> bool {
        let (start, end) = (transcript.first_line_at(), self.seconds());
        let recording = &transcript.recording;
        let tasks: Vec<Task> = recording.tasks.iter().map(|task| task.after(start)).collect();
        let late = states::MOMENT + recording.lag;
        // In real time, the recorder sees up to a moment later what a thread does.
        let seen_late =
            if recording.clock.is_virtual() { states::MOMENT } else { late + states::MOMENT };
        if !tasks::explain(&tasks, activities, end, seen_late) {
            return false;
        }
        let coroutines = &mut self.rows[..coroutines];
        let Some(of_rows) = tasks::of_rows(coroutines, &tasks, late) else { return false };
        for (row, task) in coroutines.iter_mut().zip(&of_rows) {
            row.ended = tasks[*task].done;
            row.states = tasks::states(&tasks[*task], end);
        }
        // The last row has what `main` prints.
        let main = self.rows.get(of_rows.len()).map(|_| of_rows.len());
        let row_of =
            |task| if task == 0 { main } else { of_rows.iter().position(|it| *it == task) };
        let rows: Vec<_> = (0..tasks.len()).map(row_of).collect();
        self.thread = Some(tasks::turns(&tasks, &rows, end));
        self.moments = tasks::moments(&tasks, end);
        true
    }

    /// Adds what the rows were doing, as far as it can be told from what the thread was seen doing.
    fn add_states_of_thread(&mut self, activities: &[Activity]) {
        self.thread = states::turns(&self.rows, activities, self.seconds());
        for (index, row) in self.rows.iter_mut().enumerate() {
            row.states = states::states(index, row, self.thread.as_deref());
        }
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

    /// The same without the lines after the first 300, and with how many these are: a program that
    /// prints without end would have a picture of many megabytes.
    #[must_use]
    pub fn of_first_lines(mut self) -> Self {
        let more = self.lines.len().saturating_sub(MOST_LINES);
        if more == 0 {
            return self;
        }
        self.rows.iter_mut().for_each(|row| row.marks.retain(|mark| mark.line < MOST_LINES));
        let rows = self.rows.len();
        self.rows.retain(|row| !row.marks.is_empty());
        if self.rows.len() < rows {
            // It tells rows by their place.
            self.thread = None;
        }
        self.rows.push(Row { label: format!("... and {more} more lines"), ..Row::default() });
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

    /// Seconds from the first line to the last, or to now.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.now.unwrap_or_else(|| self.lines.last().map_or(0.0, |(at, _)| *at))
    }
}

impl Row {
    /// When it ran for only a moment and printed nothing.
    fn silent_moments(&self) -> Vec<f64> {
        let moments = self.states.iter().filter(|span| span.from == span.to);
        let mut moments: Vec<_> = moments.map(|span| rounded(span.from)).collect();
        moments.dedup();
        moments.retain(|at| self.marks.iter().all(|mark| rounded(mark.at) != *at));
        moments
    }
}

/// How many lines are drawn in a picture that is kept.
const MOST_LINES: usize = 300;

/// The label of the last row.
const THREAD: &str = "the thread";

/// Rounded to a tenth of a second, so that pictures of the same program are identical.
#[must_use]
pub fn rounded(seconds: f64) -> f64 {
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
