//! Whether a file was meant to be the answer to an exercise, by its name.

/// How much a name is like that of an exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    Same,
    /// Written differently, or with something that people and platforms add.
    Alike,
    None,
}

/// What people and platforms put behind a name, beside numbers: copies in several languages, versions.
const ADDED: [&str; 26] = [
    "copy", "kopie", "copie", "copia", "kopia", "kopio", "final", "finally", "new", "neu", "v",
    "ver", "version", "fix", "fixed", "correct", "update", "updated", "edit", "edited", "done",
    "old", "backup", "solution", "answer", "submit",
];

/// What makes it another file: the learner's tests and helpers, or what the learner started from.
const OTHER: [&str; 17] = [
    "test", "tests", "spec", "starter", "template", "skeleton", "original", "helper", "helpers",
    "util", "utils", "lib", "common", "mock", "bench", "example", "expected",
];

/// How much the name of a file, without its ending, is like that of an exercise.
pub(super) fn likeness(name: &str, exercise: &str) -> Likeness {
    if name == exercise {
        return Likeness::Same;
    }
    let (words, exercise) = (words(name), words(exercise).concat());
    let is_other = |word: &String| OTHER.contains(&&**word);
    if words.iter().any(is_other) {
        return Likeness::None;
    }
    let is_alike = |start: usize| {
        let (_, rest) = words.split_at(start);
        let mut joined = String::new();
        for (at, word) in rest.iter().enumerate() {
            joined.push_str(word);
            if joined == exercise {
                return rest[at + 1..].iter().all(|word| is_added(word));
            }
        }
        false
    };
    if (0..words.len()).any(is_alike) { Likeness::Alike } else { Likeness::None }
}

fn is_added(word: &str) -> bool {
    ADDED.contains(&word) || word.chars().all(char::is_numeric)
}

/// The words of a name, in lowercase: `CountAsync-2 (1)` has `count`, `async`, `2` and `1`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for char in name.chars() {
        let starts = last.is_none_or(|last: char| {
            last.is_lowercase() && char.is_uppercase() || last.is_numeric() != char.is_numeric()
        });
        last = Some(char).filter(|char| char.is_alphanumeric());
        if last.is_none() {
            continue;
        }
        if starts {
            words.push(String::new());
        }
        words.last_mut().expect("one was pushed").extend(char.to_lowercase());
    }
    words
}
