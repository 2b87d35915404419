//! Reads the submissions of a class: a folder or a zip file, as a learning platform hands it out. Knows
//! nothing of the exercises but their names.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Who submitted something: a learner, or a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitter {
    /// Unique in the class, the same in each of its downloads, and safe as the name of a file, on
    /// every system. Results and feedback are named after it.
    pub key: String,
    /// As the platform writes it.
    pub name: String,
    /// The platform's own id, such as Moodle's participant, Canvas's user or GitHub's account.
    pub id: Option<String>,
    pub email: Option<String>,
    /// The members of a group.
    pub members: Vec<Member>,
    /// The name of the group, if the platform names it.
    pub group: Option<String>,
    pub late: bool,
    /// Whether the platform hides the name.
    pub anonymous: bool,
}

/// One of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub name: String,
    pub id: Option<String>,
    pub email: Option<String>,
}

/// Which platform handed it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// A folder for each learner.
    Folders,
    GitHubClassroom,
    Moodle,
    Canvas,
    Gradescope,
}

/// All submissions of a class.
pub struct Class {
    pub layout: Layout,
    /// Ordered by key.
    pub submissions: Vec<Submission>,
    /// What the teacher should know: sentences.
    pub notes: Vec<String>,
}

/// One submission, not read yet.
pub struct Submission {
    pub submitter: Submitter,
}

/// How much of one submission is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files and folders.
    pub entries: u64,
    /// Of all files together, unpacked.
    pub bytes: u64,
    /// How many times its packed size a file may have, once it is larger than a megabyte.
    pub ratio: u64,
    /// How deep a path may be, in names.
    pub depth: usize,
    /// How deep a zip file may be in others.
    pub nesting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 50_000, bytes: 512 << 20, ratio: 200, depth: 32, nesting: 2 }
    }
}

impl Class {
    /// The submissions in a folder or a zip file, with the default limits.
    ///
    /// # Errors
    ///
    /// One line, if there are none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, String> {
        Self::open_within(path, Limits::default())
    }

    /// The same, with these limits for each submission.
    ///
    /// # Errors
    ///
    /// One line, if there are none, or it cannot be read.
    pub fn open_within(_path: &Path, _limits: Limits) -> Result<Self, String> {
        todo!("by the helper `submissions`")
    }
}

/// A submission as it was unpacked.
pub struct Unpacked {
    /// A hash of the names and the content of its files: the same for the same files, whatever
    /// their times and their order.
    pub content: String,
    /// What the teacher should know: sentences.
    pub notes: Vec<String>,
}

impl Submission {
    /// Its hash, without unpacking it.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be read.
    pub fn content(&self) -> Result<String, String> {
        todo!("by the helper `submissions`")
    }

    /// Puts its files into a folder that is not there yet: only files and folders, at most so many
    /// and so large, none outside.
    ///
    /// # Errors
    ///
    /// One line for the teacher, if it cannot be read, or is too large.
    pub fn unpack(&self, _into: &Path) -> Result<Unpacked, String> {
        todo!("by the helper `submissions`")
    }
}

/// Where the answer to an exercise is, in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A script or an executable file, relative to the folder. Its ending may be in uppercase.
    File { path: PathBuf, note: Option<String> },
    /// A Cargo package: the folder of its manifest, relative to the folder, and the name of its
    /// binary, which may be written differently from that of the exercise.
    Package { folder: PathBuf, binary: String, note: Option<String> },
    /// There is none, or more than one: what to say about that.
    Not(String),
}

/// Looks for the answers to these exercises at any depth. `endings` are those of scripts, such as
/// `py`.
#[must_use]
pub fn find(_folder: &Path, exercises: &[&str], _endings: &[&str]) -> Vec<Found> {
    exercises.iter().map(|_| todo!("by the helper `submissions`")).collect()
}
