//! Keeps judged programs from the memory and the open files of the checker and its recorders. Only
//! Linux lets one program of a user reach into another: elsewhere there is nothing to do.

use std::io;

/// From now on, no other process can trace this one, read or write its memory, or open what it has
/// open.
///
/// # Errors
///
/// If the system refuses.
pub fn close_this_process() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_dumpable(false)?;
    Ok(())
}

/// Root can reach into closed processes, too: the programs that this one starts cannot, whoever
/// runs them.
pub fn close_to_root() {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
        let tracing = CapabilitySet::SYS_PTRACE;
        // An ordinary user may do neither, and has no need to.
        let _ = rustix::thread::remove_capability_from_bounding_set(tracing);
        if let Ok(mut sets) = capabilities(None) {
            sets.inheritable -= tracing;
            let _ = set_capabilities(None, sets);
        }
    }
}

/// When the process that started this one ends, this one goes on even if it has been stopped.
///
/// # Errors
///
/// If the system refuses.
pub fn continue_when_parent_ends() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGCONT)?;
    Ok(())
}
