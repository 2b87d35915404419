//! The source files of a program: what a learner saves, as far as the command or the package tells.

use super::Package;
use std::fs;
use std::path::{Path, PathBuf};

/// More files than this are not one learner's program.
const MOST: usize = 50;

/// The files that a command names, each with those beside it that have the same extension: the
/// modules that it may use. The command's own executable counts only if it is the only file.
pub fn of_command(command: &[String]) -> Vec<PathBuf> {
    let mut named: Vec<_> =
        command.iter().map(PathBuf::from).filter(|word| word.is_file()).collect();
    if named.len() > 1 && command.first().is_some_and(|first| named[0] == Path::new(first)) {
        named.remove(0);
    }
    let mut files = named.clone();
    for file in &named {
        let beside = beside(file);
        if beside.len() <= MOST {
            files.extend(beside.into_iter().filter(|other| !named.contains(other)));
        }
    }
    files
}

/// The source file of the binary, the others of the package, and its manifest.
pub fn of_package(package: &Package) -> Vec<PathBuf> {
    let mut below = Vec::new();
    add_below(&package.folder.join("src"), &mut below);
    let mut files = vec![package.main.clone()];
    files.extend(below.into_iter().filter(|file| *file != package.main));
    files.push(package.folder.join("Cargo.toml"));
    files
}

fn beside(file: &Path) -> Vec<PathBuf> {
    let Some(ending) = file.extension() else { return Vec::new() };
    let folder = file.parent().unwrap_or(Path::new(""));
    // A link may lead to somebody else's file.
    let is_source = |path: &PathBuf| path.extension() == Some(ending) && is_plain_file(path);
    entries(folder).into_iter().filter(is_source).collect()
}

fn add_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if files.len() == MOST {
            return;
        }
        if is_plain_file(&path) {
            files.push(path);
        } else if !path.is_symlink() {
            add_below(&path, files);
        }
    }
}

fn is_plain_file(path: &Path) -> bool {
    path.is_file() && !path.is_symlink()
}

/// What is in the folder, in the order of the names; without hidden files, which editors leave.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = fs::read_dir(here).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name());
    let visible = names.filter(|name| !name.as_encoded_bytes().starts_with(b"."));
    let mut paths: Vec<_> = visible.map(|name| folder.join(name)).collect();
    paths.sort();
    paths
}
