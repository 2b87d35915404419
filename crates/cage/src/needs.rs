//! What a command needs to run: its own folder, and the folder of its interpreter or toolchain if
//! that is not one of the system's.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a command needs, besides what every program may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Files and folders to read and execute.
    pub read: Vec<PathBuf>,
    /// Folders to write to: where cargo builds.
    pub write: Vec<PathBuf>,
    /// Variables that tell an interpreter where its home is, as `HOME` is another in the cage.
    pub environment: Vec<(OsString, OsString)>,
}

impl Needs {
    /// What this command needs that is started in this folder.
    #[must_use]
    pub fn of(_command: &[String], _folder: &Path) -> Self {
        Self::default()
    }
}
