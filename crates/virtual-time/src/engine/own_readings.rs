//! Readings of the clock that a program makes by itself, without a stop. A stop takes as long as a
//! thousand of them, and Python reads the clock 1,600 times before its first line.

use super::clock::{Clock, Moment, READING};
use super::memory;
use nix::errno::Errno;
use nix::unistd::Pid;
use std::time::{Duration, Instant};

/// Clocks of the system that the program reads by itself: it numbers them from 0.
pub const CLOCKS: u8 = 12;
/// By how many nanoseconds two readings differ.
pub const STEP: u8 = READING as u8;
/// Bytes that the program needs for it: a multiple of 16.
pub const LENGTH: u64 = (8 * (3 + CLOCKS as u64)).next_multiple_of(16);

/// How many readings a program may make before it stops again, and for about how long, in real time.
/// When it stops, its clock advances by the CPU time that it has used.
const GRANTED: i64 = 32;
const VALID: Duration = Duration::from_millis(1);

/// The readings of a process. Its code finds in its own memory, in words of 8 bytes:
///
/// - what its clock shows at the next reading, in nanoseconds since its start;
/// - how many readings it may make;
/// - how many it has made, which it counts;
/// - what each clock of the system showed at the start, in nanoseconds, or 0 if it does not tell the
///   time.
///
/// The program may change all of that, but deceives only itself.
#[derive(Clone, Copy, Debug)]
pub struct OwnReadings {
    address: u64,
    /// The moment of the first of those that it has not accounted for.
    first: Option<Moment>,
    /// Since when it may make some.
    granted: Option<Instant>,
}

impl OwnReadings {
    /// The program may make none yet.
    pub fn begin(process: Pid, address: u64, clock: &Clock) -> Result<Self, Errno> {
        let starts = (0..CLOCKS).map(|id| clock.start_of(id.into()).unwrap_or_default());
        let words: Vec<_> = [0; 3].into_iter().chain(starts).collect();
        memory::write_words(process, address, &words)?;
        Ok(Self { address, first: None, granted: None })
    }

    /// How many it has made since it was last granted some, with the one that it could not make by
    /// itself, and the moment of the last one. `None` if it was not granted any, or is gone.
    pub fn account(&mut self, process: Pid) -> Option<(u32, Moment)> {
        let first = self.first.take()?;
        let [number] = memory::read_words(process, self.address + 16).ok()?;
        let number = number.clamp(1, GRANTED + 1);
        let last = first.saturating_add((number - 1) * i64::from(STEP));
        Some((number as u32, last))
    }

    /// It may make some, after this moment. Its threads are stopped: they might read half of a word.
    pub fn grant(&mut self, process: Pid, now: Moment) -> Result<(), Errno> {
        let first = now.saturating_add(STEP.into());
        (self.first, self.granted) = (Some(first), Some(Instant::now()));
        write(process, self.address, &[first, GRANTED, 0])
    }

    /// Those of a child, whose memory is a copy: it may make what was left to its parent when it was
    /// started.
    pub fn of_child(&self) -> Self {
        Self { granted: Some(Instant::now()), first: None, ..*self }
    }

    /// It may make no more.
    pub fn take_back(&mut self, process: Pid) -> Result<(), Errno> {
        match self.granted.take() {
            Some(_) => write(process, self.address + 8, &[0]),
            None => Ok(()),
        }
    }

    /// Whether it may have made some for so long that its clock is late.
    pub fn are_late(&self) -> bool {
        self.granted.is_some_and(|at| at.elapsed() > VALID)
    }
}

/// If its memory is gone, the process has ended, or is about to run another program.
fn write(process: Pid, address: u64, words: &[i64]) -> Result<(), Errno> {
    match memory::write_words(process, address, words) {
        Err(Errno::EFAULT | Errno::ESRCH) => Ok(()),
        other => other,
    }
}
