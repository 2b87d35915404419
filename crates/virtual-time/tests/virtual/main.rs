//! The real command runs real programs: small ones in C beside this folder, scripts, and Python.
//!
//! - `programs`: every case in `tests/programs`, on its own clock and, on request, in real time
//! - `scripts`: shell scripts and what they start
//! - `python`: Python's threads, processes and event loops
//! - `outsiders`: a program that waits for somebody outside is not believed
//! - `command`: the command line, exit codes, and what is left behind
//!
//! `cargo test -p virtual-time --test virtual -- --ignored` runs the same programs without the
//! command: what a test expects must be what Linux does.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod command;
mod outsiders;
mod programs;
mod python;
mod real_time;
mod scripts;

use std::ffi::OsString;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

const VIRTUAL_TIME: &str = env!("CARGO_BIN_EXE_virtual-time");

/// An environment variable that every process of one run has, with a value that no other run has.
const MARKER: &str = "VIRTUAL_TIME_TEST_RUN";

/// What a program is expected to do.
#[derive(Clone, Debug)]
struct Expected {
    /// Its lines, each with its time in seconds.
    lines: Vec<(f64, String)>,
    /// Whether seconds count from the first line: the program may take a while to start.
    from_first: bool,
    /// By how many seconds a line may be off, on the program's own clock.
    tolerance: f64,
    /// What its standard error contains.
    errors: Vec<String>,
    /// Part of the reason why its run is not believed. In real time, the rest applies.
    disbelief: Option<String>,
    /// Whether it may also be believed, if the rest applies.
    may_be_believed: bool,
    exit: i32,
}

/// What a program did.
struct Seen {
    exit: i32,
    lines: Vec<(f64, String)>,
    errors: String,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (second, text) in &self.lines {
            writeln!(f, "{second:8.3}  {text}")?;
        }
        self.errors.lines().try_for_each(|line| writeln!(f, "   error  {line}"))?;
        writeln!(f, "    exit  {}", self.exit)
    }
}

/// A new value of [`MARKER`].
fn new_marker() -> String {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Relaxed))
}

/// Runs `virtual-time` with these arguments. It has to end in time, and to leave no process behind.
///
/// # Errors
///
/// What it did instead.
fn virtual_time<T: Into<OsString>>(arguments: impl IntoIterator<Item = T>) -> Result<Seen, String> {
    let marker = new_marker();
    // What a program that is stopped leaves behind is removed with the folder.
    let folder = tempfile::tempdir().map_err(|error| format!("no folder: {error}"))?;
    let mut command = assert_cmd::Command::new(VIRTUAL_TIME);
    command.current_dir(&folder);
    command.args(arguments.into_iter().map(Into::into)).env(MARKER, &marker);
    let output = command.timeout(Duration::from_secs(150)).output();
    let output = output.map_err(|error| format!("virtual-time: {error}"))?;
    let left = wait_until(|| processes(&marker).is_empty());
    if !left {
        let left = processes(&marker);
        left.iter().for_each(|&process| kill(process));
        return Err(format!("{} processes are left", left.len()));
    }
    let (stdout, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let Some(exit) = output.status.code() else {
        return Err(format!("virtual-time: {}\n{stdout}{errors}", output.status));
    };
    let lines = stdout.lines().map(stamped).collect::<Option<_>>();
    let lines = lines.ok_or_else(|| format!("a line without its time:\n{stdout}"))?;
    Ok(Seen { exit, lines, errors: errors.into_owned() })
}

/// A line as the command prints it: its time, right-aligned, two spaces, its text.
fn stamped(line: &str) -> Option<(f64, String)> {
    let (second, text) = line.trim_start().split_once("  ")?;
    let is_aligned = line.len() - text.len() >= 10;
    Some((second.parse().ok().filter(|_| is_aligned)?, text.to_owned()))
}

impl Default for Expected {
    fn default() -> Self {
        let (lines, errors) = (Vec::new(), Vec::new());
        Self {
            lines,
            from_first: false,
            tolerance: 0.06,
            errors,
            disbelief: None,
            may_be_believed: false,
            exit: 0,
        }
    }
}

impl Expected {
    /// These lines, each with its time, and this exit code.
    fn new(lines: &[(f64, &str)], exit: i32) -> Self {
        let lines = lines.iter().map(|(second, text)| (*second, (*text).to_owned())).collect();
        Self { lines, exit, ..Self::default() }
    }

    /// Compares with a run on its own clock.
    fn compare(&self, seen: &Seen) -> Result<(), String> {
        let Some(reason) = &self.disbelief else {
            return self.compare_within(seen, self.tolerance);
        };
        let said: Vec<_> = seen
            .errors
            .lines()
            .filter_map(|line| line.strip_prefix("virtual-time: not believed: "))
            .collect();
        match said[..] {
            [one] if seen.exit == 125 && one.contains(reason.as_str()) => Ok(()),
            _ => Err(format!("expected not to be believed: {reason}\nseen:\n{seen}")),
        }
    }

    /// Compares lines, times and exit codes.
    fn compare_within(&self, seen: &Seen, tolerance: f64) -> Result<(), String> {
        let start = match seen.lines.first() {
            Some((second, _)) if self.from_first => *second,
            _ => 0.0,
        };
        let same = seen.exit == self.exit
            && seen.lines.len() == self.lines.len()
            && seen.lines.iter().zip(&self.lines).all(|(seen, expected)| {
                seen.1 == expected.1 && (seen.0 - start - expected.0).abs() <= tolerance
            })
            && self.errors.iter().all(|error| seen.errors.contains(error));
        let expected =
            Seen { exit: self.exit, lines: self.lines.clone(), errors: self.errors.join("\n") };
        if same { Ok(()) } else { Err(format!("expected:\n{expected}seen:\n{seen}")) }
    }
}

/// Does the same with all of these, this many at once. Panics with all that went wrong.
#[track_caller]
fn check_all<T: Sync>(
    all: &[T],
    at_once: usize,
    name: impl Fn(&T) -> String + Sync,
    check: impl Fn(&T) -> Result<(), String> + Sync,
) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(one) = all.get(next.fetch_add(1, Relaxed)) {
            if let Err(error) = check(one) {
                wrong.push(format!("--- {}\n{error}", name(one)));
            }
        }
        wrong
    };
    let wrong: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "{} of {} are wrong\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

/// Ids of the processes that have this value of [`MARKER`].
fn processes(marker: &str) -> Vec<i32> {
    let variable = format!("{MARKER}={marker}");
    let all = std::fs::read_dir("/proc").expect("/proc").flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id| {
            let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            environment.split(|&byte| byte == 0).any(|entry| entry == variable.as_bytes())
        })
        .collect()
}

fn kill(process: i32) {
    use nix::sys::signal::{Signal, kill};
    let _ = kill(nix::unistd::Pid::from_raw(process), Signal::SIGKILL);
}

/// Waits until this is so, and says whether it became so.
fn wait_until(is_true: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_true() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
    true
}
