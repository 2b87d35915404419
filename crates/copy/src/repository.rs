//! The repository: which exercises it has, and which files belong to them.

use crate::{Error, Interruption, tool};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A checkout of this repository.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Its folder, without symbolic links.
    pub folder: PathBuf,
}

impl Repository {
    /// The repository in a folder.
    ///
    /// # Errors
    ///
    /// If there is no such folder.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Ok(Self { folder: folder.canonicalize().map_err(Error::on(folder))? })
    }

    /// The names of the exercises, sorted. An exercise is a folder `crates/NAME` with a starter,
    /// `examples/NAME-starter.rs`.
    ///
    /// # Errors
    ///
    /// If the folder `crates` cannot be read.
    pub fn exercises(&self) -> Result<Vec<String>, Error> {
        let crates = self.folder.join("crates");
        let mut exercises = Vec::new();
        for entry in crates.read_dir().map_err(Error::on(&crates))? {
            let entry = entry.map_err(Error::on(&crates))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if entry.path().join(starter(&name)).is_file() {
                exercises.push(name);
            }
        }
        exercises.sort();
        Ok(exercises)
    }

    /// The starter of an exercise, as the text of its `src/main.rs`.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn starter(&self, exercise: &str) -> Result<String, Error> {
        starter_as_main(&self.folder.join("crates").join(exercise).join(starter(exercise)))
    }

    pub(crate) fn check_exercise(&self, name: &str) -> Result<(), Error> {
        let exercises = self.exercises()?;
        if exercises.iter().any(|exercise| exercise == name) {
            return Ok(());
        }
        let choice = exercises.join(", ");
        Err(Error::Misused(format!("unknown exercise '{name}'; choose one of {choice}")))
    }

    /// The files of some crates as git tracks them, by their paths in the repository: builds and
    /// notes are not copied.
    pub(crate) fn files(
        &self,
        crates: &[&str],
        interruption: &Interruption,
    ) -> Result<BTreeSet<PathBuf>, Error> {
        let mut git = Command::new("git");
        git.arg("-C").arg(&self.folder).args(["ls-files", "-z", "--"]);
        git.args(crates.iter().map(|name| format!("crates/{name}")));
        let output = tool::output(&mut git, interruption)?;
        if !output.status.success() {
            let says = String::from_utf8_lossy(&output.stderr);
            let says = says.lines().next().unwrap_or("git failed");
            let problem = format!(
                "not a git checkout, which tells what belongs to an exercise; git clone it \
                 (git says: {says})"
            );
            return Err(Error::at(&self.folder, problem));
        }
        let paths = output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        let files: BTreeSet<_> =
            paths.map(|path| Path::new(OsStr::from_bytes(path)).to_owned()).collect();
        for name in crates {
            let manifest = Path::new("crates").join(name).join("Cargo.toml");
            if !files.contains(&manifest) {
                let problem = "git does not track this file, and only tracked files are copied";
                return Err(Error::at(&self.folder.join(manifest), problem));
            }
        }
        Ok(files)
    }
}

/// The starter of an exercise, by its path in the folder of the exercise.
#[must_use]
pub fn starter(exercise: &str) -> PathBuf {
    Path::new("examples").join(format!("{exercise}-starter.rs"))
}

/// The text of a starter as `src/main.rs`. As an example, it refers to its neighbors in `src` by
/// their paths.
#[must_use]
pub fn as_main(starter: &str) -> String {
    let lines = starter.lines().filter(|line| !line.starts_with("#[path = "));
    lines.map(|line| line.replacen("\"../src/", "\"", 1) + "\n").collect()
}

/// The same, of a starter in a file.
pub(crate) fn starter_as_main(starter: &Path) -> Result<String, Error> {
    fs::read_to_string(starter).map(|text| as_main(&text)).map_err(Error::on(starter))
}
