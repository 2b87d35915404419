//! What each thread was doing, and when.

use super::clock::{Moment, seconds};
use crate::run::{Activity, Doing};
use nix::unistd::Pid;
use std::collections::BTreeMap;

/// How many activities are kept.
const LIMIT: usize = 100_000;

#[derive(Default)]
pub struct Diary {
    /// What each thread is doing, and since when; with its process.
    current: BTreeMap<Pid, (Pid, Doing, Moment)>,
    past: Vec<Activity>,
}

impl Diary {
    /// From this moment on, the thread is doing this.
    pub fn note(&mut self, process: Pid, thread: Pid, doing: Doing, at: Moment) {
        match self.current.get(&thread) {
            Some((_, before, _)) if *before == doing => {}
            _ => {
                self.end(thread, at);
                self.current.insert(thread, (process, doing, at));
            }
        }
    }

    /// The thread has ended.
    pub fn end(&mut self, thread: Pid, at: Moment) {
        if let Some((process, doing, from)) = self.current.remove(&thread)
            && at > from
            && self.past.len() < LIMIT
        {
            let (process, thread) = (process.as_raw(), thread.as_raw());
            let (from, to) = (seconds(from), seconds(at));
            self.past.push(Activity { process, thread, doing, from, to });
        }
    }

    /// All of it, ordered by start.
    pub fn finish(mut self, at: Moment) -> Vec<Activity> {
        let threads: Vec<_> = self.current.keys().copied().collect();
        threads.into_iter().for_each(|thread| self.end(thread, at));
        self.past.sort_by(|one, other| one.from.total_cmp(&other.from));
        self.past
    }
}
