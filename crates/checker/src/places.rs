//! Where in a program to look for a mistake: the lines that have to do with it.

use crate::escape::Outside;
use cage::regular_file;
use std::path::{Path, PathBuf};

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

/// The lines that have to do with the mistake of this id, as `mine.py:7: ...`: in the first of these
/// files that has any, as those beside it may be other programs. The name of the first file if there
/// are none.
#[must_use]
pub fn places(mistake: &str, files: &[PathBuf]) -> Vec<String> {
    let signs = SIGNS.iter().find(|(mistakes, _)| mistakes.contains(&mistake));
    let signs = signs.map_or(&[][..], |(_, signs)| signs);
    let found = files.iter().map(|file| lines_with(signs, file)).find(|lines| !lines.is_empty());
    found.unwrap_or_else(|| files.first().map(|file| shown(file)).into_iter().collect())
}

/// The ids of the mistakes that show in certain lines.
pub fn mistakes() -> impl Iterator<Item = &'static str> {
    SIGNS.iter().flat_map(|(mistakes, _)| mistakes.iter().copied())
}

fn lines_with(signs: &[&str], file: &Path) -> Vec<String> {
    // A binary file has no lines to look at.
    let text = regular_file::start(file, LONGEST).unwrap_or_default();
    let text = String::from_utf8(text).unwrap_or_default();
    let lines = text.lines().enumerate().filter(|(_, line)| has_one(signs, line));
    lines
        .map(|(index, line)| {
            format!("{}:{}: {}", shown(file), index + 1, Outside::from(line.trim()))
        })
        .take(MOST)
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
        let found = places("blocking-sleep", &files);
        assert_eq!(found, [format!("{}:4: sleep(1)\\x1b", files[1].display())]);
        assert_eq!(places("crash", &files), [files[0].display().to_string()]);
        assert_eq!(places("crash", &[]), [""; 0]);
    }
}
