//! The line of a program's error messages that says what went wrong.

use super::regex;
use crate::recording::{Line, Recording};
use regex::Regex;
use std::sync::LazyLock;

/// How a compiler or a linker begins to complain, or cargo or make about one.
static COMPILERS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:^|: )(?:fatal )?error(?:\[E\d+\])?: |^(?:\S*/)?ld(?:\.\w+)?: "));
/// What says only that a line before it has said what is wrong.
static ABOUT_ANOTHER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\s*at |^Emitted 'error' event|^collect2: |^\d+ errors?$"));
/// How Python, Node.js and Java report an exception: its last line is the one that matters.
static STACK: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^Traceback \(most recent call last\)|^\s+at |^Node\.js v"));

/// What went wrong: what a Rust program panicked with, a compiler's first error, or else the last
/// line that mentions an error; the last line if none does.
pub fn cause(recording: &Recording) -> Option<String> {
    let lines: Vec<_> = recording.stderr.iter().map(Line::lossy).collect();
    let lines = || lines.iter().map(|line| &**line);
    let says_something = |line: &&str| !line.trim().is_empty() && !line.starts_with("note:");
    let mut after_panic = lines().skip_while(|line| !line.contains(" panicked at "));
    // Until 1.73, Rust wrote the message into the same line, in quotes.
    if let Some(panic) = after_panic.next().filter(|line| !line.contains(" panicked at '"))
        && let Some(message) = after_panic.find(says_something)
        && panic.ends_with(':')
    {
        return Some(message.into());
    }
    if !lines().any(|line| STACK.is_match(line))
        && let Some(first) =
            lines().find(|line| COMPILERS.is_match(line) && !ABOUT_ANOTHER.is_match(line))
    {
        return Some(first.into());
    }
    let is_error = |line: &&str| {
        let text = line.to_lowercase();
        ["error", "exception", "panicked"].iter().any(|word| text.contains(word))
            && !ABOUT_ANOTHER.is_match(line)
    };
    let mut said = lines().filter(says_something);
    let last = said.clone().next_back();
    said.rfind(is_error).or(last).map(Into::into)
}
