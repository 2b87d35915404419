//! What one run of a program did, as plain data: the lines it printed and when, how it ended, what
//! the machine was like meanwhile. Judging is a function of this and of nothing else.

use serde::{Deserialize, Serialize};

/// One run of a program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recording {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The lines of standard output, in the order of their arrival.
    pub stdout: Vec<Line>,
    /// The lines of standard error, in the order of their arrival.
    pub stderr: Vec<Line>,
    pub ending: Ending,
    /// Seconds from the start of the process to its end.
    pub seconds: f64,
    /// CPU seconds of the program and its descendants before the first line of output.
    pub cpu_before: f64,
    /// CPU seconds from the first line of output to the end.
    pub cpu_after: f64,
    /// What the program was seen doing while it waited.
    pub waiting: Waiting,
    /// Seconds that the machine was late, at the worst, in waking a thread that had nothing to do
    /// but sleep, from half a second before the first line of output to the end.
    pub lag: f64,
    /// Whether it is the first of this run, which can be repeated if it leaves a doubt.
    pub first_try: bool,
    /// What was cut off, and at which limit.
    pub cut: Vec<String>,
}

impl Recording {
    /// What a compiler said first, if the program did not get past it.
    #[must_use]
    pub fn compile_error(&self) -> Option<String> {
        if !self.stdout.is_empty() || matches!(self.ending, Ending::Exited(0)) {
            return None;
        }
        let lines: Vec<_> =
            self.stderr.iter().map(|line| String::from_utf8_lossy(&line.bytes)).collect();
        let cargo_gave_up = lines.iter().any(|line| line.starts_with("error: could not compile"));
        let is_error = |line: &str| match cargo_gave_up {
            true => line.starts_with("error"),
            false => ["SyntaxError", "IndentationError", "TabError"]
                .iter()
                .any(|name| line.starts_with(name)),
        };
        lines.iter().find(|line| is_error(line)).map(ToString::to_string)
    }

    /// The line with which a starter names its gap.
    #[must_use]
    pub fn gap_left(&self) -> Option<String> {
        let lines = self.stderr.iter().map(|line| String::from_utf8_lossy(&line.bytes));
        let mut gaps = lines.filter(|line| line.starts_with("not written yet: "));
        gaps.next().map(|line| line.into_owned())
    }
}

/// A line of output, without its line feed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Seconds from the start of the process to the line's arrival.
    pub at: f64,
    pub bytes: Vec<u8>,
}

impl Line {
    /// The line with everything shown that a terminal would act on or hide.
    #[must_use]
    pub fn visible(&self) -> String {
        visible(&self.bytes)
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// With this exit code.
    Exited(i32),
    /// By a signal of this name that the checker did not send.
    Signaled(String),
    /// Killed by the checker: out of time.
    TimeLimit,
    /// Killed by the checker: more output than any solution has.
    OutputLimit,
    /// The program could not be started, for this reason.
    NotStarted(String),
}

/// What the program was seen doing while it waited, as far as the system tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waiting {
    /// A thread of it was in a system call that sleeps: a blocking sleep.
    Sleeping,
    /// It was in a system call that waits for events: an event loop.
    Polling,
    /// Its main thread was running nearly all the time, or waited for a core to run on.
    Busy,
    #[default]
    Unknown,
}

/// Bytes as text in which nothing acts on a terminal or a log, or hides: control and formatting
/// characters and bytes that are not UTF-8 are written as escapes such as `\x1b` and `\u{202e}`.
///
/// ```
/// use checker::recording::visible;
///
/// assert_eq!(visible(b"\x1b[36mOne\r \xff"), r"\x1b[36mOne\r \xff");
/// assert_eq!(visible(b"##[error]One # Two"), r"\x23#[error]One # Two");
/// ```
#[must_use]
pub fn visible(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\t' => text += r"\t",
                '\r' => text += r"\r",
                '\n' => text += r"\n",
                '\0'..='\x1f' | '\x7f' => text += &format!(r"\x{:02x}", u32::from(character)),
                '"' | '\'' | '\\' => text.push(character),
                // What `escape_debug` would not print as it is.
                _ => text.extend(character.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            text += &format!(r"\x{byte:02x}");
        }
    }
    // Commands to GitHub's and Azure's runners, wherever they stand in a line of their log.
    text.replace("##[", r"\x23#[").replace("##vso[", r"\x23#vso[")
}
