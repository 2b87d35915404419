//! A check that is running, on a thread of its own.

use super::{CHECKING, Check, Event, Link};
use crate::runner::Stop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// Ends with this: the check is stopped, and waited for.
pub struct Underway {
    pub stop: Stop,
    /// What the check is doing.
    pub says: String,
    since: Instant,
    thread: Option<JoinHandle<()>>,
}

impl Underway {
    pub fn start<Outcome: Send + 'static>(
        check: Check<Outcome>,
        events: Sender<Event<Outcome>>,
    ) -> Self {
        let stop = Stop::before_end();
        let said = events.clone();
        let says = move |what| {
            // Nobody listens if the loop has ended.
            let _ = said.send(Event::Says(what));
        };
        let link = Link { stop: stop.clone(), says: Some(Box::new(says)) };
        let thread = thread::spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| check(&link)));
            let _ = events.send(Event::Ended(outcome));
        });
        Self { stop, says: CHECKING.into(), since: Instant::now(), thread: Some(thread) }
    }

    /// What the check is doing, and for how many seconds it has run.
    pub fn now(&self) -> (String, u64) {
        (self.says.clone(), self.since.elapsed().as_secs())
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.stop.stop();
        let thread = self.thread.take().expect("it is dropped once");
        // A panic has been sent.
        let _ = thread.join();
    }
}
