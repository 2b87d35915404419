//! The real checker grades a real program: the impostor, which does what a test tells it to.
//!
//! - `hostile`: programs that hang, flood, hide or lie
//! - `tampering`: programs that attack their recorder or the checker, without a cage; a checker that is
//!   killed
//! - `limits`: programs that take too much of the machine
//! - `mistakes`: the classic mistakes of the counts, on both clocks; `scripts`: what is played
//! - `building`: what a package may do while it is built
//! - `clocks`: what `--clock` and `--confirm` do
//! - `starting`: what programs get of how their recorders are started
//! - `surroundings`: the environment that a program is started in
//! - `interpreters`: where the interpreter of a program in a cage may be
//! - `live`: pictures of a program that still runs
//! - `outside`: programs that want what is outside of their cage
//! - `planted`: what a learner may have put where a file is expected
//! - `reports`: the formats of the report, and its file
//! - `usage`: the command line, and programs that cannot be started
//! - `watching`: `--watch` in a `terminal`
//! - `widening`: what a learner wrote opens no other folder to a program in a cage
//! - `processes`: what one run has started

#[cfg(target_os = "linux")]
mod building;
mod clocks;
mod hostile;
mod interpreters;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod live;
mod mistakes;
#[cfg(target_os = "linux")]
mod outside;
mod planted;
mod processes;
mod reports;
mod scripts;
#[cfg(target_os = "linux")]
mod starting;
mod surroundings;
#[cfg(target_os = "linux")]
mod tampering;
#[cfg(target_os = "linux")]
mod terminal;
mod usage;
#[cfg(target_os = "linux")]
mod watching;
mod widening;

use processes::{MARKER, processes, wait_until};
use scripts::{GOOD, words};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

const CHECKER: &str = env!("CARGO_BIN_EXE_checker");
const IMPOSTOR: &str = env!("CARGO_BIN_EXE_impostor");

/// How long a call may take. A flood of lines took two minutes on a busy machine.
const LONGEST: Duration = Duration::from_secs(400);

/// Lets programs in the cage have the variable by which they are found.
const ALLOW_MARKER: [&str; 2] = ["--allow-env", MARKER];

/// Writes a file, and makes the folders that it is in.
fn write_file(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
    fs::write(path, text).expect("it can be written");
}

/// A call of the checker.
struct Call {
    command: assert_cmd::Command,
    marker: String,
}

/// What the checker answered.
struct Answer {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Call {
    /// The checker with these arguments, separated by spaces.
    fn new(arguments: &str) -> Self {
        let marker = new_marker();
        let mut command = assert_cmd::Command::new(CHECKER);
        command.args(arguments.split_whitespace()).env(MARKER, &marker);
        // Where the tests are built says nothing of where learners' packages are.
        command.env_remove("CARGO_TARGET_DIR");
        Self { command, marker }
    }

    /// Sets a variable of its environment.
    fn with(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Lets it grade the impostor, which plays this script: in the cage, unless that is off.
    fn impostor(mut self, script: &str) -> Self {
        if !self.command.get_args().any(|argument| argument == "off") {
            self.command.args(ALLOW_MARKER);
        }
        self.command.args(["--", IMPOSTOR]).args(words(script));
        self
    }

    /// Runs it, and makes sure that it ends and leaves no process behind.
    fn answer(mut self) -> Answer {
        let output = self.command.timeout(LONGEST).output().expect("it starts");
        wait_until("no process is left", || processes(&self.marker).is_empty());
        let text = |bytes| String::from_utf8(bytes).expect("the checker writes UTF-8");
        Answer {
            code: output.status.code().expect("the checker ended in time"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

/// A value of `MARKER` that is not in use.
fn new_marker() -> String {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    format!("{}-{}", std::process::id(), CALLS.fetch_add(1, Relaxed))
}

/// The failed criteria of an exercise in a JSON report, each with the mistake that it names.
fn mistakes(exercise: &Value) -> BTreeMap<&str, &str> {
    let criteria = exercise["criteria"].as_array().expect("criteria");
    criteria
        .iter()
        .filter_map(|one| Some((one["id"].as_str()?, one["reason"]["mistake"].as_str()?)))
        .collect()
}

/// Each of these with the name of each clock.
fn on_both_clocks<T>(all: &[T]) -> Vec<(&T, &'static str)> {
    all.iter().flat_map(|one| ["auto", "real"].map(|clock| (one, clock))).collect()
}

/// Does the same with all of these, side by side. Panics if one of them panicked.
fn side_by_side<T: Sync>(all: &[T], each: impl Fn(&T) + Sync) {
    thread::scope(|scope| {
        for one in all {
            scope.spawn(|| each(one));
        }
    });
}
