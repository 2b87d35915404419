//! Moodle: a folder for each submission, `NAME_ID_assignsubmission_file`, or its files beside each
//! other, each with that before its name. Before Moodle 4.1 the folders end with `_`. An online text
//! is in `NAME_ID_assignsubmission_onlinetext`. With blind marking, all have the same name.

use super::{HandedIn, HandedOut, is_most, left_out};
use crate::node::Node;
use crate::{Layout, Submitter};
use regex::Regex;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

/// Moodle writes spaces for the `_` in a name. Some sites put the account before it. The default
/// group has no id.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    let who = r"(?:[^_]*_)??(?<name>[^_]*?)(?:_(?<id>\d+))?";
    let what = r"(?<kind>file|onlinetext)(?:_(?<file>.*))?";
    Regex::new(&format!("(?s)^{who}_assignsubmission_{what}$")).expect("it is one")
});

/// What the name of a file or folder says.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    name: String,
    id: Option<String>,
    is_text: bool,
    /// The learner's own name for it, if Moodle has put its own before that.
    file: Option<String>,
}

fn named(name: &str) -> Option<Named> {
    let parts = NAME.captures(name)?;
    let part = |name| parts.name(name).map(|part| part.as_str().to_owned());
    Some(Named {
        name: part("name")?,
        id: part("id"),
        is_text: &parts["kind"] == "onlinetext",
        file: part("file").filter(|file| !file.is_empty()),
    })
}

/// The class, if these are named so.
pub(super) fn tell(nodes: &[Node]) -> Option<HandedOut> {
    let mut submissions: BTreeMap<_, HandedIn> = BTreeMap::new();
    let (mut count, mut left) = (0, Vec::new());
    for node in nodes {
        let Some(Named { name, id, is_text, file }) = named(&node.name) else {
            left.push(node.name.clone());
            continue;
        };
        count += 1;
        let submission = submissions.entry((name.clone(), id.clone())).or_default();
        submission.submitter = Submitter { name, id, ..Submitter::default() };
        // All that is in a folder is the learner's.
        let at = match file {
            None if !node.is_folder => PathBuf::from("onlinetext.html"),
            file => PathBuf::from(file.unwrap_or_default()),
        };
        submission.parts.push((at, node.clone()));
        let note = "Text was typed into Moodle; only files are graded.";
        if is_text && !submission.notes.iter().any(|it| it == note) {
            submission.notes.push(note.to_owned());
            submission.beside_files = Some(note.to_owned());
        }
    }
    if !is_most(count, nodes.len()) {
        return None;
    }
    let mut handed_in: Vec<_> = submissions.into_values().collect();
    let is_anonymous = have_one_name(&handed_in);
    for HandedIn { submitter, .. } in &mut handed_in {
        submitter.anonymous = is_anonymous;
        match &submitter.id {
            // As Moodle's worksheet has it.
            Some(id) if is_anonymous => submitter.name = format!("{} {id}", submitter.name),
            Some(_) => {}
            None => submitter.group = Some(submitter.name.clone()),
        }
    }
    let notes = left_out(&left).into_iter().collect();
    Some(HandedOut { layout: Layout::Moodle, handed_in, notes })
}

/// Whether Moodle has hidden the names: then it writes the word for a participant in its language.
fn have_one_name(submissions: &[HandedIn]) -> bool {
    let mut names = submissions.iter().map(|it| &it.submitter.name);
    let Some(first) = names.next() else { return false };
    names.all(|name| name == first) && (first == "Participant" || submissions.len() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(name: &str) -> Option<(String, String, bool, String)> {
        let Named { name, id, is_text, file } = named(name)?;
        Some((name, id.unwrap_or_default(), is_text, file.unwrap_or_default()))
    }

    #[test]
    fn a_name_has_its_parts() {
        for (name, expected) in [
            ("Jane Doe_12_assignsubmission_file", ("Jane Doe", "12", false, "")),
            ("Jane Doe_12_assignsubmission_file_", ("Jane Doe", "12", false, "")),
            ("Jane Doe_12_assignsubmission_file_a_b_2.py", ("Jane Doe", "12", false, "a_b_2.py")),
            ("Jane Doe_12_assignsubmission_onlinetext", ("Jane Doe", "12", true, "")),
            ("jdoe_Jane Doe_12_assignsubmission_file", ("Jane Doe", "12", false, "")),
            ("Agent 007_12_assignsubmission_file", ("Agent 007", "12", false, "")),
            ("42_12_assignsubmission_file", ("42", "12", false, "")),
            ("Default group_assignsubmission_file", ("Default group", "", false, "")),
        ] {
            let (person, id, is_text, file) = expected;
            let expected = (person.to_owned(), id.to_owned(), is_text, file.to_owned());
            assert_eq!(parts(name), Some(expected), "{name}");
        }
        for name in ["Jane Doe", "Jane_12_assignsubmission", "Jane_12_assignsubmission_comments"] {
            assert_eq!(parts(name), None, "{name}");
        }
    }
}
