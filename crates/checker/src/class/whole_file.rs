//! Writes a file whole or not at all: whoever reads it, at whatever moment, sees all of it or what
//! was there before.

use std::fs;
use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What the names of files begin with that are not whole yet.
const PREFIX: &str = ".checker-";

/// Puts a file with this content into the folder, in the place of one of that name. It is on the disk
/// when this returns.
///
/// # Errors
///
/// If it cannot be written: what was there before is still there.
pub fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    // As of any other file, but for what the user's umask forbids.
    builder.prefix(PREFIX).permissions(Permissions::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))?;
    Ok(())
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
        write(folder.path(), "a", b"one").expect("it can be written");
        write(folder.path(), "a", b"two").expect("it can be written");
        assert_eq!(fs::read(&path).expect("it is there"), b"two");
        // Nothing can take the place of a folder.
        fs::create_dir(folder.path().join("b")).expect("it can be made");
        assert!(write(folder.path(), "b", b"three").is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
        fs::write(folder.path().join(".checker-1"), "half").expect("it can be written");
        remove_leftovers(folder.path()).expect("it can be removed");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }
}
