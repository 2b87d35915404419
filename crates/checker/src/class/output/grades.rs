//! `grades.csv`: a row for each learner, for spreadsheets and scripts: in the order of the roster, or
//! else by name.
//!
//! No cell is a formula: a text that a spreadsheet would take for one starts with an apostrophe, and
//! so does one that already starts with apostrophes before such a text. Whoever reads the file takes
//! off one apostrophe if `=`, `+`, `-` or `@` comes after the apostrophes. All other texts, such as
//! `'Okina`, are as they were.

use super::people::{Absent, Person};
use super::standing::Standing;
use super::table::BYTE_ORDER_MARK;
use crate::escape::in_one_line;
use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use std::cmp::Ordering;
use submissions::{Layout, Submitter};

/// The rows so far.
pub struct Grades {
    header: Vec<String>,
    rows: Vec<Row>,
    /// Whether the submissions tell who was late: only Canvas's do.
    tells_late: bool,
}

struct Row {
    /// The place in the roster.
    place: Option<usize>,
    name: String,
    cells: Vec<String>,
}

impl Grades {
    /// Starts with the header.
    #[must_use]
    pub fn new(exercises: &[&str], layout: Layout) -> Self {
        let rest = ["total", "late", "verdict", "note"];
        let header = ["id", "name"].iter().chain(exercises).chain(&rest);
        Self {
            header: header.map(ToString::to_string).collect(),
            rows: Vec::new(),
            tells_late: layout == Layout::Canvas,
        }
    }

    /// Adds a row for a learner.
    pub fn add(&mut self, submitter: &Submitter, person: &Person, standing: &Standing) {
        let late = match (submitter.late, self.tells_late) {
            (true, _) => "yes",
            (false, true) => "no",
            (false, false) => "",
        };
        self.add_row(person.place, &person.listed_id, &person.name, late, standing);
    }

    /// Adds a row for a learner who submitted nothing.
    pub fn add_absent(&mut self, absent: &Absent, standing: &Standing) {
        self.add_row(absent.place, &absent.id, &absent.name, "", standing);
    }

    fn add_row(
        &mut self,
        place: Option<usize>,
        id: &str,
        name: &str,
        late: &str,
        standing: &Standing,
    ) {
        let points = |points: &Option<f64>| points.map(|it| it.to_string()).unwrap_or_default();
        let mut cells = vec![text(id), text(name)];
        cells.extend(standing.points.iter().map(points));
        cells.push(points(&standing.total));
        cells.extend([late, standing.verdict.words()].map(ToOwned::to_owned));
        cells.push(text(&standing.note));
        self.rows.push(Row { place, name: name.into(), cells });
    }

    /// The file. Rows that are equal in order stay as they were added.
    ///
    /// # Panics
    ///
    /// Never: it is in memory.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        let collator = collator();
        self.rows.sort_by(|one, other| order(&collator, one, other));
        // Excel takes a file without it for one in the machine's old encoding.
        let mut writer = csv::Writer::from_writer(BYTE_ORDER_MARK.to_vec());
        for cells in std::iter::once(&self.header).chain(self.rows.iter().map(|row| &row.cells)) {
            writer.write_record(cells).expect("written to memory, and all rows are as long");
        }
        writer.into_inner().expect("written to memory")
    }
}

/// Those in the roster first.
fn order(collator: &CollatorBorrowed, one: &Row, other: &Row) -> Ordering {
    let place = |row: &Row| row.place.unwrap_or(usize::MAX);
    place(one).cmp(&place(other)).then_with(|| collator.compare(&one.name, &other.name))
}

/// The order of names that is a good one in most languages, with `Ada 2` before `Ada 10`.
fn collator() -> CollatorBorrowed<'static> {
    let mut preferences = CollatorPreferences::default();
    preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    Collator::try_new(preferences, CollatorOptions::default()).expect("its data is built in")
}

/// A text that is no formula, in one line. Spreadsheets also take full-width signs for formulas.
fn text(text: &str) -> String {
    let text = in_one_line(text);
    let start = text.trim_start_matches(|c: char| c == '\'' || c.is_whitespace());
    if start.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text
    }
}
