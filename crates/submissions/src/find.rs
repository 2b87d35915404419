//! Finds the answers in a submission, at any depth: those that are named as they should be, and those
//! that nearly are, if there is no doubt.

mod apart;
mod names;
mod packages;
mod walk;

use crate::shown::{listed, shown};
pub use apart::set_apart;
use names::Likeness;
use std::path::{Path, PathBuf};

/// How many files are named if none of them was taken.
const NAMED: usize = 5;

/// Where the answer to an exercise is, in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A script or an executable file, relative to the folder. Its ending may be in uppercase.
    File { path: PathBuf, note: Option<String> },
    /// A Cargo package: the folder of its manifest, relative to the folder, and the name of its
    /// binary, which may be written differently from that of the exercise.
    Package { folder: PathBuf, binary: String, note: Option<String> },
    /// There is none: what to say about that.
    Not(String),
    /// There is more than one, and nobody can tell which was meant: what to say about that.
    Several(String),
}

/// What may be an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    /// The file, or the folder of the manifest, relative to the folder that was searched.
    path: PathBuf,
    /// That of the file without its ending, or of the binary.
    name: String,
    kind: Kind,
    /// Whether it is where it should be: not in a folder beside others.
    is_at_top: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A script that can be run, or an executable file.
    File,
    /// Another file.
    Unusable,
    Package,
}

/// Looks for the answers to these exercises at any depth. `endings` are those of scripts, such as
/// `py`.
#[must_use]
pub fn find(folder: &Path, exercises: &[&str], endings: &[&str]) -> Vec<Found> {
    let candidates = walk::candidates(folder, endings);
    let find = |exercise: &&str| of_candidates(folder, exercise, &candidates);
    exercises.iter().map(find).collect()
}

/// The files in a folder of which none is an answer, in a sentence; none if there are no files.
#[must_use]
pub fn files_in_words(folder: &Path) -> Option<String> {
    let names: Vec<_> = walk::files(folder).iter().map(|path| shown(path)).collect();
    (!names.is_empty()).then(|| format!("Files submitted: {}.", listed(&names, NAMED)))
}

/// Whether something with this name was meant to be the answer to an exercise.
pub(crate) fn is_like(name: &str, exercise: &str) -> bool {
    names::likeness(name, exercise) != Likeness::None
}

fn of_candidates(folder: &Path, exercise: &str, candidates: &[Candidate]) -> Found {
    let usable = candidates.iter().filter(|one| one.kind != Kind::Unusable);
    let (mut exact, mut alike) = (Vec::new(), Vec::new());
    for candidate in usable {
        match names::likeness(&candidate.name, exercise) {
            Likeness::Same => exact.push(candidate),
            Likeness::Alike => alike.push(candidate),
            Likeness::None => {}
        }
    }
    // The others are earlier tries.
    if let [only] = *exact
        && only.is_at_top
    {
        return found(only, exercise);
    }
    let mut all = [exact, alike].concat();
    if all.len() > 1 && walk::are_the_same(folder, &all) {
        all.sort_by_key(|one| (one.name != exercise, !one.is_at_top, one.path.iter().count()));
        all.truncate(1);
    }
    match *all {
        [] => Found::Not(why_none(exercise, candidates)),
        [only] => found(only, exercise),
        _ => Found::Several(why_several(&all)),
    }
}

fn found(candidate: &Candidate, exercise: &str) -> Found {
    let Candidate { path, name, kind, is_at_top } = candidate;
    let note = note(candidate, exercise).filter(|_| name != exercise || !is_at_top);
    match kind {
        Kind::Package => Found::Package { folder: path.clone(), binary: name.clone(), note },
        Kind::File | Kind::Unusable => Found::File { path: path.clone(), note },
    }
}

/// How the learner makes it easier next time.
fn note(candidate: &Candidate, exercise: &str) -> Option<String> {
    let Candidate { path, name, kind, is_at_top } = candidate;
    let place = shown(path);
    if *kind == Kind::Package {
        return Some(format!(
            "found as the binary {} of {}. Next time, name the binary {exercise}.",
            shown(Path::new(name)),
            in_words(candidate)
        ))
        .filter(|_| name != exercise);
    }
    let ending = path.extension().map(|it| it.to_string_lossy().to_lowercase());
    let best = ending.map_or_else(|| exercise.to_owned(), |it| format!("{exercise}.{it}"));
    let advice = match (name == exercise, is_at_top) {
        (true, _) => "put it at the top level".to_owned(),
        (false, true) => format!("name it {best}"),
        (false, false) => format!("name it {best} and put it at the top level"),
    };
    Some(format!("found as {place}. Next time, {advice}."))
}

fn why_several(candidates: &[&Candidate]) -> String {
    let mut names: Vec<_> = candidates.iter().map(|one| in_words(one)).collect();
    names.sort();
    match &*names {
        [one, other] => {
            format!("two files could be the answer: {one} and {other}; submit only one")
        }
        _ => format!(
            "{} files could be the answer: {}; submit only one",
            names.len(),
            listed(&names, NAMED)
        ),
    }
}

fn in_words(candidate: &Candidate) -> String {
    match candidate.kind {
        Kind::Package if candidate.path.as_os_str().is_empty() => "the package at the top".into(),
        Kind::Package => format!("the package in {}", shown(&candidate.path)),
        Kind::File | Kind::Unusable => shown(&candidate.path),
    }
}

/// If a file was meant to be the answer, it is named.
fn why_none(exercise: &str, candidates: &[Candidate]) -> String {
    // As in countasync.py.txt.
    let first_part = |name: &str| name.split('.').next().map(str::to_owned).unwrap_or_default();
    let is_meant =
        |one: &&Candidate| names::likeness(&first_part(&one.name), exercise) != Likeness::None;
    let meant = candidates.iter().find(is_meant);
    let Some(meant) = meant else { return "no answer found".to_owned() };
    let why = match meant.path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case("rs") => {
            "it is not the program of a Cargo package: submit the whole package, with Cargo.toml"
        }
        Some(_) => "the checker cannot run such a file",
        None => "it is not a program",
    };
    format!("no answer found: {} is there, but {why}", shown(&meant.path))
}
