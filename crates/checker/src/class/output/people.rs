//! Who a submission is from, as the platform and the school know them.

use super::Asked;
use crate::escape::legible;
use std::iter;
use submissions::{Layout, Submitter};
use unicode_normalization::UnicodeNormalization;

/// One who gets a grade: the submitter, or a member of the group.
#[derive(Clone, Debug)]
pub struct Person {
    /// The school's name if there is a roster. Otherwise the platform's; if that is only a word, as
    /// for an account, the name in the platform's own list.
    pub name: String,
    /// The school's id if there is a roster, the platform's otherwise.
    pub id: Option<String>,
    /// The id for grades.csv: this one, or else the key of the submission. Empty if it is another's at
    /// school.
    pub listed_id: String,
    /// The platform's name and id, whatever the roster says.
    pub platform_name: String,
    pub platform_id: Option<String>,
    /// Whether lists may be searched for the platform's name. Not if it is an account that its owner
    /// chose, and the roster says whose accounts there are.
    pub goes_by_name: bool,
    /// The school's id, if there is a roster.
    pub school_id: Option<String>,
    pub email: Option<String>,
    /// The place in the roster, if there is one.
    pub place: Option<usize>,
    /// The key of the submission.
    submission: String,
}

impl Person {
    /// Whether both are the same, as far as the platform tells: who has neither an id nor an e-mail
    /// address is somebody else in each submission.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let known =
            |one: &Self| (one.platform_name.clone(), one.platform_id.clone(), one.email.clone());
        let is_told_apart = self.platform_id.is_some() || self.email.is_some();
        known(self) == known(other) && (is_told_apart || self.submission == other.submission)
    }

    /// Whether the roster has them, so that the name is the school's.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.place.is_some()
    }

    /// The platform's name, and its id, if that is another, to tell apart who has the same name.
    #[must_use]
    pub fn known_as(&self) -> String {
        let id = self.platform_id.as_ref().filter(|id| **id != self.platform_name);
        let id = id.map(|id| format!(" ({id})")).unwrap_or_default();
        legible(&format!("{}{id}", self.platform_name))
    }
}

/// One of the class list who submitted nothing.
pub struct Absent {
    /// Never empty: the id, if the list has no name.
    pub name: String,
    /// Empty if the list has none.
    pub id: String,
    /// The place in the roster, if that is the list.
    pub place: Option<usize>,
}

impl Absent {
    /// The learner with this name and id in the list. None if that has neither.
    #[must_use]
    pub fn new(name: Option<&str>, id: Option<&str>, place: Option<usize>) -> Option<Self> {
        let name = legible(name.or(id)?);
        Some(Self { name, id: id.unwrap_or_default().into(), place })
    }
}

/// Everybody who gets the grade of a submission, as the platform knows them.
#[must_use]
pub fn unlisted(submitter: &Submitter) -> Vec<Person> {
    let person = |name: &str, id: &Option<String>, email: &Option<String>| Person {
        name: name.into(),
        id: id.clone(),
        listed_id: String::new(),
        platform_name: name.into(),
        platform_id: id.clone(),
        goes_by_name: true,
        school_id: None,
        email: email.clone(),
        place: None,
        submission: submitter.key.clone(),
    };
    match submitter.members.as_slice() {
        [] => vec![person(&submitter.name, &submitter.id, &submitter.email)],
        members => members.iter().map(|it| person(&it.name, &it.id, &it.email)).collect(),
    }
}

/// Everybody who gets the grade of a submission.
#[must_use]
pub fn people(submitter: &Submitter, layout: Layout, asked: &Asked) -> Vec<Person> {
    let mut people = unlisted(submitter);
    let tells_accounts = asked.roster.as_ref().is_some_and(|it| it.tells_accounts(layout));
    for person in &mut people {
        person.goes_by_name = !tells_accounts;
        let listed = asked.listed_name(layout, person);
        let is_better = |listed: &String| {
            let mut names = names_in(layout, &person.platform_name).skip(1);
            is_account(person) || names.any(|name| name == listed)
        };
        let mut name = listed.filter(is_better);
        if let Some((place, entry)) = asked.roster.as_ref().and_then(|it| it.find(layout, person)) {
            name = entry.name.clone().or(name);
            person.place = Some(place);
            person.school_id.clone_from(&entry.id);
            person.id = entry.id.clone().or_else(|| person.id.clone());
        }
        let is_anothers = |id: &String| {
            let roster = asked.roster.as_ref().filter(|_| person.place.is_none());
            roster.is_some_and(|roster| roster.has_id(id))
        };
        let id = person.id.as_ref().unwrap_or(&submitter.key);
        person.listed_id = Some(id).filter(|id| !is_anothers(id)).cloned().unwrap_or_default();
        person.name = legible(&name.unwrap_or_else(|| person.name.clone()));
    }
    people
}

/// The names that a platform's may be: if a group submits together, Moodle writes that before it, as in
/// `Group A-Jane Doe`.
pub fn names_in(layout: Layout, name: &str) -> impl Iterator<Item = &str> {
    let hyphens = name.match_indices('-').filter(move |_| layout == Layout::Moodle);
    iter::once(name).chain(hyphens.map(|(at, _)| &name[at + 1..]))
}

/// Whether the platform tells an account, or the name in one word, as Canvas does.
fn is_account(person: &Person) -> bool {
    !person.platform_name.contains(char::is_whitespace)
}

/// The name that a submission goes by: that of the group, or of who is in it.
#[must_use]
pub fn title(submitter: &Submitter, people: &[Person]) -> String {
    match (&submitter.group, people) {
        (Some(group), _) => legible(group),
        (None, [person]) => person.name.clone(),
        (None, _) => legible(&submitter.name),
    }
}

/// How a name may be written elsewhere, to compare others with: as [`comparable`] has it, and in one
/// word, as in Canvas's downloads, where `Doe, Jane` and `Jane Doe` are `doejane`.
#[must_use]
pub fn spellings(name: &str) -> Vec<String> {
    let lower = lower(name);
    let words: Vec<_> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // Where the last name begins is not known.
    let squeezed =
        (0..words.len()).map(|first| [&words[first..], &words[..first]].concat().concat());
    iter::once(comparable(name)).chain(squeezed).collect()
}

fn lower(name: &str) -> String {
    name.nfc().collect::<String>().to_lowercase()
}

/// The only one of these; none if there are more, who cannot be told apart.
pub fn only<T>(mut same: impl Iterator<Item = T>) -> Option<T> {
    same.next().filter(|_| same.next().is_none())
}

/// A name to compare others with: its words in lower case, in any order, so that `Doe, Jane` is
/// `Jane Doe`.
#[must_use]
pub fn comparable(name: &str) -> String {
    let lower = lower(name);
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<_> = words.collect();
    if words.is_empty() {
        // It may be all emoji.
        return lower;
    }
    words.sort_unstable();
    words.join(" ")
}
