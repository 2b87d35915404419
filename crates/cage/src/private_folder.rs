//! The private folder of a program that has no file system of its own. Whatever the program leaves
//! in it is removed: folders that nobody may enter, folders nested without end, links. No link is
//! followed.

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, unlinkat};
use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How the names of such folders begin.
const PREFIX: &str = "cage-";

/// A new folder in the system's folder for temporary files. It is removed when this is dropped.
pub struct PrivateFolder(PathBuf);

impl PrivateFolder {
    /// A new one, which only this user may enter.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn new() -> io::Result<Self> {
        let (prefix, mode) = (prefix(std::process::id()), Permissions::from_mode(0o700));
        let folder = tempfile::Builder::new().prefix(&prefix).permissions(mode).tempdir()?;
        // A program that opens it by name must not meet a link on the way.
        Ok(Self(folder.keep().canonicalize()?))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        // If something cannot be removed, that is no reason to lose the recording.
        let _ = remove(&self.0);
    }
}

/// Removes the private folder that a process has left because it was killed. Nothing that it
/// started may still run.
pub fn remove_those_of(process: u32) {
    let prefix = prefix(process);
    let is_its = |name: &OsStr| name.as_encoded_bytes().starts_with(prefix.as_bytes());
    let user = nix::unistd::getuid().as_raw();
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let is_ours = || entry.metadata().is_ok_and(|it| it.is_dir() && it.uid() == user);
        if is_its(&entry.file_name()) && is_ours() {
            let _ = remove(&entry.path());
        }
    }
}

fn prefix(process: u32) -> String {
    format!("{PREFIX}{process}-")
}

/// Whether a path, which need not exist any more, is in a folder as it is made here.
#[must_use]
pub fn contains(path: &Path) -> bool {
    let temporary = std::env::temp_dir();
    let real = temporary.canonicalize();
    let inside = real.iter().chain([&temporary]).find_map(|folder| path.strip_prefix(folder).ok());
    let name = inside.and_then(|inside| inside.iter().next());
    name.is_some_and(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()))
}

fn remove(folder: &Path) -> io::Result<()> {
    empty(folder, |_| false)?;
    fs::remove_dir(folder)
}

/// How long removing may take. A process that could not be killed may go on making folders.
const LONGEST: Duration = Duration::from_secs(20);

/// Removes everything in a folder, except for what is to be kept.
///
/// # Errors
///
/// If something cannot be removed, or not in time.
pub fn empty(folder: &Path, keep: impl Fn(&OsStr) -> bool) -> io::Result<()> {
    empty_until(Instant::now() + LONGEST, folder, keep)
}

fn empty_until(until: Instant, folder: &Path, keep: impl Fn(&OsStr) -> bool) -> io::Result<()> {
    let in_time = || match Instant::now() < until {
        true => Ok(()),
        false => Err(io::Error::from(io::ErrorKind::TimedOut)),
    };
    let top = open(None::<OwnedFd>, folder.as_os_str())?;
    let mut moved = 0;
    loop {
        in_time()?;
        let mut names = names_in(&top)?;
        names.retain(|name| !keep(name));
        if names.is_empty() {
            return Ok(());
        }
        for name in names.into_iter().filter(|name| !unlinked(&top, name)) {
            in_time()?;
            let inner = open(Some(&top), &name)?;
            let folders = names_in(&inner)?;
            for below in folders.into_iter().filter(|name| !unlinked(&inner, name)) {
                in_time()?;
                // Makes it writable, so that it can be moved.
                open(Some(&inner), &below)?;
                // Up to the top, so that there is never more than one folder to go down into.
                moved = move_up(&inner, &below, &top, moved)?;
            }
            unlinkat(&top, &*name, UnlinkatFlags::RemoveDir)?;
        }
    }
}

/// Removes this unless it is a folder. Returns whether it is gone.
fn unlinked(folder: &OwnedFd, name: &OsStr) -> bool {
    matches!(unlinkat(folder, name, UnlinkatFlags::NoRemoveDir), Ok(()) | Err(Errno::ENOENT))
}

/// Moves a folder to the first free name after this number. Returns the number of that name.
fn move_up(from: &OwnedFd, name: &OsStr, to: &OwnedFd, mut number: u64) -> io::Result<u64> {
    loop {
        number += 1;
        match renameat(from, name, to, &*format!("moved-{number}")) {
            Ok(()) => return Ok(number),
            Err(Errno::EEXIST | Errno::ENOTEMPTY | Errno::ENOTDIR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Opens a folder and lets this user do everything in it. Fails if it is a link.
fn open(parent: Option<impl AsFd>, name: &OsStr) -> io::Result<OwnedFd> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let parent = parent.as_ref().map_or(AT_FDCWD, AsFd::as_fd);
    let place = openat(parent, name, flags | OFlag::O_PATH, Mode::empty())?;
    let path = format!("/proc/self/fd/{}", place.as_raw_fd());
    fs::set_permissions(path, Permissions::from_mode(0o700))?;
    Ok(openat(&place, ".", flags | OFlag::O_RDONLY, Mode::empty())?)
}

fn names_in(folder: &OwnedFd) -> io::Result<Vec<OsString>> {
    let mut folder =
        Dir::from_fd(openat(folder, ".", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())?)?;
    let names = folder.iter().map(|entry| {
        let entry = entry?;
        Ok(OsStr::from_bytes(entry.file_name().to_bytes()).to_owned())
    });
    let names = names.filter(|name| !matches!(name, Ok(name) if name == "." || name == ".."));
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn whatever_is_left_in_it_is_removed_and_no_link_is_followed() {
        let outside = tempfile::tempdir().expect("a folder");
        fs::write(outside.path().join("file"), "text").expect("a file");
        let folder = PrivateFolder::new().expect("a folder");
        let path = folder.path().to_owned();
        symlink(&outside, path.join("link")).expect("a link");
        // These have the names that folders get on their way up.
        fs::write(path.join("moved-1"), "text").expect("a file");
        fs::create_dir_all(path.join("moved-2/below/below")).expect("folders");
        let closed = path.join("closed/below");
        fs::create_dir_all(&closed).expect("folders");
        symlink(&outside, closed.join("link")).expect("a link");
        for folder in [&*closed, &path.join("closed")] {
            fs::set_permissions(folder, Permissions::from_mode(0o000)).expect("it is ours");
        }
        drop(folder);
        assert!(!path.exists());
        assert!(outside.path().join("file").exists());
    }

    /// Deeper than any path can name, and than the number of folders that can be open at a time.
    #[test]
    fn deeply_nested_folders_are_removed() {
        let folder = PrivateFolder::new().expect("a folder");
        let path = folder.path().to_owned();
        let mut deepest = open(None::<OwnedFd>, path.as_os_str()).expect("it is there");
        for _ in 0..3000 {
            nix::sys::stat::mkdirat(&deepest, "below", Mode::S_IRWXU).expect("a folder");
            deepest = open(Some(&deepest), OsStr::new("below")).expect("it is there");
        }
        drop(folder);
        assert!(!path.exists());
    }

    /// As if a process was left that puts something there as fast as it is removed.
    #[test]
    fn a_folder_that_does_not_get_empty_is_given_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        fs::create_dir(path.join("one")).expect("a new folder");
        let refill = |name: &OsStr| {
            let _ = fs::create_dir(path.join(if name == "one" { "other" } else { "one" }));
            false
        };
        let until = Instant::now() + Duration::from_millis(100);
        let error = empty_until(until, path, refill).expect_err("it never gets empty");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn only_this_user_may_enter_it() {
        let folder = PrivateFolder::new().expect("a folder");
        let metadata = folder.path().metadata().expect("it is there");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn what_is_to_be_kept_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("kept/below")).expect("folders");
        fs::create_dir_all(folder.path().join("other/below")).expect("folders");
        empty(folder.path(), |name| name == "kept").expect("it is ours");
        assert!(folder.path().join("kept/below").exists());
        assert!(!folder.path().join("other").exists());
    }

    #[test]
    fn a_process_that_was_killed_leaves_nothing() {
        // No process has this id.
        let killed = u32::MAX;
        let folder = tempfile::Builder::new().prefix(&prefix(killed)).tempdir().expect("a folder");
        let path = folder.keep();
        fs::write(path.join("file"), "text").expect("a file");
        remove_those_of(killed - 1);
        assert!(path.exists());
        remove_those_of(killed);
        assert!(!path.exists());
    }
}
