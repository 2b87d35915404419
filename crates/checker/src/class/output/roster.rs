//! The school's list of its learners: which name and id belong to an account of the platform.

use super::people::{Person, comparable, only, spellings};
use super::table::Table;
use std::collections::HashMap;
use submissions::Layout;

/// What a column holds, and the headers that say so, in lower case and with spaces for punctuation.
const ACCOUNT: (&str, &[&str]) = (
    "account",
    &["account", "username", "user name", "login", "github username", "github", "platform id"],
);
const EMAIL: (&str, &[&str]) = ("email", &["email", "e mail", "email address", "mail"]);
const NAME: (&str, &[&str]) = ("name", &["name", "full name", "student name", "student"]);
const FIRST_NAME: (&str, &[&str]) = ("first name", &["first name", "given name"]);
const LAST_NAME: (&str, &[&str]) = ("last name", &["last name", "surname", "family name"]);
const ID: (&str, &[&str]) = (
    "id",
    &["id", "student id", "student number", "sid", "identifier", "roster identifier", "id number"],
);

/// A learner, as the school knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub name: Option<String>,
    pub id: Option<String>,
    /// The name, to look for.
    spellings: Vec<String>,
    /// Whether there is a submission.
    is_found: bool,
}

/// The list.
#[derive(Debug)]
pub struct Roster {
    entries: Vec<Entry>,
    /// By account, by e-mail address and by id, all in lower case.
    by: [HashMap<String, usize>; 3],
    /// Whether the accounts may be numbers that the platform has given.
    has_internal_ids: bool,
}

impl Roster {
    /// Reads the list. Its columns are told apart by their headers, in any order.
    ///
    /// # Errors
    ///
    /// If it is not in UTF-8, a column is missing or is there twice, or two learners have the same account.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, String> {
        let table = Table::parse(bytes)?;
        if let Some(row) = table.row_of_other_encoding() {
            return Err(format!("row {} is not in UTF-8: save the file as CSV UTF-8", row + 1));
        }
        let column = |kind| column(&table, kind);
        let (account, email, id) = (column(ACCOUNT)?, column(EMAIL)?, column(ID)?);
        let (name, first, last) = (column(NAME)?, column(FIRST_NAME)?, column(LAST_NAME)?);
        let names: Vec<_> = match name {
            Some(name) => vec![name],
            None => first.into_iter().chain(last).collect(),
        };
        if names.is_empty() && id.is_none() {
            return Err(missing(&table, "the school's names or ids", &[NAME, ID]));
        }

        // Not a name for logging in, as those of the school are.
        let header = account.map(|column| words(&table.cell(0, column)));
        let has_internal_ids = header.is_some_and(|it| ["account", "platform id"].contains(&&*it));
        let mut roster = Self { entries: Vec::new(), by: Default::default(), has_internal_ids };
        for row in 1..table.height() {
            let cell = |column: usize| filled(table.cell(row, column).into());
            let name: Vec<_> = names.iter().filter_map(|&column| cell(column)).collect();
            let name = name.join(" ");
            roster.entries.push(Entry {
                spellings: spellings(&name),
                name: filled(name),
                id: id.and_then(cell),
                is_found: false,
            });
            for (column, by) in [account, email, id].into_iter().zip(&mut roster.by) {
                let Some(column) = column else { continue };
                let Some(key) = cell(column) else { continue };
                if by.insert(key.to_lowercase(), roster.entries.len() - 1).is_some() {
                    let header = table.cell(0, column);
                    return Err(format!("column {header}: \"{key}\" is there twice"));
                }
            }
        }
        Ok(roster)
    }

    /// The learner with this account, e-mail address or id, or the only one with this name; and the
    /// place in the list.
    pub fn find(&mut self, layout: Layout, person: &Person) -> Option<(usize, &Entry)> {
        let by_key = self.by_key(layout, person);
        let by_name = || self.by_name(&person.platform_name);
        let index = by_key.or_else(by_name).or_else(|| self.by_internal_id(person))?;
        let entry = &mut self.entries[index];
        entry.is_found = true;
        Some((index, entry))
    }

    fn by_key(&self, layout: Layout, person: &Person) -> Option<usize> {
        // Canvas and Moodle number people by themselves: the same number may be another's at school.
        let is_internal = matches!(layout, Layout::Canvas | Layout::Moodle);
        let id = person.platform_id.as_ref().filter(|_| !is_internal);
        let known = id.into_iter().chain(&person.email);
        // GitHub's accounts are all that is known, as names.
        let known: Vec<_> =
            known.chain([&person.platform_name]).map(|text| text.to_lowercase()).collect();
        let mut found = self.by.iter().flat_map(|by| known.iter().filter_map(|text| by.get(text)));
        found.next().copied()
    }

    /// The learner with this id, in a column for the platform's own.
    fn by_internal_id(&self, person: &Person) -> Option<usize> {
        let id = person.platform_id.as_ref().filter(|_| self.has_internal_ids)?;
        self.by[0].get(&id.to_lowercase()).copied()
    }

    fn by_name(&self, name: &str) -> Option<usize> {
        let wanted = comparable(name);
        only((0..self.entries.len()).filter(|&it| self.entries[it].spellings.contains(&wanted)))
    }

    /// Those who were not looked for, by name or else by id.
    pub fn absent(self) -> Vec<String> {
        let absent = self.entries.into_iter().filter(|entry| !entry.is_found);
        absent.filter_map(|entry| entry.name.or(entry.id)).collect()
    }
}

/// Where the column of this kind is.
fn column(table: &Table, (kind, headers): (&str, &[&str])) -> Result<Option<usize>, String> {
    let is_meant = |header: &str| headers.contains(&&*words(header));
    let found: Vec<_> = table.header().enumerate().filter(|(_, header)| is_meant(header)).collect();
    match found.as_slice() {
        [] => Ok(None),
        [(column, _)] => Ok(Some(*column)),
        [(_, one), (_, other), ..] => {
            Err(format!("two columns could be the {kind}: {one} and {other}; rename one"))
        }
    }
}

/// A header in lower case and with spaces for punctuation.
fn words(header: &str) -> String {
    let words = header.to_lowercase().replace(|c: char| !c.is_alphanumeric(), " ");
    words.trim().to_owned()
}

fn missing(table: &Table, what: &str, kinds: &[(&str, &[&str])]) -> String {
    let wanted: Vec<_> = kinds.iter().map(|(kind, _)| *kind).collect();
    let there: Vec<_> = table.header().collect();
    format!(
        "no column with {what}: name one of its columns {}. Its columns are: {}",
        wanted.join(" or "),
        there.join(", ")
    )
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
