//! What the exercises' tests share: the real program, run beside a transcript of CPython's.
//!
//! Every function panics, and so fails its test, when the program does not do what it should.

use anstream::adapter::strip_str;
use assert_cmd::{Command, assert::Assert};
use predicates::prelude::*;
use std::io::{BufRead, BufReader, Read};
use std::process::{self, Child, ChildStdout, Output, Stdio};
use std::thread;
use std::time::Instant;

/// A run of an exercise, and what CPython printed in the same run.
pub struct Run<'a> {
    pub arguments: &'a [&'a str],
    /// Variables on top of an environment that says nothing about color.
    pub environment: &'a [(&'a str, &'a str)],
    /// Its measured times, such as `1.00`, stand for any.
    pub transcript: &'a str,
    /// Second after the first line in which each line comes.
    pub seconds: &'a [u64],
}

/// Asserts that each run prints its transcript, each line in its second. Without `CLICOLOR_FORCE`
/// the transcript counts without its escape codes. The runs go side by side: together they take as
/// long as the slowest. One that prints something else has three attempts.
pub fn runs_like_cpython(program: &str, runs: &[Run]) {
    thread::scope(|scope| {
        for run in runs {
            scope.spawn(|| runs_like_its_transcript(program, run));
        }
    });
}

fn runs_like_its_transcript(program: &str, run: &Run) {
    let colored = run.environment.iter().any(|(name, _)| *name == "CLICOLOR_FORCE");
    let plain = strip_str(run.transcript).to_string();
    let expected = without_times(if colored { run.transcript } else { &plain });

    // Coroutines that wake in the same second may wake only a millisecond apart, and a busy machine
    // can turn them round. A program that is wrong stays wrong.
    let mut attempts = 1;
    let (mut output, mut times) = watch(program, run);
    while attempts < 3 && output.status.success() && output.stdout != expected.as_bytes() {
        attempts += 1;
        (output, times) = watch(program, run);
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Assert::new(output)
        .append_context("arguments", format!("{:?}", run.arguments))
        .append_context("attempts", attempts)
        .success()
        .stderr("")
        .stdout(predicate::str::diff(expected));

    // Nearer to its own second than to any other: a busy machine keeps that.
    let seconds: Vec<_> =
        times.iter().map(|time| (*time - times[0]).as_secs_f64().round() as u64).collect();
    assert_eq!(seconds, run.seconds, "seconds of the lines of {:?}:\n{text}", run.arguments);
}

/// Runs the program to its end: its output without measured times, and when each line came.
fn watch(program: &str, run: &Run) -> (Output, Vec<Instant>) {
    let (mut child, stdout) = start(program, run.arguments, run.environment);
    let mut text = String::new();
    let mut times = Vec::new();
    for line in BufReader::new(stdout).lines() {
        times.push(Instant::now());
        text += &(line.expect("a line of UTF-8") + "\n");
    }
    let status = child.wait().expect("the exit status");
    let stderr = rest(&mut child);
    (Output { status, stdout: without_times(&text).into(), stderr }, times)
}

/// Asserts that each of these command lines ends with exit code 2 and one line on standard error
/// that names the bad argument, the second of each pair.
pub fn refuses(program: &str, bad: &[(&[&str], &str)]) {
    for (arguments, named) in bad {
        Command::new(program)
            .args(*arguments)
            .assert()
            .append_context("arguments", format!("{arguments:?}"))
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains(*named).and(predicate::str::contains("\n").count(1)));
    }
}

/// Asserts that `--help` shows usage and examples, and `--version` the name and version.
pub fn explains_itself(program: &str, name: &str, version: &str) {
    for option in ["--help", "-h"] {
        let stdout = predicate::str::contains(format!("Usage: {name}"))
            .and(predicate::str::contains("Examples:\n"));
        Command::new(program).arg(option).assert().success().stdout(stdout).stderr("");
    }
    for option in ["--version", "-V"] {
        let stdout = format!("{name} {version}\n");
        Command::new(program).arg(option).assert().success().stdout(stdout).stderr("");
    }
}

/// Asserts that the program says nothing when the reader of its output goes away after one line,
/// nor when it is interrupted by Ctrl-C.
pub fn ends_quietly(program: &str) {
    let (mut child, stdout) = start(program, &[], &[]);
    drop(after_first_line(stdout));
    assert_eq!(child.wait().expect("the exit status").code(), None, "not ended by a signal");
    assert_eq!(String::from_utf8_lossy(&rest(&mut child)), "");

    let (mut child, stdout) = start(program, &[], &[]);
    let stdout = after_first_line(stdout);
    Command::new("kill").args(["-INT", &child.id().to_string()]).assert().success();
    assert_eq!(child.wait().expect("the exit status").code(), None, "not ended by a signal");
    assert_eq!(String::from_utf8_lossy(&rest(&mut child)), "");
    drop(stdout);
}

fn start(
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (Child, BufReader<ChildStdout>) {
    let mut command = process::Command::new(program);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    let mut child = command
        .args(arguments)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let stdout = BufReader::new(child.stdout.take().expect("its standard output"));
    (child, stdout)
}

fn after_first_line(mut stdout: BufReader<ChildStdout>) -> BufReader<ChildStdout> {
    stdout.read_line(&mut String::new()).expect("its first line");
    stdout
}

/// What the program has written to standard error.
fn rest(child: &mut Child) -> Vec<u8> {
    let mut bytes = Vec::new();
    child.stderr.take().expect("its standard error").read_to_end(&mut bytes).expect("its bytes");
    bytes
}

/// The text with every number of two decimals, which is a measured time, written as `N.NN`.
#[must_use]
pub fn without_times(text: &str) -> String {
    let is_time = |word: &str| {
        word.split_once('.').is_some_and(|(whole, decimals)| {
            decimals.len() == 2 && whole.parse::<u32>().is_ok() && decimals.parse::<u32>().is_ok()
        })
    };
    let words = text.split(' ').map(|word| if is_time(word) { "N.NN" } else { word });
    words.collect::<Vec<_>>().join(" ")
}
