//! The package for Gradescope, unpacked into `/autograder` as Gradescope does.

use crate::answers::{BLOCKING, RIGHT, writes_to_all_and};
use crate::private_root::{PrivateRoot, open_folder};
use crate::{add_options, init, stderr, stdout, write_file};
use serde_json::Value;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Output;
use tempfile::TempDir;
use zip::ZipArchive;

/// What Gradescope does: sets up the image once, then runs a copy of the script for a submission.
const RUN: &str = "
cd /autograder
bash source/setup.sh >/tmp/setup.log
cp source/run_autograder run_autograder
./run_autograder";

/// Says which processes the learner has left, and what the learner can read of the autograder. What has
/// been killed may take a while to be gone.
const LEARNER: &str = "
for _ in {1..50}; do
    left=$(find /proc -maxdepth 1 -user learner -name '[0-9]*')
    [ -n \"$left\" ] || break
    sleep 0.1
done
printf %s \"$left\"
setpriv --reuid=learner --regid=learner --clear-groups \
    cat source/exercises results/results.json 2>/dev/null || true
";

/// `/autograder`, with a submission.
struct Autograder(TempDir);

impl Autograder {
    fn new(exercises: &str, submission: &[(&str, &str)]) -> Self {
        let folder = open_folder();
        let made = init(folder.path(), &format!("gradescope {exercises}"));
        assert!(made.status.success(), "{}", stderr(&made));
        let autograder = Self(folder);
        let zip = autograder.at("gradescope.zip");
        let mut zip = ZipArchive::new(File::open(zip).expect("it is there")).expect("a zip file");
        zip.extract(autograder.at("source")).expect("it can be unpacked");
        fs::create_dir(autograder.at("results")).expect("it can be made");
        for (name, text) in submission {
            write_file(&autograder.at("submission").join(name), text);
        }
        autograder
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a script of bash in the container.
    fn run(&self, script: &str) -> Output {
        let folder = (self.0.path(), "/autograder");
        PrivateRoot { folder, image: None, is_closed: false }.run(script)
    }

    /// Grades the submission. Afterwards, no process is left, and no file is open to the learner.
    #[track_caller]
    fn grade(&self) {
        let output = self.run(&format!("{RUN}{LEARNER}"));
        assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
        assert_eq!(stdout(&output), "", "{}", stderr(&output));
    }

    /// The results, which are all that is in their folder.
    #[track_caller]
    fn results(&self) -> Value {
        let results = self.at("results");
        assert_eq!(results.read_dir().expect("a folder").count(), 1);
        let text = fs::read_to_string(results.join("results.json")).expect("there are results");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

#[test]
fn a_submission_is_graded() {
    if !PrivateRoot::is_possible() {
        return;
    }
    let autograder = Autograder::new(
        "countasync countsync chained",
        &[
            ("countasync.py", RIGHT),
            ("countsync.py", "import sys; sys.exit(3)"),
            ("rand.py", RIGHT),
        ],
    );
    autograder.grade();
    let results = autograder.results();
    assert_eq!(results["score"], 10.0, "{results:#}");
    let tests = results["tests"].as_array().expect("tests");
    let points = |key: &str| tests.iter().filter_map(|test| test[key].as_f64()).sum::<f64>();
    assert_eq!((points("score"), points("max_score")), (10.0, 30.0), "{results:#}");
    let output = results["output"].as_str().expect("a text");
    assert!(output.contains("in a cage: files, network, processes, limits"), "{output}");
    // One of the exercises is not answered: the others are graded, and it says so.
    let text = results.to_string();
    assert!(text.contains("no answer to chained: add an executable chained"), "{text}");
    assert!(!text.contains("\"rand"), "it was not asked for: {text}");
}

/// What a program may be after.
const TARGETS: [&str; 6] = [
    "/autograder/results/results.json",
    "/autograder/results/stdout",
    "/autograder/run_autograder",
    "/autograder/source/run_autograder",
    "/autograder/source/exercises",
    "/usr/local/bin/checker",
];

/// With a cage and without one: then, only the user whom it runs as stands in its way.
#[test]
fn a_program_cannot_write_its_results_before_or_after() {
    if !PrivateRoot::is_possible() {
        return;
    }
    for options in ["", "--cage-without namespaces,landlock,filter"] {
        let autograder =
            Autograder::new("countasync", &[("countasync.py", &writes_to_all_and(&TARGETS))]);
        if !options.is_empty() {
            let moved = "/usr/local/lib/checker";
            add_options(&autograder.at("source/checker"), options, moved);
            let setup = autograder.at("source/setup.sh");
            let script = fs::read_to_string(&setup).expect("it is there");
            let move_it = format!("\nmv /autograder/source/checker.original {moved}\n");
            fs::write(&setup, script.replace("\nchecker --version\n", &move_it))
                .expect("it is ours");
        }
        autograder.grade();
        let results = autograder.results();
        let score = results["score"].as_f64().expect("points");
        assert!(score > 0.0 && score < 10.0, "{options}: {results:#}");
        for (kept, what) in
            [("run_autograder", "#!/usr/bin/env"), ("source/exercises", "countasync")]
        {
            let text = fs::read_to_string(autograder.at(kept)).expect("it is there");
            assert!(text.starts_with(what), "{options}: {kept}: {text}");
        }
    }
}

/// As if memory had run out for the checker, and not for what it started. There are no results then, by
/// which Gradescope sees that the autograder failed.
#[test]
fn without_a_report_there_are_no_results_and_nothing_is_left() {
    if !PrivateRoot::is_possible() {
        return;
    }
    let autograder = Autograder::new("countasync", &[("countasync.py", BLOCKING)]);
    let killed = "#!/bin/sh
[ $1 != --version ] || exit 0
setsid sleep 100 >/dev/null &
echo '{'
kill -9 $$
";
    fs::write(autograder.at("source/checker"), killed).expect("it is ours");
    // From an earlier run.
    write_file(&autograder.at("results/results.json"), "{\"score\": 10}");
    let output = autograder.run(&format!("{RUN} || echo \"code $?\"{LEARNER}"));
    assert_eq!(stdout(&output), "code 1\n", "{}", stderr(&output));
    assert!(stderr(&output).contains("ended with exit code 137"), "{}", stderr(&output));
    assert!(!autograder.at("results/results.json").exists());
}
