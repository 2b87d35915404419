//! The language that a program is written in, as far as its command tells, and the words that a
//! hint has for things in it.

use std::path::Path;

/// A language that hints are worded for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    Python,
    JavaScript,
    Rust,
    /// Another, or one that the command does not tell: hints name several.
    #[default]
    Other,
}

/// What the placeholders of a hint stand for: in Python, JavaScript, Rust, and in general.
const WORDS: [(&str, [&str; 4]); 8] = [
    (
        "{main}",
        [
            "asyncio.run(main()) is called",
            "main() is called",
            "main calls your functions and awaits them",
            "main is called and awaited",
        ],
    ),
    ("{print}", ["print", "console.log", "println!", "print, println! or console.log"]),
    (
        "{sleep}",
        [
            "await asyncio.sleep(...)",
            "await new Promise(resolve => setTimeout(resolve, ms))",
            "tokio::time::sleep(...).await",
            "await asyncio.sleep, tokio::time::sleep or a promise around setTimeout",
        ],
    ),
    (
        "{gather}",
        [
            "use asyncio.gather",
            "use Promise.all",
            "spawn each task, then await all handles",
            "use gather, join or Promise.all",
        ],
    ),
    ("{one gather}", ["asyncio.gather", "Promise.all", "try_join!", "gather"]),
    (
        "{start}",
        [
            "asyncio.gather or asyncio.create_task",
            "Promise.all",
            "tokio::spawn",
            "gather, spawn or create_task",
        ],
    ),
    (
        "{flush}",
        [
            "use print(..., flush=True)",
            "use console.log for each",
            "use println!, without a BufWriter",
            "flush after it, as print(..., flush=True) does",
        ],
    ),
    (
        "{part2}",
        [
            "p2 = await part2(n, p1)",
            "const p2 = await part2(n, p1)",
            "let p2 = part2(n, &p1).await",
            "p2 = await part2(n, p1)",
        ],
    ),
];

impl Language {
    /// The language of what a command runs.
    ///
    /// ```
    /// use checker::judging::language::Language;
    ///
    /// let of = |command: &str| {
    ///     Language::of(&command.split(' ').map(str::to_owned).collect::<Vec<_>>())
    /// };
    /// assert_eq!(of("/usr/bin/python3.11 -u chained"), Language::Python);
    /// assert_eq!(of("timeout 60 ./chained.mjs"), Language::JavaScript);
    /// assert_eq!(of("cargo run -q"), Language::Rust);
    /// assert_eq!(of("./chained"), Language::Other);
    /// ```
    #[must_use]
    pub fn of(command: &[String]) -> Self {
        command
            .iter()
            .map(|word| Self::of_word(word))
            .find(|it| *it != Self::Other)
            .unwrap_or_default()
    }

    fn of_word(word: &str) -> Self {
        let path = Path::new(word);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        let is_built_by_cargo = word.contains("target/debug/") || word.contains("target/release/");
        let has_version = ending.chars().all(|c| c.is_ascii_digit());
        let is_interpreter = |names: [&str; 2]| {
            has_version && names.iter().any(|interpreter| name.starts_with(interpreter))
        };
        match (&*name, &*ending) {
            (_, "py") => Self::Python,
            (_, "js" | "mjs" | "cjs" | "ts") | ("node" | "deno" | "bun", _) => Self::JavaScript,
            (_, "rs") | ("cargo", _) => Self::Rust,
            _ if is_interpreter(["python", "pypy"]) => Self::Python,
            _ if is_built_by_cargo => Self::Rust,
            _ => Self::Other,
        }
    }

    /// A hint in this language: with words for its placeholders.
    #[must_use]
    pub fn words(self, hint: &str) -> String {
        WORDS.iter().fold(hint.to_owned(), |hint, (placeholder, words)| {
            hint.replace(placeholder, words[self as usize])
        })
    }
}
