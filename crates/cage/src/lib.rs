//! Runs a program that nobody has read in a cage: it reads what it needs, writes to a private
//! folder, and reaches nothing else.
//!
//! A cage is made of layers, which the kernel offers to ordinary users, too. It has four parts,
//! each a promise that several layers hold. A [`Plan`] says what the program may do, [`Layers`]
//! what its cage is made of. A process of its own enters the cage, and starts the program in there:
//!
//! - `needs`, `environment`: what a command needs to run
//! - `offered`: which layers this machine has; `held`: which promises they hold
//! - `enter`: puts a process into the cage: `namespaces` and `mounts`, or only a `private_folder`
//! - `base`: what several cages have in common, made once
//! - `real_path`: opens what the plan names, unless somebody has put a link there since
//! - `built_here`: keeps what cargo builds apart from what was brought along
//! - `permissions`: what the permissions of files allow in there
//! - `confine`: what takes effect just before the program is loaded: `landlock`, the `filter`, and
//!   the limits of each process
//! - `limits`: keeps the program and all its processes to their limits

#[cfg(target_os = "linux")]
mod base;
pub mod built_here;
#[cfg(target_os = "linux")]
mod confine;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod enter;
pub mod environment;
#[cfg(target_os = "linux")]
mod filter;
pub mod held;
#[cfg(target_os = "linux")]
mod landlock;
pub mod limits;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(target_os = "linux")]
mod namespaces;
pub mod needs;
#[cfg(target_os = "linux")]
mod offered;
mod paths;
#[cfg(target_os = "linux")]
pub mod permissions;
#[cfg(target_os = "linux")]
mod private_folder;
#[cfg(target_os = "linux")]
mod real_path;
pub mod regular_file;
#[cfg(target_os = "linux")]
mod set_user_id;
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there is no cage"))]
pub mod system;

#[cfg(target_os = "linux")]
pub use base::Base;
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Base, Entered, is_in_private_folder, permissions, remove_private_folder_of};
#[cfg(target_os = "linux")]
pub use enter::Entered;
#[cfg(target_os = "linux")]
pub use private_folder::{
    contains as is_in_private_folder, remove_those_of as remove_private_folder_of,
};

use held::Held;
use limits::Limits;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a program may do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Files and folders that it may read and execute, besides those of the system. These are real
    /// paths: what has a link on the way when the cage is entered was replaced meanwhile.
    #[serde(with = "paths")]
    pub read: Vec<PathBuf>,
    /// Paths with links on the way to some of these, which the cage has, too.
    #[serde(with = "paths")]
    pub links: Vec<PathBuf>,
    /// Folders that it may write to, besides its private one. These are real paths, too.
    #[serde(with = "paths")]
    pub write: Vec<PathBuf>,
    /// Variables of its environment, besides `HOME` and `TMPDIR`: everything else is left out.
    pub environment: Vec<(OsString, OsString)>,
    /// What has to be done before it can run, if anything.
    pub missing: Option<String>,
    /// Whether it may talk to itself over the loopback interface.
    pub loopback: bool,
    pub limits: Limits,
    pub layers: Layers,
}

/// The layers that a cage is made of. Each is used where the system offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// User, process, mount, network and IPC namespaces.
    pub namespaces: bool,
    /// Landlock: files, TCP, abstract sockets, signals.
    pub landlock: bool,
    /// A filter of system calls (seccomp).
    pub filter: bool,
}

/// A part of a cage, and what it promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// It reads only what it needs, and writes only to its private folder.
    Files,
    /// It reaches no network, and no socket outside.
    Network,
    /// It reaches no process outside.
    Processes,
    /// It takes no more than its limits.
    Limits,
}

/// What the cages of several plans have to have in common to start from the same [`Base`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    layers: Layers,
    loopback: bool,
}

impl Kind {
    /// Whether several cages may share their namespaces of the network and IPC, which take the kernel a
    /// millisecond to make and remove: nothing in there has a name. The filter lets no program make
    /// more than pairs of connected sockets.
    #[cfg(target_os = "linux")]
    fn shares_nameless(self) -> bool {
        self.layers.filter && !self.loopback
    }
}

impl Plan {
    /// Which kind of cage it is for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind { layers: self.layers, loopback: self.loopback }
    }

    /// Lets a program read what this path leads to now, at that path, too.
    pub fn let_read(&mut self, path: &Path) {
        needs::add_with_links(path, &mut self.read, &mut self.links);
    }
}

impl Layers {
    /// Those that this system offers. Each is tried once, in a process of its own.
    #[must_use]
    pub fn offered() -> Self {
        #[cfg(target_os = "linux")]
        return offered::offered();
        #[cfg(not(target_os = "linux"))]
        Self { namespaces: false, landlock: false, filter: false }
    }

    /// Which promises they hold on this system.
    #[must_use]
    pub fn held(self) -> Held {
        #[cfg(target_os = "linux")]
        let (landlock, can_ask) = (landlock::version(), limits::asking::is_possible());
        #[cfg(not(target_os = "linux"))]
        let (landlock, can_ask) = (0, false);
        Held::by(self, landlock, can_ask)
    }
}

/// Ends this process at once, without cleaning up: for a process that has been forked.
#[cfg(target_os = "linux")]
fn shut_off(code: i32) -> ! {
    // SAFETY: it does not return, and touches no memory.
    unsafe { nix::libc::_exit(code) }
}
