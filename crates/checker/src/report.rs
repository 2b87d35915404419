//! The reports: the same grades for people, for programs and for continuous integration.

pub mod human;
pub mod json;
pub mod junit;

use crate::recording::{Ending, Recording};
use crate::verdict::Reason;
use std::io::{self, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// A command as one would type it, with nothing in it that acts on a terminal.
fn shown(command: &[String]) -> String {
    let words: Vec<_> = command
        .iter()
        .map(|word| match word.is_empty() || word.contains(char::is_whitespace) {
            true => format!("'{word}'"),
            false => word.clone(),
        })
        .collect();
    crate::recording::visible(words.join(" ").as_bytes())
}

fn ending(recording: &Recording) -> String {
    match &recording.ending {
        Ending::Exited(code) => format!("exit code {code}"),
        Ending::Signaled(name) => format!("signal {name}"),
        Ending::TimeLimit => "the time limit".into(),
        Ending::OutputLimit => "the limit of output".into(),
        Ending::NotStarted(reason) => format!("not started: {reason}"),
    }
}

/// How a program ended that did not end well, and the last that it wrote to standard error.
#[must_use]
pub fn bad_ending(recording: &Recording) -> Option<String> {
    if recording.ending == Ending::Exited(0) {
        return None;
    }
    let last =
        recording.stderr.last().map_or(String::new(), |line| format!(": {}", line.visible()));
    Some(format!("the program did not end well: {}{last}", ending(recording)))
}

/// The four parts of a reason, each with its name.
fn parts(reason: &Reason) -> [(&'static str, &str); 4] {
    [
        ("expected", &reason.expected),
        ("seen", &reason.seen),
        ("why", reason.mistake.why()),
        ("hint", reason.mistake.hint()),
    ]
}

/// Sees that a report file can be written: a report that has nowhere to go is lost.
///
/// # Errors
///
/// If there is such a file, or its folder takes none.
pub fn check_file(path: &Path) -> io::Result<()> {
    // A link that leads nowhere is a file too.
    if path.symlink_metadata().is_ok() {
        return Err(io::Error::other("there is such a file already"));
    }
    temporary_file_beside(path).map(drop)
}

/// Writes a report file, whole or not at all. A file that is there already stays as it is.
///
/// # Errors
///
/// If there is such a file, or it cannot be written.
pub fn write_file(path: &Path, text: &str) -> io::Result<()> {
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
    let file = tempfile::Builder::new().permissions(permissions()).tempfile_in(folder);
    // Its own message would name the temporary file.
    file.map_err(|error| io::Error::from(error.kind()))
}

/// What the system gives a new file: read for all, less what the user's mask forbids.
fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
