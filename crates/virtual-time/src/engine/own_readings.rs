//! Readings of the clock that a program makes by itself, without a stop. A stop takes as long as a
//! thousand of them, and Python reads the clock 1,600 times before its first line.
//!
//! Only one process may make some at a time, so none reads an earlier time than another one has.

use super::clock::{Clock, Moment, READING};
use super::memory;
use nix::errno::Errno;
use nix::unistd::Pid;
use std::time::Duration;

/// Clocks of the system that the program reads by itself: it numbers them from 0.
pub const CLOCKS: u8 = 12;
/// By how many nanoseconds two readings differ.
pub const STEP: u8 = READING as u8;
/// Bytes that the program needs for it: a multiple of 16.
pub const LENGTH: u64 = (8 * (3 + CLOCKS as u64)).next_multiple_of(16);

/// How many readings a program may make before it stops again, and for how long: nanoseconds of its own
/// clock, which advances when it stops, and when the tracer looks.
const GRANTED: i64 = 128;
const VALID: i64 = 3_000_000;

/// The readings of a process. Its code finds in its own memory, in words of 8 bytes:
///
/// - what its clock shows at the next reading, in nanoseconds since its start;
/// - how many readings it may make;
/// - how many it has made, which it counts, along with those that were too many;
/// - what each clock of the system showed at the start, in nanoseconds, or 0 if it does not tell the
///   time.
///
/// The program may change all of that, but deceives only itself.
#[derive(Clone, Copy, Debug)]
pub struct OwnReadings {
    address: u64,
    /// The moment of the first one that it may make.
    granted: Option<Moment>,
}

impl OwnReadings {
    /// The program may make none yet.
    pub fn begin(process: Pid, address: u64, clock: &Clock) -> Result<Self, Errno> {
        let starts = (0..CLOCKS).map(|id| clock.start_of(id.into()).unwrap_or_default());
        let words: Vec<_> = [0; 3].into_iter().chain(starts).collect();
        memory::write_words(process, address, &words)?;
        Ok(Self { address, granted: None })
    }

    /// It may make some from now on. Its only thread is stopped: it might see some of these words, but
    /// not the others.
    pub fn grant(&mut self, process: Pid, clock: &Clock) -> Result<(), Errno> {
        let first = clock.told().saturating_add(STEP.into());
        self.granted = Some(first);
        write(process, self.address, &[first, GRANTED, 0])
    }

    /// It may make no more. Returns how many it has made: the clock shows no earlier time than they did, and
    /// [goes on](Clock::reach) from there if it is to.
    pub fn take_back(
        &mut self,
        process: Pid,
        clock: &mut Clock,
        goes_on: bool,
    ) -> Result<u32, Errno> {
        let Some(first) = self.granted.take() else { return Ok(0) };
        write(process, self.address + 8, &[0])?;
        let made = memory::read_words(process, self.address + 16);
        let made = made.map_or(0, |[made]| made.clamp(0, GRANTED));
        if made > 0 {
            clock.reach(first.saturating_add((made - 1) * i64::from(STEP)), goes_on);
        }
        Ok(made as u32)
    }

    /// If it may make some, how long it will be until that is taken back.
    pub fn valid_for(&self, clock: &Clock) -> Option<Duration> {
        let left = VALID - (clock.told() - self.granted?);
        Some(Duration::from_nanos(left.max(0) as u64))
    }
}

/// If its memory is gone, the process has ended, or is about to run another program.
fn write(process: Pid, address: u64, words: &[i64]) -> Result<(), Errno> {
    match memory::write_words(process, address, words) {
        Err(Errno::EFAULT | Errno::ESRCH) => Ok(()),
        other => other,
    }
}
