//! The promises of the repository as a whole: what no single crate can test.
//!
//! - `checker.rs`: solved exercises get full marks, starters next to none
//! - `copy.rs`: an exercise works wherever it is copied, solved or to be written; `scripts/copy`
//! - `workspace.rs`: how the exercises are run, what their manifests agree on, what the README says
//! - `lesson.rs`: what the READMEs teach: errors, output, links
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
