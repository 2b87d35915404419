//! The command lines of the exercises: `--help`, `--version`, `--seed N` and numbers.
//!
//! Each function reads the program's arguments. If one is bad, a line on standard error names it,
//! and the program ends with exit code 2 before doing anything else.

use lexopt::Arg::{Long, Short, Value};
use std::ffi::OsStr;
use std::fmt::Display;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::exit;

/// For an exercise that takes no arguments. `version` and `help` are what `--version` and `--help`
/// print.
pub fn nothing(version: &str, help: &str) {
    parse(version, help, Accepted { seed: false, numbers: false });
}

/// For an exercise that takes a seed; `None` if there is none on the command line.
#[must_use]
pub fn seed(version: &str, help: &str) -> Option<u64> {
    parse(version, help, Accepted { seed: true, numbers: false }).0
}

/// For an exercise that takes a seed, and as many numbers as there are on the command line.
#[must_use]
pub fn seed_and_numbers(version: &str, help: &str) -> (Option<u64>, Vec<i64>) {
    parse(version, help, Accepted { seed: true, numbers: true })
}

struct Accepted {
    seed: bool,
    numbers: bool,
}

fn parse(version: &str, help: &str, accepted: Accepted) -> (Option<u64>, Vec<i64>) {
    let mut parser = lexopt::Parser::from_env();
    let path = Path::new(parser.bin_name().unwrap_or_default());
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let fail = |problem: String| -> ! {
        eprintln!("{name}: {problem}");
        exit(2)
    };

    let number = |argument: &OsStr| -> i64 {
        argument.to_str().and_then(|digits| digits.parse().ok()).unwrap_or_else(|| {
            fail(format!(
                "argument {}: give whole numbers from {} to {}, as in {name} 1 2 3",
                quoted(argument),
                i64::MIN,
                i64::MAX
            ))
        })
    };

    let mut seed = None;
    let mut numbers = Vec::new();
    loop {
        // lexopt would take a negative number for an option.
        if accepted.numbers
            && let Some(mut raw) = parser.try_raw_args()
            && let Some(argument) = raw.next_if(looks_negative)
        {
            numbers.push(number(&argument));
            continue;
        }
        match parser.next() {
            Ok(None) => return (seed, numbers),
            Ok(Some(Short('h') | Long("help"))) => end(help.trim_end()),
            Ok(Some(Short('V') | Long("version"))) => end(format_args!("{name} {version}")),
            Ok(Some(Long("seed"))) if accepted.seed => {
                let value = parser.value().unwrap_or_default();
                match value.to_str().and_then(|value| value.parse().ok()) {
                    Some(value) => seed = Some(value),
                    None => fail(format!(
                        "--seed {}: give a whole number from 0 to {}, as in --seed 444",
                        quoted(&value),
                        u64::MAX
                    )),
                }
            }
            Ok(Some(Value(value))) if accepted.numbers => numbers.push(number(&value)),
            Ok(Some(Value(value))) => {
                fail(format!("unexpected argument {}; see {name} --help", quoted(&value)))
            }
            Ok(Some(Short(letter))) => {
                fail(format!("option '-{letter}': no such option; see {name} --help"))
            }
            Ok(Some(Long(option))) => {
                fail(format!("option '--{option}': no such option; see {name} --help"))
            }
            Err(error) => fail(format!("{error}; see {name} --help")),
        }
    }
}

fn looks_negative(argument: &OsStr) -> bool {
    let digits = argument.as_encoded_bytes().strip_prefix(b"-");
    digits.is_some_and(|digits| digits.first().is_some_and(u8::is_ascii_digit))
}

fn end(text: impl Display) -> ! {
    exit(i32::from(writeln!(stdout(), "{text}").is_err()))
}

/// The argument in quotes, so that an empty one is visible, and with control characters escaped.
fn quoted(argument: &OsStr) -> String {
    format!("'{}'", argument.to_string_lossy().escape_debug())
}
