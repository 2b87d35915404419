//! Tests of the repository as a whole: what no single crate can test.
//!
//! - `checker.rs`: solved exercises get full marks, starters none
//! - `copy.rs`: an exercise works wherever it is copied, solved or as a starter; `scripts/copy`
//! - `workspace.rs`: how the exercises are run, what their manifests agree on, what the README says
//! - `lesson.rs`: what the READMEs teach: snippets, errors, output, links
//! - `starters.rs`: what a learner sees from a starter to its solution
//! - `pictures.rs`: the pictures show what the programs print

// The snippets of the lessons, for `cargo test`.
#[cfg(doctest)]
mod lessons {
    #[doc = include_str!("../crates/countasync/README.md")]
    mod countasync {}
    #[doc = include_str!("../crates/countsync/README.md")]
    mod countsync {}
    #[doc = include_str!("../crates/rand/README.md")]
    mod rand {}
    #[doc = include_str!("../crates/chained/README.md")]
    mod chained {}
}

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The exercises, by name: the folders in `crates` that have a starter.
///
/// ```
/// assert!(tests::exercises().contains(&"chained".to_owned()));
/// ```
///
/// # Panics
///
/// If the folders cannot be read.
#[must_use]
pub fn exercises() -> Vec<String> {
    let folders = path("crates").read_dir().expect("the folder crates");
    let names = folders.map(|folder| folder.expect("a folder").file_name().display().to_string());
    let is_exercise =
        |name: &String| path(&format!("crates/{name}/examples/{name}-starter.rs")).is_file();
    let mut exercises: Vec<_> = names.filter(is_exercise).collect();
    exercises.sort();
    exercises
}

/// A path in the repository.
///
/// ```
/// assert!(tests::path("README.md").is_file());
/// ```
#[must_use]
pub fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(relative)
}

/// The text of a file of the repository.
///
/// # Panics
///
/// If it cannot be read.
#[must_use]
pub fn text(relative: &str) -> String {
    fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// cargo in the folder of a package outside this workspace, without the network. `builds` is the
/// folder in which such packages share their builds.
#[must_use]
pub fn cargo_elsewhere(folder: &Path, builds: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .env("CARGO_NET_OFFLINE", "true")
        // Nobody debugs them, and builds are faster without debug information.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_BUILD_BUILD_DIR", builds)
        // The executables stay apart, as those of two folders may have the same name.
        .env("CARGO_TARGET_DIR", folder.join("target"));
    cargo
}
