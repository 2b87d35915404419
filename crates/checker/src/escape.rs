//! Text from outside, made safe to show: nothing in it acts on a terminal or a log, or stays
//! hidden.

/// Bytes as text in which control and formatting characters, and bytes that are not UTF-8, are
/// written as escapes such as `\x1b` and `\u{202e}`.
///
/// ```
/// use checker::escape::visible;
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
                // `escape_debug` leaves printable characters alone.
                _ => text.extend(character.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            text += &format!(r"\x{byte:02x}");
        }
    }
    // Commands to GitHub's and Azure's runners, wherever they appear in a line of the log.
    text.replace("##[", r"\x23#[").replace("##vso[", r"\x23#vso[")
}

/// A piece of the program's text, made visible, in quotes, and cut off after 100 characters.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut visible = visible(text.as_bytes());
    if let Some((cut, _)) = visible.char_indices().nth(100) {
        visible.truncate(cut);
        visible.push_str("...");
    }
    format!("\"{visible}\"")
}
