//! Tells which platform handed out a class, by the names of its files and folders, and who submitted
//! which of them.

mod canvas;
mod classroom;
mod folders;
mod gradescope;
mod moodle;

use crate::clutter;
use crate::keys::Identity;
use crate::node::{Children, Node};
use crate::shown::{listed, shown};
use crate::{Layout, Member, Submitter};
use std::path::{Path, PathBuf};

/// How many folders that hold nothing but another one there may be around a class.
const WRAPPERS: usize = 4;

/// How many names there are in a sentence.
const NAMES: usize = 5;

/// A class, as it was handed out.
pub(crate) struct HandedOut {
    pub layout: Layout,
    pub handed_in: Vec<HandedIn>,
    /// What the teacher should know: sentences.
    pub notes: Vec<String>,
}

/// What one submitter has handed in, without a key.
#[derive(Default)]
pub(crate) struct HandedIn {
    pub submitter: Submitter,
    /// Its files and folders, and where they are put.
    pub parts: Vec<(PathBuf, Node)>,
    /// What the teacher should know: sentences.
    pub notes: Vec<String>,
    /// One of them, on a text or a link, which are no files.
    pub beside_files: Option<String>,
}

impl HandedIn {
    /// What its key is made from.
    pub fn identity(&self) -> Identity<'_> {
        let Submitter { name, id, email, members, .. } = &self.submitter;
        let of_member = |it: &Member| [it.id.clone(), it.email.clone()];
        let of_members = members.iter().flat_map(of_member).flatten();
        Identity {
            name,
            id: id.as_deref(),
            others: email.iter().cloned().chain(of_members).collect(),
        }
    }
}

/// The class in a folder.
///
/// # Errors
///
/// One line, if there is none.
pub(crate) fn tell(root: &Node, exercises: &[&str]) -> Result<HandedOut, String> {
    let mut folder = root.clone();
    for _ in 0..WRAPPERS {
        let children = visible(&folder)?;
        if let Some(class) = of_platform(&folder, &children)? {
            return Ok(class);
        }
        match &*children.nodes {
            [only] if only.is_folder => folder = only.clone(),
            _ => break,
        }
    }
    folders::tell(root, exercises)
}

/// A class from a platform, which has names of its own.
fn of_platform(folder: &Node, children: &Children) -> Result<Option<HandedOut>, String> {
    if let Some(class) = gradescope::tell(children)? {
        return Ok(Some(class));
    }
    let class = moodle::tell(&children.nodes)
        .or_else(|| canvas::tell(&children.nodes))
        .or_else(|| classroom::tell(&folder.name, &children.nodes));
    let with_others = |mut class: HandedOut| {
        class.notes.extend(left_out(&children.others));
        class
    };
    Ok(class.map(with_others))
}

/// What is in a folder, without what the system has put there.
fn visible(folder: &Node) -> Result<Children, String> {
    let mut children = folder.children()?;
    children.nodes.retain(|node| !clutter::is_no_submission(&node.name));
    children.others.retain(|name| !clutter::is_no_submission(name));
    Ok(children)
}

/// A note on what is no submission.
fn left_out(names: &[String]) -> Option<String> {
    let names: Vec<_> = names.iter().map(|name| shown(Path::new(name))).collect();
    let (were, none) = match names.len() {
        0 => return None,
        1 => ("was", "it is not a submission"),
        _ => ("were", "they are not submissions"),
    };
    Some(format!("{} {were} skipped: {none}.", listed(&names, NAMES)))
}

/// Whether so many of them are named as a platform does it that the others are there by mistake.
fn is_most(count: usize, of: usize) -> bool {
    count * 2 > of
}
