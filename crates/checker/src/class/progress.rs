//! Shows how far a run has come: a bar if standard error is a terminal, a line every ten seconds if
//! not.

use crate::escape::said;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often there is a line.
const BETWEEN: Duration = Duration::from_secs(10);
/// How many of the last names are shown.
const NAMES: usize = 3;

/// How many have to be graded before the time left is estimated.
const ENOUGH: usize = 3;

/// How far a run has come.
pub struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    /// What is done in this pass, as in "in real time: ".
    pass: &'static str,
    total: usize,
    done: usize,
    /// How many of these took time, and since when.
    worked: usize,
    since: Instant,
    last_line: Instant,
    names: VecDeque<String>,
}

impl Progress {
    pub fn new() -> Self {
        let style = ProgressStyle::with_template("{bar:24} {msg}").expect("a template");
        Self {
            bar: ProgressBar::new(0).with_style(style.progress_chars("=> ")),
            is_terminal: io::stderr().is_terminal(),
            pass: "",
            total: 0,
            done: 0,
            worked: 0,
            since: Instant::now(),
            last_line: Instant::now(),
            names: VecDeque::new(),
        }
    }

    /// A pass begins, with so many learners.
    pub fn begin(&mut self, pass: &'static str, total: usize) {
        (self.pass, self.total, self.done, self.worked) = (pass, total, 0, 0);
        self.since = Instant::now();
        self.names.clear();
        self.bar.set_length(total as u64);
        self.bar.set_position(0);
        self.show();
    }

    /// A learner is done; `has_worked` says whether that took time.
    pub fn done(&mut self, name: &str, has_worked: bool) {
        self.done += 1;
        self.worked += usize::from(has_worked);
        if self.names.len() == NAMES {
            self.names.pop_front();
        }
        self.names.push_back(said(name));
        self.bar.set_position(self.done as u64);
        self.show();
    }

    /// Some time has passed.
    pub fn tick(&mut self) {
        if !self.is_terminal && self.last_line.elapsed() >= BETWEEN {
            self.last_line = Instant::now();
            let _ = writeln!(io::stderr(), "checker: {}", self.line());
        }
    }

    /// The screen is free again.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self) {
        self.bar.set_message(self.line());
    }

    fn line(&self) -> String {
        let Self { pass, done, total, .. } = self;
        let names: Vec<_> = self.names.iter().map(|name| &**name).collect();
        let last =
            if names.is_empty() { String::new() } else { format!("; last: {}", names.join("; ")) };
        format!("{pass}{done} of {total} submissions{}{last}", self.left())
    }

    /// The time left, as soon as that can be told.
    fn left(&self) -> String {
        if self.worked < ENOUGH {
            return String::new();
        }
        let each = self.since.elapsed().as_secs_f64() / self.worked as f64;
        let seconds = (each * (self.total - self.done) as f64).ceil() as u64;
        match seconds {
            0..100 => format!(", about {seconds} s left"),
            _ => format!(", about {} min left", seconds.div_ceil(60)),
        }
    }
}
