//! Judging: what all exercises share. It is a function of recordings, and of nothing else.
//!
//! - `rubric`: criteria, their points, and how they are judged; `verdict`: the verdict on one of
//!   them
//! - `prefix`: what a logger puts in front of every line
//! - `transcript`: a recording's lines as text; `color`: the color in which a terminal shows a line
//! - `language`: the words that hints have for things in it
//! - `gap`: whether a gap between lines is right; `span`: what was under way at the same time
//! - `cause`: the line of an error message that says what went wrong
//! - `ending`, `waiting`, `reported`: judges of how a program ended, how it waited, and the times
//!   that it reported, each with the mistakes that it names

pub mod cause;
pub mod color;
pub mod ending;
pub mod gap;
pub mod language;
mod prefix;
pub mod reported;
pub mod rubric;
pub mod span;
pub mod transcript;
pub mod verdict;
pub mod waiting;

use regex::Regex;

/// Compiles a pattern from the source code.
pub fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a regular expression")
}
