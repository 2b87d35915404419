//! The repository, for its tests in `main.rs`; and the snippets of the lessons.

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
