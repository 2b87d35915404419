//! Interpreters and toolchains: finds the folder that a program was installed into from the
//! program's path. `PREFIX/bin/NAME` belongs to `PREFIX`; the same goes for what it links to.

use super::Search;
use super::files::{is_of_system, links};
use super::toolchains::is_interpreter;
use crate::regular_file::start;
use std::fs;
use std::path::{Path, PathBuf};

/// An installation has one of these folders besides its programs.
const PARTS: [&str; 5] = ["lib", "lib64", "libexec", "share", "shared"];

/// The kernel reads no more of a script's `#!` line.
const LONGEST_LINE: u64 = 256;
/// No `pyvenv.cfg` has more bytes.
const LONGEST_DESCRIPTION: u64 = 1 << 14;

/// Who says that a program is needed.
#[derive(Clone, Copy, PartialEq)]
pub enum NamedBy {
    /// The user, in the command, or with the `PATH`.
    User,
    /// A file, which may be a learner's.
    File,
}

impl Search<'_> {
    /// The program of this name that would be started.
    pub(super) fn on_path(&self, name: &str) -> Option<PathBuf> {
        which::which_in(name, self.surroundings.variable("PATH"), &self.folder).ok()
    }

    /// Adds a program that was found on the `PATH`, and what it needs.
    pub(super) fn add_program_on_path(&mut self, program: &Path) {
        if self.programs.contains(program) {
            return;
        }
        if let Some(behind) = self.behind_shim(program) {
            self.before_path.extend(behind.parent().map(Path::to_owned));
            self.add_program(&behind, NamedBy::File);
        }
        self.add_program(program, NamedBy::User);
    }

    /// Adds a program that is named by its path, and what it needs.
    pub(super) fn add_program_at(&mut self, program: &Path, named_by: NamedBy) {
        self.add_manager_of(program);
        self.add_program(program, named_by);
    }

    /// Adds an executable file, and what it needs: its installation, and the interpreter that its
    /// `#!` line names. If a file names it, it has to be one of the user's, or the program's own.
    fn add_program(&mut self, program: &Path, named_by: NamedBy) {
        if !is_executable(program) || !self.programs.insert(program.to_owned()) {
            return;
        }
        // Who can make a link among the user's programs is the user.
        let mut is_users = false;
        for (index, file) in links(program).into_iter().enumerate() {
            is_users |= self.is_users(&file);
            let is_named = index == 0 && named_by == NamedBy::User;
            if !is_users && !is_named && !self.is_own(&file) {
                return;
            }
            if is_of_system(&file) {
                continue;
            }
            self.needs.read.push(file.clone());
            let Some(folder) = file.parent() else { continue };
            let name = folder.file_name().unwrap_or_default();
            let prefix = if name == "bin" { folder.parent() } else { Some(folder) };
            let Some(prefix) = prefix else { continue };
            // A learner's folder can be called `bin`, too.
            if is_users || is_named && is_interpreter(&file) {
                self.add_installation(prefix);
            }
            self.add_base_of_virtual_environment(prefix, &file);
        }
        self.add_interpreter(program);
        self.add_settings(program);
    }

    /// Whether it is in one of the program's own folders.
    fn is_own(&self, file: &Path) -> bool {
        let folder = file.parent().and_then(|folder| folder.canonicalize().ok());
        folder.is_some_and(|folder| self.own.iter().any(|own| folder.starts_with(own)))
    }

    /// Adds a folder, if it looks like an installation. If many programs are installed there, adds
    /// only their libraries.
    pub(super) fn add_installation(&mut self, prefix: &Path) {
        let Ok(real) = prefix.canonicalize() else { return };
        let parts = PARTS.map(|name| prefix.join(name));
        if is_of_system(&real) || !parts.iter().any(|part| part.is_dir()) {
            return;
        }
        // Homebrew's packages link to each other.
        if let Some(homebrew) = homebrew(&real) {
            self.needs.read.push(homebrew);
        }
        if self.surroundings.is_for_one_toolchain(&real) {
            self.add_at_both_paths(prefix, real);
        } else if Some(&*real) == self.of_user().as_deref() {
            self.needs.read.extend(Some(prefix.join("lib")).filter(|folder| folder.is_dir()));
        }
    }

    /// `~/.local`, where a user's programs are installed that have no folder of their own.
    fn of_user(&self) -> Option<PathBuf> {
        Some(self.surroundings.home()?.join(".local"))
    }

    /// A virtual environment of Python names the folder of the Python that it was made with:
    /// <https://docs.python.org/3/library/venv.html#how-venvs-work>
    fn add_base_of_virtual_environment(&mut self, prefix: &Path, program: &Path) {
        let description = start(&prefix.join("pyvenv.cfg"), LONGEST_DESCRIPTION);
        let text = String::from_utf8(description.unwrap_or_default()).unwrap_or_default();
        let mut settings = text.lines().filter_map(|line| line.split_once('='));
        let home = settings.find(|(key, _)| key.trim() == "home");
        if let (Some((_, folder)), Some(name)) = (home, program.file_name()) {
            let folder = folder.trim();
            for name in [name, "python3".as_ref()] {
                self.add_program(&Path::new(folder).join(name), NamedBy::File);
            }
        }
    }

    /// Adds the interpreter that a script's `#!` line names.
    fn add_interpreter(&mut self, script: &Path) {
        let start = start(script, LONGEST_LINE).unwrap_or_default();
        let start = String::from_utf8_lossy(&start);
        let Some(line) = start.strip_prefix("#!").and_then(|rest| rest.lines().next()) else {
            return;
        };
        let mut words = line.split_whitespace();
        let Some(interpreter) = words.next() else { return };
        self.add_program_at(&self.folder.join(interpreter), NamedBy::File);
        if Path::new(interpreter).ends_with("env") {
            // Skips the options of `env`, and the variables that it sets.
            let mut words = words.skip_while(|word| word.starts_with('-') || word.contains('='));
            let Some(program) = words.next().and_then(|name| self.on_path(name)) else { return };
            if self.is_users(&program) {
                self.add_program_on_path(&program);
            } else {
                self.add_program(&program, NamedBy::File);
            }
        }
    }

    /// Adds what a program has to be told because it looks for it in its home folder, which is a
    /// different one in the cage.
    fn add_settings(&mut self, program: &Path) {
        let name = program.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("python")
            && let Some(folder) = self.of_user()
        {
            let packages = packages_of_user(&folder);
            if !packages.is_empty() {
                self.set("PYTHONUSERBASE", &folder);
                self.needs.read.extend(packages);
            }
        }
    }
}

/// The folders that `pip install --user` installs packages into.
fn packages_of_user(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("lib")).into_iter().flatten().flatten();
    let is_pythons = |name: &str| name.starts_with("python");
    let of_python = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_pythons));
    of_python.map(|entry| entry.path()).collect()
}

/// The folder of Homebrew, if this one is in its `Cellar`.
fn homebrew(folder: &Path) -> Option<PathBuf> {
    let cellar = folder.ancestors().find(|folder| folder.ends_with("Cellar"))?;
    let above = cellar.parent()?;
    above.join("bin/brew").is_file().then(|| above.to_owned())
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
