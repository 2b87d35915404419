//! The environment that a program is started in: a terminal to print to, nothing to read, no
//! variable that changes its output.

use crate::Call;
use std::collections::BTreeMap;

/// The lines of the impostor's standard output.
fn stdout(mut call: Call, script: &str) -> Vec<String> {
    // These would change what it prints.
    for name in ["PYTHONUNBUFFERED", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
        call.command.env(name, "1");
    }
    call.command.env("COLUMNS", "7").env("LINES", "7").env("TERM", "dumb");
    let report = call.impostor(script).answer().json();
    let lines = report["exercises"][0]["recordings"][0]["stdout"].as_array().expect("lines");
    lines.iter().map(|line| line["text"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn the_streams() {
    let call = Call::new("countasync --format json --verbose");
    assert_eq!(
        stdout(call, "describe-streams read-stdin"),
        [
            "stdin is /dev/null: true",
            "stdout is a terminal: true",
            "stderr is a terminal: false",
            "read 0 bytes"
        ]
    );
}

#[test]
fn the_environment() {
    let call = Call::new("countasync --format json --verbose");
    let lines = stdout(call, "describe-environment");
    let variables: BTreeMap<_, _> = lines.iter().filter_map(|line| line.split_once('=')).collect();
    for name in ["PYTHONUNBUFFERED", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
        assert!(!variables.contains_key(name), "{name}");
    }
    assert!(!variables.contains_key("COLUMNS") && !variables.contains_key("LINES"));
    assert_eq!(variables["TERM"], "xterm-256color");
    assert!(variables.contains_key("PATH"), "the rest is the user's");
}

#[test]
fn a_line_is_what_was_printed_and_has_the_time_of_its_end() {
    let script = "bytes 4f sleep 500 bytes 6e650a bytes 0d0a sleep 500 bytes 54776f";
    let report = Call::new("countasync --format json --verbose").impostor(script).answer().json();
    let lines = report["exercises"][0]["recordings"][0]["stdout"].as_array().expect("lines");
    let texts: Vec<_> = lines.iter().map(|line| line["text"].as_str().expect("text")).collect();
    assert_eq!(texts, ["One", r"\r", "Two"]);
    let at = |index: usize| lines[index]["at"].as_f64().expect("seconds");
    // A busy machine may be late, but never early.
    assert!(at(0) >= 0.5 && at(2) - at(1) >= 0.49, "{lines:?}");
}

#[test]
fn chained_is_run_three_times_with_arguments_of_the_checker() {
    let call = Call::new("chained --format json --verbose").impostor("print One --");
    let report = call.answer().json();
    let recordings = report["exercises"][0]["recordings"].as_array().expect("recordings");
    let arguments: Vec<Vec<&str>> = recordings
        .iter()
        .map(|recording| {
            let command = recording["command"].as_str().expect("a command");
            command.split_once(" -- ").map_or(Vec::new(), |(_, rest)| rest.split(' ').collect())
        })
        .collect();
    let [none, numbers, bad] = &arguments[..] else { panic!("{arguments:?}") };
    assert!(none.is_empty(), "{none:?}");
    assert!(numbers.iter().all(|number| number.parse::<u32>().is_ok()), "{numbers:?}");
    assert!(bad.iter().any(|word| word.parse::<i64>().is_err()), "{bad:?}");
}
