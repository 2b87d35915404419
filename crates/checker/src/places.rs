//! Where in a program to look for a mistake: the lines that have to do with it.

use crate::escape::Outside;
use std::fs;
use std::path::{Path, PathBuf};

/// More places than this are no help.
const MOST: usize = 5;

/// What the lines that have to do with a mistake have in them, for the mistakes that show in certain
/// lines.
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

/// The first lines of these files that have to do with the mistake of this id, as `mine.py:7: ...`;
/// the names of the files if there are no such lines.
#[must_use]
pub fn places(mistake: &str, files: &[PathBuf]) -> Vec<String> {
    let signs = SIGNS.iter().find(|(mistakes, _)| mistakes.contains(&mistake));
    let signs = signs.map_or(&[][..], |(_, signs)| signs);
    let lines = files.iter().flat_map(|file| lines_with(signs, file));
    let mut places: Vec<_> = lines.take(MOST).collect();
    if places.is_empty() {
        places.extend(files.iter().take(1).map(|file| shown(file)));
    }
    places
}

fn lines_with(signs: &[&str], file: &Path) -> Vec<String> {
    // A binary is none to look at.
    let text = fs::read_to_string(file).unwrap_or_default();
    let lines = text.lines().enumerate().filter(|(_, line)| has_one(signs, line));
    lines
        .map(|(index, line)| {
            format!("{}:{}: {}", shown(file), index + 1, Outside::from(line.trim()))
        })
        .collect()
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
