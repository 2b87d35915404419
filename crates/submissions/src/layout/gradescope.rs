//! Gradescope's export: a folder for each submission, and a file that says whose they are.

use super::{HandedIn, HandedOut, NAMES, left_out};
use crate::node::{Children, Node, Place};
use crate::shown::{listed, shown};
use crate::{Layout, Member, Submitter};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

const METADATA: &str = "submission_metadata.yml";

/// How large the metadata of a class may be, in bytes. It holds the earlier results of each
/// submission.
const LARGEST: u64 = 256 << 20;

/// What the metadata says about a submission. It is written by a program in Ruby: the keys are its
/// symbols.
#[derive(Deserialize)]
struct About {
    #[serde(rename = ":submitters", default)]
    submitters: Option<Vec<Person>>,
}

#[derive(Deserialize)]
struct Person {
    #[serde(rename = ":name", default)]
    name: Option<String>,
    /// The id that the school has given, if it is known.
    #[serde(rename = ":sid", default)]
    sid: Option<String>,
    #[serde(rename = ":email", default)]
    email: Option<String>,
}

/// The class, if there is such a file.
///
/// # Errors
///
/// One line, if it cannot be read: the folders alone do not say whose they are.
pub(super) fn tell(children: &Children) -> Result<Option<HandedOut>, String> {
    let is_metadata = |node: &&Node| node.name == METADATA && !node.is_folder;
    let Some(metadata) = children.nodes.iter().find(is_metadata) else { return Ok(None) };
    let text = read(metadata).map_err(|error| format!("{METADATA}: {error}"))?;
    let mut about = parse(&text).map_err(|error| format!("{METADATA}: {error}"))?;
    let (mut handed_in, mut left) = (Vec::new(), children.others.clone());
    for node in children.nodes.iter().filter(|node| node.name != METADATA) {
        if node.is_folder {
            handed_in.push(of_folder(node, about.remove(&node.name)));
        } else {
            left.push(node.name.clone());
        }
    }
    let mut notes: Vec<_> = left_out(&left).into_iter().collect();
    let missing: Vec<_> = about.keys().map(|name| shown(Path::new(name))).collect();
    // They are rows all the same, each with its problem.
    handed_in.extend(about.into_iter().map(|(name, about)| without_folder(&name, about)));
    if !missing.is_empty() {
        let missing = listed(&missing, NAMES);
        notes.push(format!("{METADATA} names folders that are not there: {missing}."));
    }
    Ok(Some(HandedOut { layout: Layout::Gradescope, handed_in, notes }))
}

fn read(metadata: &Node) -> Result<String, String> {
    let mut text = String::new();
    let length = match &metadata.place {
        Place::Disk(path) => {
            let file = File::open(path).map_err(|error| error.to_string())?;
            file.take(LARGEST + 1).read_to_string(&mut text)
        }
        Place::Zip { archive, path } => {
            let entry = archive.file(path).ok_or("it is not there")?;
            let mut content = archive.content();
            let file = content.by_index(entry.index);
            let file = file.map_err(|error| crate::archive::problem(&error))?;
            file.take(LARGEST + 1).read_to_string(&mut text)
        }
    };
    match length {
        Ok(length) if length as u64 > LARGEST => Err("it is too large".into()),
        Ok(_) => Ok(text),
        Err(error) => Err(crate::archive::of_reading(&error)),
    }
}

fn parse(text: &str) -> Result<BTreeMap<String, About>, String> {
    // It is as large as the class, and was made by Gradescope.
    let options = serde_saphyr::options! {
        budget: None,
    };
    let about = serde_saphyr::from_str_with_options(text, options);
    about.map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())
}

fn of_folder(folder: &Node, about: Option<About>) -> HandedIn {
    let submitter = submitter(&folder.name, about);
    HandedIn {
        submitter,
        parts: vec![(PathBuf::new(), folder.clone())],
        notes: Vec::new(),
        beside_files: None,
    }
}

fn without_folder(name: &str, about: About) -> HandedIn {
    HandedIn { submitter: submitter(name, Some(about)), ..HandedIn::default() }
}

fn submitter(folder: &str, about: Option<About>) -> Submitter {
    let people = about.and_then(|about| about.submitters).unwrap_or_default();
    let members: Vec<_> = people.into_iter().map(member).collect();
    match &*members {
        [] => Submitter { name: folder.to_owned(), ..Submitter::default() },
        [Member { name, id, email }] => {
            let (name, id, email) = (name.clone(), id.clone(), email.clone());
            Submitter { name, id, email, ..Submitter::default() }
        }
        _ => {
            let names: Vec<_> = members.iter().map(|member| &*member.name).collect();
            Submitter { name: names.join(", "), members, ..Submitter::default() }
        }
    }
}

fn member(person: Person) -> Member {
    let Person { name, sid, email } = person;
    let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (id, email) = (text(sid), text(email));
    let name = text(name).or_else(|| email.clone()).or_else(|| id.clone());
    Member { name: name.unwrap_or_else(|| "(no name)".into()), id, email }
}
