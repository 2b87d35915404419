//! Text from outside, made safe to show: nothing in it acts on a terminal or a log, or stays
//! hidden.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Deref;

/// Text that came from outside: printed by a program, typed by a user, named by a file. It can be
/// read as it is, but it is only ever shown with everything visible.
///
/// ```
/// use checker::escape::Outside;
///
/// let line = Outside::from("\u{1b}[2J::error::");
/// assert!(line.contains("::error::"));
/// assert_eq!(line.to_string(), r"\x1b[2J::error::");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside(String);

impl<T: Into<String>> From<T> for Outside {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl Deref for Outside {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Outside {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&visible(self.0.as_bytes()))
    }
}

/// Bytes as text in which control and formatting characters, and bytes that are not UTF-8, are
/// written as escapes such as `\x1b` and `\u{202e}`.
///
/// ```
/// use checker::escape::visible;
///
/// assert_eq!(visible(b"\x1b[36mOne\r \xff"), r"\x1b[36mOne\r \xff");
/// assert_eq!(visible(b"##[error]One # Two"), r"\x23#[error]One # Two");
/// assert_eq!(visible(b" ::error::One :: Two"), r" \x3a:error::One :: Two");
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
                // `escape_debug` leaves printable characters alone.
                _ => text.extend(character.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            text += &format!(r"\x{byte:02x}");
        }
    }
    // Commands to GitHub's and Azure's runners: at the start of a line of their log, or anywhere.
    if text.trim_start().starts_with("::") {
        text = text.replacen("::", r"\x3a:", 1);
    }
    text.replace("##[", r"\x23#[").replace("##vso[", r"\x23#vso[")
}

/// The same without the quotes, for what brings its own.
#[must_use]
pub fn unquoted(text: &str) -> String {
    let quoted = quoted(text);
    quoted[1..quoted.len() - 1].to_owned()
}

/// A piece of the program's text, made visible, in quotes, and cut off after 100 characters.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(&visible(text.as_bytes()), 100))
}

/// The text, cut off after so many characters.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The text with escapes such as `\u{202e}` for control characters, and for characters that break
/// lines or change the direction of text. Tabs and line feeds stay, and a carriage return is a space.
/// Unlike in [`visible`], letters of all scripts stay as they are, with their marks: for names, and
/// whole pages.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' | '\n' => shown.push(character),
            '\r' => shown.push(' '),
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.extend(character.escape_unicode());
            }
            _ if character.is_control() => shown.extend(character.escape_unicode()),
            _ => shown.push(character),
        }
    }
    shown
}
