//! What a teacher types by mistake: it is said before anything is run or changed, with what to type
//! instead.

use crate::made::{self, Made};
use crate::run::{CRASHES, Ended, RIGHT, Stage};
use std::fs;
use submissions::{Class, Limits};

/// The problem with a class in which there are these files, if there is one.
fn problem(files: &[&str]) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let files: Vec<_> = files.iter().map(|path| Made::new(*path, "1")).collect();
    made::write_folder(&files, folder.path());
    Class::open_for(folder.path(), &["countasync", "rand"], Limits::default()).err()
}

#[test]
fn the_folder_of_one_learner_is_no_class() {
    for (files, what) in [
        (&["countasync.py"][..], "countasync.py"),
        (&["CountAsync-2.py", "README.md", "notes/todo.txt", "data.zip"], "CountAsync-2.py"),
        (&["countasync.py", "old/countasync.py", "tests/countasync.py"], "countasync.py"),
        (&["Cargo.toml", "src/main.rs"], "src"),
        (&["src/countasync.py", "tests/test.py"], "src, tests"),
        (&["countasync/Cargo.toml", "rand/Cargo.toml"], "countasync, rand"),
    ] {
        let problem = problem(files).unwrap_or_else(|| panic!("{files:?}"));
        let expected =
            format!("this looks like the folder of one learner, with {what} right in it");
        assert!(problem.starts_with(&expected), "{problem}");
    }
    for files in [
        // The original beside the learners.
        &["countasync.py", "anna/countasync.py", "bo/src/rand.py"][..],
        &["countasync.py", "anna.zip", "bo.zip"],
        &["test/countasync.py"],
        &["src/countasync.py", "anna/countasync.py"],
        &["work/src/countasync.py", "work/tests/countasync.py"],
    ] {
        assert_eq!(problem(files), None, "{files:?}");
    }
    let stage = Stage::new(&[("anna", RIGHT)]);
    fs::rename(stage.at("class/anna/countasync.py"), stage.at("class/countasync.py")).expect("it");
    let ended = stage.run("grades", "");
    ended.is(2);
    ended.says("with countasync.py right in it: check one learner with --dir");
    assert!(!stage.at("grades").exists());
}

#[test]
fn a_learner_is_named_as_their_folder_is() {
    let folders = ["Anna Lee_12_assignsubmission_file", "Bo Kim_13_assignsubmission_file"];
    let stage = Stage::new(&[(folders[0], RIGHT), (folders[1], CRASHES)]);
    let mut command = stage.command("grades", "");
    command.args(["--only", &format!("{}/", folders[0])]);
    let ended = Ended::from(command.output().expect("it starts"));
    ended.is(0);
    ended.says("1 of 1 submissions graded");
    assert_eq!(stage.keys("grades"), ["Anna-Lee-12"]);
}
