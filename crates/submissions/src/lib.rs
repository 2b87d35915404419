//! Reads the submissions of a class: a folder or a zip file, as a learning platform hands it out. Knows
//! nothing of the exercises but their names.

mod archive;
mod assignment;
mod clutter;
mod find;
mod folder;
mod keys;
mod layout;
mod limits;
mod node;
mod notes;
mod reading;
mod shown;

pub use find::{Found, files_in_words, find, set_apart};
pub use limits::Limits;
pub use shown::is_invisible;

use archive::Archive;
use node::{Node, Place};
use notes::Notes;
use reading::Reading;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// Who submitted something: a learner, or a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitter {
    /// Unique in the class, the same in each of its downloads, and safe as the name of a file, on
    /// every system. Results and feedback are named after it.
    pub key: String,
    /// As the platform writes it. A name from a Mac is composed, as it is typed and as lists have it.
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
    #[serde(rename = "github-classroom")]
    GitHubClassroom,
    Moodle,
    Canvas,
    Gradescope,
}

/// All submissions of a class.
pub struct Class {
    pub layout: Layout,
    /// The name of the assignment, as far as that of the download tells: the same for each of its
    /// downloads.
    pub assignment: String,
    /// Ordered by key.
    pub submissions: Vec<Submission>,
    /// What the teacher should know: sentences.
    pub notes: Vec<String>,
}

/// One submission, not read yet.
pub struct Submission {
    pub submitter: Submitter,
    /// Its files and folders, and where they are put.
    parts: Vec<(PathBuf, Node)>,
    /// What is known without reading it: sentences.
    notes: Vec<String>,
    /// The note on a text or a link, which are no files.
    beside_files: Option<String>,
    limits: Limits,
}

impl Class {
    /// The submissions in a folder or a zip file, with the default limits.
    ///
    /// # Errors
    ///
    /// One line without the path, if there are none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, String> {
        Self::open_for(path, &[], Limits::default())
    }

    /// The same, with these limits for each submission.
    ///
    /// # Errors
    ///
    /// One line without the path, if there are none, or it cannot be read.
    pub fn open_within(path: &Path, limits: Limits) -> Result<Self, String> {
        Self::open_for(path, &[], limits)
    }

    /// The same. Folders that are named like these exercises are not learners.
    ///
    /// # Errors
    ///
    /// One line without the path, if there are none, or it cannot be read.
    pub fn open_for(path: &Path, exercises: &[&str], limits: Limits) -> Result<Self, String> {
        let mut notes = Notes::default();
        let root = open(path, &mut notes)?;
        let assignment = assignment::name_of(&root.name);
        let class = layout::tell(&root, exercises)?;
        let identities: Vec<_> = class.handed_in.iter().map(layout::HandedIn::identity).collect();
        let keys = keys::keys(&identities);
        let with_key = |(handed_in, key): (layout::HandedIn, String)| Submission {
            submitter: Submitter {
                key,
                name: handed_in.submitter.name.nfc().collect(),
                ..handed_in.submitter
            },
            parts: handed_in.parts,
            notes: handed_in.notes,
            beside_files: handed_in.beside_files,
            limits,
        };
        let mut submissions: Vec<_> = class.handed_in.into_iter().zip(keys).map(with_key).collect();
        submissions.sort_by(|one, other| one.submitter.key.cmp(&other.submitter.key));
        class.notes.into_iter().for_each(|note| notes.add(note));
        let notes = notes.into_sentences();
        Ok(Self { layout: class.layout, assignment, submissions, notes })
    }
}

/// What a teacher has downloaded.
fn open(path: &Path, notes: &mut Notes) -> Result<Node, String> {
    let error = |error: std::io::Error| error.to_string();
    let data = fs::metadata(path).map_err(|_| "there is no such folder or zip file".to_owned())?;
    let name = fs::canonicalize(path).map_err(error)?;
    let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if data.is_dir() {
        return Ok(Node { name, is_folder: true, place: Place::Disk(path.into()) });
    }
    if !data.is_file() {
        return Err("it is neither a folder nor a zip file".into());
    }
    let archive = Archive::open(File::open(path).map_err(error)?)?;
    for note in archive.notes() {
        notes.add(format!("In the zip file, {note}."));
    }
    let place = Place::Zip { archive: Arc::new(archive), path: PathBuf::new() };
    let node = Node { name, is_folder: false, place };
    let name = node.name_of_folder().to_owned();
    Ok(Node { name, is_folder: true, ..node })
}

/// A submission as it was unpacked.
pub struct Unpacked {
    /// A hash of the names and the content of its files: the same for the same files, whatever
    /// their times and their order.
    pub content: String,
    /// What the teacher should know: sentences.
    pub notes: Vec<String>,
    /// Something in it that could not be read, and why: if there is no answer, it may be in there.
    pub unread: Option<String>,
    /// That a text or a link was handed in, which are not graded: if there is no answer to anything,
    /// they may be what counts.
    pub beside_files: Option<String>,
}

impl Submission {
    /// The names of its files and folders among the submissions.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|(_, node)| &*node.name)
    }

    /// Its hash, without unpacking it.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be read.
    pub fn content(&self) -> Result<String, String> {
        self.read(None).map(|unpacked| unpacked.content)
    }

    /// Puts its files into a folder that is not there yet: only files and folders, at most so many
    /// and so large, none outside. If that fails, there is no such folder afterwards.
    ///
    /// # Errors
    ///
    /// One line for the teacher, if it cannot be read, or is too large.
    pub fn unpack(&self, into: &Path) -> Result<Unpacked, String> {
        let problem = |error: std::io::Error| format!("{}: {error}", shown::shown(into));
        fs::create_dir(into).map_err(problem)?;
        let unpacked = self.read(Some(into));
        if unpacked.is_err() {
            fs::remove_dir_all(into).map_err(problem)?;
        }
        unpacked
    }

    fn read(&self, into: Option<&Path>) -> Result<Unpacked, String> {
        if self.parts.is_empty() {
            return Err("The submission's folder is missing from the download".into());
        }
        let mut reading = Reading::new(&self.limits, into, &self.notes);
        for (at, node) in &self.parts {
            reading.add(node, at)?;
        }
        let unpacked = reading.finish()?;
        Ok(Unpacked { beside_files: self.beside_files.clone(), ..unpacked })
    }
}
