//! How much of the machine a program may take.
//!
//! - `asking`: in real time, the kernel asks before it starts a process or a thread, so that each is
//!   counted; `let_go`: who may be about to start one
//! - `looks`: looks at memory, CPU time and files, again and again; also at processes, where the
//!   kernel cannot ask; `memory`: at what they take of it; `open`: at what they only hold open;
//!   `added`: at what a build adds to its folder; `walk`: through all files of a folder

#[cfg(target_os = "linux")]
mod added;
#[cfg(target_os = "linux")]
pub mod asking;
#[cfg(target_os = "linux")]
mod let_go;
#[cfg(target_os = "linux")]
pub mod looks;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod open;
#[cfg(target_os = "linux")]
mod walk;

use nix::sys::resource::{Resource, setrlimit};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// How much a program may take, with all its processes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Processes and threads at a time.
    pub processes: u32,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of each file.
    pub file: u64,
    /// Bytes of all files in its private folder.
    pub folder: u64,
    /// Files and folders in its private folder.
    pub files: u32,
    /// Bytes of all files that it adds to the folders outside that it may write to.
    pub added: u64,
    /// Files and folders that it adds there.
    pub added_files: u32,
    /// CPU seconds.
    pub cpu: u32,
}

impl Limits {
    /// Far more than an exercise needs: a virtual machine such as Java's starts tens of threads.
    pub const DEFAULT: Self = Self {
        processes: 64,
        memory: 2 << 30,
        file: 64 << 20,
        folder: 256 << 20,
        files: 10_000,
        added: 256 << 20,
        added_files: 10_000,
        cpu: 120,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A limit that a program has hit, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Processes and threads at a time.
    Processes(u32),
    /// Bytes of memory.
    Memory(u64),
    /// Bytes of a file.
    File(u64),
    /// Bytes of the private folder, or of what it has added to another one.
    Folder(u64),
    /// Files and folders in the private folder, or added to another one.
    Files(u32),
    /// CPU seconds.
    Cpu(u32),
}

/// In words that say what was too much.
impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Processes(1) => write!(formatter, "more than 1 process or thread"),
            Self::Processes(most) => write!(formatter, "more than {most} processes and threads"),
            Self::Memory(most) => write!(formatter, "more than {} of memory", size(*most)),
            Self::File(most) => write!(formatter, "a file of more than {}", size(*most)),
            Self::Folder(most) => write!(formatter, "more than {} of files", size(*most)),
            Self::Files(1) => write!(formatter, "more than 1 file or folder"),
            Self::Files(most) => write!(formatter, "more than {most} files and folders"),
            Self::Cpu(most) => write!(formatter, "more than {most} s of CPU time"),
        }
    }
}

/// A number of bytes in the largest unit that divides it, as in 64 MB; 1 KB is 1024 bytes.
#[must_use]
pub fn size(bytes: u64) -> String {
    let units = [(30, "GB"), (20, "MB"), (10, "KB")];
    let whole = units.into_iter().find(|(bits, _)| bytes > 0 && bytes.trailing_zeros() >= *bits);
    match whole {
        Some((bits, unit)) => format!("{} {unit}", bytes >> bits),
        None => format!("{bytes} bytes"),
    }
}

/// Lets each process of this command take no more than this many bytes of memory, which the system
/// refuses it then: for one of the user's programs that reads what a learner has made.
pub fn limit_memory(command: &mut Command, bytes: u64) {
    // SAFETY: between fork and exec, this makes one system call and allocates nothing.
    unsafe {
        command.pre_exec(move || Ok(setrlimit(Resource::RLIMIT_DATA, bytes, bytes)?));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learner_can_understand_each_limit() {
        let limits = Limits::default();
        let said = |limit: Limit| limit.to_string();
        assert_eq!(said(Limit::Processes(limits.processes)), "more than 64 processes and threads");
        assert_eq!(said(Limit::Processes(1)), "more than 1 process or thread");
        assert_eq!(said(Limit::Files(1)), "more than 1 file or folder");
        assert_eq!(said(Limit::Memory(limits.memory)), "more than 2 GB of memory");
        assert_eq!(said(Limit::File(limits.file)), "a file of more than 64 MB");
        assert_eq!(said(Limit::Folder(1536 << 10)), "more than 1536 KB of files");
        assert_eq!(said(Limit::Folder(1000)), "more than 1000 bytes of files");
        assert_eq!(said(Limit::Folder(0)), "more than 0 bytes of files");
    }
}
