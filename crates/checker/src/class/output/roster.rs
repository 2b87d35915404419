//! The school's list of its learners: which name and id belong to an account of the platform.

use super::people::{Absent, Person, comparable, names_in, only, spellings};
use super::table::Table;
use crate::class::summary::listed;
use std::collections::{BTreeMap, BTreeSet, HashMap};
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
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub name: Option<String>,
    pub id: Option<String>,
    /// As people count them: the header is the first.
    row: usize,
    /// The name, to look for.
    spellings: Vec<String>,
    /// Who submitted something and seems to be this learner.
    claims: Vec<Claim>,
    /// Who submitted something and has this name, as others in the list do.
    namesakes: Vec<Person>,
}

/// Somebody who seems to be a learner of the list.
#[derive(Clone, Debug)]
struct Claim {
    who: Person,
    /// Whether only the name says so, and neither account, nor e-mail address, nor id.
    is_by_name: bool,
}

/// The list.
#[derive(Debug)]
pub struct Roster {
    entries: Vec<Entry>,
    /// By account, by e-mail address and by id, all in lower case.
    by: [HashMap<String, usize>; 3],
    has_accounts: bool,
    /// Whether the accounts may be numbers that the platform has given.
    has_internal_ids: bool,
    /// Who submitted something, but is nobody in the list.
    strangers: BTreeSet<String>,
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
        let has_accounts = account.is_some();
        let mut roster = Self {
            entries: Vec::new(),
            by: Default::default(),
            has_accounts,
            has_internal_ids,
            strangers: BTreeSet::new(),
        };
        let is_gradebook = is_gradebook(&table);
        for row in 1..table.height() {
            let cell = |column: usize| filled(table.cell(row, column).into());
            let name: Vec<_> = names.iter().filter_map(|&column| cell(column)).collect();
            let name = name.join(" ");
            if is_gradebook && (id.and_then(cell).is_none() || is_test_student(&name)) {
                continue;
            }
            roster.entries.push(Entry {
                spellings: spellings(&name),
                name: filled(name),
                id: id.and_then(cell),
                row: row + 1,
                claims: Vec::new(),
                namesakes: Vec::new(),
            });
            for (column, by) in [account, email, id].into_iter().zip(&mut roster.by) {
                let Some(column) = column else { continue };
                let Some(key) = cell(column) else { continue };
                if by.insert(key.to_lowercase(), roster.entries.len() - 1).is_some() {
                    let header = table.cell(0, column);
                    return Err(format!("two rows have \"{key}\" in column {header}: correct one"));
                }
            }
        }
        Ok(roster)
    }

    /// Notes that this person submitted something. Returns whether anybody in the list may be them.
    pub fn claim(&mut self, layout: Layout, person: &Person) -> bool {
        let Some((index, is_by_name)) = self.matching(layout, person) else {
            let named = self.named(layout, &person.platform_name);
            named.iter().for_each(|&at| self.entries[at].namesakes.push(person.clone()));
            if named.is_empty() {
                self.strangers.insert(person.known_as());
            }
            return !named.is_empty();
        };
        let claims = &mut self.entries[index].claims;
        if !claims.iter().any(|claim| claim.who.is(person)) {
            claims.push(Claim { who: person.clone(), is_by_name });
        }
        true
    }

    /// The learner who this person is, and the place in the list. Of several who seem to be the same
    /// learner, nobody is.
    #[must_use]
    pub fn find(&self, layout: Layout, person: &Person) -> Option<(usize, &Entry)> {
        let (index, _) = self.matching(layout, person)?;
        let entry = &self.entries[index];
        let is_only = matches!(&*entry.best_claims(), [only] if only.who.is(person));
        is_only.then_some((index, entry))
    }

    /// The place of the learner with this account, e-mail address or id, or of the only one with this
    /// name; and whether it is only by name.
    fn matching(&self, layout: Layout, person: &Person) -> Option<(usize, bool)> {
        let internal = self.by_internal_id(person);
        let by_key = self.by_key(layout, person).map(|index| (index, false));
        let by_name = || {
            self.by_name(layout, &person.platform_name)
                .map(|index| (index, internal != Some(index)))
        };
        let by_name = || (!self.tells_accounts(layout)).then(by_name).flatten();
        by_key.or_else(by_name).or_else(|| internal.map(|index| (index, false)))
    }

    fn by_key(&self, layout: Layout, person: &Person) -> Option<usize> {
        // Canvas and Moodle number people by themselves: the same number may be another's at school.
        let is_internal = matches!(layout, Layout::Canvas | Layout::Moodle);
        let id = person.platform_id.as_ref().filter(|_| !is_internal);
        let known = id.into_iter().chain(&person.email);
        let columns = if self.tells_accounts(layout) { &self.by[..1] } else { &self.by };
        let known: Vec<_> =
            known.chain([&person.platform_name]).map(|text| text.to_lowercase()).collect();
        let mut found = columns.iter().flat_map(|by| known.iter().filter_map(|text| by.get(text)));
        found.next().copied()
    }

    /// Whether it says whose accounts there are. GitHub's are all that is known, as names: people
    /// choose them, perhaps one that is another's name, or id at school.
    #[must_use]
    pub fn tells_accounts(&self, layout: Layout) -> bool {
        layout == Layout::GitHubClassroom && self.has_accounts
    }

    /// The learner with this id, in a column for the platform's own.
    fn by_internal_id(&self, person: &Person) -> Option<usize> {
        let id = person.platform_id.as_ref().filter(|_| self.has_internal_ids)?;
        self.by[0].get(&id.to_lowercase()).copied()
    }

    fn by_name(&self, layout: Layout, name: &str) -> Option<usize> {
        only(self.named(layout, name).into_iter())
    }

    /// The places of all with this name.
    fn named(&self, layout: Layout, name: &str) -> Vec<usize> {
        let places = |name| {
            let wanted = comparable(name);
            let places = 0..self.entries.len();
            places.filter(|&it| self.entries[it].spellings.contains(&wanted)).collect::<Vec<_>>()
        };
        names_in(layout, name).map(places).find(|places| !places.is_empty()).unwrap_or_default()
    }

    /// Whether a learner has this id at school.
    #[must_use]
    pub fn has_id(&self, id: &str) -> bool {
        self.by[2].contains_key(&id.to_lowercase())
    }

    /// Those who submitted nothing.
    #[must_use]
    pub fn absent(&self) -> Vec<Absent> {
        let entries = self.entries.iter().enumerate();
        let absent = entries.filter(|(_, it)| it.claims.is_empty() && it.namesakes.is_empty());
        let absent =
            absent.map(|(at, it)| Absent::new(it.name.as_deref(), it.id.as_deref(), Some(at)));
        absent.flatten().collect()
    }

    /// Who submitted something, but is not in the list: a sentence.
    #[must_use]
    pub fn strangers(&self) -> Option<String> {
        (!self.strangers.is_empty()).then(|| {
            let names = listed(&self.strangers.iter().cloned().collect::<Vec<_>>());
            format!("Not on the roster: {names}. Their rows are the last ones in grades.csv.")
        })
    }

    /// Of whom it is not clear who is who: sentences.
    #[must_use]
    pub fn unclear(&self) -> Vec<String> {
        let mut namesakes: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| entry.claims.is_empty()) {
            for person in &entry.namesakes {
                namesakes.entry(person.known_as()).or_default().push(entry.row.to_string());
            }
        }
        let namesakes = namesakes.into_iter().map(|(who, rows)| {
            if let [row] = &*rows {
                return format!(
                    "{who} may be row {row} of the roster, which has this name: if so, enter the account there."
                );
            }
            let rows = rows.join(" or ");
            format!(
                "{who} may be row {rows} of the roster, which have the same name: add their accounts \
                 or e-mail addresses to it."
            )
        });
        let unclear = self.entries.iter().map(|entry| (entry.best_claims(), entry.row));
        let unclear = unclear.filter(|(claims, _)| claims.len() > 1);
        let unclear = unclear.map(|(claims, row)| {
            let names: Vec<_> = claims.iter().map(|claim| claim.who.known_as()).collect();
            format!(
                "{} match row {row} of the roster, so they keep the platform's names and ids.",
                names.join(" and ")
            )
        });
        unclear.chain(namesakes).collect()
    }
}

impl Entry {
    /// Who seems to be this learner: by name only if nobody does by more.
    fn best_claims(&self) -> Vec<&Claim> {
        let is_by_name = self.claims.iter().all(|claim| claim.is_by_name);
        self.claims.iter().filter(|claim| claim.is_by_name == is_by_name).collect()
    }
}

/// Whether it was exported from Canvas: rows without an id are no learners then, such as the points
/// possible.
fn is_gradebook(table: &Table) -> bool {
    let has = |wanted| table.header().any(|header| header == wanted);
    has("ID") && has("Section") && (has("SIS Login ID") || has("SIS User ID"))
}

/// Whether it is the learner that Canvas adds for the teacher to try things out.
fn is_test_student(name: &str) -> bool {
    comparable(name) == comparable("Student, Test")
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
        "no column with {what}: rename one of its columns to {}. Its columns are: {}",
        wanted.join(" or "),
        there.join(", ")
    )
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
