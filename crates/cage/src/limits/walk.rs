//! Walks through all that a program has made in a folder, even what it hides from itself.

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2};
use nix::sys::stat::Mode;
use std::fs::{self, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use walkdir::{IntoIter, WalkDir};

/// Goes through the files and folders below a folder, on its file system. No link is followed.
pub struct Walk<'a> {
    top: &'a Path,
    device: Option<u64>,
    at: IntoIter,
    /// Folders that were closed to this user, and are open now.
    opened: Vec<PathBuf>,
}

/// What has been found.
pub enum Found {
    There(Metadata),
    /// It is gone, or mounted there from elsewhere.
    Nothing,
    /// Deeper than a path can name: nobody knows what is in there.
    TooDeep,
}

impl<'a> Walk<'a> {
    pub fn of(top: &'a Path) -> Self {
        let device = top.metadata().ok().map(|top| top.dev());
        Self { top, device, at: below(top), opened: Vec::new() }
    }

    /// What is known of a file. If its folder may be listed, but not entered, that is changed.
    fn look_at(&self, entry: &walkdir::DirEntry) -> Found {
        let folder = entry.path().parent().unwrap_or(self.top);
        let metadata = match entry.metadata() {
            Err(error) if is_denied(&error) && open_up(self.top, folder).is_ok() => {
                entry.path().symlink_metadata().ok()
            }
            metadata => metadata.ok(),
        };
        let metadata = metadata.filter(|it| Some(it.dev()) == self.device);
        metadata.map_or(Found::Nothing, Found::There)
    }
}

impl Iterator for Walk<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        let error = match self.at.next() {
            Some(Ok(entry)) => return Some(self.look_at(&entry)),
            Some(Err(error)) => error,
            None => {
                self.at = below(&self.opened.pop()?);
                return Some(Found::Nothing);
            }
        };
        if is_denied(&error)
            && let Some(folder) = error.path()
            && open_up(self.top, folder).is_ok()
        {
            self.opened.push(folder.into());
        }
        let number = error.io_error().and_then(io::Error::raw_os_error);
        let is_too_deep = number == Some(Errno::ENAMETOOLONG as i32);
        Some(if is_too_deep { Found::TooDeep } else { Found::Nothing })
    }
}

fn is_denied(error: &walkdir::Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

fn below(folder: &Path) -> IntoIter {
    WalkDir::new(folder).min_depth(1).same_file_system(true).into_iter()
}

/// Lets this user list and enter a folder at or below `top`, whatever the program has put there
/// meanwhile.
fn open_up(top: &Path, folder: &Path) -> io::Result<()> {
    let below = folder.strip_prefix(top).map_err(io::Error::other)?;
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let resolve = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS;
    let how = OpenHow::new().flags(flags).resolve(resolve);
    let folder = openat2(open(top, flags, Mode::empty())?, &Path::new(".").join(below), how)?;
    let path = format!("/proc/self/fd/{}", folder.as_raw_fd());
    let mode = fs::metadata(&path)?.permissions().mode();
    fs::set_permissions(path, Permissions::from_mode(mode | 0o700))
}
