//! Which interpreters and toolchains are the user's own. What a learner wrote may name only these.

use super::Search;
use super::files::is_of_system;
use std::env;
use std::path::{Path, PathBuf};

/// Folders of version managers and toolchains: the variable that names each, and where it usually is
/// in a home folder.
const ROOTS: [(&str, &str); 25] = [
    ("ASDF_DATA_DIR", ".asdf"),
    ("BUN_INSTALL", ".bun"),
    ("CONDA_PREFIX", "miniconda3"),
    ("DENO_INSTALL", ".deno"),
    ("DOTNET_ROOT", ".dotnet"),
    ("FNM_DIR", ".local/share/fnm"),
    ("GOENV_ROOT", ".goenv"),
    ("GOROOT", "go"),
    ("HOMEBREW_PREFIX", ".linuxbrew"),
    ("JAVA_HOME", ".jdks"),
    ("JENV_ROOT", ".jenv"),
    ("MAMBA_ROOT_PREFIX", "miniforge3"),
    ("MISE_DATA_DIR", ".local/share/mise"),
    ("NODENV_ROOT", ".nodenv"),
    ("NVM_DIR", ".nvm"),
    ("PHPENV_ROOT", ".phpenv"),
    ("PLENV_ROOT", ".plenv"),
    ("PYENV_ROOT", ".pyenv"),
    ("RBENV_ROOT", ".rbenv"),
    ("RUSTUP_HOME", ".rustup"),
    ("RYE_HOME", ".rye"),
    ("SDKMAN_DIR", ".sdkman"),
    ("UV_PYTHON_INSTALL_DIR", ".local/share/uv/python"),
    ("VIRTUAL_ENV", ".virtualenvs"),
    ("VOLTA_HOME", ".volta"),
];

/// Programs that have a folder of their own, as their names begin.
const INTERPRETERS: [&str; 13] = [
    "bun", "deno", "dotnet", "go", "java", "julia", "lua", "node", "perl", "php", "pypy", "python",
    "ruby",
];

impl Search<'_> {
    /// Whether a program is one of the user's: it is the system's, found on the `PATH`, or in the
    /// folder of a version manager or toolchain. Only the folder that it is in counts, not what it
    /// links to.
    pub(super) fn is_users(&self, program: &Path) -> bool {
        let folder = program.parent().and_then(|folder| folder.canonicalize().ok());
        let (Some(folder), Some(name)) = (folder, program.file_name()) else { return false };
        let leads_to = |path: PathBuf, to: &Path| path.canonicalize().is_ok_and(|it| it == to);
        // Not a link to such a program: that can be a learner's.
        let program = folder.join(name);
        let is_in = |path: PathBuf| leads_to(path.join(name), &program) || leads_to(path, &folder);
        let path = self.surroundings.variable("PATH").unwrap_or_default();
        is_of_system(&folder)
            || self.root_above(&folder).is_some()
            // The others depend on where the program is started.
            || env::split_paths(path).filter(|path| path.is_absolute()).any(is_in)
    }

    /// The version manager's or toolchain's folder that this folder, which is a real one, is in.
    pub(super) fn root_above(&self, folder: &Path) -> Option<PathBuf> {
        let named = ROOTS.iter().filter_map(|(name, _)| self.surroundings.variable(name));
        let home = self.surroundings.home();
        let usual = ROOTS.iter().filter_map(|(_, usual)| Some(home?.join(usual)));
        let mut roots = named.map(PathBuf::from).filter(|root| root.is_absolute()).chain(usual);
        roots.find(|root| {
            let real = root.canonicalize().ok();
            real.is_some_and(|real| {
                self.surroundings.is_for_one_toolchain(&real) && folder.starts_with(real)
            })
        })
    }
}

/// Whether a program has the name of an interpreter.
pub fn is_interpreter(program: &Path) -> bool {
    let name = program.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    INTERPRETERS.contains(&name)
}
