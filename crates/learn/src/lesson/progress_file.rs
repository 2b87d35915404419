//! The file that keeps the progress. It may be edited, replaced or removed at any time.

use super::progress::Progress;
use crate::whole_file::replace;
use cage::regular_file;
use checker::escape::quoted;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What the file is called.
pub const NAME: &str = "progress.txt";

/// The file, and what it said last.
pub struct ProgressFile {
    path: PathBuf,
    known: Progress,
}

impl ProgressFile {
    /// Opens the file in a folder. If there is none, creates it.
    ///
    /// # Errors
    ///
    /// One line, if it can be neither read nor written.
    pub fn open(folder: &Path, new: Progress) -> Result<Self, String> {
        let mut file = Self { path: folder.join(NAME), known: new };
        file.change(|_| {})?;
        Ok(file)
    }

    /// What is in the file now; if somebody has removed it, what was.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be read.
    pub fn read(&self) -> Result<Progress, String> {
        Ok(self.saved()?.unwrap_or_else(|| self.known.clone()))
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

    /// Changes what is in the file: somebody may have edited or removed it since it was last read.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be written. It is then as it was.
    pub fn change(&mut self, change: impl FnOnce(&mut Progress)) -> Result<(), String> {
        let saved = self.saved()?;
        let mut progress = saved.as_ref().unwrap_or(&self.known).clone();
        change(&mut progress);
        self.known = progress;
        if saved.as_ref() == Some(&self.known) {
            return Ok(());
        }
        replace(&self.path, &self.known.text())
            .map_err(|error| format!("{}: not saved: {error}", self.path.display()))
    }

    /// What is in the file, if there is one.
    fn saved(&self) -> Result<Option<Progress>, String> {
        match regular_file::read_to_string(&self.path) {
            Ok(text) => Ok(Some(Progress::of_text(&text))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", self.path.display())),
        }
    }
}
