//! What the READMEs of the exercises teach. Their snippets run as doctests, see `lib.rs`; here is
//! what doctests cannot hold.

use assert_cmd::Command;
use serde_json::{Deserializer, Value};
use std::collections::BTreeSet;
use tests::{exercises, path, text};

/// The fenced blocks of an exercise's README: what stands after the backticks, and the block.
fn blocks(readme: &str) -> Vec<(&str, &str)> {
    let fenced = readme.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').expect("a block of several lines")).collect()
}

/// The codes of the errors that rustc has for this snippet, the names of its lints among them.
fn error_codes(snippet: &str) -> BTreeSet<String> {
    let output = Command::new("rustc")
        .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--error-format=json", "-"])
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .write_stdin(snippet)
        .output()
        .unwrap();
    let messages =
        Deserializer::from_slice(&output.stderr).into_iter::<Value>().map(Result::unwrap);
    let errors = messages.filter(|message| message["level"] == "error");
    errors.filter_map(|error| Some(error["code"]["code"].as_str()?.to_owned())).collect()
}

// On stable, rustdoc is content with any error in a `compile_fail` block.
#[test]
fn snippets_that_must_not_compile_fail_for_the_reason_they_name() {
    let mut named = BTreeSet::new();
    for name in exercises() {
        let readme = text(&format!("crates/{name}/README.md"));
        for (fence, snippet) in blocks(&readme) {
            if let Some(codes) = fence.strip_prefix("rust,compile_fail") {
                let expected: BTreeSet<_> = codes.split(',').skip(1).map(str::to_owned).collect();
                assert!(!expected.is_empty(), "{name} names no reason for\n{snippet}");
                assert_eq!(error_codes(snippet), expected, "{name}:\n{snippet}");
                named.extend(expected);
            }
        }
    }
    for code in ["E0277", "E0728", "unused_must_use"] {
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
            let known = ["rust", "python", "text"].contains(&fence);
            assert!(known || fence.starts_with("rust,compile_fail,"), "{file}: `{fence}`\n{block}");
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
        let shown = format!("```text\ncargo run\n\n{output}```");
        assert!(text(&format!("crates/{name}/README.md")).contains(&shown), "{name}:\n{output}");
    }
}

#[test]
fn links_lead_somewhere() {
    let folders = exercises().into_iter().map(|name| format!("crates/{name}/"));
    for folder in folders.chain(["".into()]) {
        let readme = text(&format!("{folder}README.md"));
        for link in readme.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap()) {
            let exists = link.starts_with("https://") || path(&format!("{folder}{link}")).exists();
            assert!(exists, "{folder}README.md links to {link}");
        }
    }
}
