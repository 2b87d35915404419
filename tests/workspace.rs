//! How the exercises are run, what their manifests agree on, and what the README says about them.

use assert_cmd::Command;
use common::testing::without_times;
use std::collections::BTreeMap;
use tests::{exercises, path, text};
use toml::{Table, Value};

fn cargo(folder: &str, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(path(folder)).args(arguments).assert().success()
}

// The crates.io crate `rand` must stay out of the dependency graph of the member `rand`, or cargo
// finds the name ambiguous. It says so before it builds anything.
#[test]
fn every_exercise_runs_by_package_by_binary_and_in_its_folder() {
    for name in exercises() {
        let version = format!("{name} 0.1.0\n");
        cargo(".", &["run", "-q", "-p", &name, "--", "--version"]).stdout(version.clone());
        cargo(".", &["run", "-q", "--bin", &name, "--", "--version"]).stdout(version.clone());
        let folder = format!("crates/{name}");
        cargo(&folder, &["run", "-q", "--", "--version"]).stdout(version);
    }
    cargo(".", &["test", "-q", "-p", "rand", "--no-run"]);
    cargo(".", &["tree", "-q", "-p", "rand", "-e", "all"]);
}

fn manifests() -> BTreeMap<String, Table> {
    let root: Table = text("Cargo.toml").parse().unwrap();
    assert_eq!(
        root["workspace"]["members"],
        Value::from(vec!["crates/*", "tests"]),
        "this test reads the manifests of these members"
    );
    let crates = path("crates").read_dir().unwrap();
    let mut folders: Vec<_> =
        crates.map(|entry| format!("crates/{}", entry.unwrap().file_name().display())).collect();
    folders.push("tests".into());
    folders
        .into_iter()
        .map(|folder| {
            let manifest = text(&format!("{folder}/Cargo.toml")).parse().unwrap();
            (folder, manifest)
        })
        .collect()
}

#[test]
fn manifests_agree() {
    let manifests = manifests();
    let common = &manifests["crates/common"]["package"];
    for (folder, manifest) in &manifests {
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            assert_eq!(manifest["package"].get(key), common.get(key), "{key} in {folder}");
        }
    }
    let mut requirements: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for (folder, manifest) in &manifests {
        for (name, requirement) in dependencies(manifest) {
            let version =
                requirement.as_str().or_else(|| requirement.get("version")?.as_str()).unwrap_or("");
            let (first, expected) = *requirements.entry(name).or_insert((folder, version));
            assert_eq!(version, expected, "{name} in {folder} and in {first}");
        }
    }
}

#[test]
fn what_is_copied_inherits_nothing_and_refers_to_nothing_but_common() {
    for name in exercises().into_iter().chain(["common".into()]) {
        let file = format!("crates/{name}/Cargo.toml");
        assert!(!text(&file).contains("workspace ="), "{file} inherits from the workspace");
        for (dependency, requirement) in dependencies(&manifests()[&format!("crates/{name}")]) {
            if let Some(path) = requirement.get("path") {
                assert_eq!((dependency, path.as_str()), ("common", Some("../common")), "{file}");
            }
        }
    }
}

fn dependencies(manifest: &Table) -> impl Iterator<Item = (&str, &Value)> {
    ["dependencies", "dev-dependencies"]
        .into_iter()
        .filter_map(|section| manifest.get(section)?.as_table())
        .flatten()
        .map(|(name, requirement)| (name.as_str(), requirement))
}

#[test]
fn the_folders_are_those_of_the_readme() {
    let readme = text("README.md");
    // What git ignores, such as the exercises of a learner, is nobody else's.
    let ignored = text(".gitignore");
    for entry in path(".").read_dir().unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let is_ignored = ignored.lines().any(|line| line == format!("/{name}"));
        if entry.file_type().unwrap().is_dir() && !name.starts_with('.') && !is_ignored {
            assert!(["crates", "scripts", "tests"].contains(&&*name), "a new folder: {name}");
            assert!(readme.contains(&format!("`{name}/")), "README.md does not name {name}/");
        }
    }
}

/// The commands in the README's `sh` blocks, one per line.
fn readme_commands() -> Vec<String> {
    let readme = text("README.md");
    let blocks = readme.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

#[test]
fn continuous_integration_runs_the_commands_of_the_readme() {
    let commands = readme_commands();
    let ci = text(".ci/run");
    for command in ["cargo run -p chained -- 1 2 3", "cargo test"] {
        assert!(commands.iter().any(|line| line == command), "README.md lacks {command}");
        assert!(ci.lines().any(|line| line == command), ".ci/run lacks {command}");
    }
    assert!(text(".github/workflows/ci.yml").contains("run: .ci/run\n"));
}

#[test]
fn the_readme_shows_the_real_output() {
    let real = text("crates/chained/tests/transcripts/default.txt");
    let readme = without_times(&text("README.md"));
    assert!(readme.contains(&without_times(&real)), "README.md shows different output");
}
