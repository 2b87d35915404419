//! A checker that is somewhere else than the repository, which is gone.

use crate::answers::RIGHT;
use crate::{CHECKER, stderr, stdout, write_file};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::{TempDir, tempdir};

/// A folder with a checker, and with answers of a class.
fn installed() -> TempDir {
    let folder = tempdir().expect("a folder");
    let copied = Command::new("cp").arg(CHECKER).arg(folder.path().join("checker")).status();
    assert!(copied.expect("cp").success());
    write_file(&folder.path().join("class/anna/countasync.py"), RIGHT);
    write_file(&folder.path().join("class/bert/countasync.py"), "print('One')");
    folder
}

/// Starts it as a shell would: cargo has nothing to do with it. If that is possible, nobody sees the
/// repository.
fn checker(folder: &Path, arguments: &str) -> Output {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut shell = match can_hide() {
        true => {
            let mut shell = Command::new("unshare");
            shell.args(["--mount", "sh", "-euc"]);
            shell.arg("mount -t tmpfs none \"$0\"; cd \"$1\"; shift; exec ./checker \"$@\"");
            shell
        }
        false => {
            let mut shell = Command::new("sh");
            shell.args(["-euc", "cd \"$1\"; shift; exec ./checker \"$@\""]);
            shell
        }
    };
    shell.arg(repository).arg(folder).args(arguments.split_whitespace());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO") {
            shell.env_remove(name);
        }
    }
    shell.output().expect("it starts")
}

fn can_hide() -> bool {
    let mut hide = Command::new("unshare");
    hide.args(["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]).stderr(Stdio::null());
    hide.status().is_ok_and(|status| status.success())
}

#[test]
fn it_grades_an_answer_and_a_class() {
    let folder = installed();
    let run = |arguments: &str| checker(folder.path(), arguments);
    let output = run("countasync -- python3 class/anna/countasync.py");
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("total 10/10"), "{}", stdout(&output));
    let output = run("countasync --class class --into grades");
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    let grades = fs::read_to_string(folder.path().join("grades/grades.csv")).expect("it is there");
    assert!(grades.contains("anna,10,10,") && grades.contains("bert"), "{grades}");
    assert!(run("init starters").status.success());
    assert!(folder.path().join("starters/countasync/src/main.rs").exists());
    let ignored = fs::read_to_string(folder.path().join("starters/.gitignore"));
    assert_eq!(ignored.expect("it is there"), "/target\n", "what is built there is not handed in");
}

#[test]
fn it_says_what_to_do_instead_of_using_the_repository() {
    let folder = installed();
    for (arguments, fix) in [
        ("", "or a folder of answers, with --dir"),
        ("countasync", "as in: chained -- python3 chained.py"),
        ("timeline rand", "as in: timeline rand -- python3 rand.py"),
    ] {
        let output = checker(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {}", stdout(&output));
        assert!(stderr(&output).contains(fix), "{arguments}: {}", stderr(&output));
    }
    for arguments in ["--help", "timeline --help", "init --help"] {
        let help = stdout(&checker(folder.path(), arguments));
        assert!(help.contains("\n  checker "), "{help}");
        assert!(!help.contains("scripts/") && !help.contains("this workspace"), "{help}");
    }
}
