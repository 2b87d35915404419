//! The file that keeps the learner's progress. It also keeps out a second `scripts/learn`.

use super::progress::Progress;
use crate::regular_file;
use crate::whole_file::beside;
use checker::escape::quoted;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What the file is called.
pub const NAME: &str = "progress.txt";

/// The file, locked until this is dropped.
pub struct ProgressFile {
    path: PathBuf,
    lock: File,
}

impl ProgressFile {
    /// Opens the file in a folder. If there is none, creates it.
    ///
    /// # Errors
    ///
    /// One line, if another process has it open, or it cannot be written.
    pub fn open(folder: &Path, new: &Progress) -> Result<Self, String> {
        let path = folder.join(NAME);
        let problem = |error: io::Error| format!("{}: {error}", path.display());
        loop {
            let lock = match regular_file::open(&path) {
                Ok(lock) => lock,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let file = locked(folder, &new.text()).map_err(problem)?;
                    match file.persist_noclobber(&path) {
                        Ok(lock) => return Ok(Self { path, lock }),
                        // Another process was faster.
                        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => continue,
                        Err(error) => return Err(problem(error.error)),
                    }
                }
                Err(error) => return Err(problem(error)),
            };
            // Where files cannot be locked, nobody is kept out.
            if flock(&lock, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
                let folder = folder.display();
                return Err(format!(
                    "{folder}: scripts/learn is already running here; go on with that one, or quit it"
                ));
            }
            // Unless the other process has replaced it in the meantime.
            if is_at(&lock, &path) {
                return Ok(Self { path, lock });
            }
        }
    }

    /// What is in the file now.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be read.
    pub fn read(&self) -> Result<Progress, String> {
        let text = regular_file::read_to_string(&self.path);
        let text = text.map_err(|error| format!("{}: {error}", self.path.display()))?;
        Ok(Progress::of_text(&text))
    }

    /// A sentence for each line of the file that is not understood.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be read.
    pub fn not_understood(&self, exercises: &[&str]) -> Result<String, String> {
        let progress = self.read()?;
        let lines = progress.not_understood(exercises).map(|(number, line)| {
            let place = format!("{}:{number}", self.path.display());
            let line = quoted(line);
            format!("{place}: {line} is not understood. It is kept, but ignored.\n")
        });
        Ok(lines.collect())
    }

    /// Changes what is in the file: somebody may have edited it since it was last read.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be written. It is then as it was.
    pub fn change(&mut self, change: impl FnOnce(&mut Progress)) -> Result<(), String> {
        let before = self.read()?;
        let mut progress = before.clone();
        change(&mut progress);
        if progress == before {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        self.lock = locked(folder, &progress.text())
            .and_then(|file| Ok(file.persist(&self.path)?))
            .map_err(|error| format!("{}: not saved: {error}", self.path.display()))?;
        Ok(())
    }
}

/// A file with this text that has no name yet. Its lock goes with it when it gets one.
fn locked(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let file = beside(folder, text)?;
    let _ = flock(file.as_file(), FlockOperation::NonBlockingLockExclusive);
    Ok(file)
}

fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}
