//! The changed programs as packages, in the target folder: the user's files stay as they are.
//!
//! They are a workspace with a package for each exercise, and in that a binary for each of its
//! changes. So they share what they build, and this repository's lockfile fits: nothing is looked up
//! on the network.

use super::catalog::{self, Item};
use crate::whole_file::replace;
use checker::exercises;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Writes the packages, and returns the manifest of the one with this item.
///
/// # Errors
///
/// One line, if a file cannot be read or written.
pub fn write(repository: &Path, item: &Item) -> Result<PathBuf, String> {
    let repository = canonical(repository)?;
    let folder = repository.join("target/tries");
    let names: Vec<_> = exercises::ALL.iter().map(|exercise| exercise.name).collect();
    write_file(
        &folder.join("Cargo.toml"),
        &format!("[workspace]\nresolver = \"3\"\nmembers = {names:?}\n"),
    )?;
    write_file(&folder.join("Cargo.lock"), &read_file(&repository.join("Cargo.lock"))?)?;
    for exercise in exercises::ALL {
        let items = catalog::of_exercise(&repository, exercise)?;
        write_package(&repository, &folder.join(exercise.name), exercise.name, &items)?;
    }
    Ok(folder.join(item.exercise.name).join("Cargo.toml"))
}

/// The name of the binary of an item, or of its variant with this number.
#[must_use]
pub fn binary(item: &Item, run: usize) -> String {
    match run {
        0 => format!("{}-{}", item.exercise.name, item.name),
        variant => format!("{}-{}-{variant}", item.exercise.name, item.name),
    }
}

/// A package with the changed programs of an exercise.
fn write_package(
    repository: &Path,
    folder: &Path,
    exercise: &str,
    items: &[Item],
) -> Result<(), String> {
    let original = repository.join("crates").join(exercise);
    let main = read_file(&original.join("src/main.rs"))?;
    write_file(&folder.join("src/help.txt"), &read_file(&original.join("src/help.txt"))?)?;
    let mut binaries = Vec::new();
    for item in items {
        for (run, it) in item.it.runs().enumerate() {
            let (name, changed) = (binary(item, run), it.changed(&main)?);
            // Beside `help.txt`, which it includes.
            let path = format!("src/{name}.rs");
            write_file(&folder.join(&path), &changed)?;
            binaries.push(Value::Table(Table::from_iter([
                ("name".into(), Value::String(name)),
                ("path".into(), Value::String(path)),
            ])));
        }
    }
    let manifest = original.join("Cargo.toml");
    let problem = |problem: &str| format!("{}: {problem}", manifest.display());
    let mut table: Table =
        read_file(&manifest)?.parse().map_err(|error: toml::de::Error| problem(error.message()))?;
    let common = repository.join("crates/common");
    let common = common.to_str().ok_or_else(|| problem("its path is not UTF-8"))?;
    for dependencies in ["dependencies", "dev-dependencies"] {
        if let Some(Value::Table(it)) =
            table.get_mut(dependencies).and_then(|it| it.get_mut("common"))
        {
            it.insert("path".into(), Value::String(common.into()));
        }
    }
    table.insert("bin".into(), Value::Array(binaries));
    write_file(&folder.join("Cargo.toml"), &table.to_string())
}

fn canonical(path: &Path) -> Result<PathBuf, String> {
    path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))
}

fn read_file(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file unless it is the same already, as cargo compiles what is newer than its build.
fn write_file(path: &Path, text: &str) -> Result<(), String> {
    let write = || -> io::Result<()> {
        if fs::read(path).is_ok_and(|before| before == text.as_bytes()) {
            return Ok(());
        }
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        // In one step: another run may be building.
        replace(path, text)
    };
    write().map_err(|error| format!("{}: {error}", path.display()))
}
