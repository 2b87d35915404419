//! A folder for each learner, or a zip file, named after the learner.

use super::{HandedIn, HandedOut, is_most, left_out, visible};
use crate::find;
use crate::node::Node;
use crate::shown::shown;
use crate::{Layout, Submitter};
use std::path::{Path, PathBuf};

/// The class in a folder, or in the only folder in that.
///
/// # Errors
///
/// One line, if there is none.
pub(super) fn tell(root: &Node, exercises: &[&str]) -> Result<HandedOut, String> {
    let mut notes = Vec::new();
    let mut children = visible(root)?;
    if let [only] = &*children.nodes
        && only.is_folder
    {
        let inner = visible(only)?;
        let count = inner.nodes.iter().filter(|node| is_submission(node)).count();
        let is_answer =
            |node: &Node| exercises.iter().any(|name| find::is_like(node.name_of_folder(), name));
        // The only learner may have a folder for each exercise.
        let are_answers = inner.nodes.iter().filter(|it| is_submission(it)).all(is_answer);
        if count > 1 && is_most(count, inner.nodes.len()) && !are_answers {
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

fn is_submission(node: &Node) -> bool {
    node.is_folder || node.is_zip()
}

fn of_node(node: Node) -> HandedIn {
    let submitter = Submitter { name: node.name_of_folder().to_owned(), ..Submitter::default() };
    HandedIn { submitter, parts: vec![(PathBuf::new(), node)], notes: Vec::new() }
}
