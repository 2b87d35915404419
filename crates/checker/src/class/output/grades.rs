//! `grades.csv`: a row for each learner, for spreadsheets and scripts.
//!
//! No cell is a formula: a text that a spreadsheet would take for one starts with an apostrophe, and
//! so does one that already starts with apostrophes before such a text. Whoever reads the file takes
//! off one apostrophe if `=`, `+`, `-` or `@` comes after the apostrophes. All other texts, such as
//! `'Okina`, are as they were.

use super::people::Person;
use super::standing::Standing;
use crate::escape::shown;
use submissions::{Layout, Submitter};

/// The rows so far.
pub struct Grades {
    rows: csv::Writer<Vec<u8>>,
    /// Whether the submissions tell who was late: only Canvas's do.
    tells_late: bool,
}

impl Grades {
    /// Starts with the header.
    #[must_use]
    pub fn new(exercises: &[&str], layout: Layout) -> Self {
        let mut grades = Self {
            rows: csv::Writer::from_writer(Vec::new()),
            tells_late: layout == Layout::Canvas,
        };
        let rest = ["total", "late", "verdict", "note"];
        grades.row(["id", "name"].iter().chain(exercises).chain(&rest).map(ToString::to_string));
        grades
    }

    /// Adds a row for a learner. One who has no id is known by the name of the results.
    pub fn add(&mut self, submitter: &Submitter, person: &Person, standing: &Standing) {
        let id = person.id.as_ref().unwrap_or(&submitter.key);
        let points = |points: &Option<f64>| points.map(|it| it.to_string()).unwrap_or_default();
        let mut cells = vec![text(id), text(&person.name)];
        cells.extend(standing.points.iter().map(points));
        cells.push(points(&standing.total));
        cells.push(
            match (submitter.late, self.tells_late) {
                (true, _) => "yes",
                (false, true) => "no",
                (false, false) => "",
            }
            .into(),
        );
        cells.push(standing.verdict.words().into());
        cells.push(text(&standing.note));
        self.row(cells);
    }

    /// The file.
    ///
    /// # Panics
    ///
    /// Never: it is in memory.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.rows.into_inner().expect("written to memory")
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.write_record(cells).expect("written to memory, and all rows are as long");
    }
}

/// A text that is no formula, in one line. Spreadsheets also take full-width signs for formulas.
fn text(text: &str) -> String {
    let text = shown(&text.replace(['\t', '\r', '\n'], " "));
    let start = text.trim_start_matches(|c: char| c == '\'' || c.is_whitespace());
    if start.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text
    }
}
