//! What comes out of a class: made from the results of its learners, and from nothing else, so that
//! the same results always give the same files. Each file is written whole, and none outside of the
//! folder.

use super::learner::Learner;
use std::path::{Path, PathBuf};

/// Files of the teacher's platform and school, as named on the command line. All of them are only
/// read: what is filled in is a copy.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// `--roster`: who the platform's accounts are, by the school's names and ids.
    pub roster: Option<PathBuf>,
    /// `--worksheet`: Moodle's grading worksheet.
    pub worksheet: Option<PathBuf>,
    /// `--canvas`: the gradebook that was exported from Canvas.
    pub canvas: Option<PathBuf>,
    /// `--canvas-column`: the assignment's column, if the gradebook has several, such as
    /// `Async (1234)` or its number.
    pub canvas_column: Option<String>,
}

/// What the teacher asked for: read and checked before the first learner is graded.
pub struct Asked {}

impl Asked {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// One line that names the option, the file, and what to do, if one cannot be used.
    pub fn read(_files: &Files) -> Result<Self, String> {
        Ok(Self {})
    }
}

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// Relative to the folder.
    pub files: Vec<PathBuf>,
    /// What the teacher should know, as that a learner is not in the gradebook: sentences.
    pub notes: Vec<String>,
}

/// Writes everything that a teacher hands back into the folder: `grades.csv`, `report.html`,
/// `feedback/KEY.html`, and what else was asked for. Replaces files of these names.
///
/// Takes the names of the exercises in their order, and the learners ordered by key, one after the
/// other: no more than one of them is kept in memory.
///
/// # Errors
///
/// One line, if a file cannot be written: those that were there before are still there.
pub fn write(
    _folder: &Path,
    _exercises: &[&str],
    _learners: impl IntoIterator<Item = Learner>,
    _asked: &Asked,
) -> Result<Written, String> {
    Ok(Written::default())
}
