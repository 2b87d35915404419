//! What the permissions of files allow in the cage, where even root's programs have no privileges.

use nix::fcntl::AT_FDCWD;
use nix::fcntl::AtFlags;
use nix::unistd::{AccessFlags, faccessat};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};
use std::path::Path;
use std::thread;

/// Whether this user may read a file without privileges. Of a folder, this is whether it may be
/// listed.
#[must_use]
pub fn lets_read(path: &Path) -> bool {
    is_allowed(path, AccessFlags::R_OK)
}

/// Whether this user may start a file without privileges. Of a folder, this is whether what is in it
/// may be opened.
#[must_use]
pub fn lets_enter(path: &Path) -> bool {
    is_allowed(path, AccessFlags::X_OK)
}

fn is_allowed(path: &Path, wanted: AccessFlags) -> bool {
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    // Capabilities are a thread's own.
    let ask = || match set_capabilities(None, none) {
        // `AT_EACCESS`: otherwise, Linux asks for root as it would be with all its capabilities.
        Ok(()) => faccessat(AT_FDCWD, path, wanted, AtFlags::AT_EACCESS).is_ok(),
        Err(_) => true,
    };
    thread::scope(|scope| scope.spawn(ask).join().unwrap_or(true))
}
