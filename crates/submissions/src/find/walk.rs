//! What there is in a submission that may be an answer.

use super::{Candidate, Kind, packages};
use crate::clutter;
use crate::node::{folder_of_zip, has_ending_of_zip, is_folder_of_zip};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How many files are looked at. More are not unpacked.
const AT_MOST: usize = 100_000;

/// How deep folders are searched.
const DEPTH: usize = 40;

/// Everything in a folder that may be an answer, ordered by path.
pub(super) fn candidates(folder: &Path, endings: &[&str]) -> Vec<Candidate> {
    let files = files(folder);
    let top = top(&files);
    let of_file = |path: &PathBuf| of_file(folder, path, &top, endings);
    let mut candidates: Vec<_> = files.iter().filter_map(of_file).collect();
    let manifests = files.iter().filter(|path| path.ends_with("Cargo.toml"));
    for manifest in manifests {
        let package = manifest.parent().unwrap_or(Path::new(""));
        for name in packages::binaries(folder, package, &files) {
            let is_named_so = package.parent() == Some(&top) && package.ends_with(&name);
            let is_at_top = package == top || is_named_so;
            let path = package.to_owned();
            candidates.push(Candidate { path, name, kind: Kind::Package, is_at_top });
        }
    }
    candidates
}

/// The files in a folder, at any depth, ordered by path. A zip file that was unpacked is left out.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    list(folder, Path::new(""), &mut files);
    // What is in it was unpacked beside it.
    let is_unpacked =
        |path: &PathBuf| has_ending_of_zip(path) && folder.join(folder_of_zip(path)).is_dir();
    files.retain(|path| !is_unpacked(path));
    files.sort();
    files
}

/// Lists the files in a folder, at any depth.
fn list(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) {
    if folder.iter().count() > DEPTH {
        return;
    }
    for entry in root.join(folder).read_dir().into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let name = entry.file_name();
        let path = folder.join(&name);
        let name = name.to_string_lossy();
        let has = |file: PathBuf| root.join(file).is_file();
        let is_left_out = || {
            let beside = |file: &str| has(folder.join(file));
            clutter::is_not_searched(&name, beside, |file| has(path.join(file)))
        };
        if kind.is_dir() {
            if !is_left_out() {
                list(root, &path, files);
            }
        } else if kind.is_file() && !clutter::is_left_out_file(&name) && files.len() < AT_MOST {
            files.push(path);
        }
    }
}

/// The folder that all files are in, if there is one around them: that of a zip file, and one that the
/// learner has packed.
fn top(files: &[PathBuf]) -> PathBuf {
    let folder_of = |path: &PathBuf| path.parent().unwrap_or(Path::new("")).to_owned();
    let common = files.iter().map(folder_of).reduce(|top, folder| {
        let same = top.iter().zip(folder.iter()).take_while(|(one, other)| one == other);
        same.map(|(name, _)| name).collect()
    });
    let mut has_packed = false;
    let mut top = PathBuf::new();
    for name in &common.unwrap_or_default() {
        if !is_folder_of_zip(Path::new(name)) {
            // A second one, or such a one, is part of what was packed.
            if has_packed || name == "src" {
                break;
            }
            has_packed = true;
        }
        top.push(name);
    }
    top
}

fn of_file(folder: &Path, path: &Path, top: &Path, endings: &[&str]) -> Option<Candidate> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let is_usable = match &ending {
        Some(ending) => endings.contains(&&**ending),
        None => is_executable(&folder.join(path)),
    };
    let name = path.file_stem()?.to_string_lossy().into_owned();
    let kind = if is_usable { Kind::File } else { Kind::Unusable };
    let is_at_top = path.parent() == Some(top);
    Some(Candidate { path: path.into(), name, kind, is_at_top })
}

fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    return path.metadata().is_ok_and(|data| {
        std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o111 != 0
    });
    #[cfg(not(unix))]
    return path.is_file();
}

/// Whether these are copies of one file.
pub(super) fn are_the_same(folder: &Path, candidates: &[&Candidate]) -> bool {
    let Some((first, others)) = candidates.split_first() else { return true };
    let is_same = |other: &&Candidate| {
        let is_file = first.kind == Kind::File && other.kind == Kind::File;
        let has_ending = first.path.extension() == other.path.extension();
        is_file
            && has_ending
            && have_same_content(&folder.join(&first.path), &folder.join(&other.path))
                .unwrap_or(false)
    };
    others.iter().all(is_same)
}

fn have_same_content(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (one, other) = (io::BufReader::new(one).bytes(), io::BufReader::new(other).bytes());
    for (one, other) in one.zip(other) {
        if one? != other? {
            return Ok(false);
        }
    }
    Ok(true)
}
