//! `checker init` writes all of a package or nothing, and never over a file.

use crate::{CHECKER, init, stderr, stdout, write_file, written};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;
use tempfile::{TempDir, tempdir};
use zip::ZipArchive;

/// All files below a folder, by their paths in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    let mut files: Vec<_> =
        found.iter().map(|path| path.strip_prefix(folder).expect("below it").to_owned()).collect();
    files.sort();
    files
}

fn is_executable(path: &Path) -> bool {
    path.metadata().expect("it is there").permissions().mode() & 0o111 == 0o111
}

#[test]
fn all_that_there_is_can_be_written_out() {
    let folder = tempdir().expect("a folder");
    let list = stdout(&init(folder.path(), "--list"));
    for line in list.lines() {
        let name = line.split_whitespace().next().expect("a name");
        let output = init(folder.path(), name);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert!(stdout(&output).contains("\nNow "), "{name}: it says what to do");
        let is_zip = name == "gradescope";
        let to = folder.path().join(if is_zip { "gradescope.zip" } else { name });
        assert_eq!((to.is_file(), to.is_dir()), (is_zip, !is_zip), "{name}");
    }
    assert!(list.lines().count() >= 10, "{list}");
}

#[test]
fn scripts_and_the_checker_can_be_started() {
    let folder = tempdir().expect("a folder");
    written("exercism", folder.path());
    let listed = files(folder.path());
    assert_eq!(listed, ["Dockerfile", "bin/checker", "bin/run.sh"].map(PathBuf::from));
    let programs = listed.iter().filter(|file| is_executable(&folder.path().join(file)));
    assert_eq!(programs.collect::<Vec<_>>(), ["bin/checker", "bin/run.sh"].map(Path::new));
    let same = fs::read(folder.path().join("bin/checker")).expect("it is there")
        == fs::read(CHECKER).expect("it is there");
    assert!(same, "it is the checker that was asked");
}

/// Gradescope unpacks it, and starts what is at its top.
#[test]
fn the_package_for_gradescope_is_a_zip_file_of_what_a_folder_would_hold() {
    let folder = tempdir().expect("a folder");
    assert!(init(folder.path(), "gradescope rand").status.success());
    written("gradescope rand", &folder.path().join("plain"));
    let file = File::open(folder.path().join("gradescope.zip")).expect("it is there");
    let mut zip = ZipArchive::new(file).expect("a zip file");
    let names = zip.file_names().map(|name| PathBuf::from(&*name.expect("UTF-8")));
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(names, files(&folder.path().join("plain")));
    for name in names {
        let name = name.to_str().expect("a plain name");
        let mut zipped = zip.by_name(name).expect("it is there");
        let path = folder.path().join("plain").join(name);
        let can_be_started = zipped.unix_mode().expect("a mode") & 0o111 == 0o111;
        assert_eq!(can_be_started, is_executable(&path), "{name}");
        let mut contents = Vec::new();
        zipped.read_to_end(&mut contents).expect("it can be read");
        assert!(contents == fs::read(&path).expect("it is there"), "{name}");
    }
    let read = |name: &str| fs::read_to_string(folder.path().join("plain").join(name));
    assert_eq!(read("exercises").expect("it is there"), "rand\n");
    assert!(
        read("starters/rand/src/main.rs").is_ok() && read("starters/chained/Cargo.toml").is_err()
    );
}

#[track_caller]
fn is_refused(folder: &TempDir, arguments: &str, why: &str) {
    let before = files(folder.path());
    let output = init(folder.path(), arguments);
    assert_eq!((output.status.code(), &*stdout(&output)), (Some(2), ""), "{arguments}");
    assert!(stderr(&output).contains(why), "{arguments}: {}", stderr(&output));
    assert_eq!(files(folder.path()), before, "{arguments}: nothing is written");
}

#[test]
fn nothing_is_written_over_a_file_or_only_in_part() {
    let folder = tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    // The last of all that would be written.
    write_file(&at("ours/.github/workflows/check.yml"), "ours");
    is_refused(
        &folder,
        "github --into ours",
        "ours/.github/workflows/check.yml: this file already",
    );
    assert!(!at("ours/.github/actions").exists(), "nor are folders left");
    let kept = fs::read_to_string(at("ours/.github/workflows/check.yml")).expect("it is there");
    assert_eq!(kept, "ours");
    write_file(&at("gradescope.zip"), "ours");
    is_refused(&folder, "gradescope", "gradescope.zip: this file already exists; choose another");
    is_refused(&folder, "gitlab --into gradescope.zip/x", "choose another place with --into");
    is_refused(
        &folder,
        "gitlab --into ours/.github/workflows/check.yml",
        "another place with --into",
    );
    // A link in the folder may lead anywhere.
    fs::create_dir_all(at("linked")).expect("it can be made");
    symlink(at("ours"), at("linked/.gitlab")).expect("it can be made");
    is_refused(&folder, "gitlab --into linked", "is a link");
    symlink("nowhere", at("new.zip")).expect("it can be made");
    is_refused(&folder, "gradescope --into new.zip", "new.zip: this file already exists");
    // Others may be there.
    assert!(init(folder.path(), "gitlab --into ours").status.success());
    assert!(at("ours/.gitlab/check/job.yml").exists());
}

/// As on a full disk: the checker is the last and the largest of the files.
#[test]
fn what_has_been_written_is_removed_if_the_rest_cannot_be() {
    let folder = tempdir().expect("a folder");
    for into in ["made", "made.zip"] {
        let mut shell = Command::new("bash");
        let script = "trap '' XFSZ; ulimit -f 256; exec \"$0\" init github --into \"$1\"";
        shell.args(["-euc", script, CHECKER, into]).current_dir(folder.path());
        let output = shell.output().expect("bash");
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        assert!(stderr(&output).contains("File too large"), "{}", stderr(&output));
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "{into}");
    }
}

/// Whenever it is stopped, the folder is whole or not there.
#[test]
fn a_package_that_is_stopped_is_removed() {
    let folder = tempdir().expect("a folder");
    let made = folder.path().join("made");
    let mut whole = 0;
    for milliseconds in 0..30 {
        let mut checker = Command::new(CHECKER);
        checker.args(["init", "starters", "--into"]).arg(&made).stdout(Stdio::null());
        let mut checker = checker.spawn().expect("it starts");
        thread::sleep(Duration::from_millis(milliseconds));
        let stopped = Command::new("kill").args(["-INT", &checker.id().to_string()]).output();
        stopped.expect("kill");
        if checker.wait().expect("it ends").success() {
            whole = whole.max(files(&made).len());
            assert_eq!(files(&made).len(), whole, "after {milliseconds} ms");
            fs::remove_dir_all(&made).expect("it is ours");
        }
        assert!(!made.exists(), "after {milliseconds} ms: {:?}", files(&made));
    }
}

#[test]
fn bad_usage_of_init_is_named() {
    let folder = tempdir().expect("a folder");
    is_refused(&folder, "", "<NAME>");
    is_refused(&folder, "gradscope", "did you mean gradescope?");
    is_refused(&folder, "canvas", "there are gradescope, classroom, ");
    is_refused(&folder, "gradescope countasnyc", "did you mean countasync?");
    is_refused(&folder, "slurm countasync", "the package slurm takes no exercises: leave them out");
    is_refused(&folder, "--list gitlab", "--list");
}
