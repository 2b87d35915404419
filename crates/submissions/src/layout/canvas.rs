//! Canvas: all files beside each other, `NAME[_LATE]_USER_ATTACHMENT_FILE`, or `[LATE_]anon_USER_…`
//! with anonymous grading. A text is in `…_USER_text.html`, a link to a page in `…_USER_link.html`.

use super::{HandedIn, HandedOut, is_most, left_out};
use crate::node::Node;
use crate::shown::shown;
use crate::{Layout, Submitter};
use regex::{Captures, Regex};
use std::collections::{BTreeMap, BTreeSet, HashMap};
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

static NUMBER_INSIDE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"_\d+_").expect("it is one"));

/// A name to which Canvas has added a number.
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)^(?<stem>[^/]+)-\d+(?<ending>\.[^./]+)?$").expect("it is one")
});

/// What the name of a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    name: String,
    id: String,
    is_late: bool,
    is_anonymous: bool,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    File { attachment: String, name: String },
    Text,
    Link,
}

impl Named {
    fn attachment(&self) -> Option<&str> {
        match &self.what {
            What::File { attachment, .. } => Some(attachment),
            What::Text | What::Link => None,
        }
    }

    /// Whether Canvas writes names of learners so: it takes away what is around a number in them.
    fn is_written_by_canvas(&self) -> bool {
        !NUMBER_INSIDE.is_match(&self.name)
    }

    /// In words.
    fn shown(&self) -> String {
        let Self { name, id, .. } = self;
        let what = match &self.what {
            What::File { name, .. } => name,
            What::Text => "a text",
            What::Link => "a link",
        };
        format!("{} from {} ({id})", shown(Path::new(what)), shown(Path::new(name)))
    }
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

/// What the name of a file is taken to say, and what it may say as well.
type Taken = (Named, Option<Named>);

/// What each name says. Where a number ends the learner's own name or begins that of the file, it can
/// be read in two ways: `eve_3000_12_345_a.py` is `345_a.py` from `eve`, who is 3000, or `a.py` from
/// `eve_3000`, who is 12. The rest of the download tells which it is.
fn taken(nodes: &[Node]) -> Vec<Option<Taken>> {
    let all: Vec<_> = nodes.iter().map(|node| all_named(&node.name)).collect();
    let known = Known::from(&all);
    let taken = all.iter().map(|all| {
        let mut all: Vec<_> = all.iter().collect();
        narrow(&mut all, |one| known.is_possible(one));
        narrow(&mut all, |one| one.is_written_by_canvas());
        narrow(&mut all, |one| known.has_learner(one));
        narrow(&mut all, |one| known.has_such_numbers(one));
        let mut all = all.into_iter().cloned();
        Some((all.next()?, all.next()))
    });
    taken.collect()
}

/// What is known of a download, by the names that can be read in one way only.
struct Known<'a> {
    /// The names of those with an id.
    names: HashMap<&'a str, BTreeSet<&'a str>>,
    /// How many digits ids and the numbers of attachments have, from and to.
    ids: Option<(usize, usize)>,
    attachments: Option<(usize, usize)>,
    /// How many files there would be with this name of a learner and this attachment, however they
    /// are read.
    files: HashMap<(&'a str, &'a str), usize>,
}

impl<'a> Known<'a> {
    fn from(all: &'a [Vec<Named>]) -> Self {
        let (mut names, mut files) = (HashMap::<_, BTreeSet<_>>::new(), HashMap::new());
        let (mut ids, mut attachments) = (Vec::new(), Vec::new());
        for all in all {
            for one in all {
                if let Some(attachment) = one.attachment() {
                    *files.entry((&*one.name, attachment)).or_insert(0) += 1;
                }
            }
            let mut all: Vec<_> = all.iter().collect();
            narrow(&mut all, |one| one.is_written_by_canvas());
            if let [only] = *all {
                names.entry(&*only.id).or_default().insert(&*only.name);
                ids.push(only.id.len());
                attachments.extend(only.attachment().map(str::len));
            }
        }
        let [ids, attachments] = [ids, attachments]
            .map(|all: Vec<usize>| Some((*all.iter().min()?, *all.iter().max()?)));
        Self { names, ids, attachments, files }
    }

    /// Canvas gives no two learners the same id, and no two files the same number.
    fn is_possible(&self, one: &Named) -> bool {
        let mut names = self.names.get(&*one.id).into_iter().flatten();
        let is_only = |it: &str| self.files.get(&(&*one.name, it)) == Some(&1);
        names.all(|name| *name == one.name) && one.attachment().is_none_or(is_only)
    }

    fn has_learner(&self, one: &Named) -> bool {
        self.names.get(&*one.id).is_some_and(|names| names.contains(&*one.name))
    }

    /// Whether the numbers are as long as others of their kind.
    fn has_such_numbers(&self, one: &Named) -> bool {
        let is_among = |lengths: Option<(usize, usize)>, number: &str| {
            lengths.is_some_and(|(least, most)| (least..=most).contains(&number.len()))
        };
        is_among(self.ids, &one.id)
            && one.attachment().is_none_or(|it| is_among(self.attachments, it))
    }
}

/// Leaves those of which this is so, if there are any.
fn narrow(all: &mut Vec<&Named>, is_so: impl Fn(&Named) -> bool) {
    if all.len() > 1 && all.iter().any(|one| is_so(one)) {
        all.retain(|one| is_so(one));
    }
}

/// The class, if these are named so.
pub(super) fn tell(nodes: &[Node]) -> Option<HandedOut> {
    // Two names are two learners, even with one id.
    let mut submissions: BTreeMap<(String, String), HandedIn> = BTreeMap::new();
    let (mut count, mut left) = (0, Vec::new());
    for (node, taken) in nodes.iter().zip(taken(nodes)) {
        let Some((named, or)) = taken.filter(|_| !node.is_folder) else {
            left.push(node.name.clone());
            continue;
        };
        count += 1;
        let who = (named.id.clone(), named.name.clone());
        let submission = submissions.entry(who).or_default();
        if let Some(or) = or {
            submission.notes.push(format!(
                "{} can be read in two ways: it was taken as {}, but may be {}.",
                shown(Path::new(&node.name)),
                named.shown(),
                or.shown()
            ));
        }
        add(submission, named, node);
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
        What::Link => {
            (PathBuf::from("link.html"), Some("A link was submitted; only files are graded."))
        }
    };
    submission.parts.push((at, node.clone()));
    submission.notes.extend(note.map(str::to_owned));
    submission.beside_files = submission.beside_files.take().or(note.map(str::to_owned));
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

    /// What is told of files with these names: learner, id, file and notes.
    fn told(names: &[&str]) -> Vec<(String, String, String, Vec<String>)> {
        let node = |name: &&str| Node {
            name: (*name).to_owned(),
            is_folder: false,
            place: crate::node::Place::Disk(name.into()),
        };
        let class = tell(&names.iter().map(node).collect::<Vec<_>>()).unwrap();
        let told = class.handed_in.into_iter().flat_map(|it| {
            let Submitter { name, id, .. } = it.submitter;
            let one = move |(at, _): (PathBuf, Node)| {
                (name.clone(), id.clone().unwrap(), at.display().to_string(), it.notes.clone())
            };
            it.parts.into_iter().map(one)
        });
        told.collect()
    }

    #[track_caller]
    fn is_told(names: &[&str], expected: &[(&str, &str, &str)]) {
        let told = told(names);
        let without_notes: Vec<_> =
            told.iter().map(|(name, id, file, _)| (&**name, &**id, &**file)).collect();
        assert_eq!(without_notes, expected);
        let notes: String = told.into_iter().flat_map(|(.., notes)| notes).collect();
        assert!(!notes.contains("two ways"), "{notes}");
    }

    #[test]
    fn a_name_that_looks_like_an_id_does_not_merge_two_learners() {
        is_told(
            &["roebob_4_201_rand.py", "x_4_9__6_203_rand.py", "ann_7_1_a-1.py", "bo_7_2_a.py"],
            &[
                ("roebob", "4", "rand.py"),
                ("x_4_9_", "6", "rand.py"),
                ("ann", "7", "a.py"),
                ("bo", "7", "a.py"),
            ],
        );
    }

    #[test]
    fn a_number_in_a_name_is_told_apart_by_the_rest_of_the_download() {
        // By the numbers of attachments: no two files have the same.
        is_told(
            &["eve_3000_12_345_a.py", "eve_3000_12_346_b.py"],
            &[("eve_3000", "12", "a.py"), ("eve_3000", "12", "b.py")],
        );
        is_told(
            &["eve_12_345_1_a.py", "eve_12_346_1_b.py"],
            &[("eve", "12", "1_a.py"), ("eve", "12", "1_b.py")],
        );
        // By what else is from the same learner.
        is_told(
            &["eve_12_34_56_a.py", "eve_12_35_b.py", "eve_LATE_12_37_8_c.py"],
            &[("eve", "12", "56_a.py"), ("eve", "12", "b.py"), ("eve", "12", "8_c.py")],
        );
        is_told(
            &["eve_3000_12_345_a.py", "eve_3000_LATE_12_346_b.py"],
            &[("eve_3000", "12", "a.py"), ("eve_3000", "12", "b.py")],
        );
        // By how long the numbers of others are.
        is_told(
            &["ann_20311_8123001_a.py", "eve_3000_20345_8123055_a.py", "zoe_20312_8123002_2_a.py"],
            &[("ann", "20311", "a.py"), ("zoe", "20312", "2_a.py"), ("eve_3000", "20345", "a.py")],
        );
        is_told(
            &["ann_20311_8123001_a.py", "eve_3000_20345_text.html", "zoe_20312_8123002_text.html"],
            &[
                ("ann", "20311", "a.py"),
                ("zoe", "20312", "text.html"),
                ("eve_3000", "20345", "text.html"),
            ],
        );
        // Canvas writes no name with a number between two of `_`.
        is_told(&["ann_3_207_a_9_8_b.py"], &[("ann", "3", "a_9_8_b.py")]);
    }

    #[test]
    fn a_name_that_nothing_tells_apart_is_noted() {
        let told = told(&["eve_3000_12_345_a.py"]);
        let note = "eve_3000_12_345_a.py can be read in two ways: it was taken as 345_a.py from eve \
                    (3000), but may be a.py from eve_3000 (12).";
        assert_eq!(told, [("eve".into(), "3000".into(), "345_a.py".into(), vec![note.to_owned()])]);
    }
}
