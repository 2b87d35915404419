//! The folder of the grades: who works in it, and what is kept there.
//!
//! - `class.json`: what was asked, and who submitted
//! - `results/KEY.json`: the result of each learner
//! - `.scratch/KEY/`: a submission while it is graded
//! - `.lock`: locked as long as a run goes on; `.workers`: shared by the run and its workers, who may
//!   live a little longer if it is killed. Nobody begins before they have ended, even if somebody has
//!   removed `.lock`

use super::class_file::{Asked, ClassFile};
use super::learner::{FORMAT, Learner};
use super::whole_file;
use crate::escape::visible;
use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{self, Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

const CLASS: &str = "class.json";
const RESULTS: &str = "results";
/// Where the output of a class is, one file for each learner.
const FEEDBACK: &str = "feedback";
const SCRATCH: &str = ".scratch";
const LOCK: &str = ".lock";
const WORKERS: &str = ".workers";

/// How long the workers of a run that was killed may take to end, or a run whose lock was removed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder of grades that no other run works in.
pub struct GradesFolder {
    /// A real path.
    path: PathBuf,
    /// Locked until this is dropped, or the process ends.
    lock: File,
    /// Likewise, with the workers.
    _workers: File,
}

impl GradesFolder {
    /// The folder at this path for the grades of these submissions; it is made if need be. What a run
    /// that was killed has left half done in it is removed.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be used: another run works in it, it holds something else, or cannot be
    /// written to.
    pub fn open(path: &Path, submissions: &Path) -> Result<Self, String> {
        let real = real_path(path).map_err(|error| about(path, &error))?;
        let submissions = submissions.canonicalize().map_err(|error| about(submissions, &error))?;
        in_utf8(&real)?;
        if real.starts_with(&submissions) {
            return Err(format!(
                "{}: it is among the submissions: name a folder beside {}",
                path.display(),
                submissions.display()
            ));
        }
        if submissions.starts_with(&real) {
            return Err(format!(
                "{}: the submissions are in it: name another folder, or a new one in it",
                path.display()
            ));
        }
        Self::at(path)
    }

    /// Like [`GradesFolder::open`], for grades that are made elsewhere.
    ///
    /// # Errors
    ///
    /// Like [`GradesFolder::open`].
    pub fn at(path: &Path) -> Result<Self, String> {
        let real = real_path(path).map_err(|error| about(path, &error))?;
        fs::create_dir_all(&real).map_err(|error| about(path, &error))?;
        if let Some(other) = something_else(&real).map_err(|error| about(path, &error))? {
            return Err(format!(
                "{}: this folder holds other files ({other}): name a new or empty folder",
                path.display()
            ));
        }
        let in_use = || {
            let path = path.display();
            format!(
                "{path}: another run is using this folder: wait until it ends, or name another folder"
            )
        };
        let lock = locked(&real.join(LOCK), FlockOperation::NonBlockingLockExclusive)
            .map_err(|error| about(path, &error))?
            .ok_or_else(in_use)?;
        let workers = wait_for_workers(&real.join(WORKERS))
            .map_err(|error| about(path, &error))?
            .ok_or_else(in_use)?;
        let folder = Self { path: real, lock, _workers: workers };
        folder.tidy().map_err(|error| about(path, &error))?;
        Ok(folder)
    }

    /// Its real path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// That it is still locked by this run: if somebody has removed its file, another run may have
    /// locked a new one.
    ///
    /// # Errors
    ///
    /// One line, if it is not: nothing more may be written or removed.
    pub fn is_still_locked(&self) -> Result<(), String> {
        let path = self.path.join(LOCK);
        let is_same =
            |one: &Metadata, other: &Metadata| (one.dev(), one.ino()) == (other.dev(), other.ino());
        match (path.symlink_metadata(), self.lock.metadata()) {
            (Ok(now), Ok(ours)) if is_same(&now, &ours) => Ok(()),
            _ => Err(format!(
                "{}: it was removed, so another run may be at work here",
                path.display()
            )),
        }
    }

    /// Where submissions are unpacked, each in a folder named after its key.
    pub fn scratch(&self) -> PathBuf {
        self.path.join(SCRATCH)
    }

    /// What a worker locks as long as it lives.
    pub fn workers(&self) -> PathBuf {
        self.path.join(WORKERS)
    }

    /// Leaves only what is finished.
    fn tidy(&self) -> io::Result<()> {
        self.remove_scratch()?;
        let results = self.path.join(RESULTS);
        match results.symlink_metadata() {
            Ok(data) if data.is_dir() => {}
            // Through a link, results would go elsewhere.
            Ok(_) => return Err(io::Error::other(format!("{RESULTS} in it is not a folder"))),
            Err(_) => fs::create_dir(&results)?,
        }
        let folders = [self.path.clone(), results, self.path.join(FEEDBACK)];
        let is_folder = |it: &&PathBuf| it.symlink_metadata().is_ok_and(|data| data.is_dir());
        folders.iter().filter(is_folder).try_for_each(|it| whole_file::remove_leftovers(it))
    }

    /// Removes the pages of these learners, of whom there is no result any more.
    ///
    /// # Errors
    ///
    /// If one cannot be removed.
    pub fn remove_feedback_of(&self, keys: &[&str]) -> io::Result<()> {
        let folder = self.path.join(FEEDBACK);
        if !folder.symlink_metadata().is_ok_and(|data| data.is_dir()) {
            return Ok(());
        }
        for key in keys.iter().filter(|key| !key.contains('/')) {
            match fs::remove_file(folder.join(format!("{key}.html"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes all unpacked submissions.
    ///
    /// # Errors
    ///
    /// If one cannot be removed.
    pub fn remove_scratch(&self) -> io::Result<()> {
        // `remove_dir_all` removes a link, and not where it leads.
        match fs::remove_dir_all(self.scratch()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// What was asked of the last run, if there was one with this version of the files.
    pub fn class(&self) -> Option<ClassFile> {
        class_in(&self.path)
    }

    /// Notes what is asked of this run.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be written.
    pub fn write_class(&self, class: &ClassFile) -> Result<(), String> {
        self.is_still_locked()?;
        write(&self.path, CLASS, class)
    }

    /// The result of a learner, if there is one that was made as it is asked for.
    pub fn result(&self, key: &str, asked: &Asked) -> Option<Learner> {
        result_in(&self.path, key, asked)
    }

    /// Removes the results of all but these learners.
    ///
    /// # Errors
    ///
    /// If one cannot be removed.
    pub fn keep_results_of(&self, keys: &BTreeSet<&str>) -> io::Result<()> {
        for entry in fs::read_dir(self.path.join(RESULTS))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.strip_suffix(".json").is_some_and(|key| !keys.contains(key)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Keeps the result of a learner.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be written.
    pub fn write_result(&self, learner: &Learner) -> Result<(), String> {
        self.is_still_locked()?;
        write(&self.path.join(RESULTS), &file_name(&learner.submitter.key), learner)
    }
}

/// Locks the file for this run and its workers, once none of another run lives: they may still write.
/// None if they go on working.
fn wait_for_workers(path: &Path) -> io::Result<Option<File>> {
    let until = Instant::now() + PATIENCE;
    loop {
        let alone = locked(path, FlockOperation::NonBlockingLockExclusive)?;
        if let Some(file) = alone
            && lock(&file, FlockOperation::NonBlockingLockShared)?
        {
            return Ok(Some(file));
        }
        if Instant::now() > until {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Whether this is what a run has noted, perhaps one of another version.
fn is_ours(class: &[u8]) -> bool {
    let parsed: serde_json::Result<serde_json::Value> = serde_json::from_slice(class);
    let has = |name: &str| parsed.as_ref().is_ok_and(|it| it.get(name).is_some());
    ["format", "asked", "layout", "submitters"].into_iter().all(has)
}

/// What was asked of the run that filled this folder, which is only read.
pub fn class_in(folder: &Path) -> Option<ClassFile> {
    let text = read(&folder.join(CLASS)).ok()?;
    serde_json::from_slice(&text).ok().filter(|class: &ClassFile| class.format == FORMAT)
}

/// The result of a learner in this folder, which is only read; if it was made as it is asked for, and
/// is not that of another.
pub fn result_in(folder: &Path, key: &str, asked: &Asked) -> Option<Learner> {
    let text = read(&folder.join(RESULTS).join(file_name(key))).ok()?;
    let learner: Learner = serde_json::from_slice(&text).ok()?;
    let is_theirs = learner.format == FORMAT && learner.submitter.key == key;
    (is_theirs && learner.asked == asked.hash() && learner.is_plausible()).then_some(learner)
}

/// What is in a regular file; nothing waits for another end of a pipe.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    regular(OpenOptions::new().read(true), path)?.read_to_end(&mut text)?;
    Ok(text)
}

/// Opens a regular file, in the way that the options say. No link is followed.
fn regular(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    let file = options.custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::other(format!("{} is not a regular file", path.display())))
}

fn file_name(key: &str) -> String {
    format!("{key}.json")
}

fn write(folder: &Path, name: &str, content: &impl Serialize) -> Result<(), String> {
    let mut text = serde_json::to_vec_pretty(content)
        .map_err(|error| about(&folder.join(name), &error.into()))?;
    text.push(b'\n');
    whole_file::write(folder, name, text)
}

/// That a path can be told to a worker.
///
/// # Errors
///
/// One line, if it cannot.
pub fn in_utf8(path: &Path) -> Result<(), String> {
    if path.to_str().is_some() {
        return Ok(());
    }
    let path = visible(path.as_os_str().as_encoded_bytes());
    Err(format!("{path}: this path is not in UTF-8: rename it, or use another one"))
}

/// The real path of a folder that may not be there yet.
pub fn real_path(path: &Path) -> io::Result<PathBuf> {
    let path = path::absolute(path)?;
    match (path.canonicalize(), path.parent(), path.file_name()) {
        // A link that leads nowhere cannot become a folder, either.
        (Err(_), Some(parent), Some(name)) if !path.is_symlink() => {
            Ok(real_path(parent)?.join(name))
        }
        (real, _, _) => real,
    }
}

fn about(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// What is in a folder that was not made by a run, if anything: an entry of it.
fn something_else(folder: &Path) -> io::Result<Option<String>> {
    if read(&folder.join(CLASS)).is_ok_and(|text| is_ours(&text)) {
        return Ok(None);
    }
    // A run that was killed at its start has got no further than this.
    let own = [RESULTS, SCRATCH, LOCK, WORKERS];
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !own.contains(&&*name) && !name.starts_with(whole_file::PREFIX) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Opens a file and locks it. None if it is locked by another in a way that excludes this one.
pub fn locked(path: &Path, how: FlockOperation) -> io::Result<Option<File>> {
    // On a network drive, only a file that can be read has a shared lock, and only one that can be
    // written an exclusive one.
    let mut options = OpenOptions::new();
    let file = regular(options.read(true).write(true).create(true).truncate(false), path)?;
    Ok(lock(&file, how)?.then_some(file))
}

/// Whether it can be locked.
fn lock(file: &File, how: FlockOperation) -> io::Result<bool> {
    match flock(file, how) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::fcntl_getfl;

    #[test]
    fn no_run_begins_while_another_is_at_work_even_if_its_lock_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = GradesFolder::at(folder.path()).expect("it is free");
        first.is_still_locked().expect("it is");
        fs::remove_file(folder.path().join(LOCK)).expect("it is there");
        assert!(first.is_still_locked().is_err());
        let workers = |how| locked(&first.workers(), how).expect("it can be asked");
        assert!(workers(FlockOperation::NonBlockingLockExclusive).is_none());
        assert!(workers(FlockOperation::NonBlockingLockShared).is_some(), "its own workers can");
        drop(first);
        GradesFolder::at(folder.path()).expect("it is free");
    }

    #[test]
    fn a_lock_can_be_shared_on_a_network_drive() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = locked(&folder.path().join(WORKERS), FlockOperation::NonBlockingLockShared);
        let file = file.expect("it can be asked").expect("it is free");
        assert!(fcntl_getfl(file).expect("its flags").contains(OFlags::RDWR));
    }
}
