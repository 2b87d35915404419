//! Runs the real program: `scripts/learn`.

mod terminal;
mod tries;

use std::path::{Path, PathBuf};

/// The program.
const LEARN: &str = env!("CARGO_BIN_EXE_learn");

/// This repository.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
