//! A folder of a learner, who may replace anything in it while it is read: all is opened from the
//! folder that is already open, and no link is followed out of it.

use std::ffi::OsStr;
#[cfg(not(unix))]
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;

/// An open folder.
pub(crate) struct Folder(#[cfg(unix)] std::os::fd::OwnedFd, #[cfg(not(unix))] std::path::PathBuf);

/// What something in a folder is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Folder,
    File,
    Link,
    /// A pipe, a device or a socket.
    Other,
}

#[cfg(unix)]
mod system {
    use super::{Folder, Kind};
    use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statat};
    use std::ffi::{OsStr, OsString};
    use std::fs::File;
    use std::io;
    use std::os::fd::AsFd;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    /// Neither follows a link, nor waits for the other end of a pipe.
    const FLAGS: OFlags =
        OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC).union(OFlags::RDONLY);

    fn open_folder(at: impl AsFd, path: &Path) -> io::Result<Folder> {
        Ok(Folder(openat(at, path, FLAGS | OFlags::DIRECTORY, Mode::empty())?))
    }

    impl Folder {
        pub fn open(path: &Path) -> io::Result<Self> {
            open_folder(CWD, path)
        }

        pub fn folder(&self, name: &OsStr) -> io::Result<Self> {
            open_folder(&self.0, Path::new(name))
        }

        pub fn file(&self, name: &OsStr) -> io::Result<File> {
            Ok(openat(&self.0, name, FLAGS, Mode::empty())?.into())
        }

        /// The file that a link in here, or further down, leads to, if that is in this folder.
        pub fn linked(&self, path: &Path) -> io::Result<File> {
            #[cfg(target_os = "linux")]
            {
                use rustix::fs::{ResolveFlags, openat2};
                let flags = FLAGS.difference(OFlags::NOFOLLOW);
                let inside = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
                Ok(openat2(&self.0, path, flags, Mode::empty(), inside)?.into())
            }
            #[cfg(not(target_os = "linux"))]
            {
                let _ = path;
                Err(io::ErrorKind::Unsupported.into())
            }
        }

        /// All that is in it, in no order.
        pub fn entries(&self) -> io::Result<Vec<io::Result<(OsString, Kind)>>> {
            let entries = Dir::read_from(&self.0)?.map(|entry| {
                let entry = entry?;
                let name = OsStr::from_bytes(entry.file_name().to_bytes());
                let kind = match entry.file_type() {
                    // Some file systems do not say it here.
                    FileType::Unknown => {
                        let data = statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
                        FileType::from_raw_mode(data.st_mode)
                    }
                    kind => kind,
                };
                Ok((name.to_owned(), of(kind)))
            });
            let is_own = |entry: &io::Result<(OsString, Kind)>| !matches!(entry, Ok((name, _)) if name == "." || name == "..");
            Ok(entries.filter(is_own).collect())
        }
    }

    fn of(kind: FileType) -> Kind {
        match kind {
            FileType::Directory => Kind::Folder,
            FileType::RegularFile => Kind::File,
            FileType::Symlink => Kind::Link,
            _ => Kind::Other,
        }
    }
}

#[cfg(not(unix))]
impl Folder {
    pub fn open(path: &Path) -> io::Result<Self> {
        if !path.symlink_metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self(path.into()))
    }

    pub fn folder(&self, name: &OsStr) -> io::Result<Self> {
        Self::open(&self.0.join(name))
    }

    pub fn file(&self, name: &OsStr) -> io::Result<File> {
        let path = self.0.join(name);
        if !path.symlink_metadata()?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        File::open(path)
    }

    pub fn linked(&self, _path: &Path) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// All that is in it, in no order.
    pub fn entries(&self) -> io::Result<Vec<io::Result<(OsString, Kind)>>> {
        let entry = |entry: io::Result<std::fs::DirEntry>| {
            let entry = entry?;
            let kind = match entry.file_type()? {
                kind if kind.is_dir() => Kind::Folder,
                kind if kind.is_file() => Kind::File,
                kind if kind.is_symlink() => Kind::Link,
                _ => Kind::Other,
            };
            Ok((entry.file_name(), kind))
        };
        Ok(self.0.read_dir()?.map(entry).collect())
    }
}

impl Folder {
    /// A file in the folder that this path is in.
    pub fn file_at(path: &Path) -> io::Result<File> {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        // That of the class, which may be named by a link.
        let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
        Self::open(&folder)?.file(path.file_name().unwrap_or_default())
    }

    /// Whether there is a file of this name in a folder in here.
    pub fn has(&self, folder: &OsStr, file: &str) -> bool {
        self.folder(folder).is_ok_and(|it| it.file(OsStr::new(file)).is_ok())
    }
}
