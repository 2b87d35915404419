//! The environment that a program is started in: a terminal to print to, nothing to read, no
//! variable that changes its output.

use crate::{Call, GOOD, mistakes, side_by_side};
use serde_json::json;
use std::collections::BTreeMap;

/// The lines of the impostor's standard output.
fn stdout(mut call: Call, script: &str) -> Vec<String> {
    // These would change what it prints.
    for name in ["PYTHONUNBUFFERED", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
        call.command.env(name, "1");
    }
    call.command.env("SECRET", "1");
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
    assert!(variables.contains_key("PATH") && !variables.contains_key("SECRET"));
    assert_eq!(variables["HOME"], variables["TMPDIR"]);

    let call = Call::new("countasync --cage off --format json --verbose");
    let lines = stdout(call, "describe-environment");
    assert!(lines.iter().any(|line| line == "SECRET=1"), "the rest is the user's");
}

#[test]
fn a_strangers_program_is_not_asked_for_its_tasks() {
    let call = Call::new("timeline").with("TASK_EVENTS", "/dev/null");
    let picture = call.impostor("print Hello describe-environment").answer().stdout;
    assert!(picture.contains("Hello") && !picture.contains("TASK_EVENTS"), "{picture}");
}

#[test]
fn a_line_is_what_was_printed_and_has_the_time_of_its_text() {
    // Its last visible text counts: not its line feed, white space or escape codes.
    let script = "bytes 4f sleep 500 bytes 6e65 sleep 500 bytes 200a
                  bytes 1b sleep 500 bytes 5b33366d54776f sleep 500 bytes 1b5b306d0a
                  sleep 500 bytes 0d0a
                  bytes 5468 sleep 500 bytes 726565 sleep 500 bytes 1b5b306d";
    let report = Call::new("countasync --format json --verbose").impostor(script).answer().json();
    let recording = &report["exercises"][0]["recordings"][0];
    let lines = recording["stdout"].as_array().expect("lines");
    let texts: Vec<_> = lines.iter().map(|line| line["text"].as_str().expect("text")).collect();
    assert_eq!(texts, ["One ", r"\x1b[36mTwo\x1b[0m", r"\r", r"Three\x1b[0m"]);
    let at: Vec<_> = lines.iter().map(|line| line["at"].as_f64().expect("seconds")).collect();
    let end = recording["seconds"].as_f64().expect("seconds");
    // A busy machine may be late, but never early. A line with the time of its beginning would come
    // too early after the one before, and one with the time of its end too early before the next.
    let gaps = [at[0], at[1] - at[0], at[2] - at[1], at[3] - at[2], end - at[3]];
    for (gap, least) in gaps.into_iter().zip([0.5, 1.0, 1.0, 0.5, 0.5]) {
        assert!(gap >= least - 0.02, "{at:?}, {end}");
    }
}

#[test]
fn the_first_line_of_the_exercise_starts_its_clock_and_what_the_lines_announce_extends_it() {
    let all = [
        // As a program that says hello, then compiles for longer than a run may take.
        ("countasync", format!("print Welcome! sleep 13000 {GOOD}")),
        // As a chained in sequence whose draws add up to more than a run may take.
        (
            "chained",
            "print 'part1(3) sleeping for 47 seconds.' sleep 47000
             print 'Returning part1(3) == result3-1.' --"
                .into(),
        ),
    ];
    side_by_side(&all, |(name, script)| {
        let call = Call::new(&format!("{name} --format json --verbose"));
        let report = call.impostor(script).answer().json();
        let exercise = &report["exercises"][0];
        assert_eq!(exercise["recordings"][0]["ending"], json!({"exited": 0}), "{name}");
        assert_eq!(mistakes(exercise).get("ends"), None, "{:#}", exercise["criteria"]);
    });
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

#[test]
fn a_checker_that_was_started_with_sigchld_ignored() {
    let checker = env!("CARGO_BIN_EXE_checker");
    let script = "trap '' CHLD; exec \"$@\" -- sh -c \"$PROGRAM\"";
    let program = "for i in 1 2 3; do echo One; sleep 1; echo Two; done; echo took 3.00 seconds";
    for clock in ["auto", "real"] {
        // Some other shells do not ignore it.
        let output = std::process::Command::new("bash")
            .args(["-c", script, "bash", checker, "countsync", "--clock", clock])
            .env("PROGRAM", program)
            .output()
            .expect("a shell");
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(!report.contains("could not be recorded"), "{report}");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{report}");
    }
}
