//! The keys of submitters: unique in a class, the same in each of its downloads, and safe as the
//! names of files on every system.

use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// In bytes: room is left for an ending, even on file systems that encrypt names.
const LONGEST: usize = 100;

/// What a key is made from.
pub(crate) struct Identity<'a> {
    pub name: &'a str,
    pub id: Option<&'a str>,
    /// What else tells one from another of the same name.
    pub others: Vec<String>,
}

/// A key for each of these, in their order. It depends on the others only where it would be the same.
pub(crate) fn keys(identities: &[Identity]) -> Vec<String> {
    let mut keys: Vec<_> = identities.iter().map(key).collect();
    let mut counts = HashMap::new();
    for key in &keys {
        *counts.entry(key.to_lowercase()).or_insert(0) += 1;
    }
    for (key, identity) in keys.iter_mut().zip(identities) {
        if counts[&key.to_lowercase()] > 1 {
            *key = with_hash(key, identity);
        }
    }
    // The same one twice, such as a folder and a zip file with the same name.
    let mut taken = HashSet::new();
    for key in &mut keys {
        let mut free = key.clone();
        let mut number = 1;
        while !taken.insert(free.to_lowercase()) {
            number += 1;
            free = format!("{key}-{number}");
        }
        *key = free;
    }
    keys
}

fn key(identity: &Identity) -> String {
    let name = plain(identity.name);
    let id = identity.id.map(plain).filter(|id| !id.is_empty() && !name.ends_with(id.as_str()));
    let key = match id {
        Some(id) if name.is_empty() => id,
        Some(id) => format!("{name}-{id}"),
        None => name,
    };
    if key.is_empty() || key.len() > LONGEST || is_reserved(&key) {
        return with_hash(&key, identity);
    }
    key
}

/// Letters of any script and digits, with everything else as a hyphen. Names from a Mac are
/// composed, as elsewhere.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    for char in name.nfc() {
        if char.is_alphanumeric() || matches!(char, '_' | '.') || is_combining_mark(char) {
            plain.push(char);
        } else if !plain.ends_with('-') && !crate::shown::is_invisible(char) {
            plain.push('-');
        }
    }
    // A hyphen is an option at the start; a dot hides a file there, and is lost at the end on
    // Windows. A mark without a letter would stick to what is before it.
    let is_bad = |char: char| matches!(char, '-' | '.') || is_combining_mark(char);
    plain.trim_start_matches(is_bad).trim_end_matches(['-', '.']).into()
}

/// Whether Windows takes it for a device, whatever follows its first dot:
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.
fn is_reserved(key: &str) -> bool {
    let stem = key.split('.').next().unwrap_or_default().to_lowercase();
    let is_numbered = |stem: &str| {
        let digit = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
        digit.is_some_and(|digit| {
            let mut chars = digit.chars();
            let is_digit = |char: char| char.is_ascii_digit() || matches!(char, '¹' | '²' | '³');
            chars.next().is_some_and(is_digit) && chars.next().is_none()
        })
    };
    matches!(&*stem, "con" | "prn" | "aux" | "nul") || is_numbered(&stem)
}

/// The start of a key, with a hash of what it stands for.
fn with_hash(key: &str, identity: &Identity) -> String {
    let mut hash = Sha256::new();
    hash.update(identity.name.nfc().collect::<String>());
    for other in identity.id.into_iter().chain(identity.others.iter().map(String::as_str)) {
        hash.update([0]);
        hash.update(other);
    }
    let hash = hash.finalize();
    let hash: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let mut end = key.len().min(LONGEST - hash.len() - 1);
    while !key.is_char_boundary(end) {
        end -= 1;
    }
    match key[..end].trim_end_matches(['-', '.']) {
        "" => format!("submission-{hash}"),
        // A device, whatever follows its first dot, but not with something before it.
        start if is_reserved(start) => format!("{}-{hash}", start.replace('.', "-")),
        start => format!("{start}-{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(names: &[&str]) -> Vec<String> {
        let identity = |name| Identity { name, id: None, others: Vec::new() };
        keys(&names.iter().copied().map(identity).collect::<Vec<_>>())
    }

    fn key_of(name: &str) -> String {
        keys_of(&[name]).remove(0)
    }

    #[test]
    fn a_key_can_be_read() {
        for (name, expected) in [
            ("anna", "anna"),
            ("Anna Lee", "Anna-Lee"),
            ("O'Neil, \"Shay\"", "O-Neil-Shay"),
            ("王小明", "王小明"),
            ("सुनीता शर्मा", "सुनीता-शर्मा"),
            ("\u{202e}gnp.Right", "gnp.Right"),
            ("-rf /", "rf"),
            ("../../etc", "etc"),
            ("dot.", "dot"),
            ("Zoe\u{308}", "Zo\u{eb}"),
            ("console", "console"),
            ("com10", "com10"),
        ] {
            assert_eq!(key_of(name), expected, "{name}");
        }
        let with_id = Identity { name: "doejane", id: Some("31"), others: Vec::new() };
        assert_eq!(keys(&[with_id]), ["doejane-31"]);
    }

    #[test]
    fn what_is_no_name_of_a_file_gets_a_hash() {
        for (name, start) in [
            ("CON", "CON-"),
            ("nul.txt", "nul-txt-"),
            ("LPT¹", "LPT¹-"),
            ("🦀", "submission-"),
            ("", "submission-"),
        ] {
            let key = key_of(name);
            assert!(key.starts_with(start) && key.len() == start.len() + 8, "{name}: {key}");
        }
        let key = key_of(&"長い名前".repeat(50));
        assert!(key.len() <= LONGEST && key.starts_with("長い名前"), "{key}");
    }

    #[test]
    fn only_those_that_would_be_the_same_differ_from_what_they_were() {
        let keys = keys_of(&["Anna Lee", "anna-lee", "bo", "cy", "cy"]);
        assert!(keys[0].starts_with("Anna-Lee-") && keys[1].starts_with("anna-lee-"), "{keys:?}");
        assert_ne!(keys[0].to_lowercase(), keys[1].to_lowercase());
        assert_eq!(keys[2], "bo");
        assert_eq!(keys[4], format!("{}-2", keys[3]));
    }
}
