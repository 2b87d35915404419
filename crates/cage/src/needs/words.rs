//! The words of a command, and of the code that it gives to a shell.

use std::path::Path;

const SHELLS: [&str; 6] = ["bash", "dash", "ksh", "mksh", "sh", "zsh"];

/// What ends a shell's word, besides white space. Quotes do, too, so a word with white space in it
/// is not understood.
const ENDS: [char; 16] =
    [';', '|', '&', '(', ')', '<', '>', '{', '}', '!', '`', '$', '"', '\'', '\\', '#'];

#[derive(Debug, PartialEq, Eq)]
pub enum Word<'a> {
    Plain(&'a str),
    /// The option `-m`, after which an interpreter expects the name of a module.
    Module,
}

/// The words of a command. The code of a shell is split into words, too.
pub fn words(command: &[String]) -> Vec<Word<'_>> {
    let (mut words, mut after_shell, mut is_code) = (Vec::new(), false, false);
    for word in command {
        if is_code {
            words.extend(of_shell(word));
        } else if word == "-m" {
            words.push(Word::Module);
        } else {
            words.push(Word::Plain(word));
        }
        // Short options can be joined, as in `bash -ec`.
        is_code = after_shell && !word.starts_with("--") && word.starts_with('-') && {
            word.ends_with('c')
        };
        let name = Path::new(word).file_name().and_then(|name| name.to_str());
        after_shell |= name.is_some_and(|name| SHELLS.contains(&name));
    }
    words
}

fn of_shell(code: &str) -> impl Iterator<Item = Word<'_>> {
    let parts = code.split(|c: char| c.is_whitespace() || ENDS.contains(&c));
    let parts = parts.filter(|part| !part.is_empty());
    parts.map(|part| if part == "-m" { Word::Module } else { Word::Plain(part) })
}
