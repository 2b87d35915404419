//! Reads a learner's files, and only regular files: opening a pipe would wait for a writer.

use nix::fcntl::OFlag;
use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Opens a file to read it.
///
/// # Errors
///
/// If it cannot be opened, or is something else, such as a folder.
pub fn open(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_file() { Ok(file) } else { Err(io::Error::other(not_a_file(kind))) }
}

/// What is in a file.
///
/// # Errors
///
/// The same, and if it cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The first bytes of a file, no more than this many.
///
/// # Errors
///
/// The same.
pub fn start(path: &Path, bytes: u64) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    open(path)?.take(bytes).read_to_end(&mut start)?;
    Ok(start)
}

/// The text in a file.
///
/// # Errors
///
/// The same, and if it is not UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    io::read_to_string(open(path)?)
}

fn not_a_file(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "it is a folder, not a file; move it away"
    } else if kind.is_fifo() {
        "it is a named pipe, not a file; move it away"
    } else {
        "it is a device, not a file; move it away"
    }
}
