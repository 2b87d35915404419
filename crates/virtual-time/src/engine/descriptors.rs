//! What the program has open.

use nix::unistd::Pid;
use rustix::io;
use rustix::process::{PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use std::fs;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

/// Our own copy of a descriptor of the program.
pub fn copy(process: Pid, descriptor: i32) -> io::Result<OwnedFd> {
    let id = rustix::process::Pid::from_raw(process.as_raw()).ok_or(io::Errno::SRCH)?;
    pidfd_getfd(pidfd_open(id, PidfdFlags::empty())?, descriptor, PidfdGetfdFlags::empty())
}

/// Where it leads: a path, or a name such as `pipe:[1]`. `None` if it is closed.
pub fn target(process: Pid, descriptor: i32) -> Option<PathBuf> {
    fs::read_link(path(process, descriptor)).ok()
}

/// The path by which others reach what it leads to.
pub fn path(process: Pid, descriptor: i32) -> PathBuf {
    format!("/proc/{process}/fd/{descriptor}").into()
}

/// All descriptors of a process, and where each leads.
pub fn all(process: Pid) -> impl Iterator<Item = (i32, PathBuf)> {
    let entries = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        Some((entry.file_name().to_str()?.parse().ok()?, fs::read_link(entry.path()).ok()?))
    })
}

/// What the kernel says of a descriptor under this key: the first word of each line that has it.
pub fn info(process: Pid, descriptor: i32, key: &str) -> Vec<i32> {
    let info = fs::read_to_string(format!("/proc/{process}/fdinfo/{descriptor}"));
    let info = info.unwrap_or_default();
    let lines = info.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    lines.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}
