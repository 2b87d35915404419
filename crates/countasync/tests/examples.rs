//! The event loop without tokio, and the real sockets: what they print, in which order and when.

use common::testing::{Run, runs_like_cpython};

fn prints(example: &str, transcript: &str, seconds: &[u64]) {
    runs_like_cpython(
        env!("CARGO"),
        &[Run {
            arguments: &["run", "--quiet", "--example", example],
            environment: &[],
            transcript,
            seconds,
        }],
    );
}

#[test]
fn executor_shows_its_queue_and_its_alarms() {
    let transcript = include_str!("transcripts/executor.txt");
    prints("executor", transcript, &[0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
}

#[test]
fn sockets_wait_together_and_one_after_the_other() {
    let transcript = include_str!("transcripts/sockets.txt");
    prints("sockets", transcript, &[0, 0, 0, 1, 2, 3, 3, 3, 6, 6, 7, 7, 9, 9]);
}

/// The text with its times rounded to the second: a busy machine adds to what is measured.
fn rounded(text: &str) -> String {
    let rounded = |word: &str| match word.parse::<f64>() {
        Ok(seconds) => format!("{seconds:.0}"),
        Err(_) => word.to_owned(),
    };
    text.split(' ').map(rounded).collect::<Vec<_>>().join(" ")
}

#[test]
fn sockets_says_what_it_measured() {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    let output = cargo.args(["run", "--quiet", "--example", "sockets"]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(rounded(&printed), rounded(include_str!("transcripts/sockets.txt")));
}
