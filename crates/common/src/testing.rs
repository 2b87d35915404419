//! What the exercises' tests share: running the real program and comparing it with a transcript of
//! CPython's, and checking that coroutines do not block.
//!
//! Every function panics, and so fails its test, when the program does not do what it should. The
//! message is meant for a learner, who may still be writing the exercise.

use anstream::adapter::strip_str;
use assert_cmd::Command;
use predicates::prelude::*;
use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::io::{BufRead, BufReader, Read};
use std::panic::resume_unwind;
use std::path::Path;
use std::pin::pin;
use std::process::{self, Child, ChildStdout, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

/// A run of an exercise, and what CPython printed in the same run.
pub struct Run<'a> {
    pub arguments: &'a [&'a str],
    /// Environment variables to add; those about color are otherwise unset.
    pub environment: &'a [(&'a str, &'a str)],
    /// Measured times in it, such as `1.00`, match any time.
    pub transcript: &'a str,
    /// The second in which each line comes, counted from the first line.
    pub seconds: &'a [u64],
}

impl Run<'_> {
    /// The lines that the run should print. The transcript's escape codes are expected only with
    /// `CLICOLOR_FORCE`.
    fn expected(&self) -> Vec<Line> {
        let colored = self.environment.iter().any(|(name, _)| *name == "CLICOLOR_FORCE");
        let plain = strip_str(self.transcript).to_string();
        let transcript = if colored { self.transcript } else { &plain };
        assert_eq!(transcript.lines().count(), self.seconds.len(), "a second for each line");
        let lines = transcript.lines().zip(self.seconds);
        lines.map(|(text, &second)| Line { text: without_times(text), second }).collect()
    }
}

/// A line of output without measured times, and the second in which it comes.
#[derive(PartialEq)]
struct Line {
    text: String,
    second: u64,
}

impl Line {
    /// The text without its numbers, which a busy machine may change: see [`Mistake::is_a_swap`].
    fn shape(&self) -> String {
        self.text.replace(|character: char| character.is_ascii_digit(), "")
    }
}

/// Asserts that each run prints its transcript, each line in its second. The runs happen side by
/// side, each until its first wrong line; the first run that has one is reported.
pub fn runs_like_cpython(program: &str, runs: &[Run]) {
    let mistakes: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> =
            runs.iter().map(|run| scope.spawn(|| first_mistake(program, run))).collect();
        runs.into_iter().filter_map(|run| run.join().expect("a run")).collect()
    });
    if let Some(mistake) = mistakes.first() {
        fail(mistake);
    }
}

/// What is wrong with the run, if anything, after at most three attempts.
fn first_mistake(program: &str, run: &Run) -> Option<String> {
    let expected = run.expected();
    let mut attempts = 1;
    loop {
        let mistake = watch(program, run, &expected)?;
        if attempts == 3 || !mistake.is_a_swap(&expected) {
            let name = Path::new(program).file_name().unwrap_or_default();
            let command = [&[&*name.display().to_string()], run.arguments].concat().join(" ");
            return Some(format!("{command}: {mistake}"));
        }
        attempts += 1;
    }
}

/// The first thing that a run did wrong.
struct Mistake<'a> {
    /// What it printed up to there.
    lines: Vec<Line>,
    /// The line that should have come. `None` if it should have ended.
    expected: Option<&'a Line>,
    /// How it ended, and what it said on standard error, if it ended instead of printing a line.
    ended: Option<(ExitStatus, String)>,
}

/// Runs the program until it ends or does something wrong.
fn watch<'a>(program: &str, run: &Run, expected: &'a [Line]) -> Option<Mistake<'a>> {
    let (mut child, stdout) = start(program, run.arguments, run.environment);
    let mut lines: Vec<Line> = Vec::new();
    let mut first = None;
    for text in stdout.lines() {
        let text = without_times(&text.expect("a line of UTF-8"));
        // Rounded to the nearest second: even on a busy machine, that is its own.
        let second = first.get_or_insert_with(Instant::now).elapsed().as_secs_f64().round() as u64;
        lines.push(Line { text, second });
        let expected = expected.get(lines.len() - 1);
        if lines.last() != expected {
            let _ = child.kill(); // it may have ended by itself
            child.wait().expect("the exit status");
            return Some(Mistake { lines, expected, ended: None });
        }
    }
    let (status, errors) = ended(&mut child);
    let expected = expected.get(lines.len());
    if expected.is_none() && status.success() && errors.is_empty() {
        return None;
    }
    Some(Mistake { lines, expected, ended: Some((status, errors)) })
}

impl Mistake<'_> {
    /// Coroutines that wake in the same second may wake only a millisecond apart. A busy machine can
    /// swap them, and so the numbers that they draw. Nothing wakes in second 0.
    fn is_a_swap(&self, expected: &[Line]) -> bool {
        let (Some(line), Some(wanted), None) = (self.lines.last(), self.expected, &self.ended)
        else {
            return false;
        };
        let has_a_place = expected.iter().any(|expected| expected.shape() == line.shape());
        line.second == wanted.second && line.second > 0 && has_a_place
    }
}

impl fmt::Display for Mistake<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.lines.len();
        match (&self.ended, self.expected, self.lines.last()) {
            (Some((_, errors)), _, _) if !errors.is_empty() => write!(formatter, "{errors}")?,
            (Some((status, _)), Some(Line { text, second }), _) => write!(
                formatter,
                "it ended ({status}) before line {}, {text:?}, which should come in second {second}.",
                number + 1
            )?,
            (Some((status, _)), None, _) => write!(formatter, "it ended with {status}.")?,
            (None, Some(wanted), Some(line)) => {
                let Line { text, second } = wanted;
                write!(formatter, "line {number} should be {text:?}, in second {second}, ")?;
                write!(formatter, "but is {:?}, in second {}.", line.text, line.second)?;
                if line.second > wanted.second {
                    write!(
                        formatter,
                        "\nToo late: waits that should overlap may be running one after another."
                    )?;
                } else if line.second < wanted.second {
                    write!(formatter, "\nToo early: a wait may be missing, or too short.")?;
                }
            }
            (None, _, _) => write!(formatter, "line {number} is one too many.")?,
        }
        if !self.lines.is_empty() {
            write!(formatter, "\nWhat it printed, with the second of each line:")?;
        }
        for Line { text, second } in &self.lines {
            write!(formatter, "\n{second:>4}  {text}")?;
        }
        Ok(())
    }
}

thread_local! {
    /// Whether a coroutine has blocked this thread. Each test has its own thread.
    static BLOCKED: Cell<bool> = const { Cell::new(false) };
}

/// Awaits a coroutine on tokio's paused clock, where sleeping takes no real time.
///
/// # Panics
///
/// If the coroutine has blocked its thread for a second or more. The other coroutines on this
/// thread are no longer run, as they would probably block it, too.
pub async fn unblocked<T>(coroutine: impl Future<Output = T>) -> T {
    let mut coroutine = pin!(coroutine);
    poll_fn(|context| {
        if !BLOCKED.get() {
            let start = Instant::now();
            let poll = coroutine.as_mut().poll(context);
            let seconds = start.elapsed().as_secs();
            if seconds == 0 {
                return poll;
            }
            BLOCKED.set(true);
            fail(&format!(
                "something blocked the thread for {seconds} s instead of awaiting: tokio's clock stood \
                 still, and no other task could run"
            ));
        }
        resume_unwind(Box::new("blocked"))
    })
    .await
}

/// Fails the test with this problem: a panic without a source location, which would not be in the
/// learner's code, and without a backtrace.
fn fail(problem: &str) -> ! {
    eprintln!("{problem}");
    resume_unwind(Box::new(problem.to_owned()))
}

/// Asserts that each of these command lines ends with exit code 2 and one line on standard error
/// that names the bad argument, which is the second of each pair.
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
    ended_by_signal(ended(&mut child), "its reader went away");

    if ignores_interrupts() {
        eprintln!("not tested: Ctrl-C is ignored here, as in a background job");
        return;
    }
    // On a busy machine, `kill` may start only after a short program has ended by itself.
    let mut ends = (0..3).map(|_| interrupted(program));
    match ends.find(|(status, _)| !status.success()) {
        Some(end) => ended_by_signal(end, "it was interrupted"),
        None => fail("it was interrupted three times, and still ran to its end"),
    }
}

/// Whether this process, and so every process that it starts, ignores SIGINT, as far as is known.
fn ignores_interrupts() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << 1) != 0)
}

/// Interrupts the program after its first line. Returns how it ended, and what it said on standard
/// error.
fn interrupted(program: &str) -> (ExitStatus, String) {
    let (mut child, stdout) = start(program, &[], &[]);
    let _stdout = after_first_line(stdout);
    Command::new("kill").args(["-INT", &child.id().to_string()]).assert().success();
    ended(&mut child)
}

fn ended_by_signal((status, errors): (ExitStatus, String), after: &str) {
    if !errors.is_empty() {
        fail(&errors);
    }
    if status.code().is_some() {
        fail(&format!("after {after}, it should end by a signal, but it ended with {status}"));
    }
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

/// Waits for the program to end. Returns how it ended, and what it said on standard error.
fn ended(child: &mut Child) -> (ExitStatus, String) {
    let status = child.wait().expect("the exit status");
    let mut errors = Vec::new();
    child.stderr.take().expect("its standard error").read_to_end(&mut errors).expect("its bytes");
    (status, String::from_utf8_lossy(&errors).trim_end().to_owned())
}

/// The text with every number that has two decimals, a measured time, replaced by `N.NN`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, fs};

    const TIES: Run = Run {
        arguments: &[],
        environment: &[],
        transcript: "draws 7\nwakes: a\nwakes: b\ntook 1.00 seconds\n",
        seconds: &[0, 1, 1, 1],
    };

    /// What is reported about a shell script that should print `TIES`.
    fn report(script: &str) -> Option<String> {
        first_mistake("sh", &Run { arguments: &["-c", script], ..TIES })
    }

    #[test]
    fn a_wrong_line_is_reported_at_once_with_what_should_have_come_and_when() {
        let cases = [
            ("echo draws 7; sleep 1; echo wakes: a; echo wakes: b; echo took 0.99 seconds", None),
            (
                "echo draws 7; echo wakes: a; exec sleep 60",
                Some(
                    "line 2 should be \"wakes: a\", in second 1, but is \"wakes: a\", in second 0.\n\
                     Too early: a wait may be missing, or too short.\n\
                     What it printed, with the second of each line:\n   0  draws 7\n   0  wakes: a",
                ),
            ),
            (
                "echo draws 7; sleep 2; echo took 2.00 seconds; exec sleep 60",
                Some(
                    "line 2 should be \"wakes: a\", in second 1, but is \"took N.NN seconds\", in \
                     second 2.\nToo late: waits that should overlap may be running one after \
                     another.\nWhat it printed",
                ),
            ),
            (
                "echo draws 7; sleep 1; echo sleeps: a; exec sleep 60",
                Some(
                    "line 2 should be \"wakes: a\", in second 1, but is \"sleeps: a\", in second 1.",
                ),
            ),
            (
                "echo draws 7",
                Some("it ended (exit status: 0) before line 2, \"wakes: a\", which should come in"),
            ),
            (
                "echo draws 7; sleep 1; echo wakes: a; echo wakes: b; echo took 1.00 seconds; exit 3",
                Some("it ended with exit status: 3."),
            ),
            (
                "echo draws 7; sleep 1; printf 'wakes: a\nwakes: b\ntook 1.00 seconds\nmore\n'",
                Some("line 5 is one too many."),
            ),
            (
                "echo not written yet: src/main.rs:7 >&2; exit 1",
                Some("not written yet: src/main.rs:7"),
            ),
        ];
        thread::scope(|scope| {
            for (script, says) in cases {
                scope.spawn(move || {
                    let report = report(script);
                    let says = says.map(|says| format!("sh -c {script}: {says}"));
                    let same = match (&report, &says) {
                        (Some(report), Some(says)) => report.starts_with(says.as_str()),
                        (report, says) => report.is_none() && says.is_none(),
                    };
                    assert!(same, "{report:?}\n{says:?}");
                });
            }
        });
    }

    #[test]
    fn only_lines_of_the_same_second_that_a_busy_machine_can_swap_get_another_attempt() {
        let folder = env::temp_dir().join(format!("attempts-{}", process::id()));
        fs::create_dir(&folder).unwrap();
        let swapped = "echo draws 7; sleep 1; echo wakes: b; echo wakes: a; echo took 1.00 seconds";
        let right = "echo draws 7; sleep 1; echo wakes: a; echo wakes: b; echo took 1.00 seconds";
        let cases = [
            (swapped.to_owned(), false, 3),
            (format!("if [ $(wc -l <\"$file\") = 2 ]; then {right}; else {swapped}; fi"), true, 2),
            ("echo draws 8".to_owned(), false, 1),
            ("echo draws 7; sleep 2; echo wakes: b".to_owned(), false, 1),
        ];
        thread::scope(|scope| {
            for (number, (script, is_right, attempts)) in cases.into_iter().enumerate() {
                let file = folder.join(number.to_string());
                scope.spawn(move || {
                    let count = format!("file='{}'; echo >>\"$file\"", file.display());
                    let report = report(&format!("{count}; {script}"));
                    assert_eq!(report.is_none(), is_right, "{report:?}");
                    let counted = fs::read_to_string(file).unwrap().lines().count();
                    assert_eq!(counted, attempts, "{report:?}");
                });
            }
        });
        fs::remove_dir_all(folder).unwrap();
    }
}
