//! How much a program may take of the machine.

use serde::{Deserialize, Serialize};

/// How much a program may take, with all its processes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Processes and threads at a time.
    pub processes: u32,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of each file.
    pub file: u64,
    /// Bytes of its private folder.
    pub folder: u64,
    /// Files and folders in its private folder.
    pub files: u32,
    /// CPU seconds.
    pub cpu: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            processes: 64,
            memory: 2 << 30,
            file: 64 << 20,
            folder: 256 << 20,
            files: 10_000,
            cpu: 120,
        }
    }
}

/// A limit that a program has hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    Processes,
    Memory,
    File,
    Folder,
    Files,
    Cpu,
}
