//! The event loop without tokio: what it prints, in which order and when.

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
