//! Where the user's own things are. A program among them may not read them just for that.

use nix::unistd::{User, getuid};
use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Folders that many programs or users share.
const SHARED: [&str; 6] = ["/home", "/root", "/run", "/tmp", "/var", "/var/tmp"];

/// Hidden folders in a home folder that many programs share.
const OF_ALL_PROGRAMS: [&str; 6] =
    [".cache", ".config", ".local", ".local/bin", ".local/share", ".local/state"];

pub struct Surroundings {
    /// The user's home folders, the one that `HOME` names first.
    homes: Vec<PathBuf>,
    /// The system's folder for temporary files.
    temporary: PathBuf,
    variables: BTreeMap<OsString, OsString>,
}

impl Surroundings {
    pub fn of_this_process() -> Self {
        let of_account = User::from_uid(getuid()).ok().flatten().map(|user| user.dir);
        let homes = env::home_dir().into_iter().chain(of_account).collect();
        Self::new(homes, env::temp_dir(), env::vars_os().collect())
    }

    pub fn new(
        homes: Vec<PathBuf>,
        temporary: PathBuf,
        variables: BTreeMap<OsString, OsString>,
    ) -> Self {
        let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
        let homes = homes.into_iter().map(real).collect();
        Self { homes, temporary: real(temporary), variables }
    }

    pub fn home(&self) -> Option<&Path> {
        self.homes.first().map(PathBuf::as_path)
    }

    /// The value of an environment variable, unless it is empty.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(OsStr::new(name))?;
        (!value.is_empty()).then_some(value)
    }

    /// Whether a folder holds unrelated things: it is a home folder, or above one, or shared by
    /// all. The path is a real one.
    fn is_shared(&self, folder: &Path) -> bool {
        folder.parent().is_none()
            || folder.parent() == Some(Path::new("/home"))
            || SHARED.iter().any(|shared| folder == Path::new(shared))
            || folder == self.temporary
            || self.is_home_or_above(folder)
    }

    /// Whether it is a home folder or above one. The path is a real one.
    pub fn is_home_or_above(&self, folder: &Path) -> bool {
        self.homes.iter().any(|home| home.starts_with(folder))
    }

    /// Whether a program in this folder may read all of it. The path is a real one.
    pub fn is_for_one_program(&self, folder: &Path) -> bool {
        // Such as ~/.ssh or ~/.config/gh.
        let is_private = self.in_hidden(folder).is_some_and(|path| path.iter().count() <= 2);
        !self.is_shared(folder) && !is_private
    }

    /// Whether a folder may belong to one interpreter or toolchain. The path is a real one.
    pub fn is_for_one_toolchain(&self, folder: &Path) -> bool {
        let of_all = |path: &Path| OF_ALL_PROGRAMS.iter().any(|name| path == Path::new(name));
        !self.is_shared(folder) && !self.in_hidden(folder).is_some_and(of_all)
    }

    /// Whether it is hidden in a home folder, where programs keep their own things. The path is a
    /// real one.
    pub fn is_private(&self, path: &Path) -> bool {
        self.in_hidden(path).is_some()
    }

    /// The path relative to a home folder, if it begins with a hidden name there.
    fn in_hidden<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        let from_home = self.homes.iter().find_map(|home| path.strip_prefix(home).ok())?;
        let first = from_home.iter().next()?;
        first.as_encoded_bytes().starts_with(b".").then_some(from_home)
    }
}
