//! What the READMEs of the exercises teach. Their snippets also run as doctests, see `lib.rs`; this
//! file checks what doctests cannot.

use crate::elsewhere;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use tests::{exercises, path, text};

/// The fenced blocks of an exercise's README: what follows the backticks, and the block.
fn blocks(readme: &str) -> Vec<(&str, &str)> {
    let fenced = readme.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').expect("a block of several lines")).collect()
}

/// The errors that a snippet names in its comments: for each, its line and how its message begins.
fn named_errors(snippet: &str) -> BTreeSet<(usize, String)> {
    let lines = snippet.lines().zip(1..);
    let comments = lines.filter_map(|(text, line)| Some((line, text.split_once("// error")?.1)));
    comments
        .flat_map(|(line, errors)| {
            errors.split(", error").map(move |error| (line, format!("error{error}")))
        })
        .collect()
}

/// The errors in what cargo says about this file: for each, its line and its message.
fn reported_errors(says: &str, file: &str) -> BTreeSet<(usize, String)> {
    let is_message = |line: &&str| line.starts_with("error") && !line.contains("could not compile");
    let mut lines = says.lines();
    let mut errors = BTreeSet::new();
    while let Some(message) = lines.by_ref().find(is_message) {
        let (_, place) = lines.next().unwrap().split_once(&format!("--> {file}:")).expect(says);
        let line = place.split(':').next().unwrap().parse().unwrap();
        errors.insert((line, message.to_owned()));
    }
    errors
}

/// A workspace of the exercises, each with the snippets of its README as `examples/x0.rs` and so on.
fn exercises_with_snippets() -> PathBuf {
    let made = elsewhere::copies("lesson");
    let folder = made.path().join("lesson");
    for name in exercises() {
        for (number, (_, snippet)) in snippets(&text(&format!("crates/{name}/README.md"))) {
            fs::write(folder.join(format!("{name}/examples/x{number}.rs")), snippet).unwrap();
        }
    }
    elsewhere::keep(made.path(), "lesson").join("lesson")
}

/// The Rust snippets among the fenced blocks of a README, with their numbers.
fn snippets(readme: &str) -> impl Iterator<Item = (usize, (&str, &str))> {
    blocks(readme).into_iter().filter(|(fence, _)| fence.starts_with("rust")).enumerate()
}

/// Does what the READMEs tell the reader to do, in a copy: saves each snippet as `examples/x.rs`
/// and runs `cargo run --example x`. A number follows the x, so that cargo compiles only snippets
/// that have changed since the last run of the tests.
#[test]
fn snippets_run_as_examples_or_fail_with_the_errors_that_they_name() {
    let folder = exercises_with_snippets();
    let mut named = String::new();
    for name in exercises() {
        let readme = text(&format!("crates/{name}/README.md"));
        let told = readme.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            told.contains("save it as `examples/x.rs` and type `cargo run --example x`"),
            "{name}"
        );
        for (number, (fence, snippet)) in snippets(&readme) {
            let mut cargo = elsewhere::cargo(&folder.join(&name), "lesson");
            let output = cargo.args(["run", "--example", &format!("x{number}")]).output().unwrap();
            let says = String::from_utf8_lossy(&output.stderr);
            assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{snippet}");
            assert!(!says.contains("\nwarning"), "{snippet}\n{says}");
            let expected = named_errors(snippet);
            assert_eq!(output.status.success(), expected.is_empty(), "{snippet}\n{says}");
            assert_eq!(fence == "rust,compile_fail", !expected.is_empty(), "{snippet}");

            let file = format!("lesson/{name}/examples/x{number}.rs");
            let reported = reported_errors(&says, &file);
            assert_eq!(reported.len(), expected.len(), "{snippet}\n{says}");
            for (line, error) in expected {
                let found =
                    reported.iter().any(|(at, says)| *at == line && says.starts_with(&error));
                assert!(found, "line {line}, {error}:\n{snippet}\n{says}");
                named += &error;
            }
        }
    }
    for code in ["E0277", "E0728", "that must be used"] {
        assert!(named.contains(code), "no lesson shows {code}");
    }
}

#[test]
fn every_lesson_runs_its_snippets_and_ends_with_changes_to_try() {
    let lib = text("tests/lib.rs");
    for name in exercises() {
        let file = format!("crates/{name}/README.md");
        assert!(lib.contains(&format!("include_str!(\"../{file}\")")), "{file} is not in lib.rs");
        let readme = text(&file);
        for (fence, block) in blocks(&readme) {
            let known = ["rust", "rust,compile_fail", "python", "text"].contains(&fence);
            assert!(known, "{file}: `{fence}`\n{block}");
        }
        let (_, last) = readme.rsplit_once("\n## ").unwrap();
        assert!(last.starts_with("Try it\n"), "{file} does not end with things to try");
        assert!(last.contains("\n3. "), "{file} has fewer than three things to try");
    }
}

#[test]
fn the_counts_show_their_real_output() {
    for name in ["countasync", "countsync"] {
        let output = text(&format!("crates/{name}/tests/transcripts/default.txt"));
        let shown = format!("In this folder, type:\n\n```text\ncargo run\n\n{output}```");
        assert!(text(&format!("crates/{name}/README.md")).contains(&shown), "{name}:\n{output}");
    }
}

#[test]
fn the_examples_of_countasync_show_their_real_output() {
    for example in ["executor", "sockets"] {
        let output = text(&format!("crates/countasync/tests/transcripts/{example}.txt"));
        let shown = format!("```text\ncargo run --example {example}\n\n{output}```");
        assert!(text("crates/countasync/README.md").contains(&shown), "{example}:\n{output}");
    }
}

#[test]
fn each_readme_says_where_to_type_its_command() {
    for name in exercises() {
        let readme = text(&format!("crates/{name}/README.md"));
        assert!(readme.contains("In this folder, type:\n\n```text\ncargo run"), "{name}");
    }
}

/// The links and pictures of a README that are not web addresses.
fn links(readme: &str) -> impl Iterator<Item = &str> {
    let links = readme.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap());
    links.filter(|link| !link.starts_with("https://"))
}

#[test]
fn links_lead_somewhere() {
    let folders = exercises().into_iter().map(|name| format!("crates/{name}/"));
    for folder in folders.chain(["".into()]) {
        for link in links(&text(&format!("{folder}README.md"))) {
            let exists = path(&format!("{folder}{link}")).exists();
            assert!(exists, "{folder}README.md links to {link}");
        }
    }
}

// An exercise may be copied anywhere, with nothing but `common` beside it.
#[test]
fn an_exercise_refers_to_nothing_outside_its_folder_but_common() {
    for name in exercises() {
        let readme = text(&format!("crates/{name}/README.md"));
        for link in links(&readme) {
            let inside = !link.starts_with('/') && !link.contains("..");
            assert!(inside || link.starts_with("../common"), "{name}/README.md links to {link}");
        }
        let outside = readme.replace("../common", "").contains("../");
        assert!(!outside, "{name}/README.md names a file outside its folder");
        assert!(!readme.contains("]: "), "{name}/README.md has a kind of link that is not tested");
        assert!(
            !readme.contains("src=\""),
            "{name}/README.md has a kind of link that is not tested"
        );
    }
}
