//! The package for Exercism: its runner, called as Exercism calls it, in a container that is read-only
//! and has no network.

use crate::answers::{BLOCKING, RIGHT, writes_to};
use crate::private_root::{PrivateRoot, open_folder};
use crate::{add_options, stderr, stdout, write_file, written};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Output;
use tempfile::TempDir;

/// Where Exercism has the solution, which is also where it wants the results.
const SOLUTION: &str = "/mnt/exercism-iteration";

const RUNNER: &str = "/opt/test-runner/bin/run.sh";

/// An image of the runner, and a solution.
struct Runner(TempDir);

impl Runner {
    fn new(solution: &[(&str, &str)]) -> Self {
        let runner = Self(open_folder());
        written("exercism", &runner.at("image"));
        fs::create_dir(runner.at("solution")).expect("it can be made");
        for (name, text) in solution {
            write_file(&runner.at("solution").join(name), text);
        }
        runner
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Calls the runner with these arguments.
    fn call(&self, arguments: &str) -> Output {
        self.run(&format!("{RUNNER} {arguments}"))
    }

    /// Runs a script of bash in the container.
    fn run(&self, script: &str) -> Output {
        let (solution, image) = (self.at("solution"), self.at("image"));
        let root = PrivateRoot {
            folder: (&solution, SOLUTION),
            image: Some((&image, "/opt/test-runner")),
            is_closed: true,
        };
        root.run(script)
    }

    /// The results after such a call, and nothing else that was not there before.
    #[track_caller]
    fn results(&self, arguments: &str) -> Value {
        let entries = || self.at("solution").read_dir().expect("a folder").count();
        let before = entries();
        let output = self.call(arguments);
        assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
        assert_eq!(entries(), before + 1);
        let results = self.at("solution/results.json");
        assert!(results.symlink_metadata().expect("it is there").is_file(), "it is no link");
        let text = fs::read_to_string(results).expect("there are results");
        assert!(text.len() <= 500_000, "Exercism takes no more");
        let results: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(results["version"], 3);
        results
    }
}

/// Once in the folder with the solution, as Exercism does, and once as its documentation says.
#[test]
fn a_solution_gets_its_results() {
    if !PrivateRoot::is_possible() {
        return;
    }
    let runner = Runner::new(&[("countasync.py", RIGHT), (".meta/config.json", "{}")]);
    let results = runner.results(&format!("countasync {SOLUTION}/ {SOLUTION}/"));
    assert_eq!(results["status"], "pass", "{results:#}");
    assert!(results["tests"].as_array().is_some_and(|tests| tests.len() > 3), "{results:#}");

    // What was there before is replaced, whatever it is.
    let runner = Runner::new(&[("in/countasync.py", BLOCKING), ("out/.keep", "")]);
    let call = format!("countasync {SOLUTION}/in {SOLUTION}/out");
    symlink("../in/countasync.py", runner.at("solution/out/results.json")).expect("it can be made");
    assert!(runner.call(&call).status.success());
    let text = fs::read_to_string(runner.at("solution/out/results.json")).expect("it is there");
    let results: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(results["status"], "fail", "{results:#}");
    let kept = fs::read_to_string(runner.at("solution/in/countasync.py")).expect("it is there");
    assert_eq!(kept, BLOCKING);
}

/// As the solution may have brought them along: a folder cannot be replaced by a file, and who writes to
/// a pipe waits for a reader. The runner is the container's first process.
#[test]
fn what_a_solution_has_in_the_way_of_its_results_is_replaced() {
    if !PrivateRoot::is_possible() {
        return;
    }
    let runner = Runner::new(&[("countasync.py", BLOCKING), ("results.json/forged", "")]);
    let call = format!("countasync {SOLUTION} {SOLUTION}");
    let script = format!("mkfifo {SOLUTION}/.results.json-$$; exec {RUNNER} {call}");
    let output = runner.run(&format!("timeout 30 bash -c '{script}'"));
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    let text = fs::read_to_string(runner.at("solution/results.json")).expect("it is there");
    let results: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(results["status"], "fail", "{results:#}");
}

/// As on a full disk: what was written of it is not JSON.
#[test]
fn half_a_report_is_none() {
    if !PrivateRoot::is_possible() {
        return;
    }
    let runner = Runner::new(&[("countasync.py", RIGHT)]);
    let half = "#!/bin/sh\necho '{'\nexit 2\n";
    fs::write(runner.at("image/bin/checker"), half).expect("it is ours");
    let output = runner.call(&format!("countasync {SOLUTION} {SOLUTION}"));
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("ended with exit code 2"), "{}", stderr(&output));
    assert_eq!(runner.at("solution").read_dir().expect("a folder").count(), 1);
}

/// With a cage and without one, where it may write all that the runner may.
#[test]
fn a_solution_cannot_write_its_results() {
    if !PrivateRoot::is_possible() {
        return;
    }
    for options in ["", "--cage-without namespaces,landlock,filter"] {
        let target = format!("{SOLUTION}/results.json");
        let runner = Runner::new(&[("countasync.py", &writes_to(&[&target]))]);
        if !options.is_empty() {
            let moved = "/opt/test-runner/bin/checker.original";
            add_options(&runner.at("image/bin/checker"), options, moved);
        }
        let results = runner.results(&format!("countasync {SOLUTION} {SOLUTION}"));
        assert_eq!(results["status"], "fail", "{options}: {results:#}");
    }
}

#[test]
fn what_cannot_be_graded_is_an_error_with_a_message() {
    if !PrivateRoot::is_possible() {
        return;
    }
    let runner = Runner::new(&[("countasync.js.txt", "")]);
    let results = runner.results(&format!("countasync {SOLUTION} {SOLUTION}"));
    assert_eq!(results["status"], "error", "{results:#}");
    let message = results["message"].as_str().expect("a message");
    assert!(message.contains("no answer to countasync: add an executable"), "{message}");

    let runner = Runner::new(&[("countasync.py", "while True: pass")]);
    let results = runner.results(&format!("countasync {SOLUTION} {SOLUTION} 2"));
    assert_eq!(results["status"], "error", "{results:#}");
    assert_eq!(results["message"], "Your program took too long.");

    // The runner itself has failed then.
    assert!(!runner.call(&format!("fibonacci {SOLUTION} {SOLUTION}")).status.success());
    assert_eq!(runner.call("countasync").status.code(), Some(2));
}

#[test]
fn its_image_starts_the_runner() {
    let runner = Runner::new(&[]);
    let dockerfile = fs::read_to_string(runner.at("image/Dockerfile")).expect("it is there");
    assert!(dockerfile.contains("\nWORKDIR /opt/test-runner\nCOPY bin bin\n"), "{dockerfile}");
    assert!(dockerfile.ends_with("ENTRYPOINT [\"/opt/test-runner/bin/run.sh\"]\n"), "{dockerfile}");
}
