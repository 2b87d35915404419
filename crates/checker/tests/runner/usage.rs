//! The command line, and programs that cannot be started: exit code 2 and one clear line.

use crate::{Call, GOOD};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn bad_usage_is_named() {
    for (arguments, named) in [
        ("countasync countsync -- true", "one exercise before the command"),
        ("-- true", "one exercise before the command"),
        ("countasync --", "there is no command"),
        ("countasnyc", "countasnyc"),
        ("--time-limit 0 countasync -- true", "--time-limit 60"),
        ("--time-limit -1 countasync -- true", "--time-limit 60"),
        ("--time-limit ten countasync -- true", "--time-limit 60"),
        ("--time-limit nan countasync -- true", "--time-limit 60"),
        ("--format yaml countasync -- true", "human"),
        ("--dir /tmp countasync -- true", "--dir"),
        ("--dir /there/is/no/such/folder", "/there/is/no/such/folder"),
        ("--frob", "--frob"),
    ] {
        let answer = Call::new(arguments).answer();
        assert_eq!((answer.code, &*answer.stdout), (2, ""), "{arguments}");
        assert!(answer.stderr.contains(named), "{arguments}: {}", answer.stderr);
    }
}

#[test]
fn a_program_that_cannot_be_started_is_nobodys_mistake() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str, mode| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("it can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        path.display().to_string()
    };
    for (program, why) in [
        ("/there/is/no/such/program".into(), "there is no such program"),
        ("no-such-program-on-the-path".into(), "there is no such program"),
        (String::new(), "there is no such program"),
        (file("text", "One", 0o644), "it is not an executable file"),
        (folder.path().display().to_string(), "it is not an executable file"),
        (file("garbage", "\u{1}\u{2}", 0o755), "Exec format error"),
        (file("interpreter", "#!/no/such/interpreter\n", 0o755), "the interpreter"),
    ] {
        let mut call = Call::new("countasync");
        call.command.args(["--", &program]);
        let answer = call.answer();
        assert_eq!(answer.code, 2, "{program}: {}", answer.stdout);
        assert!(answer.stdout.contains("could not be started"), "{program}: {}", answer.stdout);
        assert!(answer.stdout.contains(why), "{program}: {}", answer.stdout);
        assert!(!answer.stdout.contains("failed"), "{program}: {}", answer.stdout);
    }
}

#[test]
fn a_folder_says_what_it_has_no_answer_to_and_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    };
    let call = |arguments: &str| {
        let mut call = Call::new(arguments);
        call.command.arg("--dir").arg(folder.path());
        call.answer()
    };
    let answer = call("");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stderr.contains("no answer to countasync: add an executable"),
        "{}",
        answer.stderr
    );

    file("chained", "#!/bin/sh\n");
    file("Rand.py", "");
    file("countsync.sh", "echo One");
    let answer = call("");
    assert!(
        answer.stderr.contains("chained is there, but it is not executable"),
        "{}",
        answer.stderr
    );
    assert!(
        answer.stderr.contains("Rand.py is there, but its name is not in lowercase"),
        "{}",
        answer.stderr
    );
    assert!(answer.stdout.contains("countsync 1/10"), "{}", answer.stdout);
    file("countsync.py", "");
    assert!(call("").stderr.contains("more than one answer to countsync"));

    // The others are graded even if a package does not build.
    file("countasync/Cargo.toml", "[package]\nname = \"countasync\"\nedition = \"2024\"\n");
    file("countasync/src/main.rs", "fn main() { nothing }");
    fs::remove_file(folder.path().join("countsync.py")).expect("it is ours");
    let answer = call("");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stdout.contains("could not be started: cargo build failed"),
        "{}",
        answer.stdout
    );
    assert!(answer.stdout.contains("countsync 1/10"), "{}", answer.stdout);
}

#[test]
fn a_picture_says_when_its_run_did_not_end_cleanly() {
    let answer = Call::new("timeline countasync").impostor(GOOD).answer();
    assert_eq!((answer.code, &*answer.stderr), (0, ""), "{}", answer.stdout);
    let answer = Call::new("timeline countasync").impostor("print One exit 3").answer();
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    assert!(answer.stderr.contains("did not end cleanly: exit code 3"), "{}", answer.stderr);
}

#[test]
fn full_marks_end_with_0() {
    let answer = Call::new("countasync").impostor(GOOD).answer();
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("total 10/10"), "{}", answer.stdout);
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut checker = std::process::Command::new(crate::CHECKER);
    let output = checker.arg("--list").stdout(writer).output().expect("it starts");
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}
