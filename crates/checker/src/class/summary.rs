//! What became of a run, in a few lines for the teacher.

use super::learner::Learner;
use crate::escape::Outside;

/// The exit code if something could not be judged.
pub const NOT_JUDGED: u8 = 3;
/// How many names are listed.
const MOST: usize = 20;

/// What became of the learners, one after the other.
#[derive(Default)]
pub struct Summary {
    learners: usize,
    /// The names of those of whom something could not be judged.
    not_judged: Vec<String>,
}

impl Summary {
    pub fn add(&mut self, learner: &Learner) {
        self.learners += 1;
        if !learner.stands() || learner.is_pending() {
            self.not_judged.push(Outside::from(&*learner.submitter.name).to_string());
        }
    }

    /// Nothing is known of this one.
    pub fn add_missing(&mut self, name: &str) {
        self.learners += 1;
        self.not_judged.push(Outside::from(name).to_string());
    }

    pub fn exit_code(&self) -> u8 {
        if self.not_judged.is_empty() { 0 } else { NOT_JUDGED }
    }

    /// In words, with what to do about those who could not be judged.
    pub fn lines(&self, remedy: &str) -> Vec<String> {
        let Self { learners, not_judged } = self;
        let graded = learners - not_judged.len();
        let mut lines = vec![format!("{graded} of {learners} learners graded")];
        if !not_judged.is_empty() {
            lines.push(format!("not all could be judged of {}: {remedy}", listed(not_judged)));
        }
        lines
    }
}

/// These names, or the first of them if there are many.
pub fn listed(names: &[String]) -> String {
    let more = match names.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first: Vec<_> = names.iter().take(MOST).map(|name| &**name).collect();
    format!("{}{more}", first.join(", "))
}
