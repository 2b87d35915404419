//! A file that is written whole or not at all, and never over another. Its folder is opened once, at
//! the start: whatever programs do to the path in the meantime, nothing is written elsewhere. Nor
//! through a link that a learner put there before.

use rustix::fs::{self, AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// On Linux, the folders on the way to it need not be readable.
#[cfg(target_os = "linux")]
const REACHED: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const REACHED: OFlags = OFlags::RDONLY;

/// The default permissions: read and write for all.
const FOR_ALL: Mode = Mode::from_raw_mode(0o666);

/// A file that can be written, but is not there yet.
pub struct NewFile {
    /// The path of its folder, and the folder itself.
    folder: (PathBuf, OwnedFd),
    name: OsString,
}

impl NewFile {
    /// Makes sure that the file can be written, before there is anything to lose.
    ///
    /// # Errors
    ///
    /// If the file exists, or cannot be created in its folder: what is wrong.
    pub fn at(path: &Path) -> Result<Self, String> {
        let name = path.file_name().ok_or("this is a folder")?.to_owned();
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let opened = open_folder(&folder)?;
        let file = Self { folder: (folder, opened), name };
        // A dangling link exists, too.
        if fs::statat(&file.folder.1, &file.name, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
            return Err("this file already exists".into());
        }
        let (temporary, _) = file.temporary_file(FOR_ALL).map_err(|error| error.to_string())?;
        let _ = fs::unlinkat(&file.folder.1, &temporary, AtFlags::empty());
        Ok(file)
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// If it can no longer be written: what is wrong.
    pub fn write(&self, text: &str) -> Result<(), String> {
        self.write_bytes(text.as_bytes())
    }

    /// The same for a file that is not text.
    ///
    /// # Errors
    ///
    /// If it can no longer be written: what is wrong.
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<(), String> {
        self.write_with(FOR_ALL, bytes)
    }

    /// Writes a program, which all may start, except those whom the user's umask forbids it.
    ///
    /// # Errors
    ///
    /// If it can no longer be written: what is wrong.
    pub fn write_program(&self, bytes: &[u8]) -> Result<(), String> {
        self.write_with(FOR_ALL | Mode::XUSR | Mode::XGRP | Mode::XOTH, bytes)
    }

    fn write_with(&self, mode: Mode, bytes: &[u8]) -> Result<(), String> {
        if !self.path_leads_to_folder() {
            return Err("its folder was moved or replaced while the program ran".into());
        }
        let (temporary, mut file) = self.temporary_file(mode).map_err(|error| error.to_string())?;
        let written = file.write_all(bytes).and_then(|()| self.publish(&temporary));
        if written.is_err() {
            let _ = fs::unlinkat(&self.folder.1, &temporary, AtFlags::empty());
        }
        written.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => "this file was created while the program ran".into(),
            _ => error.to_string(),
        })
    }

    /// A new file in the folder, with these permissions except what the user's umask forbids.
    fn temporary_file(&self, mode: Mode) -> io::Result<(String, File)> {
        let name = format!(".checker-{:032x}", rand::random::<u128>());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let file = fs::openat(&self.folder.1, &name, flags, mode)?;
        Ok((name, File::from(file)))
    }

    /// Gives the temporary file its name.
    fn publish(&self, temporary: &str) -> io::Result<()> {
        let (folder, name) = (&self.folder.1, &self.name);
        match fs::renameat_with(folder, temporary, folder, name, RenameFlags::NOREPLACE) {
            // Not every system and file system can do that.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                fs::linkat(folder, temporary, folder, name, AtFlags::empty())?;
                Ok(fs::unlinkat(folder, temporary, AtFlags::empty())?)
            }
            renamed => Ok(renamed?),
        }
    }

    /// Whether this and the other are the same file, whatever their paths.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let folder = |file: &Self| fs::fstat(&file.folder.1).map(|it| (it.st_dev, it.st_ino)).ok();
        self.name == other.name && folder(self) == folder(other)
    }

    fn path_leads_to_folder(&self) -> bool {
        let (path, folder) = &self.folder;
        match (fs::stat(path), fs::fstat(folder)) {
            (Ok(there), Ok(ours)) => (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino),
            _ => false,
        }
    }
}

/// Opens a folder without following links: anybody may have made one, to anywhere. Only links at
/// the top of the file system are followed, as these are the system's own.
fn open_folder(path: &Path) -> Result<OwnedFd, String> {
    let flags = OFlags::DIRECTORY | REACHED | OFlags::CLOEXEC;
    let mut opened =
        fs::open(".", flags, Mode::empty()).map_err(|error| why_closed(path, error))?;
    let mut reached = PathBuf::new();
    for component in path.components() {
        let is_at_top = reached == Path::new("/");
        reached.push(component);
        let links = if is_at_top { OFlags::empty() } else { OFlags::NOFOLLOW };
        let next = fs::openat(&opened, component.as_os_str(), flags | links, Mode::empty());
        opened = next.map_err(|error| why_closed(&reached, error))?;
    }
    Ok(opened)
}

fn why_closed(folder: &Path, error: Errno) -> String {
    match error {
        _ if folder.is_symlink() => {
            format!("{} is a link: name the folder that it leads to", folder.display())
        }
        Errno::NOENT => format!("there is no folder {}", folder.display()),
        Errno::NOTDIR => format!("{} is not a folder", folder.display()),
        _ => format!("{}: {}", folder.display(), io::Error::from(error)),
    }
}
