//! A file or a folder that was handed in: on disk, or in the zip file of the class.

use crate::archive::Archive;
use crate::shown::shown;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, DirEntry, FileType};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file or a folder that was handed in.
#[derive(Clone)]
pub(crate) struct Node {
    pub name: String,
    pub is_folder: bool,
    pub place: Place,
}

/// Where it is.
#[derive(Clone)]
pub(crate) enum Place {
    Disk(PathBuf),
    Zip { archive: Arc<Archive>, path: PathBuf },
}

/// What is in a folder.
pub(crate) struct Children {
    /// Ordered by name.
    pub nodes: Vec<Node>,
    /// The names of what is neither a file nor a folder.
    pub others: Vec<String>,
}

impl Node {
    /// The name without the ending of a zip file.
    pub fn name_of_folder(&self) -> &str {
        match self.name.len().checked_sub(4).and_then(|at| self.name.split_at_checked(at)) {
            Some((stem, ending)) if !self.is_folder && ending.eq_ignore_ascii_case(".zip") => stem,
            _ => &self.name,
        }
    }

    pub fn is_zip(&self) -> bool {
        !self.is_folder && has_ending_of_zip(Path::new(&self.name))
    }

    /// What is in it, if it is a folder.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be read.
    pub fn children(&self) -> Result<Children, String> {
        match &self.place {
            Place::Disk(path) => on_disk(path),
            Place::Zip { archive, path } => Ok(in_zip(archive, path)),
        }
    }
}

fn on_disk(folder: &Path) -> Result<Children, String> {
    let problem = |error| format!("{}: {error}", shown(folder));
    let (mut nodes, mut others) = (Vec::new(), Vec::new());
    let entries: Result<Vec<_>, _> = fs::read_dir(folder).map_err(problem)?.collect();
    let mut entries = entries.map_err(problem)?;
    // Two names may differ only in bytes that cannot be shown.
    entries.sort_by_key(DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        // That of a link itself.
        let kind = entry.file_type().map_err(problem)?;
        if kind.is_file() || kind.is_dir() {
            let (is_folder, place) = (FileType::is_dir(&kind), Place::Disk(entry.path()));
            nodes.push(Node { name, is_folder, place });
        } else {
            others.push(name);
        }
    }
    // This keeps the order of those that look the same.
    nodes.sort_by(|one, other| one.name.cmp(&other.name));
    others.sort();
    Ok(Children { nodes, others })
}

fn in_zip(archive: &Arc<Archive>, folder: &Path) -> Children {
    let mut are_folders = BTreeMap::new();
    for entry in archive.within(folder) {
        let mut names = entry.path.strip_prefix(folder).into_iter().flat_map(Path::iter);
        let Some(name) = names.next() else { continue };
        let is_folder = entry.is_folder || names.next().is_some();
        *are_folders.entry(name).or_insert(false) |= is_folder;
    }
    let node = |(name, is_folder): (&std::ffi::OsStr, bool)| Node {
        name: name.to_string_lossy().into_owned(),
        is_folder,
        place: Place::Zip { archive: Arc::clone(archive), path: folder.join(name) },
    };
    Children { nodes: are_folders.into_iter().map(node).collect(), others: Vec::new() }
}

/// Whether a file has the name of a zip file.
pub(crate) fn has_ending_of_zip(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

/// What is put behind the name of a zip file for the folder with its files.
const UNPACKED: &str = ".unpacked";

/// Where the files of a zip file are put: beside it, or in its place if that has no name.
pub(crate) fn folder_of_zip(zip: &Path) -> PathBuf {
    match zip.file_name() {
        Some(name) => {
            zip.with_file_name([name, UNPACKED.as_ref()].into_iter().collect::<OsString>())
        }
        None => zip.to_owned(),
    }
}

/// Whether a folder has the name of one with the files of a zip file.
pub(crate) fn is_folder_of_zip(name: &Path) -> bool {
    let zip = name.to_str().and_then(|name| name.strip_suffix(UNPACKED));
    zip.is_some_and(|zip| has_ending_of_zip(Path::new(zip)))
}
