//! Keeps judged programs from the memory and the open files of the checker and its recorders. Only
//! Linux lets one program of a user reach into another: elsewhere there is nothing to do.

use nix::libc::rlim_t;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::io;
#[cfg(target_os = "linux")]
use std::os::unix::process::CommandExt;
use std::process::Command;

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

/// Lets this process trace the new one as soon as that exists. Until its program is loaded, it is a
/// copy of this one, and would be closed as well. Programs of the same user can look into it for that
/// moment: there must be no secret in this process yet.
pub fn open_to_its_parent(command: &mut Command) {
    #[cfg(target_os = "linux")]
    // SAFETY: between fork and exec, this makes one system call and allocates nothing.
    unsafe {
        command.pre_exec(|| Ok(nix::sys::prctl::set_dumpable(true)?));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}

/// From now on, the ends of this process's children are reported to it, even if it was started with
/// SIGCHLD ignored.
pub fn hear_of_children() {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: no code runs on the signal.
    let _ = unsafe { sigaction(Signal::SIGCHLD, &default) };
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

/// When the process that started this one ends, this one continues even if it has been stopped.
///
/// # Errors
///
/// If the system refuses.
pub fn continue_when_parent_ends() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGCONT)?;
    Ok(())
}

/// The resource limits of this process. Any program of the same user can change them.
pub struct Limits(Vec<(Resource, rlim_t, rlim_t)>);

impl Limits {
    /// The current limits.
    #[must_use]
    pub fn now() -> Self {
        let limit = |resource| Some((resource, getrlimit(resource).ok()?));
        let limits = RESOURCES.into_iter().filter_map(limit);
        Self(limits.map(|(resource, (soft, hard))| (resource, soft, hard)).collect())
    }

    /// Whether the limits are different now. If so, restores them as far as that is allowed.
    #[must_use]
    pub fn have_changed(&self) -> bool {
        let mut changed = false;
        for &(resource, soft, hard) in &self.0 {
            if getrlimit(resource) != Ok((soft, hard)) {
                changed = true;
                let allowed = getrlimit(resource).map_or(hard, |(_, hard)| hard);
                let _ = setrlimit(resource, soft, hard)
                    .or_else(|_| setrlimit(resource, soft.min(allowed), allowed));
            }
        }
        changed
    }
}

/// The resources that a recording needs.
const RESOURCES: [Resource; 6] = [
    Resource::RLIMIT_AS,
    Resource::RLIMIT_CPU,
    Resource::RLIMIT_DATA,
    Resource::RLIMIT_FSIZE,
    Resource::RLIMIT_NOFILE,
    Resource::RLIMIT_STACK,
];
