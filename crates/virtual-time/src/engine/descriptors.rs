//! What the program has open.

use nix::unistd::Pid;
use rustix::io;
use rustix::process::{PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use std::os::fd::OwnedFd;

/// Our own copy of a descriptor of the program.
pub fn copy(process: Pid, descriptor: i32) -> io::Result<OwnedFd> {
    let id = rustix::process::Pid::from_raw(process.as_raw()).ok_or(io::Errno::SRCH)?;
    pidfd_getfd(pidfd_open(id, PidfdFlags::empty())?, descriptor, PidfdGetfdFlags::empty())
}
