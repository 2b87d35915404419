//! Tells what a program has done so far, while it runs.

use super::Job;
use crate::recording::Recording;
use std::time::{Duration, Instant};

/// How often to tell.
const OFTEN: Duration = Duration::from_millis(100);

/// Who is told, if the job is live.
pub struct Live<Tell> {
    tell: Option<Tell>,
    next: Instant,
}

impl<Tell: FnMut(Recording)> Live<Tell> {
    pub fn new(job: &Job, tell: Tell) -> Self {
        Self { tell: job.live.then_some(tell), next: Instant::now() }
    }

    /// Tells it if it is time to.
    pub fn tell(&mut self, so_far: impl FnOnce() -> Recording) {
        let start = Instant::now();
        if let Some(tell) = self.tell.as_mut().filter(|_| start >= self.next) {
            tell(so_far());
            // Thousands of lines take a while: at most a tenth of the time goes into it.
            self.next = start + OFTEN.max(10 * start.elapsed());
        }
    }
}
