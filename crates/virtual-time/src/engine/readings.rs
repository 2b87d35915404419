//! Answers calls that ask what time it is.

use super::clock::{Clock, SECOND};
use super::memory;
use super::stop::Call;
use nix::errno::Errno;
use nix::libc;

/// What `times` counts in: a hundredth of a second, on all Linux systems.
const TICK: i64 = SECOND / 100;

/// Whether a call asks only what time it is.
pub fn are_asked_for(call: &Call) -> bool {
    match call.number() {
        libc::SYS_clock_gettime | libc::SYS_time => true,
        // Otherwise it asks for the time zone, which no system has any more.
        libc::SYS_gettimeofday => call.argument(0) != 0,
        _ => false,
    }
}

/// Answers such a call by the program's own clock.
pub fn answer(call: &Call, clock: &mut Clock) -> Result<(), Errno> {
    let mut read = |id| clock.read(id).ok_or(Errno::EINVAL);
    let [first, second, ..] = call.arguments();
    let result = match call.number() {
        libc::SYS_clock_gettime => read(first as i32).and_then(|time| {
            memory::write_words(call.thread, second, &[time / SECOND, time % SECOND])?;
            Ok(0)
        }),
        libc::SYS_gettimeofday => read(libc::CLOCK_REALTIME).and_then(|time| {
            memory::write_words(call.thread, first, &[time / SECOND, time % SECOND / 1000])?;
            if second != 0 {
                memory::write_words(call.thread, second, &[0])?;
            }
            Ok(0)
        }),
        _ => read(libc::CLOCK_REALTIME).and_then(|time| {
            if first != 0 {
                memory::write_words(call.thread, first, &[time / SECOND])?;
            }
            Ok(time / SECOND)
        }),
    };
    match result {
        Err(Errno::EPERM) => Err(Errno::EPERM),
        result => call.answer(result),
    }
}

/// Calls that also tell something that only the kernel knows.
pub fn is_completed(number: i64) -> bool {
    matches!(number, libc::SYS_times | libc::SYS_sysinfo)
}

/// Puts the time into what the kernel has answered.
pub fn complete(call: &mut Call, clock: &mut Clock) -> Result<(), Errno> {
    let up = clock.read(libc::CLOCK_BOOTTIME).unwrap_or_default();
    match call.number() {
        libc::SYS_times if call.result() >= 0 => {
            call.set_result(up / TICK);
            call.store()
        }
        libc::SYS_sysinfo if call.result() == 0 => {
            memory::write_words(call.thread, call.argument(0), &[up / SECOND])
        }
        _ => Ok(()),
    }
}
