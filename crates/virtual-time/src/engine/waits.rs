//! System calls that wait until a deadline. In the kernel they wait without one; at the deadline the
//! thread is interrupted, and its call returns what it returns on a timeout.

use super::clock::{Clock, Moment, SECOND};
use super::filter::{EVENT_POLLS, FUTEX_COMMAND, FUTEX_WAITS};
use super::memory;
use super::stop::{Call, RESTART_ALWAYS, RESTART_UNLESS_HANDLED};
use crate::run::Doing;
use nix::errno::Errno;
use nix::libc;
use nix::unistd::Pid;

/// The deadline of a wait without one.
pub const NEVER: Moment = Moment::MAX;

/// A wait, while its thread is in the kernel.
#[derive(Clone, Copy, Debug)]
pub struct Wait {
    /// The call as the program made it.
    pub call: Call,
    /// When it ends by itself; `NEVER` if it does not.
    pub deadline: Moment,
    /// The number of this wait: a lower one began earlier.
    pub number: u64,
    pub doing: Doing,
    how: How,
    /// Whether the deadline has come, and the thread has been interrupted for it.
    pub is_over: bool,
}

/// How the kernel is told to wait without a deadline, and what a timeout leaves behind.
#[derive(Clone, Copy, Debug)]
struct How {
    /// Which argument is the timeout, and its value for no timeout; `None` if the call becomes
    /// another one, which only a signal ends.
    no_timeout: Option<(usize, u64)>,
    /// The result at the deadline.
    timed_out: i64,
    /// Where the time that is left is written to, if anywhere.
    left: Option<Left>,
    /// Whether sets of descriptors are emptied at the deadline.
    empties_sets: bool,
    /// Whether a handled signal ends it, whatever the handler asks for.
    ends_by_signal: bool,
}

/// The time that was left when a call ended.
#[derive(Clone, Copy, Debug)]
struct Left {
    address: u64,
    /// Nanoseconds in its second word: 1 for nanoseconds, 1000 for microseconds.
    unit: i64,
    /// Whether it is written only if the call was interrupted.
    if_interrupted: bool,
}

/// Clocks that a thread can sleep on. The kernel refuses the others, or they count CPU time.
const SLEPT_BY: [i32; 6] = [
    libc::CLOCK_REALTIME,
    libc::CLOCK_MONOTONIC,
    libc::CLOCK_BOOTTIME,
    libc::CLOCK_REALTIME_ALARM,
    libc::CLOCK_BOOTTIME_ALARM,
    libc::CLOCK_TAI,
];

/// What becomes of a call that the filter has reported.
#[expect(clippy::large_enum_variant, reason = "there is only ever one")]
pub enum Decoded {
    /// It is a wait, and a deadline is known.
    Wait(Wait),
    /// A zero-length wait: it lets others run, or checks whether something has come.
    NoTime,
    /// The kernel says what is wrong with it: it is carried out as it is.
    AsItIs,
    /// It is not a wait that is known.
    NotAWait,
}

/// What becomes of a wait when its call has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is over.
    Over,
    /// A signal has interrupted it. If none is handled, the same call goes on with it, until the same
    /// deadline.
    GoesOn,
    /// The same, but the call is a new wait.
    BeginsAgain,
}

/// When a wait ends.
#[derive(Clone, Copy)]
enum Timeout {
    /// After this many nanoseconds.
    In(i64),
    /// When this clock of the system shows this many nanoseconds.
    At(i32, i64),
    Never,
}

/// Reads a call that may be a wait.
///
/// # Errors
///
/// EPERM if the program does not let its memory be read.
pub fn decode(call: &Call, clock: &Clock, number: u64) -> Result<Decoded, Errno> {
    let (timeout, doing, how) = match read(call) {
        None => return Ok(Decoded::NotAWait),
        Some(Err(Errno::EPERM)) => return Err(Errno::EPERM),
        // A time that makes no sense, or cannot be read.
        Some(Err(_)) => return Ok(Decoded::AsItIs),
        Some(Ok(wait)) => wait,
    };
    let deadline = match timeout {
        // The kernel sleeps for a moment all the same, see `SLACK`.
        Timeout::In(0) if doing != Doing::Sleeps => return Ok(Decoded::NoTime),
        Timeout::In(nanoseconds) => Some(clock.now().saturating_add(nanoseconds)),
        Timeout::At(id, nanoseconds) => clock.moment(id, nanoseconds),
        Timeout::Never => Some(NEVER),
    };
    Ok(match deadline {
        // On a clock that counts CPU time, it is not known when it ends.
        None => Decoded::AsItIs,
        Some(deadline) => {
            Decoded::Wait(Wait { call: *call, deadline, number, doing, how, is_over: false })
        }
    })
}

/// `None` if it is not a wait.
fn read(call: &Call) -> Option<Result<(Timeout, Doing, How), Errno>> {
    let thread = call.thread;
    let arguments = call.arguments();
    let how = |index, value, timed_out| How {
        no_timeout: Some((index, value)),
        timed_out,
        left: None,
        empties_sets: false,
        ends_by_signal: true,
    };
    let with_left = |how: How, address, unit| {
        let left = Some(Left { address, unit, if_interrupted: false });
        How { left, ..how }
    };
    let in_time = |index: usize, unit| time(thread, arguments[index], unit).map(Timeout::In);
    let milliseconds = |index: usize| match arguments[index] as i32 {
        ..0 => Timeout::Never,
        milliseconds => Timeout::In(i64::from(milliseconds) * (SECOND / 1000)),
    };
    let in_time_or_never = |index: usize| match arguments[index] {
        0 => Ok(Timeout::Never),
        _ => in_time(index, 1),
    };
    const NONE: u64 = -1_i64 as u64;
    Some(match call.number() {
        libc::SYS_nanosleep => {
            in_time(0, 1).map(|timeout| (timeout, Doing::Sleeps, sleep(arguments[1])))
        }
        libc::SYS_clock_nanosleep => {
            let id = arguments[0] as i32;
            if !SLEPT_BY.contains(&id) {
                return Some(Err(Errno::EOPNOTSUPP));
            }
            let absolute = arguments[1] as i32 & libc::TIMER_ABSTIME != 0;
            time(thread, arguments[2], 1).map(|time| match absolute {
                true => (Timeout::At(id, time), Doing::Sleeps, sleep(0)),
                false => (Timeout::In(time), Doing::Sleeps, sleep(arguments[3])),
            })
        }
        libc::SYS_poll => Ok((milliseconds(2), Doing::Polls, how(2, NONE, 0))),
        libc::SYS_epoll_wait | libc::SYS_epoll_pwait => {
            Ok((milliseconds(3), Doing::Polls, how(3, NONE, 0)))
        }
        libc::SYS_epoll_pwait2 => {
            in_time_or_never(3).map(|timeout| (timeout, Doing::Polls, how(3, 0, 0)))
        }
        libc::SYS_ppoll => in_time(2, 1)
            .map(|timeout| (timeout, Doing::Polls, with_left(how(2, 0, 0), arguments[2], 1))),
        libc::SYS_select => in_time(4, 1000).map(|timeout| {
            let how = How { empties_sets: true, ..how(4, 0, 0) };
            (timeout, Doing::Polls, with_left(how, arguments[4], 1000))
        }),
        libc::SYS_pselect6 => in_time(4, 1).map(|timeout| {
            let how = How { empties_sets: true, ..how(4, 0, 0) };
            (timeout, Doing::Polls, with_left(how, arguments[4], 1))
        }),
        libc::SYS_rt_sigtimedwait => in_time_or_never(2)
            .map(|timeout| (timeout, Doing::Waits, how(2, 0, -(libc::EAGAIN as i64)))),
        libc::SYS_futex => futex_timeout(call)?
            .map(|timeout| (timeout, Doing::Waits, how(3, 0, -(libc::ETIMEDOUT as i64)))),
        libc::SYS_futex_waitv => time(thread, arguments[3], 1).map(|time| {
            let timeout = Timeout::At(arguments[4] as i32, time);
            let how = How { ends_by_signal: false, ..how(3, 0, -(libc::ETIMEDOUT as i64)) };
            (timeout, Doing::Waits, how)
        }),
        _ => return None,
    })
}

/// A sleep becomes a call that only a signal ends.
fn sleep(left: u64) -> How {
    let left = (left != 0).then_some(Left { address: left, unit: 1, if_interrupted: true });
    How { no_timeout: None, timed_out: 0, left, empties_sets: false, ends_by_signal: true }
}

/// `None` if it is not a wait.
fn futex_timeout(call: &Call) -> Option<Result<Timeout, Errno>> {
    let operation = call.argument(1) as i32;
    let command = operation & FUTEX_COMMAND as i32;
    if !FUTEX_WAITS.contains(&command) {
        return None;
    }
    let is_real = command == libc::FUTEX_LOCK_PI || operation & libc::FUTEX_CLOCK_REALTIME != 0;
    let id = if is_real { libc::CLOCK_REALTIME } else { libc::CLOCK_MONOTONIC };
    Some(time(call.thread, call.argument(3), 1).map(|time| match command {
        // A timeout of zero fails at once, unless the value differs: like a deadline in the past.
        libc::FUTEX_WAIT if time == 0 => Timeout::At(libc::CLOCK_MONOTONIC, 0),
        libc::FUTEX_WAIT => Timeout::In(time),
        _ => Timeout::At(id, time),
    }))
}

/// Nanoseconds, from the two words of a time; the second is in units of this many nanoseconds.
///
/// # Errors
///
/// If the kernel would refuse it.
fn time(thread: Pid, address: u64, unit: i64) -> Result<i64, Errno> {
    let [seconds, fraction] = memory::read_words(thread, address)?;
    // The microseconds may add up to more than a second.
    let is_too_much = unit == 1 && fraction >= SECOND;
    if seconds < 0 || fraction < 0 || is_too_much {
        return Err(Errno::EINVAL);
    }
    Ok(seconds.saturating_mul(SECOND).saturating_add(fraction.saturating_mul(unit)))
}

impl Wait {
    /// Its process is stopped by a signal. Some calls do not go on after that, but fail.
    pub fn stop(&self) -> Result<bool, Errno> {
        let Some(mut call) = Call::if_there(self.call.thread)? else { return Ok(false) };
        let may_fail =
            EVENT_POLLS.contains(&call.number()) || call.number() == libc::SYS_rt_sigtimedwait;
        let fails = may_fail && call.result() == RESTART_UNLESS_HANDLED;
        if fails {
            call.set_result(-(libc::EINTR as i64));
            call.store()?;
        }
        Ok(fails)
    }

    /// Tells the kernel to wait without a deadline.
    pub fn enter(&self) -> Result<(), Errno> {
        let mut call = self.call;
        match self.how.no_timeout {
            Some((index, value)) => call.set_argument(index, value),
            None => call.set_number(libc::SYS_pause),
        }
        call.store()
    }

    /// Ends it, at the end of its call.
    pub fn end(&self, now: Moment) -> Result<End, Errno> {
        let Some(mut call) = Call::if_there(self.call.thread)? else { return Ok(End::Over) };
        let interrupted = call.is_interrupted();
        call.restore(&self.call);
        if interrupted && self.is_over {
            call.set_result(self.how.timed_out);
            if self.how.empties_sets {
                self.empty_sets();
            }
        } else if interrupted && self.how.ends_by_signal && call.result() != RESTART_ALWAYS {
            call.set_result(RESTART_UNLESS_HANDLED);
        }
        let is_interrupted = interrupted && !self.is_over;
        let mut end = if is_interrupted { End::GoesOn } else { End::Over };
        if let Some(left) = self.how.left
            && (is_interrupted || !left.if_interrupted)
        {
            let time = (self.deadline - now).max(0);
            let words = [time / SECOND, time % SECOND / left.unit];
            // The kernel does not mind if it cannot be written, either.
            let _ = memory::write_words(self.call.thread, left.address, &words);
            // The same call again reads there how long it is to wait.
            if is_interrupted && !left.if_interrupted {
                end = End::BeginsAgain;
            }
        }
        call.store()?;
        Ok(end)
    }

    fn empty_sets(&self) {
        let [descriptors, sets @ .., _, _] = self.call.arguments();
        let empty = vec![0; (descriptors as u32 as usize).div_ceil(64).min(1 << 16) * 8];
        for set in sets.into_iter().filter(|set| *set != 0) {
            // The kernel has read them from there, so they can be written.
            let _ = memory::write(self.call.thread, set, &empty);
        }
    }
}
