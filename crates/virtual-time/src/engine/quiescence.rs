//! Whether all threads of the program are asleep, and whether it is known what each one waits for.

use super::filter::{self, FUTEX_COMMAND};
use super::processes::{Processes, State};
use crate::run::Doing;
use nix::libc;
use nix::unistd::Pid;
use std::fs;
use std::time::Duration;

/// Time for what the kernel does on its own behalf, such as passing on a packet, between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_micros(50);

/// A thread that is asleep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sleeper {
    pub thread: Pid,
    /// The system call that it is in, with its arguments; `None` if it is stopped.
    pub call: Option<(i64, [u64; 6])>,
    /// How often it has run on a core, up to now.
    pub runs: u64,
}

/// All threads, if all are asleep. A thread may wake another and fall asleep itself between the
/// looks at the two of them: so there are two looks, and none may have run in between.
pub fn all_asleep(processes: &Processes) -> Option<Vec<Sleeper>> {
    let first = look(processes)?;
    std::thread::sleep(BETWEEN_LOOKS);
    let second = look(processes)?;
    (first == second).then_some(second)
}

fn look(processes: &Processes) -> Option<Vec<Sleeper>> {
    let mut sleepers = Vec::with_capacity(processes.threads.len());
    for (thread, it) in &processes.threads {
        match it.state {
            // The main thread has ended before others: it stays behind as a zombie.
            State::Ending if *thread == it.process && processes.has_others(*thread) => {
                if state(it.process, *thread) != Some('Z') {
                    return None;
                }
            }
            State::Ending => return None,
            // It has been continued or killed, and has not said so yet.
            State::Stopped if !matches!(state(it.process, *thread), Some('t' | 'T')) => {
                return None;
            }
            State::Stopped | State::Held(_) => {
                sleepers.push(Sleeper { thread: *thread, call: None, runs: 0 });
            }
            // It has been told to end, and has not ended yet.
            State::Waiting(wait) if wait.is_over => return None,
            State::Free | State::Waiting(_) | State::Calling(_) => {
                sleepers.push(sleeper(it.process, *thread)?);
            }
        }
    }
    Some(sleepers)
}

/// `None` if it is awake.
fn sleeper(process: Pid, thread: Pid) -> Option<Sleeper> {
    let folder = format!("/proc/{process}/task/{thread}");
    // It says "running", or the number, six arguments, the stack pointer and the instruction.
    let call = fs::read_to_string(format!("{folder}/syscall")).ok()?;
    let mut words = call.split_whitespace();
    let number: i64 = words.next()?.parse().ok()?;
    let mut arguments = [0; 6];
    for argument in &mut arguments {
        *argument = u64::from_str_radix(words.next()?.trim_start_matches("0x"), 16).ok()?;
    }
    // Not in a call: it waits for a page of memory.
    if number < 0 {
        return None;
    }
    match (state(process, thread)?, filter::clone_flags(number, arguments[0])) {
        // A parent that waits until its child has ended or runs another program.
        (_, Some(flags)) => (flags & libc::CLONE_VFORK != 0).then_some(())?,
        ('S', None) => {}
        _ => return None,
    }
    let schedule = fs::read_to_string(format!("{folder}/schedstat")).ok()?;
    let runs = schedule.split_whitespace().nth(2)?.parse().ok()?;
    Some(Sleeper { thread, call: Some((number, arguments)), runs })
}

/// The letter of its state.
fn state(process: Pid, thread: Pid) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{process}/task/{thread}/stat")).ok()?;
    // The name before it may contain anything.
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Calls that wait for descriptors, locks, children or signals, without a timeout, and that the
/// filter does not report; and what a thread is doing in them. `None` for a call that is not known
/// to wait in this way only.
pub fn known_wait(number: i64, arguments: &[u64; 6]) -> Option<Doing> {
    let is_null = |index: usize| arguments[index] == 0;
    Some(match number {
        libc::SYS_ppoll if is_null(2) => Doing::Polls,
        libc::SYS_select | libc::SYS_pselect6 if is_null(4) => Doing::Polls,
        libc::SYS_futex
            if arguments[1] as i32 & FUTEX_COMMAND as i32 == libc::FUTEX_UNLOCK_PI
                || is_null(3) =>
        {
            Doing::Waits
        }
        libc::SYS_futex_waitv if is_null(3) => Doing::Waits,
        libc::SYS_pause
        | libc::SYS_rt_sigsuspend
        | libc::SYS_wait4
        | libc::SYS_waitid
        | libc::SYS_vfork
        | libc::SYS_clone
        | libc::SYS_read
        | libc::SYS_readv
        | libc::SYS_write
        | libc::SYS_writev
        | libc::SYS_splice
        | libc::SYS_sendfile
        | libc::SYS_accept
        | libc::SYS_accept4
        | libc::SYS_connect
        | libc::SYS_recvfrom
        | libc::SYS_recvmsg
        | libc::SYS_sendto
        | libc::SYS_sendmsg => Doing::Waits,
        _ => return None,
    })
}

/// Whether a thread waits for a file lock.
pub fn waits_for_lock(sleeper: &Sleeper) -> bool {
    sleeper.call.is_some_and(|(number, _)| matches!(number, libc::SYS_flock | libc::SYS_fcntl))
}

/// What is said of a wait that is not known.
pub fn unknown_wait(number: i64) -> String {
    match number {
        libc::SYS_flock | libc::SYS_fcntl => {
            "it waits for a file lock, which another process may hold".into()
        }
        _ => format!("it waits in {}, for something unknown", super::name_of(number)),
    }
}
