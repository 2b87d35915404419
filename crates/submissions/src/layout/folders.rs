//! A folder for each learner, or a zip file, named after the learner.

use super::{HandedIn, HandedOut, NAMES, is_most, left_out, visible};
use crate::find;
use crate::node::{Children, Node};
use crate::shown::{listed, shown};
use crate::{Layout, Submitter};
use std::path::{Path, PathBuf};

/// Folders that are part of a program, and the others beside which they are.
const OF_PROGRAM: [&str; 2] = ["src", "lib"];
const BESIDE_PROGRAM: [&str; 8] =
    ["bin", "tests", "test", "examples", "benches", "data", "docs", "target"];

/// How deep a folder is searched for an answer, to tell whether it is that of a learner.
const DEPTH: usize = 3;

/// The class in a folder, or in the only folder in that.
///
/// # Errors
///
/// One line, if there is none.
pub(super) fn tell(root: &Node, exercises: &[&str]) -> Result<HandedOut, String> {
    let mut notes = Vec::new();
    let mut children = visible(root)?;
    let is_answer = |node: &Node| is_answer(node, exercises);
    if let Some(what) = is_of_one_learner(&children, is_answer) {
        return Err(format!(
            "this looks like the folder of one learner, with {what} right in it: check one learner \
             with --dir, or give a folder with one folder or zip file per learner"
        ));
    }
    if let [only] = &*children.nodes
        && only.is_folder
    {
        let inner = visible(only)?;
        let count = inner.nodes.iter().filter(|node| is_submission(node)).count();
        // The only learner may have a folder for each exercise.
        let is_learner = is_of_one_learner(&inner, is_answer).is_some();
        if count > 1 && is_most(count, inner.nodes.len()) && !is_learner {
            let name = shown(Path::new(&only.name));
            notes.push(format!(
                "Everything was inside the folder {name}, so its contents were taken as the class."
            ));
            children = inner;
        }
    }
    let (submissions, others): (Vec<_>, Vec<_>) =
        children.nodes.into_iter().partition(is_submission);
    if submissions.is_empty() {
        return Err(
            "no submissions found: give a folder with one folder or zip file per learner, or a \
             download from Moodle, Canvas, Gradescope or GitHub Classroom"
                .into(),
        );
    }
    let mut names: Vec<_> = others.into_iter().map(|node| node.name).collect();
    names.extend(children.others);
    notes.extend(left_out(&names));
    let handed_in = submissions.into_iter().map(of_node).collect();
    Ok(HandedOut { layout: Layout::Folders, handed_in, notes })
}

/// Whether something was meant to be the answer to an exercise, or the package of one.
fn is_answer(node: &Node, exercises: &[&str]) -> bool {
    let name = if node.is_folder { &node.name } else { stem(&node.name) };
    let is_manifest = !node.is_folder && node.name == "Cargo.toml";
    is_manifest || exercises.iter().any(|exercise| find::is_like(name, exercise))
}

/// The name of a file without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// What tells that it is the folder of one learner, if it is: an answer in it, which is not just
/// beside the learners of a class, or nothing but folders of a program.
fn is_of_one_learner(children: &Children, is_answer: impl Fn(&Node) -> bool) -> Option<String> {
    let (folders, files): (Vec<_>, Vec<_>) =
        children.nodes.iter().partition(|it| is_submission(it));
    let is_program = |node: &Node| is_answer(node) || OF_PROGRAM.contains(&&*node.name);
    let is_part = |node: &Node| is_program(node) || BESIDE_PROGRAM.contains(&&*node.name);
    if folders.iter().any(|it| is_program(it)) && folders.iter().all(|it| is_part(it)) {
        let names: Vec<_> = folders.iter().map(|it| shown(Path::new(&it.name))).collect();
        return Some(listed(&names, NAMES));
    }
    let answer = files.into_iter().find(|it| is_answer(it))?;
    let is_learner =
        |node: &&Node| !is_part(node) && (node.is_zip() || has_answer(node, &is_answer, DEPTH));
    let learners = folders.into_iter().filter(is_learner).count();
    (learners < 2).then(|| shown(Path::new(&answer.name)))
}

fn has_answer(folder: &Node, is_answer: &impl Fn(&Node) -> bool, depth: usize) -> bool {
    let Ok(children) = visible(folder) else { return false };
    let mut nodes = children.nodes.iter();
    nodes.any(|it| {
        is_answer(it) || it.is_folder && depth > 0 && has_answer(it, is_answer, depth - 1)
    })
}

fn is_submission(node: &Node) -> bool {
    node.is_folder || node.is_zip()
}

fn of_node(node: Node) -> HandedIn {
    let submitter = Submitter { name: node.name_of_folder().to_owned(), ..Submitter::default() };
    HandedIn {
        submitter,
        parts: vec![(PathBuf::new(), node)],
        notes: Vec::new(),
        beside_files: None,
    }
}
