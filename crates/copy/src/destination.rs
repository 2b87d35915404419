//! Where the copy goes, and what must not be overwritten there.

use crate::Error;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

pub(crate) struct Destination {
    /// Its path without symbolic links.
    pub folder: PathBuf,
    /// Whether the last part of the path has yet to be created.
    pub is_new: bool,
}

impl Destination {
    pub fn resolve(given: &Path) -> Result<Self, Error> {
        if given.is_dir() {
            let folder = given.canonicalize().map_err(Error::on(given))?;
            return Ok(Self { folder, is_new: false });
        }
        if given.symlink_metadata().is_ok() {
            return Err(Error::at(given, "not a folder; choose another"));
        }
        let no_parent =
            || Error::at(given, "its parent folder does not exist; make it first, with mkdir -p");
        let name = given.file_name().ok_or_else(no_parent)?;
        let parent = match given.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        match parent.canonicalize() {
            Ok(parent) if parent.is_dir() => Ok(Self { folder: parent.join(name), is_new: true }),
            Err(error)
                if ![ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) =>
            {
                Err(Error::at(given, error))
            }
            _ => Err(no_parent()),
        }
    }

    /// Refuses a destination that already has something with the name of the exercise.
    pub fn check_free(&self, exercise: &str) -> Result<(), Error> {
        let folder = self.folder.join(exercise);
        // Not `exists`, which is false for a dangling symbolic link.
        if folder.symlink_metadata().is_err() {
            return Ok(());
        }
        Err(Error::at(&folder, "already exists, and nothing is overwritten; choose another folder"))
    }

    /// Whether the same `common` is there already. Refuses a different one.
    pub fn has_common(&self, ours: &Path) -> Result<bool, Error> {
        let theirs = self.folder.join("common");
        if theirs.symlink_metadata().is_err() {
            return Ok(false);
        }
        // What cannot be read cannot be shared either.
        if is_same(ours, &theirs).unwrap_or(false) {
            return Ok(true);
        }
        let problem = "already exists and differs from crates/common; choose another folder";
        Err(Error::at(&theirs, problem))
    }
}

/// Whether a folder or file has the same content as another, apart from what builds leave in it.
fn is_same(ours: &Path, theirs: &Path) -> io::Result<bool> {
    if ours.is_dir() && theirs.is_dir() {
        let names = names(ours)?;
        if names != self::names(theirs)? {
            return Ok(false);
        }
        for name in names {
            if !is_same(&ours.join(&name), &theirs.join(&name))? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    // Regular files only: reading a pipe, say, would wait for its writer.
    Ok(ours.is_file()
        && theirs.is_file()
        && ours.metadata()?.len() == theirs.metadata()?.len()
        && fs::read(ours)? == fs::read(theirs)?)
}

fn names(folder: &Path) -> io::Result<BTreeSet<OsString>> {
    let names = folder.read_dir()?.map(|entry| Ok(entry?.file_name()));
    let mut names: BTreeSet<_> = names.collect::<io::Result<_>>()?;
    for leftover in ["target", "Cargo.lock"] {
        names.remove(&OsString::from(leftover));
    }
    Ok(names)
}
