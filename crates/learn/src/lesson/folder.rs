//! The learner's folder: a Cargo workspace with the starters that have been begun, and the progress.
//! Only what scripts/learn has written itself is ever overwritten.

use super::progress::{Progress, State};
use super::progress_file::{self, ProgressFile};
use crate::whole_file::replace;
use cage::regular_file;
use checker::new_file::NewFile;
use copy::{Interruption, Order, Place, Repository};
use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The learner's folder.
pub struct Folder {
    /// As it was given.
    pub path: PathBuf,
    pub repository: Repository,
    pub progress: ProgressFile,
    /// Locked as long as this lives.
    _lock: File,
}

/// The file that is locked. Hidden, it does not count as something else in the folder.
const LOCK: &str = ".learn.lock";

/// The first line of the manifest, by which a folder is recognized.
const HEADER: &str = "# The workspace of scripts/learn, which adds each exercise that is begun.";

impl Folder {
    /// Opens a folder in which somebody has begun. If it is new or empty, begins in it.
    ///
    /// # Errors
    ///
    /// One line, if it holds something else, is in use, or cannot be written to.
    pub fn open(path: &Path, repository: &Path, exercises: &[&str]) -> Result<Self, String> {
        let problem = |problem: String| format!("{}: {problem}", path.display());
        let repository = Repository::open(repository).map_err(|error| error.to_string())?;
        let place = copy::check_new_workspace(path).map_err(|error| error.to_string())?;
        check_place(&place, &repository).map_err(problem)?;
        if !path.is_dir() {
            fs::create_dir(path).map_err(|error| problem(error.to_string()))?;
        }
        if !is_ours(path) && !is_empty(path).map_err(|error| problem(error.to_string()))? {
            return Err(problem(
                "this folder holds something else; name a new one, as in scripts/learn ~/async"
                    .into(),
            ));
        }
        let lock = lock(path).map_err(problem)?;
        let progress = ProgressFile::open(path, found(path, exercises))?;
        let folder = Self { path: path.to_owned(), repository, progress, _lock: lock };
        folder.add_workspace()?;
        Ok(folder)
    }

    /// The manifest of the workspace.
    #[must_use]
    pub fn manifest(&self) -> PathBuf {
        self.path.join("Cargo.toml")
    }

    /// The folder of an exercise.
    #[must_use]
    pub fn package(&self, exercise: &str) -> PathBuf {
        self.path.join(exercise)
    }

    /// The program that the learner writes.
    #[must_use]
    pub fn program(&self, exercise: &str) -> PathBuf {
        self.package(exercise).join("src/main.rs")
    }

    /// The folder of an exercise in the repository, solved.
    #[must_use]
    pub fn original(&self, exercise: &str) -> PathBuf {
        self.repository.folder.join("crates").join(exercise)
    }

    /// Copies the starter of an exercise, unless the exercise is there.
    ///
    /// # Errors
    ///
    /// One line, if the folder is gone or the starter cannot be copied.
    pub fn begin(&self, exercise: &str) -> Result<(), String> {
        if !self.path.is_dir() {
            return Err(format!(
                "{}: the folder is gone; put it back, or quit and begin anew",
                self.path.display()
            ));
        }
        self.add_workspace()?;
        if self.package(exercise).is_dir() {
            // An earlier copy may have got no further. A manifest with other lines is the learner's.
            return self.list(&["common".into(), exercise.into()]).map(|_| ());
        }
        let order =
            Order { exercise: exercise.into(), destination: self.path.clone(), starter: true };
        let copied = copy::copy(&self.repository, &order, &Interruption::default())
            .map_err(|error| error.to_string())?;
        match copied.place {
            Place::Unlisted { members, .. } => {
                let members: Vec<_> =
                    members.iter().map(|folder| folder.display().to_string()).collect();
                if self.list(&members)? {
                    return Ok(());
                }
                let names: Vec<_> = members.iter().map(|name| format!("{name:?}")).collect();
                let manifest = self.manifest();
                Err(format!("{}: add {} to its members", manifest.display(), names.join(" and ")))
            }
            Place::Unloadable(trouble) => Err(trouble),
            Place::Outside | Place::Member { .. } => Ok(()),
        }
    }

    /// Puts the starter back. Returns where the program that was there is kept.
    ///
    /// # Errors
    ///
    /// One line, if that is not possible. The program is then as it was.
    pub fn reset(&self, exercise: &str) -> Result<Option<PathBuf>, String> {
        let program = self.program(exercise);
        let starter = self.repository.starter(exercise).map_err(|error| error.to_string())?;
        let kept = keep(&program)?;
        replace(&program, &starter).map_err(|error| format!("{}: {error}", program.display()))?;
        Ok(kept)
    }

    /// Adds packages to the members of the workspace, if its manifest is as it is written here.
    /// Returns whether it is.
    fn list(&self, packages: &[String]) -> Result<bool, String> {
        let path = self.manifest();
        let problem = |error: io::Error| format!("{}: {error}", path.display());
        let text = regular_file::read_to_string(&path).map_err(problem)?;
        let before = members(&text);
        if manifest(&before) != text {
            return Ok(false);
        }
        let new = packages.iter().filter(|package| !before.contains(package));
        let all: Vec<_> = before.iter().chain(new).cloned().collect();
        if all != before {
            replace(&path, &manifest(&all)).map_err(problem)?;
        }
        Ok(true)
    }

    /// Adds what makes the folder a workspace, unless it is there.
    fn add_workspace(&self) -> Result<(), String> {
        self.add("Cargo.toml", || Ok(manifest(&[])))?;
        self.add("Cargo.lock", || fs::read_to_string(self.repository.folder.join("Cargo.lock")))
    }

    /// Adds a file, unless it is there.
    fn add(&self, name: &str, text: impl FnOnce() -> io::Result<String>) -> Result<(), String> {
        let path = self.path.join(name);
        if path.symlink_metadata().is_ok() {
            return Ok(());
        }
        // The folder is the learner's own choice, and may be a link.
        let text = text().and_then(|text| Ok((self.path.canonicalize()?, text)));
        let text = text.map_err(|error| error.to_string());
        let added = text.and_then(|(folder, text)| NewFile::at(&folder.join(name))?.write(&text));
        added.map_err(|problem| format!("{}: {problem}", path.display()))
    }
}

/// Refuses a folder in which cargo cannot build, or which belongs to a package of the repository.
/// `place` is its path without symbolic links.
fn check_place(place: &Path, repository: &Repository) -> Result<(), String> {
    let is_odd = |character: char| character == ':' || character.is_control();
    let Some(name) = place.to_str() else {
        return Err("cargo builds only where the path is UTF-8; choose another folder".into());
    };
    if let Some(odd) = name.chars().find(|character| is_odd(*character)) {
        return Err(format!("cargo cannot build in a path with {odd:?}; choose another folder"));
    }
    if place.starts_with(repository.folder.join("crates")) {
        return Err("this is in the repository's own packages; choose a folder outside them".into());
    }
    Ok(())
}

/// Keeps a second `scripts/learn` out of a folder, as long as what is returned is open. It is a file
/// that nobody edits: an editor may replace the others.
fn lock(folder: &Path) -> Result<File, String> {
    // If it is a link or a pipe, it must neither lead elsewhere nor keep us waiting.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let mut options = File::options();
    options.create(true).append(true).custom_flags(flags);
    let lock = options.open(folder.join(LOCK)).map_err(|error| format!("{LOCK}: {error}"))?;
    // Where files cannot be locked, nobody is kept out.
    if flock(&lock, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
        return Err("scripts/learn is already running here; go on with that one, or quit it".into());
    }
    Ok(lock)
}

/// Whether somebody has begun in a folder. The progress may have been removed.
fn is_ours(folder: &Path) -> bool {
    let manifest = regular_file::read_to_string(&folder.join("Cargo.toml"));
    folder.join(progress_file::NAME).exists()
        || manifest.is_ok_and(|manifest| manifest.starts_with(HEADER))
}

/// How far somebody has got in a folder, as far as its exercises tell.
fn found(folder: &Path, exercises: &[&str]) -> Progress {
    let mut progress = Progress::new(exercises);
    for exercise in exercises.iter().filter(|exercise| folder.join(exercise).is_dir()) {
        progress.set(exercise, State { begun: true, seen: true, best: 0.0 });
    }
    progress
}

/// Whether there is nothing in a folder but what the system puts there.
fn is_empty(folder: &Path) -> io::Result<bool> {
    for entry in folder.read_dir()? {
        if !entry?.file_name().as_encoded_bytes().starts_with(b".") {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Copies a program beside itself, under a name that is free, if it is there.
fn keep(program: &Path) -> Result<Option<PathBuf>, String> {
    let text = match regular_file::read(program) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|error| format!("{}: {error}", program.display()))?,
    };
    for number in 1.. {
        let kept = program.with_file_name(format!("main.rs.before-reset-{number}"));
        match File::create_new(&kept) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            file => {
                let written = file.and_then(|mut file| file.write_all(&text));
                written.map_err(|error| format!("{}: {error}", kept.display()))?;
                return Ok(Some(kept));
            }
        }
    }
    unreachable!("there is a free number")
}

/// The manifest of a workspace with these members.
fn manifest(members: &[String]) -> String {
    format!("{HEADER}\n[workspace]\nresolver = \"3\"\nmembers = {members:?}\n")
}

/// The members of a workspace, by its manifest.
fn members(manifest: &str) -> Vec<String> {
    let Ok(table) = manifest.parse::<Table>() else { return Vec::new() };
    let members = table.get("workspace").and_then(|workspace| workspace.get("members"));
    let members = members.and_then(Value::as_array).into_iter().flatten();
    members.filter_map(|member| Some(member.as_str()?.to_owned())).collect()
}
