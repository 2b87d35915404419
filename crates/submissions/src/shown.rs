//! File names as they are put in a sentence.

use std::path::Path;

/// A path, with what would spoil a line or turn it around escaped.
pub(crate) fn shown(path: &Path) -> String {
    let mut text = String::new();
    for char in path.to_string_lossy().chars() {
        if char.is_control() || is_invisible(char) {
            text.extend(char.escape_unicode());
        } else {
            text.push(char);
        }
    }
    text
}

/// Whether a character changes the direction of a text, or breaks its line, without being seen.
#[must_use]
pub fn is_invisible(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// At most so many names, and how many more there are.
pub(crate) fn listed(names: &[String], at_most: usize) -> String {
    let shown = names[..names.len().min(at_most)].join(", ");
    match names.len().saturating_sub(at_most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
