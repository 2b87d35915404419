//! Who a submission is from, as the platform and the school know them.

use super::roster::Roster;
use crate::escape::shown;
use std::iter;
use submissions::Submitter;

/// One who gets a grade: the submitter, or a member of the group.
#[derive(Clone, Debug)]
pub struct Person {
    /// The school's name if there is a roster, the platform's otherwise.
    pub name: String,
    /// The school's id if there is a roster, the platform's otherwise.
    pub id: Option<String>,
    /// The platform's name and id, whatever the roster says.
    pub platform_name: String,
    pub platform_id: Option<String>,
    /// The school's id, if there is a roster.
    pub school_id: Option<String>,
    pub email: Option<String>,
}

/// Everybody who gets the grade of a submission.
#[must_use]
pub fn people(submitter: &Submitter, mut roster: Option<&mut Roster>) -> Vec<Person> {
    let person = |name: &str, id: &Option<String>, email: &Option<String>| Person {
        name: name.into(),
        id: id.clone(),
        platform_name: name.into(),
        platform_id: id.clone(),
        school_id: None,
        email: email.clone(),
    };
    let mut people: Vec<_> = match submitter.members.as_slice() {
        [] => vec![person(&submitter.name, &submitter.id, &submitter.email)],
        members => members.iter().map(|it| person(&it.name, &it.id, &it.email)).collect(),
    };
    for person in &mut people {
        if let Some(entry) = roster.as_mut().and_then(|roster| roster.find(person)) {
            person.name = entry.name.clone().unwrap_or_else(|| person.name.clone());
            person.school_id.clone_from(&entry.id);
            person.id = entry.id.clone().or_else(|| person.id.clone());
        }
        person.name = shown(&person.name);
    }
    people
}

/// The name that a submission goes by: that of the group, or of who is in it.
#[must_use]
pub fn title(submitter: &Submitter, people: &[Person]) -> String {
    match (&submitter.group, people) {
        (Some(group), _) => shown(group),
        (None, [person]) => person.name.clone(),
        (None, _) => shown(&submitter.name),
    }
}

/// How a name may be written elsewhere, to compare others with: as [`comparable`] has it, and in one
/// word, as in Canvas's downloads, where `Doe, Jane` and `Jane Doe` are `doejane`.
#[must_use]
pub fn spellings(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let words: Vec<_> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // Where the last name begins is not known.
    let squeezed =
        (0..words.len()).map(|first| [&words[first..], &words[..first]].concat().concat());
    iter::once(comparable(name)).chain(squeezed).collect()
}

/// The only one of these; none if there are more, who cannot be told apart.
pub fn only<T>(mut same: impl Iterator<Item = T>) -> Option<T> {
    same.next().filter(|_| same.next().is_none())
}

/// A name to compare others with: its words in lower case, in any order, so that `Doe, Jane` is
/// `Jane Doe`.
#[must_use]
pub fn comparable(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<_> = words.collect();
    words.sort_unstable();
    words.join(" ")
}
