//! The user's terminal: what is printed there, how wide it is, what it can show.

use crate::report::human::Look;
use crate::runner::{Runner, own_program};
use crate::timeline::Characters;
use anstream::adapter::strip_str;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

const HOME: &str = "\x1b[H";
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";

/// Runs programs, with a progress line if there is a terminal.
///
/// # Errors
///
/// If this program cannot be found to record them.
pub fn with_progress<T>(run: impl FnOnce(&Runner) -> T) -> Result<T, String> {
    let bar = ProgressBar::new_spinner().with_style(
        ProgressStyle::with_template("{spinner} {msg}, {elapsed}")
            .expect("a template")
            .tick_chars("|/-\\ "),
    );
    bar.set_message("starting");
    bar.enable_steady_tick(Duration::from_millis(100));
    let progress = bar.clone();
    let runner = Runner {
        progress: Box::new(move |ended, runs| {
            progress.set_message(format!("{ended} of {runs} runs done"));
        }),
        ..Runner::new(own_program()?)
    };
    let result = run(&runner);
    bar.finish_and_clear();
    Ok(result)
}

/// Prints to standard output, in color if that is wanted there. A reader that has gone away is no
/// error.
///
/// # Errors
///
/// If standard output cannot be written to otherwise.
pub fn print(text: &str) -> Result<(), String> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {error}"))
        }
        _ => Ok(()),
    }
}

/// Writes all of it to standard output at once, so that no half of a screen is seen.
///
/// # Errors
///
/// If standard output cannot be written to.
pub fn show(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// What draws these lines over the screen, from its top on. The cursor stays behind the last one.
#[must_use]
pub fn in_place(lines: &[&str], width: usize) -> String {
    let Some((last, others)) = lines.split_last() else {
        return format!("{HOME}{REST_OF_SCREEN}");
    };
    let erased = |line: &&str| match columns(line) {
        // Behind a full row, the cursor is still in the last column, and would erase it.
        1.. if columns(line).is_multiple_of(width) => format!("{line}\n"),
        _ => format!("{line}{REST_OF_LINE}\n"),
    };
    format!("{HOME}{}{REST_OF_SCREEN}{last}", others.iter().map(erased).collect::<String>())
}

/// What moves all that is on the screen into the scrollback.
#[must_use]
pub fn moved_up() -> String {
    "\n".repeat(height())
}

/// How many columns a line takes, which may have escape codes for color.
#[must_use]
pub fn columns(line: &str) -> usize {
    strip_str(line).to_string().width()
}

/// How a report looks in the terminal, if there is one.
#[must_use]
pub fn look() -> Look {
    let terminal = terminal_size::terminal_size_of(io::stdout());
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    Look {
        width: terminal.map(|(width, _)| width.0.into()).or(columns).unwrap_or(80),
        wraps: terminal.is_some(),
        characters: characters(),
    }
}

/// How many rows the terminal has, if there is one.
#[must_use]
pub fn height() -> usize {
    let terminal = terminal_size::terminal_size_of(io::stdout());
    terminal.map_or(24, |(_, height)| height.0.into())
}

/// Whether standard output is a terminal that can place its cursor.
#[must_use]
pub fn has_cursor() -> bool {
    let kind = std::env::var("TERM").unwrap_or_default();
    io::stdout().is_terminal() && !["", "dumb"].contains(&&*kind)
}

/// Box-drawing characters where the locale can show them.
fn characters() -> Characters {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    match locale {
        Some(locale) if !locale.to_lowercase().replace('-', "").contains("utf8") => {
            Characters::ASCII
        }
        Some(_) => Characters::UNICODE,
        None => Characters::ASCII,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_line_is_erased_unless_the_line_fills_its_row() {
        let lines = ["\x1b[1mOne\x1b[0m", "abcdef", "Two!", "", "quit"];
        let drawn = "\x1b[H\x1b[1mOne\x1b[0m\nabcdef\nTwo!\x1b[K\n\x1b[K\n\x1b[Jquit";
        assert_eq!(in_place(&lines, 3), drawn);
        assert_eq!(in_place(&[], 3), "\x1b[H\x1b[J");
    }
}
