//! What a command takes, also beside others: unlike `cost`, it tells one child from another.

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::mem::MaybeUninit;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How often it is asked whether a command has ended.
const LOOK: Duration = Duration::from_millis(10);

/// Seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    pub wall: f64,
    /// Of the process and all that it, and those below it, have waited for.
    pub cpu: f64,
}

/// Runs a command to its end, or for so long at most. `meanwhile` is called again and again.
#[expect(clippy::zombie_processes, reason = "`wait4` reaps it")]
pub fn run(command: &mut Command, longest: Duration, mut meanwhile: impl FnMut(Pid)) -> Spent {
    let start = Instant::now();
    let child =
        command.process_group(0).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let id = Pid::from_raw(child.id().try_into().expect("an id"));
    loop {
        if let Some(cpu) = cpu_of_ended(id) {
            return Spent { wall: start.elapsed().as_secs_f64(), cpu };
        }
        if start.elapsed() > longest {
            let _ = killpg(id, Signal::SIGKILL);
        }
        meanwhile(id);
        thread::sleep(LOOK);
    }
}

/// The CPU seconds of a child that has ended, which is reaped. Neither `std` nor `nix` tells them.
fn cpu_of_ended(child: Pid) -> Option<f64> {
    let (mut status, mut usage) = (0, MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: both pointers are to variables of the types that the call writes.
    let ended =
        unsafe { libc::wait4(child.as_raw(), &raw mut status, libc::WNOHANG, usage.as_mut_ptr()) };
    if Errno::result(ended).expect("it is our child") == 0 {
        return None;
    }
    // SAFETY: all zeros is a value of this type, too.
    let usage = unsafe { usage.assume_init() };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Some(seconds(usage.ru_utime) + seconds(usage.ru_stime))
}
