//! What a command needs to run: the program's own folder, and the folder of its interpreter or
//! toolchain if that is not one of the system's.

mod ask;
mod cargo;
mod closed;
mod files;
mod go;
mod installation;
mod links;
mod surroundings;
#[cfg(test)]
mod tests;
mod toolchains;
mod version_manager;
mod words;

pub use cargo::{not_a_file, of_cargo};
pub use files::typed;
pub use version_manager::VersionManagers;

pub(crate) use files::add_with_links;

use files::{is_of_system, without_repetition};
use installation::NamedBy;
use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::mem;
use std::path::{Path, PathBuf};
use surroundings::Surroundings;
use toolchains::is_interpreter;
use words::{Word, words};

/// What a command needs, besides what every program may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Real paths of files and folders to read and execute.
    pub read: Vec<PathBuf>,
    /// Paths with links on the way to some of these, which the cage has, too.
    pub links: Vec<PathBuf>,
    /// Folders to write to: where cargo builds. They may be inside folders to read.
    pub write: Vec<PathBuf>,
    /// Variables that tell an interpreter where its files are, as `HOME` is a different folder in
    /// the cage. They take precedence over those of [`passed`](crate::environment::passed).
    pub environment: Vec<(OsString, OsString)>,
    /// What has to be done before it can run, if anything.
    pub missing: Option<String>,
}

impl Needs {
    /// What a command needs that is started in this folder. Every word of it counts that is a file,
    /// a folder, or a program on the `PATH`, so that `env`, `timeout` and `sh -c` hide nothing.
    ///
    /// The folders in `own` are the program's, besides those of the files that the command names.
    /// What is `allowed` may be read anyway, and is never missing.
    ///
    /// Cargo builds in the `target` folder, or else where the surroundings say.
    ///
    /// The command is the user's, but what is in files, and their names and links, may be a
    /// learner's: that widens nothing beyond the program's own folders and the user's own
    /// interpreters.
    ///
    /// What a script starts is not known, nor what a program downloads while it runs.
    ///
    /// Version managers such as pyenv are asked for the program behind their shims, unless they have
    /// answered that before, and cargo for the folders of a package. These programs are run for that;
    /// nothing in the program's own folder is.
    #[must_use]
    pub fn of(
        command: &[String],
        folder: &Path,
        own: &[PathBuf],
        allowed: &[PathBuf],
        managers: &VersionManagers,
        target: Option<&Path>,
    ) -> Self {
        let surroundings = Surroundings::of_this_process();
        let search = Search::new(&surroundings, managers, folder, allowed);
        Search { target: target.map(Into::into), ..search }.of(command, own)
    }
}

/// A search for what a command needs, and what it has found so far.
struct Search<'a> {
    surroundings: &'a Surroundings,
    managers: &'a VersionManagers,
    /// The folder in which the command is started.
    folder: PathBuf,
    /// Where cargo builds, whatever the surroundings say.
    target: Option<PathBuf>,
    /// Real paths of what may be read anyway.
    allowed: Vec<PathBuf>,
    needs: Needs,
    /// Real paths of the program's own folders.
    own: Vec<PathBuf>,
    /// Real paths of other things that are read. Like the folders, they may be a learner's to replace
    /// by links, so nobody looks again at where they lead.
    real: BTreeSet<PathBuf>,
    /// The program's own files, as the command names them.
    named: Vec<PathBuf>,
    /// Links that lead out of their folders, and where to.
    refused: Vec<(PathBuf, PathBuf)>,
    /// The programs that have been looked at already.
    programs: BTreeSet<PathBuf>,
    /// What goes before the folders of the `PATH`.
    before_path: Vec<PathBuf>,
}

impl<'a> Search<'a> {
    fn new(
        surroundings: &'a Surroundings,
        managers: &'a VersionManagers,
        folder: &Path,
        allowed: &[PathBuf],
    ) -> Self {
        Self {
            surroundings,
            managers,
            folder: std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()),
            target: None,
            allowed: allowed.iter().filter_map(|path| path.canonicalize().ok()).collect(),
            needs: Needs::default(),
            own: Vec::new(),
            real: BTreeSet::new(),
            named: Vec::new(),
            refused: Vec::new(),
            programs: BTreeSet::new(),
            before_path: Vec::new(),
        }
    }

    fn of(mut self, command: &[String], own: &[PathBuf]) -> Needs {
        let words = words(command);
        let mut names_own = false;
        for folder in own {
            names_own |= self.add_named_folder(&self.folder.join(folder));
        }
        let mut is_script = false;
        for word in &words {
            match word {
                Word::Plain(text) => {
                    names_own |= self.add_word(text, is_script);
                    // What an interpreter is given, nobody starts.
                    is_script |= is_interpreter(Path::new(text));
                }
                // Interpreters look for a module in the folder where they are started.
                Word::Module => names_own |= self.add_own_folder(&self.folder.clone()),
            }
        }
        // A command may name no file, as in `java Chained` or `npm start`.
        if !names_own {
            self.add_own_folder(&self.folder.clone());
        }
        self.add_go();
        self.needs.missing = self.closed_without_privileges(command.first());
        if self.needs.missing.is_none() {
            self.add_cargo(&words);
        }
        self.add_named_installations();
        self.needs.environment.extend(self.path());
        self.sort();
        self.needs.missing = self.needs.missing.take().or_else(|| self.refused_link());
        self.needs
    }

    /// Sorts what has been found, and tells links from what they lead to.
    fn sort(&mut self) {
        let found = without_repetition(mem::take(&mut self.needs.read));
        let (real, others): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|path| self.own.contains(path) || self.real.contains(path));
        self.needs.read = real;
        for path in others.iter().filter(|path| !is_of_system(path)) {
            add_with_links(path, &mut self.needs.read, &mut self.needs.links);
        }
        self.needs.read.retain(|path| !is_of_system(path));
        self.needs.read = without_repetition(mem::take(&mut self.needs.read));
        let read = &self.needs.read;
        let is_there = |link: &Path| read.iter().any(|folder| link.starts_with(folder));
        self.needs.links.retain(|link| !is_there(link) && !is_of_system(link));
        self.needs.links = without_repetition(mem::take(&mut self.needs.links));
    }

    /// Adds what a word names. Returns whether that is the learner's own: a file or a folder, not
    /// just a program on the `PATH`.
    fn add_word(&mut self, word: &str, is_script: bool) -> bool {
        if !word.contains('/')
            && let Some(program) = self.on_path(word)
        {
            self.add_program_on_path(&program);
        }
        let mut names_own = false;
        for path in self.paths_in(word) {
            if path.is_dir() {
                names_own |= self.add_named_folder(&path);
            } else if path.is_file() {
                names_own |= self.add_own_file(&path);
                if !is_script {
                    let folder = path.parent().unwrap_or(&path);
                    let is_elsewhere = self.follow(folder).is_err();
                    let named_by = if is_elsewhere { NamedBy::File } else { NamedBy::User };
                    self.add_program_at(&path, named_by);
                }
            }
        }
        names_own
    }

    /// The paths in a word, as in `--file=PATH`, `-cp build:lib/*` or `PYTHONPATH=PATH`. A word that
    /// is a path itself has no others in it: the name of a file may be a learner's.
    fn paths_in(&self, word: &str) -> BTreeSet<PathBuf> {
        let whole = self.folder.join(word);
        if whole.symlink_metadata().is_ok() {
            return [whole].into();
        }
        let after_option = word.split_once('=').map_or(word, |(_, value)| value);
        let parts = [word, after_option].into_iter().chain(after_option.split(':'));
        let paths = parts
            .map(|part| part.strip_suffix("/*").unwrap_or(part))
            .filter(|part| !part.is_empty())
            .map(|part| self.folder.join(part));
        paths.collect()
    }

    /// Adds the folder of a file that the command names, or only the file if that folder is a home
    /// folder or the like.
    fn add_own_file(&mut self, file: &Path) -> bool {
        let folder = file.parent().unwrap_or(file);
        let real = match self.follow(file) {
            Ok(real) => real,
            Err(link) => {
                self.refuse_link(link, file);
                // The link itself may be in the program's own folder.
                self.add_own_folder(folder);
                return true;
            }
        };
        if !self.add_own_folder(folder)
            && let Some(real) = real
        {
            self.add_at_both_paths(file, real);
        }
        let is_own = !is_of_system(file);
        self.named.extend(is_own.then(|| file.to_owned()));
        is_own
    }

    /// Adds a folder that the command names.
    fn add_named_folder(&mut self, folder: &Path) -> bool {
        let Err(link) = self.follow(folder) else {
            return self.add_own_folder(folder);
        };
        self.refuse_link(link, folder);
        true
    }

    /// Adds a folder, unless it is a home folder or the like, or a link leads out of its folder on
    /// the way. Returns whether it was added.
    fn add_own_folder(&mut self, folder: &Path) -> bool {
        let Ok(Some(real)) = self.follow(folder) else { return false };
        if !self.add_real_folder(&real) {
            return false;
        }
        self.add_at_both_paths(folder, real);
        true
    }

    /// The same, for a path that is a real one, whatever a learner has put there since.
    fn add_real_folder(&mut self, folder: &Path) -> bool {
        if is_of_system(folder) || !self.surroundings.is_for_one_program(folder) {
            return false;
        }
        self.add_companions(folder);
        self.own.push(folder.to_owned());
        self.needs.read.push(folder.to_owned());
        true
    }

    /// Adds what package managers keep in the folders above a program.
    fn add_companions(&mut self, folder: &Path) {
        const NAMES: [&str; 7] = [
            "package.json",
            "node_modules",
            "deno.json",
            "deno.jsonc",
            "deno.lock",
            "go.mod",
            "go.sum",
        ];
        let is_own = |folder: &&Path| self.surroundings.is_for_one_program(folder);
        let above = folder.ancestors().skip(1).take_while(is_own);
        let candidates = above.flat_map(|folder| NAMES.map(|name| folder.join(name)));
        // A learner can make a link to anything.
        let found: Vec<_> = candidates.filter(|path| !path.is_symlink() && path.exists()).collect();
        self.real.extend(found.iter().cloned());
        self.needs.read.extend(found);
    }

    /// Adds a path, and the real one that it leads to. With `..` in it, a path may lead elsewhere
    /// than it seems to: then only the real one.
    fn add_at_both_paths(&mut self, path: &Path, real: PathBuf) {
        let path: PathBuf = path.components().collect();
        if path != real {
            self.needs.links.push(path);
        }
        self.real.insert(real.clone());
        self.needs.read.push(real);
    }

    /// Adds toolchains that variables name.
    fn add_named_installations(&mut self) {
        const VARIABLES: [&str; 5] =
            ["CONDA_PREFIX", "DOTNET_ROOT", "GOROOT", "JAVA_HOME", "VIRTUAL_ENV"];
        for name in VARIABLES {
            if let Some(folder) = self.surroundings.variable(name) {
                self.add_installation(Path::new(folder));
            }
        }
    }

    /// Sets a variable unless it is set already.
    fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        let variables = &mut self.needs.environment;
        if variables.iter().all(|(set, _)| set != name) {
            variables.push((name.into(), value.as_ref().to_owned()));
        }
    }

    /// A `PATH` that leads to the programs behind shims first, if there are any.
    fn path(&self) -> Option<(OsString, OsString)> {
        if self.before_path.is_empty() {
            return None;
        }
        let path = self.surroundings.variable("PATH").unwrap_or_default();
        let folders = self.before_path.iter().cloned().chain(env::split_paths(path));
        Some(("PATH".into(), env::join_paths(folders).ok()?))
    }
}
