//! The copy in progress. Everything is copied into the folder `.copy` of the destination, and moved
//! into place from there. Unless all of it succeeds, nothing is left behind.

use crate::Error;
use crate::destination::Destination;
use crate::repository::{Repository, starter, starter_as_main};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::mem::take;
use std::path::{Path, PathBuf};

pub(crate) struct Staging<'a> {
    pub destination: &'a Destination,
    /// `.copy` in the destination.
    pub folder: PathBuf,
    /// The destination folder, if this copy created it and would have to remove it.
    made: Option<PathBuf>,
    /// What would have to be removed, newest last.
    ours: Vec<PathBuf>,
    /// Kept open for its lock.
    _lock: Option<File>,
}

impl<'a> Staging<'a> {
    /// Creates the destination if it is new, and locks it against a second copy.
    pub fn begin(destination: &'a Destination) -> Result<Self, Error> {
        let mut staging = Self {
            destination,
            folder: destination.folder.join(".copy"),
            made: None,
            ours: Vec::new(),
            _lock: None,
        };
        if destination.is_new {
            staging.make_destination()?;
        }
        staging._lock = staging.lock()?;
        match fs::create_dir(&staging.folder) {
            Ok(()) => staging.ours.push(staging.folder.clone()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let problem = "another copy is in progress; if it was killed, delete this folder and try again";
                return Err(Error::at(&staging.folder, problem));
            }
            Err(error) => {
                let problem = format!("cannot be written to: {error}");
                return Err(Error::at(&destination.folder, problem));
            }
        }
        Ok(staging)
    }

    fn make_destination(&mut self) -> Result<(), Error> {
        let folder = &self.destination.folder;
        match fs::create_dir(folder) {
            Ok(()) => self.made = Some(folder.clone()),
            // Created by another copy at this very moment.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::at(folder, format!("cannot be created: {error}"))),
        }
        Ok(())
    }

    /// Locks the destination itself. `.copy` is gone by the time cargo is asked about the copy,
    /// since a glob of the workspace could match it as a package.
    fn lock(&self) -> Result<Option<File>, Error> {
        // Where a folder cannot be locked, `.copy` has to do.
        let Ok(folder) = File::open(&self.destination.folder) else { return Ok(None) };
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => {
                let problem = "another copy is in progress; try again when it has finished";
                Err(Error::at(&self.destination.folder, problem))
            }
            _ => Ok(Some(folder)),
        }
    }

    /// Copies a file, given by its path in the repository.
    pub fn add(&self, repository: &Repository, file: &Path) -> Result<(), Error> {
        let from = repository.folder.join(file);
        let to = self.folder.join(file.strip_prefix("crates").unwrap_or(file));
        let copy = || {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::copy(&from, &to)
        };
        copy().map_err(|error| Error::at(&from, format!("cannot be copied: {error}")))?;
        Ok(())
    }

    /// Turns the exercise into its starter, with the functions left to write.
    pub fn make_starter(&self, exercise: &str) -> Result<(), Error> {
        let folder = self.folder.join(exercise);
        let starter = folder.join(starter(exercise));
        let main = folder.join("src/main.rs");
        fs::write(&main, starter_as_main(&starter)?).map_err(Error::on(&main))?;
        fs::remove_file(&starter).map_err(Error::on(&starter))?;
        // Fails if there are other examples.
        let _ = fs::remove_dir(folder.join("examples"));
        Ok(())
    }

    /// Moves a folder into place.
    pub fn place(&mut self, name: &str) -> Result<(), Error> {
        let place = self.destination.folder.join(name);
        fs::rename(self.folder.join(name), &place).map_err(Error::on(&place))?;
        self.ours.push(place);
        Ok(())
    }

    /// Removes what is no longer needed once the folders are in place.
    pub fn clear(&mut self) -> Result<(), Error> {
        fs::remove_dir_all(&self.folder).map_err(Error::on(&self.folder))?;
        self.ours.retain(|path| *path != self.folder);
        Ok(())
    }

    /// Keeps the copy.
    pub fn keep(mut self) {
        self.ours.clear();
        self.made = None;
    }

    /// Removes everything that has been created so far. The error says what could not be removed.
    pub fn roll_back(&mut self) -> Result<(), Error> {
        let mut result = Ok(());
        for path in take(&mut self.ours).iter().rev() {
            if let Err(error) = remove(path) {
                let problem = format!("cannot be removed: {error}; delete it");
                result = Err(Error::at(path, problem));
            }
        }
        if let Some(folder) = self.made.take() {
            // Fails if someone else has put something there.
            let _ = fs::remove_dir(folder);
        }
        result
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        let _ = self.roll_back();
    }
}
