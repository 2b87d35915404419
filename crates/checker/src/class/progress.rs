//! Shows how far a run has come: a bar if standard error is a terminal, a line every ten seconds if
//! not.

use crate::escape::said;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often there is a line.
const BETWEEN: Duration = Duration::from_secs(10);
/// How many names are shown.
const NAMES: usize = 3;

/// How many have to be graded before the time left is estimated.
const ENOUGH: usize = 3;
/// After how long without another one it is shown who holds up the run.
const LONG: Duration = Duration::from_secs(10);

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
    /// The last who were done, and when.
    names: VecDeque<String>,
    last_done: Instant,
    /// Who is being graded, the first first.
    current: Vec<String>,
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
            last_done: Instant::now(),
            current: Vec::new(),
        }
    }

    /// A pass begins, with so many learners.
    pub fn begin(&mut self, pass: &'static str, total: usize) {
        (self.pass, self.total, self.done, self.worked) = (pass, total, 0, 0);
        self.since = Instant::now();
        self.last_done = self.since;
        self.names.clear();
        self.current.clear();
        self.bar.set_length(total as u64);
        self.bar.set_position(0);
        self.show();
    }

    /// A learner is being graded.
    pub fn start(&mut self, name: &str) {
        self.current.push(said(name));
    }

    /// A learner is no longer being graded.
    pub fn stop(&mut self, name: &str) {
        let name = said(name);
        if let Some(at) = self.current.iter().position(|one| *one == name) {
            self.current.remove(at);
        }
    }

    /// A learner is done; `has_worked` says whether that took time.
    pub fn done(&mut self, name: &str, has_worked: bool) {
        self.done += 1;
        self.worked += usize::from(has_worked);
        self.last_done = Instant::now();
        if self.names.len() == NAMES {
            self.names.pop_front();
        }
        self.names.push_back(said(name));
        self.bar.set_position(self.done as u64);
        self.show();
    }

    /// Some time has passed.
    pub fn tick(&mut self) {
        if self.is_held_up() {
            self.show();
        }
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

    /// Whether nobody has been done for long, so that the time left cannot be told.
    fn is_held_up(&self) -> bool {
        self.last_done.elapsed() >= LONG && !self.current.is_empty()
    }

    fn line(&self) -> String {
        let Self { pass, done, total, .. } = self;
        if self.is_held_up() {
            let first: Vec<_> = self.current.iter().take(NAMES).map(|name| &**name).collect();
            return format!(
                "{pass}{done} of {total} submissions; waiting for: {}",
                first.join("; ")
            );
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_who_holds_up_the_run() {
        let mut progress = Progress::new();
        progress.begin("in real time: ", 3);
        ["Ada", "Bo", "Cy"].iter().for_each(|name| progress.start(name));
        progress.stop("Bo");
        progress.done("Bo", true);
        assert_eq!(progress.line(), "in real time: 1 of 3 submissions; last: Bo");
        progress.last_done -= LONG;
        assert_eq!(progress.line(), "in real time: 1 of 3 submissions; waiting for: Ada; Cy");
    }
}
