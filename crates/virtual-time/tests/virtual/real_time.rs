//! Runs a program without the command under test, as a terminal would: what the tests expect must be
//! what Linux does.

use crate::{Expected, MARKER, Seen, kill, new_marker, processes};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use virtual_time::{Capture, pseudo_terminal};

/// By how many seconds a line may be off on a busy machine.
const TOLERANCE: f64 = 0.25;

/// How often a program is tried, as the machine may be busy.
const ATTEMPTS: usize = 3;

/// Runs a program and compares what it does.
pub fn check(words: &[String], expected: &Expected) -> Result<(), String> {
    let first = try_once(words, expected);
    (1..ATTEMPTS).fold(first, |seen, _| seen.or_else(|_| try_once(words, expected)))
}

fn try_once(words: &[String], expected: &Expected) -> Result<(), String> {
    let last = expected.lines.last().map_or(0.0, |line| line.0);
    // What waits forever has to be stopped.
    let limit = if expected.exit == 124 { last + 1.0 } else { last + 20.0 };
    let seen = run(words, Duration::from_secs_f64(limit));
    // Their error is the command's own.
    let errors = if expected.exit == 124 { Vec::new() } else { expected.errors.clone() };
    Expected { errors, ..expected.clone() }.compare_within(&seen, TOLERANCE)
}

fn run(words: &[String], limit: Duration) -> Seen {
    let marker = new_marker();
    let (ours, theirs) = pseudo_terminal().expect("a pseudo-terminal");
    let start = Instant::now();
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(&words[0]);
    command.current_dir(&folder);
    command.args(&words[1..]).env(MARKER, &marker).stdin(Stdio::null());
    let mut child =
        command.stdout(theirs).stderr(Stdio::piped()).spawn().expect("the program starts");
    drop(command);
    let lines = thread::spawn(move || read_lines(ours.into(), start));
    let pipe = child.stderr.take().expect("a pipe");
    let errors = thread::spawn(move || io::read_to_string(pipe).unwrap_or_default());
    let exit = wait(&mut child, start + limit);
    thread::sleep(Duration::from_millis(50));
    processes(&marker).into_iter().for_each(kill);
    Seen { exit, lines: lines.join().expect("no panic"), errors: errors.join().expect("no panic") }
}

fn wait(child: &mut Child, deadline: Instant) -> i32 {
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status.code().or(status.signal().map(|signal| 128 + signal)).expect("an end");
        }
        if Instant::now() > deadline {
            child.kill().expect("a child");
            child.wait().expect("a child");
            return 124;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// The lines that are printed until nobody has the terminal open any more.
fn read_lines(mut terminal: File, start: Instant) -> Vec<(f64, String)> {
    let (mut capture, mut buffer) = (Capture::new("standard output", usize::MAX), [0; 4096]);
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        capture.take(&buffer[..count], start.elapsed().as_secs_f64());
    }
    let lines = capture.finish(&mut Vec::new()).into_iter();
    lines.map(|line| (line.at, String::from_utf8_lossy(&line.bytes).into_owned())).collect()
}
