//! Text as it is shown: nothing in it is hidden, reorders what is around it, or acts on a terminal.
//! Unlike in the reports on programs, letters of all scripts stay as they are, with their marks.

use submissions::is_invisible;

/// The text with escapes such as `\u{202e}` for control characters, and for characters that break
/// lines or change the direction of text. Tabs, line feeds, and the joiners that Persian and emoji are
/// written with stay, and a carriage return is a space.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' | '\n' | '\u{200c}' | '\u{200d}' => shown.push(character),
            '\r' => shown.push(' '),
            _ if character.is_control() || is_invisible(character) => {
                shown.extend(character.escape_unicode());
            }
            _ => shown.push(character),
        }
    }
    shown
}
