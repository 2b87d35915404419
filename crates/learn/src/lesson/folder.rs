//! The learner's folder: a Cargo workspace with the starters that have been begun, and the progress.
//! Only what scripts/learn has written itself is ever overwritten.

use super::progress::Progress;
use super::progress_file::{self, ProgressFile};
use crate::regular_file;
use crate::whole_file::replace;
use checker::new_file::NewFile;
use copy::{Interruption, Order, Place, Repository};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The learner's folder.
pub struct Folder {
    /// As it was given.
    pub path: PathBuf,
    pub repository: Repository,
    pub progress: ProgressFile,
}

impl Folder {
    /// Opens a folder in which somebody has begun. If it is new or empty, begins in it.
    ///
    /// # Errors
    ///
    /// One line, if it holds something else, is in use, or cannot be written to.
    pub fn open(path: &Path, repository: &Path, new: &Progress) -> Result<Self, String> {
        let problem = |problem: String| format!("{}: {problem}", path.display());
        let repository = Repository::open(repository).map_err(|error| error.to_string())?;
        copy::check_new_workspace(path).map_err(|error| error.to_string())?;
        if !path.is_dir() {
            fs::create_dir(path).map_err(|error| problem(error.to_string()))?;
        }
        let begun = path.join(progress_file::NAME).exists();
        if !begun && !is_empty(path).map_err(|error| problem(error.to_string()))? {
            return Err(problem(
                "this folder holds something else; name a new one, as in scripts/learn ~/async"
                    .into(),
            ));
        }
        let progress = ProgressFile::open(path, new)?;
        let folder = Self { path: path.to_owned(), repository, progress };
        folder.add("Cargo.toml", || Ok(manifest(&[])))?;
        folder.add("Cargo.lock", || {
            fs::read_to_string(folder.repository.folder.join("Cargo.lock"))
        })?;
        Ok(folder)
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
    /// One line, if it cannot be copied.
    pub fn begin(&self, exercise: &str) -> Result<(), String> {
        if self.package(exercise).is_dir() {
            return Ok(());
        }
        let order =
            Order { exercise: exercise.into(), destination: self.path.clone(), starter: true };
        let copied = copy::copy(&self.repository, &order, &Interruption::default())
            .map_err(|error| error.to_string())?;
        match copied.place {
            Place::Unlisted { members, .. } => self.list(&members),
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

    /// Adds packages to the members of the workspace.
    fn list(&self, new: &[PathBuf]) -> Result<(), String> {
        let path = self.path.join("Cargo.toml");
        let problem = |problem: String| format!("{}: {problem}", path.display());
        let text =
            regular_file::read_to_string(&path).map_err(|error| problem(error.to_string()))?;
        let before = members(&text);
        let names = || new.iter().map(|name| name.display().to_string());
        if manifest(&before) != text {
            let names: Vec<_> = names().map(|name| format!("{name:?}")).collect();
            return Err(problem(format!("add {} to its members", names.join(" and "))));
        }
        let all: Vec<_> = before.into_iter().chain(names()).collect();
        replace(&path, &manifest(&all)).map_err(|error| problem(error.to_string()))
    }

    /// Adds a file, unless it is there.
    fn add(&self, name: &str, text: impl FnOnce() -> io::Result<String>) -> Result<(), String> {
        let path = self.path.join(name);
        if path.symlink_metadata().is_ok() {
            return Ok(());
        }
        let text = text().map_err(|error| error.to_string());
        let added = text.and_then(|text| NewFile::at(&path)?.write(&text));
        added.map_err(|problem| format!("{}: {problem}", path.display()))
    }
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
    format!(
        "# The workspace of scripts/learn, which adds each exercise that is begun.\n\
         [workspace]\nresolver = \"3\"\nmembers = {members:?}\n"
    )
}

/// The members of a workspace, by its manifest.
fn members(manifest: &str) -> Vec<String> {
    let Ok(table) = manifest.parse::<Table>() else { return Vec::new() };
    let members = table.get("workspace").and_then(|workspace| workspace.get("members"));
    let members = members.and_then(Value::as_array).into_iter().flatten();
    members.filter_map(|member| Some(member.as_str()?.to_owned())).collect()
}
