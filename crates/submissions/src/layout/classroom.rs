//! GitHub Classroom: a clone for each learner or team, `SLUG-ACCOUNT`, in a folder `SLUG-submissions`,
//! as `gh classroom clone student-repos` makes it.

use super::{HandedIn, HandedOut, is_most, left_out};
use crate::node::Node;
use crate::{Layout, Submitter};
use std::path::PathBuf;

/// The class in a folder of this name, if its folders are such clones.
pub(super) fn tell(folder: &str, nodes: &[Node]) -> Option<HandedOut> {
    let (clones, others): (Vec<_>, Vec<_>) = nodes.iter().partition(|node| node.is_folder);
    let names: Vec<_> = clones.iter().map(|clone| &*clone.name).collect();
    let prefix = match folder.strip_suffix("-submissions") {
        Some(slug) => format!("{slug}-"),
        None if clones.len() > 1 && clones.iter().all(|clone| is_clone(clone)) => common(&names)?,
        None => return None,
    };
    let account =
        |name: &str| name.strip_prefix(&*prefix).filter(|it| !it.is_empty()).map(str::to_owned);
    let count = names.iter().filter(|name| account(name).is_some()).count();
    if !is_most(count, nodes.len()) {
        return None;
    }
    let mut left: Vec<_> = others.iter().map(|node| node.name.clone()).collect();
    let mut handed_in = Vec::new();
    for clone in clones {
        let Some(account) = account(&clone.name) else {
            left.push(clone.name.clone());
            continue;
        };
        let submitter =
            Submitter { name: account.clone(), id: Some(account), ..Submitter::default() };
        let parts = vec![(PathBuf::new(), clone.clone())];
        handed_in.push(HandedIn { submitter, parts, notes: Vec::new(), beside_files: None });
    }
    let notes = left_out(&left).into_iter().collect();
    Some(HandedOut { layout: Layout::GitHubClassroom, handed_in, notes })
}

/// Whether it has been cloned with git.
fn is_clone(folder: &Node) -> bool {
    folder.children().is_ok_and(|children| children.nodes.iter().any(|node| node.name == ".git"))
}

/// What these names start with, up to a hyphen.
fn common(names: &[&str]) -> Option<String> {
    let (first, others) = names.split_first()?;
    let mut prefix = *first;
    while !others.iter().all(|name| name.starts_with(prefix)) || !prefix.ends_with('-') {
        let mut chars = prefix.chars();
        chars.next_back()?;
        prefix = chars.as_str();
    }
    Some(prefix.to_owned())
}
