//! A file that is replaced whole: until then, the one that was there before is still there.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// What the names of files begin with that are not whole yet.
pub const PREFIX: &str = ".checker-";

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
        let permissions = fs::Permissions::from_mode(0o666);
        let temporary = Builder::new().prefix(PREFIX).permissions(permissions).tempfile_in(folder);
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

/// Removes from the folder what was left by a program that was killed while it wrote.
///
/// # Errors
///
/// If that cannot be done.
pub fn remove_leftovers(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_leaves_the_one_before_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        write(folder.path(), "a", "one").expect("it can be written");
        write(folder.path(), "a", "two").expect("it can be written");
        assert_eq!(fs::read(&path).expect("it is there"), b"two");
        // Nothing can take the place of a folder.
        fs::create_dir(folder.path().join("b")).expect("it can be made");
        assert!(write(folder.path(), "b", "three").is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
        fs::write(folder.path().join(".checker-1"), "half").expect("it can be written");
        remove_leftovers(folder.path()).expect("it can be removed");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }
}
