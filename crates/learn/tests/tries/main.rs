//! The real `scripts/learn try`, with a terminal and without.

#[cfg(target_os = "linux")]
mod in_a_terminal;
#[cfg(target_os = "linux")]
#[path = "../../../checker/tests/runner/processes.rs"]
mod processes;
#[cfg(target_os = "linux")]
#[path = "../../../checker/tests/runner/terminal.rs"]
mod terminal;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use std::fs;
use std::path::{Path, PathBuf};

/// The program.
const LEARN: &str = env!("CARGO_BIN_EXE_learn");

/// This repository.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn learn(arguments: &[&str]) -> Command {
    let mut command = Command::new(LEARN);
    command.args(arguments).timeout(std::time::Duration::from_secs(300));
    command
}

#[test]
fn without_a_terminal_nothing_is_asked_and_a_bad_end_is_shown() {
    learn(&["try", "rand/fail"])
        .assert()
        .code(0)
        .stdout(contains("Without a terminal, no questions are asked."))
        .stdout(contains("+    assert!(idx != 2, \"no luck\");"))
        .stdout(contains("makerandom(1)  4"))
        .stdout(contains("the program did not end cleanly: exit code 1"))
        .stdout(contains("you said").or(contains("Question")).not())
        .stdout(contains("makerandom(1)` in second 18"));
    let main = fs::read_to_string(repository().join("crates/rand/src/main.rs")).unwrap();
    assert!(!main.contains("no luck"));
}

#[test]
fn all_items_are_listed_with_their_exercises() {
    let list = learn(&["try"]).assert().code(0).stderr(is_empty());
    let list = String::from_utf8(list.get_output().stdout.clone()).unwrap();
    let items = list.lines().filter(|line| line.starts_with("  "));
    assert_eq!(items.count(), 15, "{list}");
    let (_, of_rand) = list.split_once("rand\n").unwrap();
    let first = of_rand.lines().next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(first, "1 another-seed Another seed");
}

#[test]
fn a_name_that_is_not_one_gets_an_answer() {
    let says = |name: &str, problem: &str| {
        let says = format!("scripts/learn: try '{name}': {problem}");
        learn(&["try", name]).assert().code(2).stdout(is_empty()).stderr(contains(says));
    };
    says("block-hlafway", "no such change; did you mean countasync/block-halfway?");
    says("nothing-like-it", "no such change; scripts/learn try lists them all");
    says(
        "await-one-after-another",
        "which one? countasync/await-one-after-another, rand/await-one-after-another",
    );
    says("countasync/fail", "no such change; did you mean rand/fail?");
}
