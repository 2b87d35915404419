//! Canvas: all files beside each other, `NAME[_LATE]_USER_ATTACHMENT_FILE`, or `[LATE_]anon_USER_…`
//! with anonymous grading. A text is in `…_USER_text.html`, a link to a page in `…_USER_link.html`.

use super::{HandedIn, HandedOut, is_most, left_out};
use crate::node::Node;
use crate::{Layout, Submitter};
use regex::{Captures, Regex};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The first that fits counts.
static NAMES: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    let patterns = [
        r"(?s)^(?:(?<late>LATE)_)?(?<name>anon_(?<id>[^_]+))_(?<attachment>\d+)_(?<file>.+)$",
        r"^(?:(?<late>LATE)_)?(?<name>anon_(?<id>[^_]+))_(?<page>text|link)\.html$",
        r"(?s)^(?<name>.*?)(?:_(?<late>LATE))?_(?<id>\d+)_(?<attachment>\d+)_(?<file>.+)$",
        r"(?s)^(?<name>.*?)(?:_(?<late>LATE))?_(?<id>\d+)_(?<page>text|link)\.html$",
    ];
    patterns.map(|pattern| Regex::new(pattern).expect("it is one"))
});

/// What the name of a file says.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    name: String,
    id: String,
    is_late: bool,
    is_anonymous: bool,
    what: What,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    File { attachment: String, name: String },
    Text,
    Link,
}

fn named(name: &str) -> Option<Named> {
    let (at, parts) =
        NAMES.iter().enumerate().find_map(|(at, it)| Some((at, it.captures(name)?)))?;
    let part = |name| part(&parts, name);
    let what = match (part("page").as_deref(), part("attachment"), part("file")) {
        (Some("text"), ..) => What::Text,
        (Some(_), ..) => What::Link,
        (None, Some(attachment), Some(name)) => What::File { attachment, name },
        _ => return None,
    };
    let (is_late, is_anonymous) = (parts.name("late").is_some(), at < 2);
    Some(Named { name: part("name")?, id: part("id")?, is_late, is_anonymous, what })
}

fn part(parts: &Captures, name: &str) -> Option<String> {
    parts.name(name).map(|part| part.as_str().to_owned())
}

/// The class, if these are named so.
pub(super) fn tell(nodes: &[Node]) -> Option<HandedOut> {
    let mut submissions: BTreeMap<String, HandedIn> = BTreeMap::new();
    let (mut count, mut left) = (0, Vec::new());
    for node in nodes {
        let Some(named) = named(&node.name).filter(|_| !node.is_folder) else {
            left.push(node.name.clone());
            continue;
        };
        count += 1;
        add(submissions.entry(named.id.clone()).or_default(), named, node);
    }
    if !is_most(count, nodes.len()) {
        return None;
    }
    let handed_in = submissions.into_values().collect();
    let notes = left_out(&left).into_iter().collect();
    Some(HandedOut { layout: Layout::Canvas, handed_in, notes })
}

fn add(submission: &mut HandedIn, named: Named, node: &Node) {
    let Named { name, id, is_late, is_anonymous, what } = named;
    let late = submission.submitter.late || is_late;
    let anonymous = is_anonymous;
    submission.submitter =
        Submitter { name, id: Some(id), late, anonymous, ..Submitter::default() };
    let (at, note) = match what {
        What::File { attachment, name } => {
            let is_taken = submission.parts.iter().any(|(at, _)| at == Path::new(&name));
            let at = if is_taken { Path::new(&attachment).join(name) } else { name.into() };
            (at, None)
        }
        What::Text => (
            PathBuf::from("text.html"),
            Some("A text was typed into Canvas: it was not graded, only files are."),
        ),
        What::Link => (
            PathBuf::from("link.html"),
            Some("A link was handed in: what it leads to was not graded, only files are."),
        ),
    };
    submission.parts.push((at, node.clone()));
    submission.notes.extend(note.map(str::to_owned));
}
