//! The screen of the loop: a text, and below it the prompt line.

use super::{ENTER, Key, Prompt};
use crate::report::style::{BOLD, DIM};
use crate::terminal::{columns, has_cursor, height, in_place, moved_up, show};
use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use std::io;

/// What is to be seen.
pub struct Frame {
    /// With escape codes for color.
    pub text: String,
    /// How many columns the terminal has.
    pub width: usize,
    /// If a check is underway: what it is doing, and for how many seconds it has run.
    pub underway: Option<(String, u64)>,
    pub prompt: Prompt,
}

pub struct Screen {
    /// Whether the terminal can place its cursor. If not, each frame goes below the one before.
    has_cursor: bool,
    has_colors: bool,
    /// What is on the screen now.
    shown: String,
    text: String,
    was_underway: bool,
    /// Whether what is on the screen is not ours: it is moved up, into the scrollback.
    is_foreign: bool,
}

impl Screen {
    pub fn new() -> Self {
        Self {
            has_cursor: has_cursor(),
            has_colors: AutoStream::choice(&io::stdout()) != ColorChoice::Never,
            shown: String::new(),
            text: String::new(),
            was_underway: false,
            is_foreign: true,
        }
    }

    /// Others have written to the screen: the next frame is drawn anew.
    pub fn forget(&mut self) {
        self.shown.clear();
        self.text.clear();
    }

    /// Draws what differs from the frame before.
    pub fn draw(&mut self, frame: &Frame) -> io::Result<()> {
        if self.has_cursor { self.draw_in_place(frame) } else { self.draw_below(frame) }
    }

    /// Leaves the screen to others, with the cursor below what is on it.
    pub fn leave(&mut self) -> io::Result<()> {
        show("\n")?;
        self.forget();
        self.is_foreign = true;
        Ok(())
    }

    fn draw_in_place(&mut self, frame: &Frame) -> io::Result<()> {
        let (rows, prompt) = (height(), self.prompt(frame, true));
        let text = match &frame.underway {
            Some(_) if self.has_colors => dimmed(&frame.text),
            _ => self.colored(&frame.text),
        };
        let lines: Vec<_> = text.lines().chain(["", &prompt]).collect();
        // What has been shown before and has no room is in the scrollback.
        let is_new = frame.text != self.text;
        let first = if is_new { 0 } else { first_of_last(&lines, frame.width, rows) };
        let drawn = in_place(&lines[first..], frame.width);
        if std::mem::take(&mut self.is_foreign) {
            show(&moved_up())?;
        }
        if is_new || drawn != self.shown {
            show(&drawn)?;
        }
        self.shown = drawn;
        self.text.clone_from(&frame.text);
        Ok(())
    }

    fn draw_below(&mut self, frame: &Frame) -> io::Result<()> {
        let prompt = self.prompt(frame, false);
        let has_ended = self.was_underway && frame.underway.is_none();
        let is_new = has_ended || frame.text != self.text;
        if is_new {
            show(&format!("\n{}\n{prompt}\n", self.colored(&frame.text)))?;
        } else if prompt != self.shown {
            show(&format!("{prompt}\n"))?;
        }
        self.shown = prompt;
        self.text.clone_from(&frame.text);
        self.was_underway = frame.underway.is_some();
        Ok(())
    }

    fn prompt(&self, frame: &Frame, with_seconds: bool) -> String {
        let mut words = match &frame.underway {
            None => frame.prompt.words.clone(),
            Some((what, seconds)) if with_seconds && *seconds > 0 => format!("{what}, {seconds} s"),
            Some((what, _)) => format!("{what} ..."),
        };
        for Key { key, word } in &frame.prompt.keys {
            let key = if *key == ENTER { "enter".into() } else { key.to_string() };
            words += &format!("   {BOLD}{key}{BOLD:#} {word}");
        }
        self.colored(&words)
    }

    /// The text, with its colors if the terminal is to have any.
    fn colored(&self, text: &str) -> String {
        if self.has_colors { text.to_owned() } else { strip_str(text).to_string() }
    }
}

/// The text without its own colors, all of it dimmed.
fn dimmed(text: &str) -> String {
    let dim = |line: &str| format!("{DIM}{}{DIM:#}", strip_str(line));
    text.lines().map(dim).collect::<Vec<_>>().join("\n")
}

/// The first of the last lines that fit into this many rows.
fn first_of_last(lines: &[&str], width: usize, rows: usize) -> usize {
    let mut left = rows;
    let fits = |line: &&&str| {
        let rows = columns(line).div_ceil(width.max(1)).max(1);
        let fits = rows <= left;
        left = left.saturating_sub(rows);
        fits
    };
    lines.len() - lines.iter().rev().take_while(fits).count()
}
