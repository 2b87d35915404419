//! The packages for platforms, as `checker init` writes them out, carried out as these platforms do.
//!
//! - `init`: what is written out, and what is not
//! - `installed`: a checker without the repository
//! - `actions`: GitHub Actions and Classroom; `gitlab`: a job there
//! - `gradescope`, `exercism`: their containers, imitated by a `private_root`, which only root can make
//! - `answers`: a right program, and those that are after the results

mod actions;
mod answers;
#[cfg(target_os = "linux")]
mod exercism;
mod gitlab;
#[cfg(target_os = "linux")]
mod gradescope;
mod init;
mod installed;
#[cfg(target_os = "linux")]
mod private_root;

use assert_cmd::Command;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

const CHECKER: &str = env!("CARGO_BIN_EXE_checker");

/// What the checker says to `init` with these arguments, started in this folder.
fn init(folder: &Path, arguments: &str) -> Output {
    let mut checker = Command::new(CHECKER);
    checker.arg("init").args(arguments.split_whitespace()).current_dir(folder);
    checker.output().expect("it starts")
}

/// Writes out a package, without exercises that are not named, to this folder.
#[track_caller]
fn written(package: &str, to: &Path) {
    let output = init(Path::new("."), &format!("{package} --into {}", to.display()));
    assert!(output.status.success(), "{}", stderr(&output));
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Writes a file, and makes the folders that it is in.
fn write_file(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
    fs::write(path, text).expect("it can be written");
}

/// Puts a script in place of a checker, which starts it with more options. `moved` is where the checker
/// itself will be when it is started.
fn add_options(checker: &Path, options: &str, moved: &str) {
    fs::rename(checker, checker.with_extension("original")).expect("it is ours");
    let script = format!("#!/bin/sh\nexec {moved} {options} \"$@\"\n");
    fs::write(checker, script).expect("it can be written");
    fs::set_permissions(checker, fs::Permissions::from_mode(0o755)).expect("it is ours");
}
