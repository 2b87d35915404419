//! The processor's time stamp counter. Where the processor allows, reading it raises a signal;
//! instead of the signal, the program gets what the counter would show on its clock.

use super::clock::Moment;
use super::memory;
use super::stop::Call;
use nix::errno::Errno;
use nix::unistd::Pid;
use std::fs;

/// Reads of the counter without a wait in between: more mean that the program waits by reading it.
pub const MOST: u32 = 2_000;

const RDTSC: [u8; 2] = [0x0f, 0x31];
const RDTSCP: [u8; 3] = [0x0f, 0x01, 0xf9];

pub struct Counter {
    /// How often it ticks in a microsecond.
    megahertz: f64,
}

impl Counter {
    pub fn new() -> Self {
        let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let line = cpus.lines().find(|line| line.starts_with("cpu MHz"));
        let megahertz = line.and_then(|line| line.split_once(':')?.1.trim().parse().ok());
        Self { megahertz: megahertz.unwrap_or(1000.0) }
    }

    /// Answers a thread that gets the signal because it reads the counter. Returns where in the
    /// program it does; `None` if it gets the signal for another reason.
    pub fn answer(&self, thread: Pid, now: Moment) -> Result<Option<u64>, Errno> {
        let Some(call) = Call::if_there(thread)? else { return Ok(None) };
        let code = memory::read_up_to(thread, call.address(), RDTSCP.len());
        let (processor, length) = match () {
            () if code.starts_with(&RDTSC) => (None, RDTSC.len()),
            () if code.starts_with(&RDTSCP) => (Some(0), RDTSCP.len()),
            () => return Ok(None),
        };
        let counter = (now as f64 / 1e3 * self.megahertz) as u64;
        call.store_counter(counter, processor, length as u64)?;
        Ok(Some(call.address()))
    }
}
