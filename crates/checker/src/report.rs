//! The reports: the same grades for people, for programs and for continuous integration.

pub mod human;
pub mod json;
pub mod junit;

use crate::recording::{Ending, Recording};
use crate::verdict::Reason;
use std::io::{self, Write};
use std::path::Path;

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
        Ending::TimeLimit => "stopped at the time limit".into(),
        Ending::OutputLimit => "stopped at the limit of output".into(),
        Ending::NotStarted(reason) => format!("not started: {reason}"),
    }
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

/// Writes a report file, whole or not at all. A file that is there already stays as it is.
///
/// # Errors
///
/// If there is such a file, or it cannot be written.
pub fn write_file(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new().permissions(permissions()).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// What the system gives a new file: read for all, less what the user's mask forbids.
fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
