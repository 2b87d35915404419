//! How late the machine is: a measure of its load.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Less than this is not worth a note.
const WORTH_A_NOTE: Duration = Duration::from_millis(1);
/// How often to see whether the machine stands still.
const LOOK: Duration = Duration::from_millis(50);

/// Notes of what was late, shared by those who take them.
#[derive(Clone, Default)]
pub struct Lag {
    /// When it was noted, and how late it was.
    notes: Arc<Mutex<Vec<(Instant, Duration)>>>,
}

impl Lag {
    /// Notes that something was this late, just now.
    pub fn note(&self, late: Duration) {
        if late >= WORTH_A_NOTE {
            self.notes.lock().expect("nobody panics").push((Instant::now(), late));
        }
    }

    /// Notes when the whole machine stands still, as a virtual machine without a core or a sleeping
    /// laptop does, until the other end of the channel is dropped. No run delay shows that. One
    /// thread is enough for all runs: its own run delay does not count, as Linux shares out the
    /// cores by session, and each recorder has a session of its own.
    pub fn note_standstills(&self, end: Receiver<()>) {
        // Where run delays are not counted, readers poll, and notice standstills themselves.
        let Some(mut run_delay) = RunDelay::of_this_thread() else { return };
        loop {
            let start = Instant::now();
            if end.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let late = start.elapsed().saturating_sub(LOOK);
            self.note(late.saturating_sub(run_delay.since_last()));
        }
    }

    /// The worst lag since this moment, in seconds.
    pub fn worst_since(&self, moment: Instant) -> f64 {
        let notes = self.notes.lock().expect("nobody panics");
        let since = notes.iter().filter(|(noted, _)| *noted >= moment).map(|(_, late)| *late);
        since.max().unwrap_or_default().as_secs_f64()
    }
}

/// How long a thread waits for a core when it is ready to run, as the system counts it.
pub struct RunDelay {
    file: File,
    before: Duration,
}

impl RunDelay {
    /// Of the calling thread, from now on. Only Linux counts it.
    pub fn of_this_thread() -> Option<Self> {
        let file = File::open("/proc/thread-self/schedstat").ok()?;
        let before = read(&file)?;
        Some(Self { file, before })
    }

    /// How long the thread has waited since the last call.
    pub fn since_last(&mut self) -> Duration {
        let now = read(&self.file).unwrap_or(self.before);
        now.saturating_sub(std::mem::replace(&mut self.before, now))
    }
}

/// The second number in the file: nanoseconds since the start of the thread.
fn read(schedule: &File) -> Option<Duration> {
    let mut buffer = [0; 100];
    let length = schedule.read_at(&mut buffer, 0).ok()?;
    let text = str::from_utf8(&buffer[..length]).ok()?;
    text.split(' ').nth(1)?.parse().ok().map(Duration::from_nanos)
}
