//! Which file is taken as the answer to an exercise.

use crate::made::{self, Made};
use crate::run::{RIGHT, Stage};
use submissions::Found;

/// What is found for `countasync` among these files.
fn find(files: &[&str]) -> Found {
    let manifest = |path: &str| {
        let name = path.strip_suffix("/Cargo.toml").and_then(|it| it.rsplit('/').next());
        format!("[package]\nname = \"{}\"\n", name.unwrap_or("countasync"))
    };
    let made = |path: &&str| match path.ends_with("Cargo.toml") {
        true => Made::new(*path, manifest(path)),
        // No two are copies.
        false => Made::new(*path, *path),
    };
    find_in(&files.iter().map(made).collect::<Vec<_>>())
}

fn find_in(files: &[Made]) -> Found {
    let folder = tempfile::tempdir().unwrap();
    made::write_folder(files, folder.path());
    submissions::find(folder.path(), &["countasync"], &["py", "js"]).remove(0)
}

fn file(found: Found) -> (String, Option<String>) {
    match found {
        Found::File { path, note } => (path.display().to_string(), note),
        other => panic!("{other:?}"),
    }
}

fn not(found: Found) -> String {
    match found {
        Found::Not(why) | Found::Several(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_with_the_right_name_at_the_top_is_taken_without_a_word() {
    for files in [
        &["countasync.py", "countsync.py"][..],
        &["work/countasync.py", "work/countsync.py"],
        &["work.zip.unpacked/countasync.py"],
        // With the zip file itself.
        &["work.zip.unpacked/work/countasync.py", "work.zip"],
        &["work.zip.unpacked/work/countasync.py", "work.zip.unpacked/work/README.md"],
        // Earlier tries.
        &["countasync.py", "countasync-1.py", "old/countasync (2).py"],
        &[
            "countasync.py",
            "test_countasync.py",
            "node_modules/x/countasync.js",
            ".venv/countasync.py",
        ],
    ] {
        let (path, note) = file(find(files));
        assert_eq!((&*path, note), (files[0], None), "{files:?}");
    }
}

#[test]
fn the_only_candidate_is_taken_with_a_kind_word() {
    for path in [
        "src/CountAsync-2.py",
        "count_async.py",
        "countasync (1).py",
        "countasync-1.py",
        "Countasync.PY",
        "COUNTASYNC.py",
        "countasync - Copy (2).py",
        "Kopie von countasync.py",
        "hw1_anna_countasync_final_v2.py",
        "a/b/c/count-async.js",
    ] {
        let (taken, note) = file(find(&[path, "README.md"]));
        assert_eq!(taken, path);
        let note = note.unwrap();
        assert!(note.starts_with(&format!("found as {path}. Next time, name it")), "{note}");
    }
    let (_, note) = file(find(&["src/CountAsync-2.py", "README.md"]));
    let note = note.unwrap();
    assert!(
        note.ends_with("Next time, name it countasync.py and put it at the top level."),
        "{note}"
    );
    let (_, note) = file(find(&["deep/er/countasync.py", "README.md"]));
    assert!(note.unwrap().ends_with("Next time, put it at the top level."));
}

#[test]
fn two_candidates_are_named_and_not_guessed() {
    for (files, names) in [
        (["a/countasync.py", "b/countasync.py"], "a/countasync.py and b/countasync.py"),
        (["countasync.py", "old/countasync.py"], "countasync.py and old/countasync.py"),
        (["countasync.py", "countasync.js"], "countasync.js and countasync.py"),
        (["count_async.py", "CountAsync.py"], "CountAsync.py and count_async.py"),
        (["src/countasync.py", "count_async.py"], "count_async.py and src/countasync.py"),
    ] {
        let said = format!("two files could be the answer: {names}; submit only one");
        assert_eq!(find(&files), Found::Several(said), "{files:?}");
    }
    let many: Vec<_> = (1..=9).map(|number| format!("{number}/countasync.py")).collect();
    let many: Vec<_> = many.iter().map(|path| &**path).collect();
    assert!(not(find(&many)).contains("5/countasync.py and 4 more"));
}

#[test]
fn copies_of_one_file_are_one_candidate() {
    let files = [Made::new("countasync.py", "1"), Made::new("a/countasync.py", "1")];
    assert_eq!(file(find_in(&files)), ("countasync.py".into(), None));
}

#[test]
fn without_an_answer_the_file_that_was_meant_is_named() {
    assert_eq!(not(find(&["README.md"])), "no answer found");
    assert_eq!(not(find(&["test_countasync.py"])), "no answer found");
    let rust = not(find(&["countasync.rs"]));
    assert!(
        rust.contains("countasync.rs is there, but it is not the program of a Cargo package"),
        "{rust}"
    );
    let text = not(find(&["countasync.py.txt"]));
    assert!(
        text.contains("countasync.py.txt is there, but the checker cannot run such a file"),
        "{text}"
    );
    let plain = not(find(&["countasync"]));
    assert!(plain.contains("countasync is there, but it is not a program"), "{plain}");
}

#[test]
fn packages_are_found_by_their_binaries() {
    let package = |found| match found {
        Found::Package { folder, binary, note } => {
            (folder.display().to_string(), binary, note.is_some())
        }
        other => panic!("{other:?}"),
    };
    for (files, folder, binary, noted) in [
        (&["Cargo.toml", "src/main.rs"][..], "", "countasync", false),
        (
            &["countasync/Cargo.toml", "countasync/src/main.rs", "README.md"],
            "countasync",
            "countasync",
            false,
        ),
        (
            &["all/Cargo.toml", "all/src/bin/countasync.rs", "all/src/bin/rand.rs"],
            "all",
            "countasync",
            false,
        ),
        (&["all/Cargo.toml", "all/src/bin/countasync/main.rs"], "all", "countasync", false),
        (
            &["x/count-async/Cargo.toml", "x/count-async/src/main.rs"],
            "x/count-async",
            "count-async",
            true,
        ),
    ] {
        let expected = (folder.to_owned(), binary.to_owned(), noted);
        assert_eq!(package(find(files)), expected, "{files:?}");
    }
    for (manifest, place) in [("Cargo.toml", "at the top"), ("x/Cargo.toml", "in x")] {
        let content = "[package]\nname = \"all\"\n[[bin]]\nname = \"count_async\"\n";
        let Found::Package { note: Some(note), .. } = find_in(&[Made::new(manifest, content)])
        else {
            panic!("no package in {manifest}")
        };
        let said = format!("found as the binary count_async of the package {place}. Next time, ");
        assert!(note.starts_with(&said), "{note}");
    }
    let why = not(find(&["Cargo.toml", "src/main.rs", "countasync.py"]));
    assert!(why.contains("countasync.py and the package at the top; submit only one"), "{why}");
    // A manifest that is none says nothing.
    let broken = find_in(&[Made::new("Cargo.toml", "[["), Made::new("countasync.py", "1")]);
    assert_eq!(file(broken), ("countasync.py".into(), None));
}

#[test]
fn a_learner_with_two_candidates_is_named_and_has_no_points() {
    let stage = Stage::new(&[("anna", RIGHT), ("ben", RIGHT)]);
    stage.submit("anna", "countasync.js", "console.log('One')");
    let ended = stage.run("grades", "");
    ended.is(3);
    ended.says("1 of 2 submissions graded");
    ended.says("more than one file could be the answer: anna.");
    let answer = &stage.result("grades", "anna")["answers"][0];
    let why = "two files could be the answer: countasync.js and countasync.py; submit only one";
    assert_eq!(answer["graded"]["unclear"], why);
    let table = std::fs::read_to_string(stage.at("grades/grades.csv")).expect("it is there");
    assert!(table.contains("anna,anna,,,,not graded,"), "{table}");
}
