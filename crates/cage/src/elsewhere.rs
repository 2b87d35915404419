//! Stands in for the cage on systems other than Linux, which have none of its layers.

use crate::Plan;
use crate::held::Held;
use std::io;
use std::os::raw::c_int;
use std::path::Path;
use std::process::Command;

impl Plan {
    /// Fails: there is no cage to enter.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn enter(self) -> io::Result<Entered> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "there is no cage on this system"))
    }

    /// Fails, too.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn enter_from(self, base: &Base) -> io::Result<Entered> {
        match *base {}
    }

    /// Whether a program may read this file or folder. Never: it cannot run in a cage.
    #[must_use]
    pub fn may_read(&self, _path: &Path) -> bool {
        false
    }
}

/// What several cages have in common. There can be none.
pub enum Base {}

impl Base {
    /// Fails: there is no cage.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn of(plan: &Plan) -> io::Result<Self> {
        plan.clone().enter().map(|cage| match cage {})
    }

    /// As on Linux.
    #[must_use]
    pub fn namespaces(&self) -> c_int {
        match *self {}
    }
}

/// Does nothing: there is no private folder to remove.
pub fn remove_private_folder_of(_process: u32) {}

/// There is no private folder.
#[must_use]
pub fn is_in_private_folder(_path: &Path) -> bool {
    false
}

/// A cage that this process is in. There can be none.
pub enum Entered {}

impl Entered {
    /// As on Linux.
    ///
    /// # Errors
    ///
    /// None, as there is no cage.
    pub fn confine(&self, _command: &mut Command) -> io::Result<()> {
        match *self {}
    }

    /// As on Linux.
    pub fn end_with_this_thread(&self, _command: &mut Command) {
        match *self {}
    }

    #[must_use]
    pub fn private_folder(&self) -> &Path {
        match *self {}
    }

    /// As on Linux.
    ///
    /// # Errors
    ///
    /// None, as there is no cage.
    pub fn clear(&self) -> io::Result<()> {
        match *self {}
    }

    /// As on Linux.
    pub fn remove_set_user_id_programs(&self) {
        match *self {}
    }

    #[must_use]
    pub fn held(&self) -> Held {
        match *self {}
    }
}

/// There is no cage that could take any privileges.
pub mod permissions {
    use std::path::Path;

    /// As on Linux.
    #[must_use]
    pub fn lets_read(_path: &Path) -> bool {
        true
    }

    /// As on Linux.
    #[must_use]
    pub fn lets_enter(_path: &Path) -> bool {
        true
    }
}
