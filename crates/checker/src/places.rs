//! Where in a program to look for a mistake: the lines that have to do with it.

use crate::escape::{Outside, visible};
use crate::exercises::{self, Exercise};
use crate::grade::{Graded, Outcome};
use crate::judging::verdict::NotPassed;
use crate::recording::{Line, Recording};
use cage::regular_file;
use regex::Regex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// More places than this are no help.
const MOST: usize = 5;
/// Looks at no more bytes of a file: no learner's program is longer.
const LONGEST: u64 = 1 << 20;

/// For the mistakes that show in certain lines: what such lines contain.
const SIGNS: [(&[&str], &[&str]); 6] = [
    (&["blocking-sleep", "other-sleep", "no-wait"], &["sleep", "setTimeout", "Atomics.wait"]),
    (
        &[
            "awaited-one-after-the-other",
            "one-gather-after-another",
            "chains-one-after-another",
            "never-awaited",
            "started-but-not-awaited",
            "part1s-before-part2s",
            "early-part2",
            "late-part2",
            "reported-too-early",
        ],
        &["await", "gather", "create_task", "spawn", "join", "Promise.all"],
    ),
    (
        &["no-reported-time", "start-not-subtracted", "untrue-time", "other-words-for-time"],
        &[
            "perf_counter",
            "monotonic",
            "time.time",
            "performance.now",
            "Date.now",
            "Instant",
            "elapsed",
            "executed in",
            "finished in",
            "took",
        ],
    ),
    (
        &[
            "burning-cpu",
            "too-much-output",
            "less-than-for-less-or-equal",
            "return-inside-loop",
            "goes-on-after-result",
        ],
        &["while", "for ", "loop", "return", "break"],
    ),
    (&["part2-ignores-part1"], &["part1", "part2"]),
    (&["not-repeatable", "number-out-of-range", "shows-too-little"], &["seed", "rand"]),
];

/// The mistakes whose line the program's own error message names.
const SAID: [&str; 4] = ["crash", "does-not-compile", "not-written-yet", "outside-the-cage"];

/// A line of a file in an error message: of Python's, or of all others.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let names = r#"File "(?<python>[^"]+)", line (\d+)|(?:file://|\./)?([^\s"()]+?):(\d+)"#;
    Regex::new(names).expect("it is right")
});

/// Where to look in the program of an answer.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Its main file.
    pub main: Option<Place>,
    /// For the criteria that failed, by their ids.
    pub criteria: BTreeMap<&'static str, Place>,
}

/// A file of a program, perhaps with a line in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Relative to a folder that its readers know.
    pub file: String,
    /// Counted from 1.
    pub line: Option<usize>,
}

impl Places {
    /// Where to look in these files for what went wrong. Files are named relative to a folder, which
    /// is a real path; files outside of it, or with names that a log would act on, are not named.
    #[must_use]
    pub fn of(graded: &Graded, files: &[PathBuf], folder: &Path) -> Self {
        let place = |file: &PathBuf, line| {
            let real = file.canonicalize().ok()?;
            let file = real.strip_prefix(folder).ok()?.to_str()?.to_owned();
            let is_harmless = visible(file.as_bytes()) == file;
            is_harmless.then_some(Place { file, line })
        };
        let mut places = Self {
            main: files.first().and_then(|file| place(file, None)),
            criteria: BTreeMap::new(),
        };
        let Outcome::Judged(judged) = &graded.outcome else { return places };
        let said = graded.recordings.iter().find_map(|recording| said(recording, files));
        for one in judged {
            let Err(NotPassed::Failed(reason)) = &one.verdict else { continue };
            let found = match SAID.contains(&reason.mistake.id) {
                true => said,
                false => first_with(reason.mistake.id, files, graded.exercise)
                    .and_then(|(file, lines)| Some((file, lines.first()?.0))),
            };
            let found = found.and_then(|(file, line)| place(file, Some(line)));
            if let Some(found) = found.or_else(|| places.main.clone()) {
                places.criteria.insert(one.id, found);
            }
        }
        places
    }
}

/// The line of one of these files where a run crashed, if its error message says so.
fn said<'a>(recording: &Recording, files: &'a [PathBuf]) -> Option<(&'a PathBuf, usize)> {
    if !recording.ending.is_crash() {
        return None;
    }
    let real: Vec<_> =
        files.iter().filter_map(|file| Some((file, file.canonicalize().ok()?))).collect();
    let lines: Vec<_> = recording.stderr.iter().map(Line::lossy).collect();
    let found = lines.iter().flat_map(|line| NAMED.captures_iter(line)).filter_map(|named| {
        let (_, [path, line]) = named.extract();
        let (file, _) = real.iter().find(|(_, real)| real.ends_with(path))?;
        Some((named.name("python").is_some(), (*file, line.parse().ok()?)))
    });
    let found: Vec<_> = found.collect();
    // Python names the innermost call last, all others first.
    let found = found.iter().rfind(|(is_python, _)| *is_python).or(found.first());
    found.map(|(_, place)| *place)
}

/// The lines that have to do with the mistake of this id in an answer to the exercise, as
/// `mine.py:7: ...`: in the first of these files that has any, as those beside it may be other
/// programs. The name of the first file if there are none.
#[must_use]
pub fn places(mistake: &str, files: &[PathBuf], exercise: &Exercise) -> Vec<String> {
    let Some((file, lines)) = first_with(mistake, files, exercise) else {
        return files.first().map(|file| shown(file)).into_iter().collect();
    };
    let line = |(number, line): (usize, String)| {
        format!("{}:{number}: {}", shown(file), Outside::from(line))
    };
    lines.into_iter().map(line).collect()
}

/// The first of the files that has lines that have to do with the mistake, with their numbers. Those
/// beside the first one may answer other exercises.
fn first_with<'a>(
    mistake: &str,
    files: &'a [PathBuf],
    exercise: &Exercise,
) -> Option<(&'a PathBuf, Vec<(usize, String)>)> {
    let (_, signs) = SIGNS.iter().find(|(mistakes, _)| mistakes.contains(&mistake))?;
    let (main, beside) = files.split_first()?;
    let own = beside.iter().filter(|file| !answers_another(file, exercise));
    let mut all = [main].into_iter().chain(own).map(|file| (file, lines_with(signs, file)));
    all.find(|(_, lines)| !lines.is_empty())
}

/// Whether the file has the name of another exercise.
fn answers_another(file: &Path, exercise: &Exercise) -> bool {
    let is_named = |other: &Exercise| file.file_stem().is_some_and(|name| name == other.name);
    exercises::ALL.iter().any(|other| *other != exercise && is_named(other))
}

/// The ids of the mistakes that show in certain lines.
pub fn mistakes() -> impl Iterator<Item = &'static str> {
    SIGNS.iter().flat_map(|(mistakes, _)| mistakes.iter().copied())
}

fn lines_with(signs: &[&str], file: &Path) -> Vec<(usize, String)> {
    // A binary file has no lines to look at.
    let text = regular_file::start(file, LONGEST).unwrap_or_default();
    let text = String::from_utf8(text).unwrap_or_default();
    let lines = text.lines().enumerate().filter(|(_, line)| has_one(signs, line));
    lines.map(|(index, line)| (index + 1, line.trim().to_owned())).take(MOST).collect()
}

/// Whether one of the signs is in the line, which is neither a comment nor an import.
fn has_one(signs: &[&str], line: &str) -> bool {
    const ELSE: [&str; 6] = ["#", "//", "import ", "from ", "use ", "const {"];
    let line = line.trim();
    !ELSE.iter().any(|start| line.starts_with(start))
        && signs.iter().any(|sign| line.contains(sign))
}

fn shown(file: &Path) -> String {
    Outside::from(file.display().to_string()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_lines_of_the_first_file_that_has_any_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("it can be written");
            path
        };
        let files = [
            file("main.py", "import count\n"),
            file("count.py", "from time import sleep\n# sleep\n\n  sleep(1)\x1b\n"),
            file("other.py", "sleep(2)\n"),
        ];
        let found = places("blocking-sleep", &files, exercises::ALL[0]);
        assert_eq!(found, [format!("{}:4: sleep(1)\\x1b", files[1].display())]);
        assert_eq!(places("crash", &files, exercises::ALL[0]), [files[0].display().to_string()]);
        assert_eq!(places("crash", &[], exercises::ALL[0]), [""; 0]);
    }
}
