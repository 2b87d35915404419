//! The packages for GitHub Actions and GitHub Classroom: their steps are carried out as a runner would,
//! and what Classroom's reporter reads is counted as it does.

use crate::answers::{BLOCKING, FORGES_COMMANDS, RIGHT, writes_to};
use crate::{CHECKER, stderr, stdout, write_file, written};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::{TempDir, tempdir};

const ACTION: &str = ".github/actions/check";

/// A repository with answers, on a runner.
struct Repository(TempDir);

/// What the steps of the action have left.
struct Ran {
    log: Output,
    outputs: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
    summary: String,
}

impl Repository {
    fn new(package: &str, answers: &[(&str, &str)]) -> Self {
        let repository = Self(tempdir().expect("a folder"));
        written(package, &repository.at("checkout"));
        for (name, text) in answers {
            write_file(&repository.at("checkout").join(name), text);
        }
        for (command, file) in [
            ("output", ""),
            ("env", ""),
            ("summary", ""),
            // It would change a setting of this system.
            ("bin/sudo", "#!/bin/sh\nexit 1\n"),
        ] {
            write_file(&repository.at(command), file);
        }
        let made = Command::new("chmod").arg("+x").arg(repository.at("bin/sudo")).status();
        assert!(made.expect("chmod").success());
        repository
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn yaml(&self, path: &str) -> Value {
        let text = fs::read_to_string(self.at("checkout").join(path)).expect("it is there");
        serde_saphyr::from_str(&text).expect("it is YAML")
    }

    /// Carries out the steps of the action, with these inputs, until one fails.
    fn run(&self, inputs: &[(&str, &str)]) -> Ran {
        let action = self.yaml(&format!("{ACTION}/action.yml"));
        let value = |expression: &str| -> String {
            if expression == "github.action_path" {
                return self.at("checkout").join(ACTION).display().to_string();
            }
            let name = expression.strip_prefix("inputs.").expect("an input");
            let given = inputs.iter().find(|(given, _)| *given == name);
            let default = || action["inputs"][name]["default"].as_str().expect("a default");
            given.map_or_else(default, |(_, value)| value).into()
        };
        let mut log = None;
        for step in action["runs"]["steps"].as_array().expect("steps") {
            let script = step["run"].as_str().expect("a script");
            assert!(!script.contains("${{"), "nothing is pasted into it: {script}");
            assert_eq!(step["shell"], "bash");
            let file = self.at("script.sh");
            fs::write(&file, script).expect("it can be written");
            let mut bash = Command::new("bash");
            bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&file);
            bash.current_dir(self.at("checkout"));
            for (name, expression) in step["env"].as_object().into_iter().flatten() {
                let expression = expression.as_str().expect("a text");
                let inner = expression.strip_prefix("${{ ").and_then(|it| it.strip_suffix(" }}"));
                bash.env(name, value(inner.expect("an expression")));
            }
            for (name, path) in [
                ("GITHUB_WORKSPACE", "checkout"),
                ("GITHUB_OUTPUT", "output"),
                ("GITHUB_ENV", "env"),
                ("GITHUB_STEP_SUMMARY", "summary"),
            ] {
                bash.env(name, self.at(path));
            }
            let path = std::env::var("PATH").unwrap_or_default();
            bash.env("PATH", format!("{}:{path}", self.at("bin").display()));
            let output = bash.output().expect("bash");
            let failed = !output.status.success();
            log = Some(output);
            if failed {
                break;
            }
        }
        let read = |name: &str| fs::read_to_string(self.at(name)).expect("it is there");
        let lines = |name: &str| -> BTreeMap<String, String> {
            let pair = |line: &str| {
                let (name, value) = line.split_once('=').expect("a name and a value");
                (name.to_owned(), value.to_owned())
            };
            read(name).lines().map(pair).collect()
        };
        Ran {
            log: log.expect("there are steps"),
            outputs: lines("output"),
            variables: lines("env"),
            summary: read("summary"),
        }
    }
}

impl Ran {
    /// The commands in the log that a runner would obey.
    fn commands(&self) -> Vec<String> {
        let mut token: Option<String> = None;
        let mut commands = Vec::new();
        for line in (stdout(&self.log) + &stderr(&self.log)).split(['\r', '\n']) {
            let command = line.trim_start();
            match &token {
                Some(stop) => {
                    if command == format!("::{stop}::") {
                        token = None;
                    }
                }
                None => match command.strip_prefix("::stop-commands::") {
                    Some(stop) => token = Some(stop.into()),
                    None if command.starts_with("::") || line.contains("##[") => {
                        commands.push(command.to_owned());
                    }
                    None => {}
                },
            }
        }
        assert_eq!(token, None, "all is open again at the end");
        commands
    }

    /// What Classroom's reporter makes of it.
    #[track_caller]
    fn reported(&self) -> Reported {
        let mut reported = Reported::default();
        for runner in self.outputs["runners"].split(',') {
            let result = &self.variables[&format!("{}_RESULTS", runner.to_uppercase())];
            let json = BASE64_STANDARD.decode(result).expect("base64");
            let result: Value = serde_json::from_slice(&json).expect("JSON");
            let tests = result["tests"].as_array().expect("tests");
            let most = result["max_score"].as_f64().expect("points");
            let passed = tests.iter().filter(|test| test["status"] == "pass").count();
            reported.on_the_console += passed as f64 / tests.len() as f64 * most;
            let scores = tests.iter().map(|test| test["score"].as_f64().expect("points"));
            reported.sent += if most > 0.0 { scores.sum() } else { 0.0 };
            reported.most += most;
            reported.is_failure |= result["status"] != "pass";
        }
        reported
    }
}

/// Points, as the reporter counts them for its log and for Classroom.
#[derive(Debug, Default, PartialEq)]
struct Reported {
    on_the_console: f64,
    sent: f64,
    most: f64,
    is_failure: bool,
}

/// Whether the action can require a cage here. If not, says so.
fn has_whole_cage() -> bool {
    let report = Command::new(CHECKER).arg("--cage-report").output().expect("it starts");
    let is_whole = stdout(&report).contains("--cage require will work here");
    if !is_whole {
        eprintln!("skipped: the cage does not cover everything here");
    }
    is_whole
}

#[test]
fn classroom_gets_the_points_of_the_checker() {
    if !has_whole_cage() {
        return;
    }
    let answers = [("countasync.py", BLOCKING), ("countsync.py", BLOCKING)];
    let repository = Repository::new("classroom countasync countsync", &answers);
    let ran = repository.run(&[]);
    assert!(ran.log.status.success(), "{}{}", stdout(&ran.log), stderr(&ran.log));
    let reported = ran.reported();
    assert!(reported.sent > 10.0 && reported.sent < 20.0, "{reported:?}");
    assert_eq!(reported.on_the_console, reported.sent);
    assert_eq!((reported.most, reported.is_failure), (20.0, true));
    assert_eq!(ran.outputs["code"], "1");
    let notice = format!("::notice title={} of 20 points", reported.sent);
    assert!(
        ran.commands().iter().any(|command| command.starts_with(&notice)),
        "{:?}",
        ran.commands()
    );
    assert!(ran.summary.contains("countasync"), "{}", ran.summary);

    let repository = Repository::new("classroom countasync", &[("countasync.py", RIGHT)]);
    let ran = repository.run(&[]);
    let full = Reported { on_the_console: 10.0, sent: 10.0, most: 10.0, is_failure: false };
    assert_eq!((ran.reported(), &*ran.outputs["code"]), (full, "0"));
}

#[test]
fn an_exercise_without_an_answer_earns_nothing_and_the_others_count() {
    if !has_whole_cage() {
        return;
    }
    let repository = Repository::new("classroom countasync rand", &[("a b/countasync.py", RIGHT)]);
    let ran = repository.run(&[("folder", "a b")]);
    let reported = ran.reported();
    assert_eq!((reported.sent, reported.on_the_console, reported.most), (10.0, 10.0, 20.0));
    assert!(reported.is_failure);
    let ran =
        Repository::new("github", &[("countasync.py", RIGHT)]).run(&[("exercises", "countasync")]);
    assert_eq!(ran.reported().most, 10.0);
}

#[test]
fn what_a_program_prints_is_no_command() {
    if !has_whole_cage() {
        return;
    }
    let ran = Repository::new("github countasync", &[("countasync.py", FORGES_COMMANDS)])
        .run(&[("options", "--cage require --verbose")]);
    assert!(stdout(&ran.log).contains("forged"), "it is shown: {}", stdout(&ran.log));
    let commands = ran.commands();
    for command in &commands {
        let is_ours = command.starts_with("::error title=countasync")
            || command.starts_with("::warning title=countasync")
            || command.starts_with("::notice title=");
        assert!(is_ours, "{command}");
    }
    assert!(commands.len() > 1, "{commands:?}");
}

#[test]
fn a_program_cannot_write_what_its_step_hands_on() {
    if !has_whole_cage() {
        return;
    }
    let repository = Repository::new("github countasync", &[]);
    let files = ["output", "env", "summary", "checkout/.github/actions/check/checker"];
    let files = files.map(|name| repository.at(name).display().to_string());
    let program = writes_to(&files.each_ref().map(|file| &**file));
    write_file(&repository.at("checkout/countasync.py"), &program);
    let ran = repository.run(&[]);
    let reported = ran.reported();
    assert!(reported.sent > 0.0 && reported.sent < 10.0, "{reported:?}");
    assert!(!ran.summary.contains("forged forged"), "{}", ran.summary);
    let kept = fs::read(&files[3]).expect("it is there") == fs::read(CHECKER).expect("it is there");
    assert!(kept, "the checker is the same");
}

/// As after a `|` in YAML.
#[test]
fn its_inputs_may_have_several_lines() {
    let repository = Repository::new("github", &[("countasync.py", RIGHT)]);
    let inputs = [("exercises", "countasync\nrand\n"), ("options", "--cage auto\n--verbose\n")];
    let ran = repository.run(&inputs);
    assert_eq!(ran.reported().most, 20.0);
    assert!(stdout(&ran.log).contains("exit code 0, "), "as --verbose asks: {}", stdout(&ran.log));
}

/// Cargo runs without a cage when it downloads.
#[test]
fn cargo_does_not_write_through_a_link_of_a_learner() {
    let package = "[package]\nname = \"countasync\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let answers = [("mine/Cargo.toml", package), ("mine/src/main.rs", "fn main() {}")];
    let repository = Repository::new("github countasync", &answers);
    symlink(repository.at("stolen"), repository.at("checkout/mine/Cargo.lock")).expect("a link");
    repository.run(&[("options", "--cage auto"), ("folder", "mine")]);
    assert!(!repository.at("stolen").exists());
}

/// Otherwise, a result would be missing, and nobody would know why.
#[test]
fn a_check_that_cannot_be_made_fails_its_step() {
    let repository = Repository::new("github countasync", &[("countasync.py", RIGHT)]);
    let ran = repository.run(&[("folder", "nowhere")]);
    assert_eq!(ran.log.status.code(), Some(2));
    assert!(stderr(&ran.log).contains("nowhere: there is no such folder"), "{}", stderr(&ran.log));
}

#[test]
fn the_workflows_use_the_action_and_what_it_hands_on() {
    for (package, workflow) in [("github", "check.yml"), ("classroom", "classroom.yml")] {
        let repository = Repository::new(package, &[]);
        let workflow = repository.yaml(&format!(".github/workflows/{workflow}"));
        let job = workflow["jobs"].as_object().expect("jobs").values().next().expect("a job");
        assert_eq!(workflow["permissions"]["contents"], "read", "{package}");
        let [checkout, check, last] = &job["steps"].as_array().expect("steps")[..] else {
            panic!()
        };
        assert!(
            checkout["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout@"))
        );
        assert_eq!(
            (&check["id"], &check["uses"]),
            (&"check".into(), &format!("./{ACTION}").into())
        );
        let used = match package {
            "github" => {
                for (code, ends_with) in [("0", 0), ("1", 1), ("2", 2), ("3", 0)] {
                    let script = last["run"].as_str().expect("a script");
                    let mut bash = Command::new("bash");
                    bash.args(["-ec", script]).env("CODE", code);
                    let ended = bash.status().expect("bash");
                    assert_eq!(ended.code(), Some(ends_with), "{code}");
                }
                &last["env"]["CODE"]
            }
            _ => {
                let uses = last["uses"].as_str().expect("an action");
                assert!(uses.starts_with("classroom-resources/autograding-grading-reporter@"));
                assert_eq!(job["if"], "github.actor != 'github-classroom[bot]'");
                &last["with"]["runners"]
            }
        };
        let name = used.as_str().and_then(|used| {
            used.strip_prefix("${{ steps.check.outputs.").and_then(|it| it.strip_suffix(" }}"))
        });
        let action = repository.yaml(&format!("{ACTION}/action.yml"));
        let output = &action["outputs"][name.expect("an output")];
        assert_eq!(&output["value"], used, "{package}: the step in the action has the same id");
    }
}
