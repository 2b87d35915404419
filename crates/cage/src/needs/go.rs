//! Go: the module of a program, and what has been downloaded for it.

use super::Search;
use std::env;
use std::path::{Path, PathBuf};

/// With more, the compilers alone would have more processes and threads than a program may have.
const AT_A_TIME: &str = "4";

impl Search<'_> {
    /// Adds what Go needs, if the command runs it.
    pub(super) fn add_go(&mut self) {
        if !self.programs.iter().any(|program| program.ends_with("go")) {
            return;
        }
        // It would look for a newer version of itself, and for packages, on the network.
        self.set("GOTOOLCHAIN", "local");
        self.set("GOPROXY", "off");
        self.set("GOFLAGS", format!("-p={AT_A_TIME}"));
        self.set("GOMAXPROCS", AT_A_TIME);
        if let Some(folder) = self.downloaded_modules() {
            self.set("GOMODCACHE", &folder);
            self.needs.read.push(folder);
        }
        for module in self.own.iter().filter_map(|folder| self.module(folder)).collect::<Vec<_>>() {
            self.add_own_folder(&module);
        }
    }

    /// Where `go mod download` puts modules: <https://go.dev/ref/mod#module-cache>
    fn downloaded_modules(&self) -> Option<PathBuf> {
        let named = self.surroundings.variable("GOMODCACHE").map(PathBuf::from);
        let paths = self.surroundings.variable("GOPATH").into_iter().flat_map(env::split_paths);
        let usual = self.surroundings.home().map(|home| home.join("go"));
        let in_path = || paths.chain(usual).next().map(|folder| folder.join("pkg/mod"));
        named.or_else(in_path).filter(|folder| folder.is_absolute() && folder.is_dir())
    }

    /// The folder of the module that a folder belongs to, if that is above it.
    fn module(&self, folder: &Path) -> Option<PathBuf> {
        let is_own = |folder: &&Path| self.surroundings.is_for_one_program(folder);
        let mut folders = folder.ancestors().take_while(is_own);
        let module = folders.find(|folder| folder.join("go.mod").is_file())?;
        (module != folder).then(|| module.to_owned())
    }
}
