//! Signals on their way to the program.

use super::processes::Processes;
use crate::run::Failure;
use nix::libc::{self, c_int};
use nix::sys::ptrace;
use nix::unistd::Pid;
use procfs::process::Process;

/// What the tracer does about a signal before it is delivered.
///
/// # Errors
///
/// `NotBelieved` if a process outside has sent it.
pub fn arrive(thread: Pid, signal: c_int, processes: &mut Processes) -> Result<(), Failure> {
    let Ok(info) = ptrace::getsiginfo(thread) else { return Ok(()) };
    if matches!(info.si_code, libc::SI_USER | libc::SI_QUEUE | libc::SI_TKILL) {
        // SAFETY: for a signal with these codes, the kernel has filled in the sender.
        let sender = Pid::from_raw(unsafe { info.si_pid() });
        if sender.as_raw() != 0 && !processes.was_inside(sender) {
            let name = nix::sys::signal::Signal::try_from(signal)
                .map_or(signal.to_string(), |signal| signal.to_string());
            let why = format!("a process outside sent it {name}");
            return Err(Failure::NotBelieved(why));
        }
    }
    // The call that it interrupts is not made again.
    if is_handled(thread, signal)
        && let Some(thread) = processes.get(thread)
    {
        thread.interrupted = None;
    }
    Ok(())
}

/// Whether signals that any thread may take are on their way to this process.
pub fn are_pending(process: Pid) -> bool {
    let status = Process::new(process.as_raw()).and_then(|process| process.status());
    status.is_ok_and(|status| status.shdpnd != 0)
}

/// Calls that send a signal to a whole process.
pub fn sends(number: i64) -> bool {
    matches!(number, libc::SYS_kill | libc::SYS_rt_sigqueueinfo | libc::SYS_pidfd_send_signal)
}

fn is_handled(thread: Pid, signal: c_int) -> bool {
    let status = Process::new(thread.as_raw()).and_then(|process| process.status());
    status.is_ok_and(|status| status.sigcgt & (1 << (signal - 1)) != 0)
}
