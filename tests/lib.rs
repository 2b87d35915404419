//! The promises of the repository as a whole: what no single crate can test.
//!
//! - `copy.rs`: an exercise works wherever it is copied, solved or to be written; `scripts/copy`
//! - `workspace.rs`: how the exercises are run, what their manifests agree on, what the README says

use std::fs;
use std::path::{Path, PathBuf};

/// The four exercises, in the order of the walkthrough.
pub const EXERCISES: [&str; 4] = ["countasync", "countsync", "rand", "chained"];

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
