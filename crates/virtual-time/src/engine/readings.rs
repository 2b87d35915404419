//! Answers calls that ask what time it is.

use super::clock::{Clock, SECOND};
use super::memory;
use super::stop::Call;
use nix::errno::Errno;
use nix::libc;

/// What `times` counts in: a hundredth of a second, on all Linux systems.
const TICK: i64 = SECOND / 100;

/// Answers a call by the program's own clock. `Ok(false)` if it does not ask for the time.
pub fn answer(call: &Call, clock: &mut Clock) -> Result<bool, Errno> {
    let mut read = |id| clock.read(id).ok_or(Errno::EINVAL);
    let [first, second, ..] = call.arguments();
    let result = match call.number() {
        libc::SYS_clock_gettime => read(first as i32).and_then(|time| {
            memory::write_words(call.thread, second, &[time / SECOND, time % SECOND])?;
            Ok(0)
        }),
        // With a second address it also asks for the time zone, which no system has any more.
        libc::SYS_gettimeofday if first != 0 => read(libc::CLOCK_REALTIME).and_then(|time| {
            memory::write_words(call.thread, first, &[time / SECOND, time % SECOND / 1000])?;
            if second != 0 {
                memory::write_words(call.thread, second, &[0])?;
            }
            Ok(0)
        }),
        libc::SYS_time => read(libc::CLOCK_REALTIME).and_then(|time| {
            if first != 0 {
                memory::write_words(call.thread, first, &[time / SECOND])?;
            }
            Ok(time / SECOND)
        }),
        _ => return Ok(false),
    };
    call.answer(result).map(|()| true)
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
