//! A file that is replaced whole: until then, the one that was there before is still there.

use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// A file that is being written, under another name in the same folder.
pub struct WholeFile {
    path: PathBuf,
    temporary: BufWriter<NamedTempFile>,
}

impl WholeFile {
    /// Starts the file. It is readable by all, except what the user's umask forbids.
    ///
    /// # Errors
    ///
    /// One line with the path, if nothing can be written in the folder.
    pub fn create(folder: &Path, name: &str) -> Result<Self, String> {
        let path = folder.join(name);
        let permissions = std::fs::Permissions::from_mode(0o666);
        let temporary =
            Builder::new().prefix(".checker-").permissions(permissions).tempfile_in(folder);
        match temporary {
            Ok(temporary) => Ok(Self { path, temporary: BufWriter::new(temporary) }),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// Adds to the file.
    ///
    /// # Errors
    ///
    /// One line with the path.
    pub fn add(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), String> {
        let added = self.temporary.write_all(bytes.as_ref());
        added.map_err(|error| format!("{}: {error}", self.path.display()))
    }

    /// Gives the file its name. A link of that name is replaced, not followed.
    ///
    /// # Errors
    ///
    /// One line with the path.
    pub fn finish(self) -> Result<(), String> {
        let Self { path, temporary } = self;
        let publish = || -> io::Result<()> {
            let temporary = temporary.into_inner()?;
            temporary.as_file().sync_all()?;
            temporary.persist(&path)?;
            Ok(())
        };
        publish().map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// Writes a file in one go.
///
/// # Errors
///
/// One line with the path.
pub fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> Result<(), String> {
    let mut file = WholeFile::create(folder, name)?;
    file.add(bytes)?;
    file.finish()
}
