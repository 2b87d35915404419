//! Runs a program that nobody has read: it reads what it needs, writes to a private folder, and
//! reaches nothing else.
//!
//! Each promise is held by several layers of the kernel, none of which needs privileges: a
//! [`Plan`] says what the program may do, [`Layers`] what it is held by.

pub mod environment;
pub mod limits;
pub mod needs;
pub mod regular_file;

use limits::Limits;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::PathBuf;

/// What a program may do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Files and folders that it may read and execute, besides those of the system.
    pub read: Vec<PathBuf>,
    /// Folders that it may write to, besides its private one.
    pub write: Vec<PathBuf>,
    /// Variables of its environment, besides `HOME` and `TMPDIR`: everything else is left out.
    pub environment: Vec<(OsString, OsString)>,
    /// Whether it may talk to itself over the loopback interface.
    pub loopback: bool,
    pub limits: Limits,
    pub layers: Layers,
}

/// What holds a program. Each is used where the system offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// User, process, mount, network and IPC namespaces.
    pub namespaces: bool,
    /// Landlock: files, TCP, abstract sockets, signals.
    pub landlock: bool,
    /// A filter of system calls (seccomp).
    pub filter: bool,
}

/// What a cage promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// It reads what it needs, and writes to its private folder.
    Files,
    /// It reaches no network and no socket.
    Network,
    /// It reaches no process outside.
    Processes,
    /// It takes no more than its limits.
    Limits,
}
