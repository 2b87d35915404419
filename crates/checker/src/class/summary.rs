//! What became of a run, in a few lines for the teacher.

use super::learner::{Answer, Learner};
use std::iter;

/// The exit code if something could not be judged.
pub const NOT_JUDGED: u8 = 3;
/// How many names are listed.
const MOST: usize = 20;

/// What became of the learners, one after the other.
#[derive(Default)]
pub struct Summary {
    learners: usize,
    open: Open,
}

/// The names of those who have no grade yet, by what is in the way.
#[derive(Default)]
struct Open {
    /// Their submission, or something in it that may be an answer, could not be read.
    unreadable: Vec<String>,
    /// Their submission does not say which file to grade.
    unclear: Vec<String>,
    /// The checker failed when it graded them.
    lost: Vec<String>,
    not_started: Vec<String>,
    /// Their program was refused by its compiler.
    refused: Vec<String>,
    /// Their programs could not be recorded, as on a virtual clock that cannot be used.
    not_recorded: Vec<String>,
    inconclusive: Vec<String>,
    /// There is no result yet, or only that of an earlier pass.
    unfinished: Vec<String>,
}

impl Summary {
    /// This one, whom the teacher knows by this name.
    pub fn add(&mut self, learner: &Learner, name: String) {
        self.learners += 1;
        let has = |is_so: fn(&Answer) -> bool| learner.answers.iter().any(is_so);
        let open = &mut self.open;
        let list = match () {
            () if learner.checker_failed => &mut open.lost,
            () if learner.problem.is_some() => &mut open.unreadable,
            () if has(Answer::is_unread) => &mut open.unreadable,
            () if has(Answer::is_unclear) => &mut open.unclear,
            () if has(Answer::is_not_started) => &mut open.not_started,
            () if has(|answer| answer.is_refused) => &mut open.refused,
            () if learner.is_pending() => &mut open.unfinished,
            () if has(Answer::is_not_recorded) => &mut open.not_recorded,
            () if has(Answer::is_inconclusive) => &mut open.inconclusive,
            () => return,
        };
        list.push(name);
    }

    /// Nothing is known of this one.
    pub fn add_missing(&mut self, name: String) {
        self.learners += 1;
        self.open.unfinished.push(name);
    }

    pub fn exit_code(&self) -> u8 {
        if self.open.is_empty() { 0 } else { NOT_JUDGED }
    }

    /// In words, with what to do about those who have no grade yet.
    pub fn lines(&self, remedy: &str) -> Vec<String> {
        let open = self.open.lists();
        let graded = self.learners - open.iter().map(|(_, names, _)| names.len()).sum::<usize>();
        let open = open.iter().filter(|(_, names, _)| !names.is_empty());
        let open = open.map(|(what, names, then)| {
            format!("{what}: {}. {}.", listed(names), then.replace("{remedy}", remedy))
        });
        let first = format!("{graded} of {} submissions graded", self.learners);
        iter::once(first).chain(open).collect()
    }
}

impl Open {
    /// What is in the way, for whom, and what to do about it.
    fn lists(&self) -> [(&'static str, &[String], &'static str); 8] {
        [
            (
                "not graded in full, as something could not be read",
                &self.unreadable,
                "The note in grades.csv says what: ask for the file",
            ),
            (
                "more than one file could be the answer",
                &self.unclear,
                "The note in grades.csv names the files: ask which one counts, and remove the others",
            ),
            (
                "the checker failed twice",
                &self.lost,
                "{remedy}. If it fails again, memory may be short: try --jobs 1",
            ),
            (
                "could not be started",
                &self.not_started,
                "The note in grades.csv says why: this machine may lack something",
            ),
            (
                "could not be built",
                &self.refused,
                "The note in grades.csv has the error: you decide how many points to give",
            ),
            (
                "inconclusive",
                &self.not_recorded,
                "The note in grades.csv says why: if it is --clock virtual, leave that out. {remedy}",
            ),
            ("inconclusive, as the machine was too busy", &self.inconclusive, "{remedy}"),
            ("not graded yet", &self.unfinished, "{remedy}"),
        ]
    }

    fn is_empty(&self) -> bool {
        self.lists().iter().all(|(_, names, _)| names.is_empty())
    }
}

/// These names, or the first of them if there are many.
pub fn listed(names: &[String]) -> String {
    let more = match names.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first: Vec<_> = names.iter().take(MOST).map(|name| &**name).collect();
    format!("{}{more}", first.join("; "))
}
