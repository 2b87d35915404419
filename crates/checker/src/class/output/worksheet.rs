//! Moodle's grading worksheet, filled in. Moodle reads the column with the grades and needs the
//! others as they were.

use super::people::{Absent, Person, comparable, only};
use super::standing::Standing;
use super::table::{Table, is_with_comma};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use submissions::Layout;

/// The worksheet, as it was downloaded.
pub struct Worksheet {
    table: Table,
    is_in_english: bool,
    identifier: usize,
    name: Option<usize>,
    email: Option<usize>,
    grade: usize,
    maximum: Option<usize>,
    /// Whether a grade may be changed: `Yes` or `No`.
    changeable: Option<usize>,
    decimal: char,
    /// The rows of those who submitted something, or may have.
    present: BTreeSet<usize>,
}

impl Worksheet {
    /// Finds the columns. In a worksheet that is not in English, the teacher names that of the
    /// grades.
    ///
    /// # Errors
    ///
    /// If the columns are not there.
    pub fn parse(bytes: Vec<u8>, grade: Option<&str>) -> Result<Self, String> {
        let table = Table::parse(bytes)?;
        let find = |wanted| table.column(wanted);
        let wanted = grade.unwrap_or("Grade");
        let grade = find(wanted)?.ok_or_else(|| {
            let there: Vec<_> = table.header().collect();
            format!(
                "no column {wanted}: name the grade column with --column. The columns are: {}",
                there.join(", ")
            )
        })?;
        let identifier = find("Identifier")?;
        let is_in_english = identifier.is_some();
        let identifier = identifier.unwrap_or(0);
        if table.height() > 1
            && (1..table.height()).all(|row| number(&table, row, identifier).is_none())
        {
            let header = table.cell(0, identifier);
            return Err(format!(
                "column {header} has no identifiers such as Participant 123: download the \
                 assignment's grading worksheet, with all columns"
            ));
        }
        let (name, email) = (find("Full name")?, find("Email address")?);
        let maximum = find("Maximum Grade")?;
        let changeable = find("Grade can be changed")?;
        let decimal = decimal(&table);
        let present = BTreeSet::new();
        Ok(Self {
            table,
            is_in_english,
            identifier,
            name,
            email,
            grade,
            maximum,
            changeable,
            decimal,
            present,
        })
    }

    /// Finds the column of names in a worksheet that is not in English: it has those of the people who
    /// are known by their numbers.
    pub fn find_names(&mut self, layout: Layout, people: &[Person]) {
        if self.is_in_english || layout != Layout::Moodle {
            return;
        }
        let numbered = |row| number(&self.table, row, self.identifier).map(|number| (number, row));
        let rows: BTreeMap<_, _> = self.rows().filter_map(numbered).collect();
        let mut found = vec![0; self.table.header().count()];
        for person in people {
            let Some(&row) = person.platform_id.as_ref().and_then(|id| rows.get(id)) else {
                continue;
            };
            let name = comparable(&person.platform_name);
            for (column, count) in found.iter_mut().enumerate() {
                let is_it =
                    column != self.identifier && comparable(&self.table.cell(row, column)) == name;
                *count += usize::from(is_it);
            }
        }
        let columns = found.iter().enumerate().filter(|(_, count)| **count > 0);
        self.name = columns.max_by_key(|(_, count)| **count).map(|(column, _)| column);
    }

    /// Notes that this person submitted something. Returns whether any participant may be them.
    pub fn claim(&mut self, layout: Layout, person: &Person) -> bool {
        let named = |sheet: &Self| -> Vec<_> {
            sheet.rows().filter(|&row| sheet.has_name(row, person)).collect()
        };
        let rows = self.row(layout, person).map_or_else(|| named(self), |row| vec![row]);
        self.present.extend(&rows);
        !rows.is_empty()
    }

    /// The participants who submitted nothing.
    #[must_use]
    pub fn absent(&self) -> Vec<Absent> {
        let absent = self.rows().filter(|row| !self.present.contains(row)).filter_map(|row| {
            let id = number(&self.table, row, self.identifier)?;
            let name = self.name.map(|column| self.table.cell(row, column));
            // Whoever corrects blindly has only that.
            let identifier = || self.table.cell(row, self.identifier);
            let name = name.filter(|name| !name.is_empty()).unwrap_or_else(identifier);
            Absent::new(Some(&name), Some(&id), None)
        });
        absent.collect()
    }

    /// Fills in the grade of a learner. Of two who seem to be in the same row, neither gets any.
    ///
    /// # Errors
    ///
    /// What the teacher should know, if it cannot be.
    pub fn fill(
        &mut self,
        layout: Layout,
        person: &Person,
        standing: &Standing,
    ) -> Result<(), String> {
        let name = &person.name;
        let row = self.row(layout, person);
        let row = self.table.claim(row, self.grade, person, "the worksheet")?;
        if self.changeable.is_some_and(|column| self.table.cell(row, column) == "No") {
            return Err(format!(
                "{name}'s grade cannot be changed in Moodle, and was left as it was."
            ));
        }
        let total = standing.total.ok_or_else(|| {
            format!("{name} has no grade in the worksheet: {}.", standing.verdict.words())
        })?;
        let grade = format!("{total:.2}").replace('.', &self.decimal.to_string());
        self.table.replace(row, self.grade, &grade)
    }

    /// The name of a participant, as the worksheet has it.
    #[must_use]
    pub fn name(&self, layout: Layout, person: &Person) -> Option<String> {
        let row = self.row(layout, person)?;
        Some(self.table.cell(row, self.name?).into())
    }

    /// If Moodle expects other points.
    #[must_use]
    pub fn other_maximum(&self, possible: f64) -> Option<String> {
        let maximum = self.table.cell(1, self.maximum?).replace(self.decimal, ".");
        let maximum: f64 = maximum.parse().ok().filter(|maximum| *maximum != possible)?;
        Some(format!(
            "In Moodle, the assignment is worth {maximum} points, but the exercises come to \
             {possible}. The points were entered as they are: change the assignment's to {possible}, or scale \
             them yourself."
        ))
    }

    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.table.finish()
    }

    /// The row of this participant. Who is known from another platform, where numbers mean other
    /// people, is found by e-mail address, or is the only one with this name.
    fn row(&self, layout: Layout, person: &Person) -> Option<usize> {
        let mut rows = self.rows();
        if layout == Layout::Moodle
            && let Some(id) = &person.platform_id
        {
            let row =
                rows.find(|&row| number(&self.table, row, self.identifier).as_ref() == Some(id))?;
            // A group's number may be that of somebody who has nothing to do with it.
            let is_hidden = person.platform_name.ends_with(id);
            return (is_hidden || self.may_be(row, person)).then_some(row);
        }
        let has_email = |row: usize| {
            let cell = self.email.map(|column| self.table.cell(row, column)).unwrap_or_default();
            person.email.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(&cell))
        };
        let has_name = |row: &usize| self.has_name(*row, person);
        rows.clone().find(|&row| has_email(row)).or_else(|| only(rows.filter(has_name)))
    }

    /// Whether this participant may be this person, as far as names tell.
    fn may_be(&self, row: usize, person: &Person) -> bool {
        if let Some(column) = self.name {
            return may_be(&self.table.cell(row, column), person);
        }
        if self.is_in_english {
            return true;
        }
        // The name may be in any of them, or hidden.
        let columns = (0..self.table.header().count()).filter(|&it| it != self.identifier);
        let texts = columns.map(|column| self.table.cell(row, column));
        let texts: Vec<_> = texts.filter(|text| text.contains(char::is_alphabetic)).collect();
        texts.is_empty() || texts.iter().any(|text| may_be(text, person))
    }

    fn rows(&self) -> Range<usize> {
        1..self.table.height()
    }

    fn has_name(&self, row: usize, person: &Person) -> bool {
        let cell = self.name.map(|column| self.table.cell(row, column)).unwrap_or_default();
        let is = |name: &str| comparable(&cell) == comparable(name);
        person.goes_by_name && is(&person.platform_name) || person.is_listed() && is(&person.name)
    }
}

/// Whether a participant may be this person, whose name may be shortened or have a group before it.
fn may_be(name: &str, person: &Person) -> bool {
    let [listed, known] = [name, &person.platform_name].map(comparable);
    name.is_empty() || listed.split(' ').any(|word| known.split(' ').any(|other| other == word))
}

/// The number in an identifier, such as that in `Participant 123`, whatever the language.
fn number(table: &Table, row: usize, column: usize) -> Option<String> {
    let cell = table.cell(row, column);
    let (_, number) = cell.rsplit_once(char::is_whitespace)?;
    (!number.is_empty() && number.bytes().all(|it| it.is_ascii_digit())).then(|| number.to_owned())
}

/// How numbers are written, as those in any column tell: their headers depend on the language.
fn decimal(table: &Table) -> char {
    let columns = table.header().count();
    let mut cells =
        (1..table.height()).flat_map(|row| (0..columns).map(move |it| table.cell(row, it)));
    if cells.any(|cell| is_with_comma(&cell)) { ',' } else { '.' }
}
