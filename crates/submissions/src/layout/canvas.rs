//! Canvas: all files beside each other, `NAME[_LATE]_USER_ATTACHMENT_FILE`, or `[LATE_]anon_USER_…`
//! with anonymous grading. A text is in `…_USER_text.html`, a link to a page in `…_USER_link.html`.

use super::{HandedIn, HandedOut, is_most, left_out};
use crate::node::Node;
use crate::{Layout, Submitter};
use regex::{Captures, Regex};
use std::collections::{BTreeMap, BTreeSet};
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

/// A name to which Canvas has added a number.
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)^(?<stem>[^/]+)-\d+(?<ending>\.[^./]+)?$").expect("it is one")
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

/// Everything that the name of a file may say: a learner's own name may look like an id.
fn all_named(name: &str) -> Vec<Named> {
    let Some(first) = named(name) else { return Vec::new() };
    let mut all = vec![first];
    if all[0].is_anonymous {
        return all;
    }
    let shortest = all[0].name.len();
    // From each later `_` on, with something before it that can be no part of it.
    for (at, _) in name.match_indices('_').filter(|(at, _)| *at > shortest) {
        let (start, end) = name.split_at(at);
        if let Some(rest) = named(end).filter(|rest| rest.name.is_empty())
            && !start.ends_with("_LATE")
        {
            all.push(Named { name: start.to_owned(), ..rest });
        }
    }
    all
}

/// What each name says: if two learners would have one id, a name that can be read otherwise is.
fn consistent(nodes: &[Node]) -> Vec<Option<Named>> {
    let all: Vec<_> = nodes.iter().map(|node| all_named(&node.name)).collect();
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for first in all.iter().filter_map(|it| it.first()) {
        names.entry(first.id.clone()).or_default().insert(first.name.clone());
    }
    let is_clear = |one: &Named| {
        names.get(&one.id).is_none_or(|names| names.iter().all(|name| *name == one.name))
    };
    let choose = |all: Vec<Named>| {
        let at = all.iter().position(is_clear).unwrap_or(0);
        all.into_iter().nth(at)
    };
    all.into_iter().map(choose).collect()
}

/// The class, if these are named so.
pub(super) fn tell(nodes: &[Node]) -> Option<HandedOut> {
    // Two names are two learners, even with one id.
    let mut submissions: BTreeMap<(String, String), HandedIn> = BTreeMap::new();
    let (mut count, mut left) = (0, Vec::new());
    for (node, named) in nodes.iter().zip(consistent(nodes)) {
        let Some(named) = named.filter(|_| !node.is_folder) else {
            left.push(node.name.clone());
            continue;
        };
        count += 1;
        let who = (named.id.clone(), named.name.clone());
        add(submissions.entry(who).or_default(), named, node);
    }
    if !is_most(count, nodes.len()) {
        return None;
    }
    let mut handed_in: Vec<_> = submissions.into_values().collect();
    handed_in.iter_mut().for_each(without_numbers);
    let notes = left_out(&left).into_iter().collect();
    Some(HandedOut { layout: Layout::Canvas, handed_in, notes })
}

/// Takes away the number that Canvas puts behind the name of a file that is submitted again, if the
/// name is free then.
fn without_numbers(submission: &mut HandedIn) {
    for at in 0..submission.parts.len() {
        let name = submission.parts[at].0.to_string_lossy();
        let Some(parts) = NUMBERED.captures(&name) else { continue };
        let plain = PathBuf::from(format!("{}{}", &parts["stem"], &parts["ending"]));
        if submission.parts.iter().all(|(other, _)| *other != plain) {
            submission.parts[at].0 = plain;
        }
    }
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
        What::Text => {
            (PathBuf::from("text.html"), Some("Text was typed into Canvas; only files are graded."))
        }
        What::Link => (
            PathBuf::from("link.html"),
            Some("A link was handed in: what it leads to was not graded, only files are."),
        ),
    };
    submission.parts.push((at, node.clone()));
    submission.notes.extend(note.map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_parts() {
        let file = |number: &str, name: &str| What::File {
            attachment: number.to_owned(),
            name: name.to_owned(),
        };
        for (name, id, is_late, is_anonymous, what, text) in [
            ("doejane", "3", false, false, file("207", "a.py"), "doejane_3_207_a.py"),
            (
                "doejane",
                "3",
                true,
                false,
                file("207", "a_9_8_b.py"),
                "doejane_LATE_3_207_a_9_8_b.py",
            ),
            ("doe_jane", "3", false, false, file("207", "a-1.py"), "doe_jane_3_207_a-1.py"),
            ("late", "3", false, false, file("207", "LATE.py"), "late_3_207_LATE.py"),
            ("doejane", "3", false, false, What::Text, "doejane_3_text.html"),
            ("doejane", "3", false, false, file("4", "text.html"), "doejane_3_4_text.html"),
            ("doejane", "3", true, false, What::Link, "doejane_LATE_3_link.html"),
            ("anon_aB3", "aB3", false, true, file("207", "a.py"), "anon_aB3_207_a.py"),
            ("anon_aB3", "aB3", true, true, file("207", "a.py"), "LATE_anon_aB3_207_a.py"),
            ("anon_aB3", "aB3", true, true, What::Text, "LATE_anon_aB3_text.html"),
        ] {
            let (name, id) = (name.to_owned(), id.to_owned());
            let expected = Named { name, id, is_late, is_anonymous, what };
            assert_eq!(named(text), Some(expected), "{text}");
        }
        for name in ["doejane", "doejane_3_a.py", "rand_2.py", "doejane_3_207_"] {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_that_looks_like_an_id_does_not_merge_two_learners() {
        let node = |name: &str| Node {
            name: name.to_owned(),
            is_folder: false,
            place: crate::node::Place::Disk(name.into()),
        };
        let names =
            ["roebob_4_201_rand.py", "x_4_9__6_203_rand.py", "ann_7_1_a-1.py", "bo_7_2_a.py"];
        let class = tell(&names.map(node)).unwrap();
        let told = class.handed_in.iter().map(|it| {
            let id = it.submitter.id.as_deref().unwrap();
            (&*it.submitter.name, id, it.parts[0].0.to_str().unwrap())
        });
        let expected = [
            ("roebob", "4", "rand.py"),
            ("x_4_9_", "6", "rand.py"),
            ("ann", "7", "a.py"),
            ("bo", "7", "a.py"),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}
