//! What became of a run, in a few lines for the teacher.

use super::learner::{Answer, Learner};
use crate::escape::Outside;

/// The exit code if something could not be judged.
pub const NOT_JUDGED: u8 = 3;
/// How many names are listed.
const MOST: usize = 20;

/// What became of the learners, one after the other.
#[derive(Default)]
pub struct Summary {
    learners: usize,
    /// The names of those whose submission could not be read, or does not say which file to grade.
    unreadable: Vec<String>,
    /// The names of those with a program that could not be started.
    not_started: Vec<String>,
    /// The names of those of whom something could not be judged.
    not_judged: Vec<String>,
    /// The names of those of whom there is no result.
    missing: Vec<String>,
    /// How many learners are in one of these lists.
    open: usize,
}

impl Summary {
    pub fn add(&mut self, learner: &Learner) {
        self.learners += 1;
        if learner.stands() && !learner.is_pending() {
            return;
        }
        self.open += 1;
        let is_unclear = learner.answers.iter().any(Answer::is_unclear);
        let list = if learner.problem.is_some() || is_unclear {
            &mut self.unreadable
        } else if learner.answers.iter().any(Answer::is_not_started) {
            &mut self.not_started
        } else {
            &mut self.not_judged
        };
        list.push(Outside::from(&*learner.submitter.name).to_string());
    }

    /// Nothing is known of this one.
    pub fn add_missing(&mut self, name: &str) {
        self.learners += 1;
        self.open += 1;
        self.missing.push(Outside::from(name).to_string());
    }

    pub fn exit_code(&self) -> u8 {
        if self.open == 0 { 0 } else { NOT_JUDGED }
    }

    /// In words, with what to do about those who could not be judged.
    pub fn lines(&self, remedy: &str) -> Vec<String> {
        let graded = self.learners - self.open;
        let lists = [
            (
                "could not be graded",
                &self.unreadable,
                "See the note in grades.csv, or ask for a new file",
            ),
            ("could not be started", &self.not_started, "See the note in grades.csv"),
            ("could not be judged, as the machine was too busy", &self.not_judged, remedy),
            ("not graded yet", &self.missing, remedy),
        ];
        let lists = lists.into_iter().filter(|(_, names, _)| !names.is_empty());
        let lists = lists.map(|(what, names, then)| format!("{what}: {}. {then}.", listed(names)));
        let first = format!("{graded} of {} submissions graded", self.learners);
        [first].into_iter().chain(lists).collect()
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
