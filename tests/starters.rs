//! What a learner sees between a starter and its solution: the next gap, tests that say what is
//! wrong, and a score that rises.

use crate::elsewhere;
use assert_cmd::Command;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::scope;
use tempfile::TempDir;
use tests::{exercises, path, text};

const GAP: &str = "common::not_written!()";

/// Exercises in a workspace of their own.
struct Workspace {
    name: String,
    folder: PathBuf,
}

impl Workspace {
    /// The starters of these exercises, some with another source text.
    fn of_starters<'a>(
        name: &str,
        starters: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Self {
        let made = TempDir::new().unwrap();
        let folder = made.path().join(name);
        fs::create_dir(&folder).unwrap();
        let mut members = Vec::new();
        for (exercise, main) in starters {
            let mut copy = Command::new(path("scripts/copy"));
            copy.args(["--starter", exercise, "."]).current_dir(&folder).assert().success();
            if let Some(main) = main {
                fs::write(folder.join(exercise).join("src/main.rs"), main).unwrap();
            }
            members.push(format!("{name}/{exercise}"));
        }
        let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
        fs::write(made.path().join("Cargo.toml"), manifest).unwrap();
        fs::write(made.path().join("Cargo.lock"), text("Cargo.lock")).unwrap();
        Self { name: name.to_owned(), folder: elsewhere::keep(made.path(), name).join(name) }
    }

    /// What the program says about the first gap of an exercise with this source text.
    fn first_gap(&self, exercise: &str, main: &str) -> Option<String> {
        let line = main.lines().position(|line| line.contains(GAP))? + 1;
        Some(format!("not written yet: {}/{exercise}/src/main.rs:{line}\n", self.name))
    }

    /// Runs cargo in the folder of an exercise. Returns its exit code, and what it says.
    fn cargo(&self, exercise: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let mut cargo = elsewhere::cargo(&self.folder.join(exercise), &self.name);
        let output = cargo.args(arguments).output().unwrap();
        let says = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&says).into_owned())
    }
}

/// A function in a source text, from its name to the brace that ends it.
fn function<'a>(text: &'a str, signature: &str) -> &'a str {
    let start = text.find(signature).unwrap();
    let end = text[start..].find("\n}\n").unwrap();
    &text[start..start + end]
}

/// A starter, and what it becomes as its gaps are filled from the top of the file down, each with
/// the function from the solution.
fn stages(starter: String, solution: &str) -> Vec<String> {
    let mut stages = vec![starter];
    while let Some(gap) = stages.last().unwrap().find(GAP) {
        let stage = stages.last().unwrap();
        let is_function = |line: &&str| line.starts_with("fn ") || line.starts_with("async fn ");
        let signature = stage[..gap].lines().rfind(is_function).unwrap();
        stages.push(stage.replace(function(stage, signature), function(solution, signature)));
    }
    stages
}

/// What `scripts/check` reports about a program.
fn check(exercise: &str, program: &Path) -> Value {
    let output = Command::new(path("scripts/check"))
        .args(["--format", "json", "--verbose", exercise, "--"])
        .arg(program)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// How the first run of a program ended, which is without arguments, and what it said on standard
/// error.
fn end(report: &Value) -> (&Value, String) {
    let recording = &report["exercises"][0]["recordings"][0];
    let lines = recording["stderr"].as_array().unwrap().iter();
    let says = lines.map(|line| line["text"].as_str().unwrap().to_owned() + "\n").collect();
    (&recording["ending"], says)
}

#[test]
fn gaps_are_named_from_the_top_down_and_the_score_rises_with_each_that_is_filled() {
    scope(|scope| {
        for exercise in exercises() {
            let starter = text(&format!("crates/{exercise}/examples/{exercise}-starter.rs"));
            let stages = stages(starter, &text(&format!("crates/{exercise}/src/main.rs")));
            assert!(stages.len() > 2, "{exercise} has fewer gaps than functions to write");
            scope.spawn(move || {
                let built = stages.iter().enumerate().map(|(number, main)| {
                    let name = format!("{exercise}-{number}");
                    let written = (number > 0).then_some(&**main);
                    let workspace = Workspace::of_starters(&name, [(&*exercise, written)]);
                    let (code, says) = workspace.cargo(&exercise, &["build", "-q"]);
                    assert_eq!(code, Some(0), "{says}");
                    let program = elsewhere::programs(&name).join("debug").join(&exercise);
                    (program, workspace.first_gap(&exercise, main))
                });
                let (programs, gaps): (Vec<_>, Vec<_>) = built.unzip();
                rises(&exercise, &programs, &gaps);
            });
        }
    });
}

/// Asserts that each of these stages of an exercise names its first gap, and that their scores rise
/// from zero to full marks.
fn rises(exercise: &str, programs: &[PathBuf], gaps: &[Option<String>]) {
    let reports: Vec<_> = programs.iter().map(|program| check(exercise, program)).collect();
    for (report, gap) in reports.iter().zip(gaps) {
        let ending = json!({"exited": i32::from(gap.is_some())});
        let says = gap.clone().unwrap_or_default();
        assert_eq!(end(report), (&ending, says), "{exercise}: {report:#}");
    }
    let points = |key| reports.iter().map(move |report| report[key].as_f64().unwrap());
    let earned: Vec<_> = points("earned").collect();
    let possible = points("possible").next_back();
    assert!(earned.is_sorted_by(|before, after| before < after), "{exercise}: {earned:?}");
    assert_eq!((earned[0], earned.last().copied()), (0.0, possible), "{exercise}: {earned:?}");
}

#[test]
fn each_test_of_a_starter_says_what_is_not_written() {
    let exercises = exercises();
    let starters = exercises.iter().map(|exercise| (&**exercise, None));
    let workspace = Workspace::of_starters("starters", starters);
    let says_so = |exercise: &str| {
        let main = fs::read_to_string(workspace.folder.join(exercise).join("src/main.rs"));
        let gap = workspace.first_gap(exercise, &main.unwrap()).unwrap();
        let (code, says) = workspace.cargo(exercise, &["run", "-q"]);
        assert_eq!((code, &says), (Some(1), &gap));

        let (code, says) = workspace.cargo(exercise, &["test", "-q", "--no-fail-fast"]);
        assert_eq!(code, Some(101), "{says}");
        let failed: Vec<_> = says.split("\n---- ").skip(1).collect();
        assert!(failed.len() >= 2, "{says}");
        for test in failed {
            assert!(test.contains(&gap), "{says}");
        }
        assert!(!says.contains("backtrace") && !says.contains("panicked"), "{says}");
    };
    scope(|scope| {
        for exercise in &exercises {
            scope.spawn(|| says_so(exercise));
        }
    });
}

/// A wrong solution: an exercise in whose source text the first of each pair has been replaced by
/// the second; and what `cargo test` has to say about it.
struct Wrong<'a> {
    exercise: &'a str,
    changes: &'a [(&'a str, &'a str)],
    says: &'a str,
}

/// Asserts that `cargo test` says what is wrong with each of these, without a panic's noise.
fn tests_say(name: &str, all: &[Wrong]) {
    let written = |&Wrong { exercise, changes, .. }: &Wrong| {
        let main = text(&format!("crates/{exercise}/src/main.rs"));
        changes.iter().fold(main, |main, (from, to)| {
            assert!(main.contains(from), "{exercise} has no {from}");
            main.replace(from, to)
        })
    };
    let mains: Vec<_> = all.iter().map(written).collect();
    let starters = all.iter().zip(&mains).map(|(wrong, main)| (wrong.exercise, Some(&**main)));
    let workspace = &Workspace::of_starters(name, starters);
    scope(|scope| {
        for &Wrong { exercise, says: expected, .. } in all {
            scope.spawn(move || {
                let (code, says) = workspace.cargo(exercise, &["test", "-q"]);
                assert_eq!(code, Some(101), "{says}");
                assert!(says.contains(expected) && !says.contains("panicked"), "{says}");
            });
        }
    });
}

#[test]
fn tests_of_a_solution_that_blocks_say_so() {
    let says = "something blocked the thread for ";
    tests_say(
        "blocking",
        &[
            Wrong {
                exercise: "countasync",
                changes: &[(
                    "sleep(Duration::from_secs(1)).await",
                    "std::thread::sleep(Duration::from_secs(1))",
                )],
                says,
            },
            Wrong {
                exercise: "rand",
                changes: &[(
                    "sleep(Duration::from_secs(idx as u64 + 1)).await",
                    "std::thread::sleep(Duration::from_secs(idx as u64 + 1))",
                )],
                says,
            },
            Wrong {
                exercise: "chained",
                changes: &[(
                    "sleep(Duration::from_secs(i)).await",
                    "std::thread::sleep(Duration::from_secs(i))",
                )],
                says,
            },
        ],
    );
}

#[test]
fn tests_of_a_solution_that_awaits_one_after_the_other_say_so() {
    tests_say(
        "one-after-the-other",
        &[
            Wrong {
                exercise: "countasync",
                changes: &[(
                    "try_join!(spawn(count()), spawn(count()), spawn(count()))?",
                    "for _ in 0..3 { count().await }",
                )],
                says: "countasync: line 2 should be \"One\", in second 0, but is \"Two\", in second 1.\n\
                       Too late: ",
            },
            Wrong {
                exercise: "rand",
                changes: &[
                    ("spawn(makerandom(i, 10 - i as u64 - 1))", "makerandom(i, 10 - i as u64 - 1)"),
                    ("try_join!(r1, r2, r3)?", "(r1.await, r2.await, r3.await)"),
                ],
                says: "rand: line 3 should be \"Initiated makerandom(1).\", in second 0, but is \
                       \"makerandom(0) == 4 too low; retrying.\", in second 1.\nToo late: ",
            },
            Wrong {
                exercise: "chained",
                changes: &[("spawn(chain(n))", "chain(n)"), ("chain.await?", "chain.await")],
                says: "chained: line 2 should be \"part1(2) sleeping for 4 seconds.\", in second 0, but \
                       is \"Returning part1(1) == result1-1.\", in second 4.\nToo late: ",
            },
        ],
    );
}

/// Without this repository, a class begins in the same way.
#[test]
fn an_installed_checker_has_the_same_starters() {
    let folder = TempDir::new().unwrap();
    let (copied, made) = (folder.path().join("copied"), folder.path().join("made"));
    fs::create_dir(&copied).unwrap();
    for exercise in exercises() {
        let mut copy = Command::new(path("scripts/copy"));
        copy.args(["--starter", &exercise, "."]).current_dir(&copied).assert().success();
    }
    let mut init = Command::new(path("scripts/check"));
    init.args(["init", "starters", "--into"]).arg(&made).assert().success();
    for name in ["Cargo.toml", "Cargo.lock", ".gitignore"] {
        fs::rename(made.join(name), folder.path().join(name)).unwrap();
    }
    let diff = Command::new("diff").arg("-r").args([&copied, &made]).output().unwrap();
    assert!(diff.status.success(), "{}", String::from_utf8_lossy(&diff.stdout));
    let lock = fs::read_to_string(folder.path().join("Cargo.lock")).unwrap();
    assert_eq!(lock, text("Cargo.lock"));
    let manifest = fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
    exercises().iter().for_each(|name| assert!(manifest.contains(&format!("{name:?}")), "{name}"));
}
