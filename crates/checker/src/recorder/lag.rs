//! How late the machine is: a measure of its load.

use nix::unistd;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use virtual_time::pseudo_terminal;

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

    /// Notes what no run delay of ours shows, until the other end of the channel is dropped: when the
    /// whole machine stands still, as a virtual machine without a core or a sleeping laptop does, and
    /// when terminals do, as a thread of the kernel hands on what is written to them, and has to wait
    /// for a core itself. One thread is enough for all runs: its own run delay does not count, as
    /// Linux shares out the cores by session, and each recorder has a session of its own.
    pub fn note_standstills(&self, end: Receiver<()>) {
        // Where run delays are not counted, readers poll, and notice standstills themselves.
        let Some(mut run_delay) = RunDelay::of_this_thread() else { return };
        let terminal = pseudo_terminal().ok();
        loop {
            let start = Instant::now();
            if end.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            terminal.iter().for_each(pass_through);
            let late = start.elapsed().saturating_sub(LOOK);
            self.note(late.saturating_sub(run_delay.since_last()));
        }
    }

    /// The worst lag from one moment to another, in seconds.
    pub fn worst_between(&self, start: Instant, end: Instant) -> f64 {
        let notes = self.notes.lock().expect("nobody panics");
        // A lag is noted when it is over: it began that much earlier.
        let in_between =
            notes.iter().filter(|(noted, late)| *noted >= start && *noted <= end + *late);
        in_between.map(|(_, late)| *late).max().unwrap_or_default().as_secs_f64()
    }
}

/// Sends a byte through a terminal, from the program's side to ours.
fn pass_through((ours, theirs): &(OwnedFd, OwnedFd)) {
    if unistd::write(theirs, b"\n").is_ok() {
        let _ = unistd::read(ours, &mut [0]);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_after_the_end_counts_if_it_began_before() {
        let lag = Lag::default();
        let second = Duration::from_secs(1);
        let before = Instant::now();
        lag.note(2 * second);
        let after = Instant::now();
        assert_eq!(lag.worst_between(before - 4 * second, before - second), 2.0);
        assert_eq!(lag.worst_between(before - 4 * second, before - 3 * second), 0.0);
        assert_eq!(lag.worst_between(after + second, after + 2 * second), 0.0);
    }
}
