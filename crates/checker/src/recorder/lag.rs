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

    /// Notes, until the other end of the channel is dropped, when the whole machine stands still: a
    /// virtual machine that gets no core, a laptop that sleeps. A thread that wants to run does not
    /// notice. One thread is enough for all runs: what it waits for a core itself does not count,
    /// as the sessions of others may get more of the cores, or less.
    pub fn note_standstills(&self, end: Receiver<()>) {
        // Without it, those who want to know look often enough themselves.
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

/// How long a thread waits for a core when it wants to run, as the system counts it.
pub struct RunDelay {
    file: File,
    before: Duration,
}

impl RunDelay {
    /// That of the thread that calls, from now on. Only Linux counts it.
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
