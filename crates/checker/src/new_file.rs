//! A file that is written whole or not at all, and never over another.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::NamedTempFile;

/// Checks that the file can be written, before there is anything to lose.
///
/// # Errors
///
/// If the file exists, or its folder cannot be written to.
pub fn check(path: &Path) -> io::Result<()> {
    // A dangling link exists, too.
    if path.symlink_metadata().is_ok() {
        return Err(io::Error::other("this file already exists"));
    }
    temporary_file_beside(path).map(drop)
}

/// Writes the file.
///
/// # Errors
///
/// If the file exists, or cannot be written.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = temporary_file_beside(path)?;
    file.write_all(text.as_bytes())?;
    file.persist_noclobber(path)?;
    Ok(())
}

fn temporary_file_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // What the system gives a new file: read and write for all, less what the user's mask forbids.
    let permissions = Permissions::from_mode(0o666);
    let file = tempfile::Builder::new().permissions(permissions).tempfile_in(folder);
    // Its own message would name the temporary file.
    file.map_err(|error| io::Error::from(error.kind()))
}
