//! What a teacher types by mistake: it is said before anything is run or changed, with what to type
//! instead.

use crate::made::{self, Made};
use crate::run::{CRASHES, Ended, RIGHT, Stage, wait_until};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
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
    // The same command would not grade the other.
    stage.submit("Cy_14_assignsubmission_file", "countasync.py", RIGHT);
    let ended = stage.run("grades", "--only Cy");
    ended.is(3);
    ended.says("not graded yet: Bo Kim. Run the same command without --only to grade them.");
    stage.run("grades", "").is(0);
}

/// Runs the checker on this exercise of this download.
fn graded(stage: &Stage, exercise: &str, download: &str, grades: &str) -> Ended {
    let arguments = [exercise, "--class", download, "--into", grades];
    stage.checker(&arguments).output().expect("it starts").into()
}

#[test]
fn another_assignment_is_not_a_resubmission() {
    let stage = Stage::new(&[("anna", RIGHT), ("ben", CRASHES)]);
    let copy = |download: &str| {
        stage.submit(&format!("../{download}/anna"), "countasync.py", RIGHT);
        download.to_owned()
    };
    let first = copy("hw-1 2026-11-20");
    graded(&stage, "countasync", &first, "grades").is(0);
    let before = stage.all_files("grades");
    for (exercise, download, why) in [
        ("countasync", copy("hw-2 2026-11-27"), "one is named hw-1, the other hw-2"),
        ("rand", first.clone(), "one is countasync, the other rand"),
    ] {
        let ended = graded(&stage, exercise, &download, "grades");
        ended.is(2);
        ended.says(&format!("it holds the grades of another assignment: {why}"));
        assert_eq!(stage.all_files("grades"), before);
    }
    let canvas = made::on_canvas("anna");
    stage.submit("../hw-1/", &format!("{canvas}_3_207_countasync.py"), RIGHT);
    graded(&stage, "countasync", "hw-1", "canvas").is(0);
    graded(&stage, "countasync", &copy("other/hw-1"), "grades").is(0);
    // Downloaded again, on another day.
    graded(&stage, "countasync", &copy("hw-1 2026-11-21"), "grades").is(0);
    let merged = stage.merge("grades canvas", "all");
    merged.is(2);
    merged.says("they are of different assignments: the submissions come from different platforms");
}

#[test]
fn a_path_that_is_not_in_utf8_is_refused_before_anything_is_run() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    let strange = OsStr::from_bytes(b"class-\xff");
    let refused = |arguments: &[&OsStr], option: &str| {
        let ended = Ended::from(stage.checker(arguments).output().expect("it starts"));
        ended.is(2);
        ended.says(&format!("{option} "));
        ended.says(r"class-\xff: this path is not in UTF-8: rename it");
    };
    let [class, into] = ["--class", "--into"].map(OsStr::new);
    let [submissions, grades] = ["class", "grades"].map(OsStr::new);
    refused(&[class, submissions, into, strange], "--into");
    assert!(!stage.at("").join(strange).exists());
    fs::rename(stage.at("class"), stage.at("").join(strange)).expect("it can be renamed");
    refused(&[class, strange, into, grades], "--class");
    assert!(!stage.at("grades").exists());
}

#[test]
fn a_folder_that_is_merged_is_only_read() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    stage.run("shard", "").is(0);
    let before = stage.all_files("shard");
    for into in ["shard/all", "shard/results/all", "shard"] {
        let ended = stage.merge("shard", into);
        ended.is(2);
        ended.says(&format!("--into {into}: "));
        assert_eq!(stage.all_files("shard"), before, "{into}");
    }
}

#[test]
fn a_run_whose_lock_is_removed_stops() {
    let stage = Stage::of_many(12);
    let first = stage.start("grades", "--jobs 1");
    wait_until("a result", || !stage.keys("grades").is_empty());
    fs::remove_file(stage.at("grades/.lock")).expect("it is there");
    let second = stage.run("grades", "");
    let first = Ended::from(first.wait_with_output().expect("it ends"));
    first.is(2);
    first.says("grades/.lock: it was removed, so another run may be at work here");
    second.is(0);
    assert_eq!(stage.keys("grades").len(), 12);
}

/// Which column it is says nothing without the file.
#[test]
fn a_column_needs_its_file() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    let ended = stage.run("grades", "--column Grade");
    ended.is(2);
    ended.says("--worksheet <FILE.csv>|--canvas <FILE.csv>");
    assert!(!stage.at("grades").exists());
}
