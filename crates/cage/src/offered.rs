//! Which layers this machine has. Each is tried, as no file of the kernel says whether a container
//! or a security module forbids it.

use crate::filter::{self, Elsewhere};
use crate::landlock::Rules;
use crate::limits::Limits;
use crate::{Layers, Plan, namespaces, shut_off};
use nix::errno::Errno;
use nix::libc;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

/// See [`Layers::offered`].
pub fn offered() -> Layers {
    static OFFERED: OnceLock<Layers> = OnceLock::new();
    *OFFERED.get_or_init(|| Layers {
        namespaces: works(|| namespaces::enter(&empty_plan())),
        landlock: works(try_landlock),
        filter: works(try_filter),
    })
}

/// Tries something in a process of its own, which then ends.
pub fn works(attempt: impl FnOnce() -> io::Result<()>) -> bool {
    // SAFETY: what is tried makes system calls and allocates, which the C library allows after a
    // process with several threads has forked. It takes no other locks.
    match unsafe { fork() } {
        Ok(ForkResult::Child) => shut_off(i32::from(attempt().is_err())),
        Ok(ForkResult::Parent { child }) => loop {
            match waitpid(child, None) {
                Err(Errno::EINTR) => {}
                ending => return matches!(ending, Ok(WaitStatus::Exited(_, 0))),
            }
        },
        Err(_) => false,
    }
}

fn empty_plan() -> Plan {
    Plan {
        read: Vec::new(),
        links: Vec::new(),
        write: Vec::new(),
        environment: Vec::new(),
        missing: None,
        loopback: false,
        limits: Limits::default(),
        layers: Layers { namespaces: true, landlock: true, filter: true },
    }
}

fn try_landlock() -> io::Result<()> {
    let folder = Path::new("/");
    let mut plan = empty_plan();
    plan.layers.namespaces = false;
    // The plan allows nothing of the root folder itself.
    Rules::of(&plan, Path::new("/proc/self"))?.apply()?;
    is_refused(fs::read_dir(folder).err())
}

fn try_filter() -> io::Result<()> {
    let elsewhere = Elsewhere { mounts: false, truncation: false, signals: false, loopback: false };
    seccompiler::apply_filter(&filter::program(elsewhere)?).map_err(io::Error::other)?;
    // SAFETY: it takes no pointers, and signal 0 does nothing to a process.
    let result = unsafe { libc::kill(-1, 0) };
    is_refused((result != 0).then(io::Error::last_os_error))
}

fn is_refused(error: Option<io::Error>) -> io::Result<()> {
    match error {
        Some(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        _ => Err(io::Error::other("it has no effect")),
    }
}
