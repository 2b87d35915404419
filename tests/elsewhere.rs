//! Packages in folders outside this workspace, and cargo there.
//!
//! What is built there is kept in the target folder from one run of the tests to the next: cargo
//! compiles only what has changed since. All packages build into one folder, where cargo would
//! confuse packages that are at the same place in different workspaces; so each workspace has its
//! packages in a subfolder with a name of its own.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tests::{exercises, path, text};

const KEPT: &str = env!("CARGO_TARGET_TMPDIR");

/// Makes a workspace of copies of all exercises, in a subfolder with this name. Once they have been
/// changed, [`keep`] them under the same name.
pub fn copies(name: &str) -> TempDir {
    let made = TempDir::new().unwrap();
    let folder = made.path().join(name);
    fs::create_dir(&folder).unwrap();
    let mut members = Vec::new();
    for exercise in exercises() {
        let mut copy = Command::new(path("scripts/copy"));
        copy.args([&exercise, "."]).current_dir(&folder).assert().success();
        members.push(format!("{name}/{exercise}"));
    }
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
    fs::write(made.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(made.path().join("Cargo.lock"), text("Cargo.lock")).unwrap();
    made
}

/// Moves a folder that has just been made to where it was at the last run of the tests. What is the
/// same as then is left as it was, as cargo compiles what is newer than its build. Returns the new
/// place, which has a space in its path.
pub fn keep(made: &Path, name: &str) -> PathBuf {
    let kept = Path::new(KEPT).join("made elsewhere").join(name);
    update(made, &kept);
    kept
}

/// Makes a folder the same as another.
fn update(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in to.read_dir().unwrap() {
        let entry = entry.unwrap();
        let of = from.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() && !of.is_dir() {
            fs::remove_dir_all(entry.path()).unwrap();
        } else if entry.file_type().unwrap().is_file() && !of.is_file() {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    for entry in from.read_dir().unwrap() {
        let of = entry.unwrap().path();
        let at = to.join(of.file_name().unwrap());
        if of.is_dir() {
            update(&of, &at);
            continue;
        }
        let contents = fs::read(&of).unwrap();
        if fs::read(&at).ok().as_ref() != Some(&contents) {
            // Not `fs::copy`, which keeps the original's time on some systems.
            fs::write(&at, contents).unwrap();
        }
    }
}

/// cargo in the folder of a package, without the network. The executables of packages with the same
/// `programs` are in one folder, so these packages have different names.
pub fn cargo(folder: &Path, programs: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .env("CARGO_NET_OFFLINE", "true")
        // Nobody debugs or edits them, and builds are faster without.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_BUILD_BUILD_DIR", Path::new(KEPT).join("builds"))
        .env("CARGO_TARGET_DIR", self::programs(programs));
    cargo
}

/// Where cargo puts these programs: in its subfolder `debug`.
pub fn programs(name: &str) -> PathBuf {
    Path::new(KEPT).join("programs").join(name)
}
