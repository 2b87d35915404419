//! The gradebook that was exported from Canvas, filled in: only the column of the assignment
//! changes.

use super::people::{Person, comparable, only, spellings};
use super::standing::Standing;
use super::table::{Table, is_with_comma};
use submissions::Layout;

/// The columns that tell who somebody is, after the name: Canvas's own id, and those of the school.
const IDS: [&str; 4] = ["ID", "SIS User ID", "SIS Login ID", "Integration ID"];

/// The gradebook, as it was exported.
pub struct Gradebook {
    table: Table,
    /// Where `IDS` are.
    ids: [Option<usize>; 4],
    /// Where the name is: in one column, or in two.
    name: Vec<usize>,
    assignment: usize,
    /// The rows of learners: before them are the header, the points possible, and more.
    first: usize,
    possible: Option<f64>,
    /// How numbers are written, as those in the assignment's column tell.
    decimal: char,
}

impl Gradebook {
    /// Finds the columns. That of the assignment is named by its header, its title or its number,
    /// or is the only one that can be written.
    ///
    /// # Errors
    ///
    /// If it is not a gradebook, or the assignment is not clear.
    pub fn parse(bytes: Vec<u8>, assignment: Option<&str>) -> Result<Self, String> {
        let table = Table::parse(bytes)?;
        let find = |wanted| table.column(wanted);
        let mut ids = [None; 4];
        for (column, header) in ids.iter_mut().zip(IDS) {
            *column = find(header)?;
        }
        let name = match find("Student")? {
            Some(student) => vec![student],
            None => [find("LastName")?, find("FirstName")?].into_iter().flatten().collect(),
        };
        if name.is_empty() || ids[0].is_none() {
            return Err("no columns Student and ID: export the gradebook from Canvas, with \
                        Grades > Export > Export Entire Gradebook"
                .into());
        }
        let points_row = (1..table.height().min(4))
            .find(|&row| table.cell(row, name[0]).eq_ignore_ascii_case("points possible"));
        let assignment = assignment_column(&table, points_row, assignment)?;
        let has_comma = (1..table.height()).any(|row| is_with_comma(&table.cell(row, assignment)));
        let decimal = if has_comma { ',' } else { '.' };
        let points = |row| table.cell(row, assignment).replace(decimal, ".");
        let possible = points_row.and_then(|row| points(row).parse().ok());
        let first = points_row.map_or(1, |row| row + 1);
        Ok(Self { table, ids, name, assignment, first, possible, decimal })
    }

    /// Fills in the points of a learner. Of two who seem to be in the same row, neither gets any.
    ///
    /// # Errors
    ///
    /// What the teacher should know, if they cannot be.
    pub fn fill(
        &mut self,
        layout: Layout,
        person: &Person,
        standing: &Standing,
    ) -> Result<(), String> {
        let name = &person.name;
        let row = self.row(layout, person);
        let row = self.table.claim(row, self.assignment, person, "the gradebook")?;
        if self.table.cell(row, self.assignment).eq_ignore_ascii_case("EX") {
            return Err(format!("{name} is excused in the gradebook (EX), and stays excused."));
        }
        let total = standing.total.ok_or_else(|| {
            format!("{name} has no points in the gradebook: {}.", standing.verdict.words())
        })?;
        let points = total.to_string().replace('.', &self.decimal.to_string());
        self.table.replace(row, self.assignment, &points)
    }

    /// The name of a learner, as the gradebook has it.
    #[must_use]
    pub fn name(&self, layout: Layout, person: &Person) -> Option<String> {
        self.row(layout, person).map(|row| self.name_in(row))
    }

    /// If Canvas expects other points.
    #[must_use]
    pub fn other_maximum(&self, possible: f64) -> Option<String> {
        let maximum = self.possible.filter(|maximum| *maximum != possible)?;
        Some(format!(
            "In Canvas, the assignment is worth {maximum} points, but the exercises come to \
             {possible}. The points were entered as they are: change the assignment's to {possible}, or scale \
             them yourself."
        ))
    }

    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.table.finish()
    }

    /// The row with Canvas's id; else with what the school knows; else the only one with this name.
    /// Numbers of different platforms mean different people: only an id from Canvas is looked for as
    /// such, and it is no id of the school.
    fn row(&self, layout: Layout, person: &Person) -> Option<usize> {
        let rows = || self.first..self.table.height();
        let [id, school @ ..] = self.ids;
        let has = |row, column: Option<usize>, wanted: &Option<String>| {
            let cell = column.map(|column| self.table.cell(row, column)).unwrap_or_default();
            wanted.as_deref().is_some_and(|wanted| !cell.is_empty() && cell == *wanted)
        };
        let (canvas_id, other_id) = match layout {
            Layout::Canvas => (&person.platform_id, &None),
            // A participant's number means nothing outside of Moodle, and whoever opens an account at
            // GitHub may choose another's id.
            Layout::Moodle | Layout::GitHubClassroom => (&None, &None),
            _ => (&None, &person.platform_id),
        };
        let by_id = || rows().find(|&row| has(row, id, canvas_id));
        let by_school = || {
            let known = [&person.school_id, &person.email, other_id];
            rows().find(|&row| {
                school.iter().any(|column| known.iter().any(|wanted| has(row, *column, wanted)))
            })
        };
        let by_name = || {
            let schools = Some(&person.name).filter(|_| person.is_listed() || person.goes_by_name);
            let platforms = Some(&person.platform_name).filter(|_| person.goes_by_name);
            let names: Vec<_> =
                schools.into_iter().chain(platforms).map(|name| comparable(name)).collect();
            only(rows().filter(|&row| self.has_name(row, &names)))
        };
        by_id().or_else(by_school).or_else(by_name)
    }

    fn has_name(&self, row: usize, names: &[String]) -> bool {
        spellings(&self.name_in(row)).iter().any(|spelling| names.contains(spelling))
    }

    fn name_in(&self, row: usize) -> String {
        let cells: Vec<_> = self.name.iter().map(|&column| self.table.cell(row, column)).collect();
        cells.join(", ")
    }
}

/// The column of the assignment: headers are such as `Async (1234)`.
fn assignment_column(
    table: &Table,
    points_row: Option<usize>,
    wanted: Option<&str>,
) -> Result<usize, String> {
    let is_read_only = |column: usize| {
        let points = points_row.map(|row| table.cell(row, column)).unwrap_or_default();
        points.contains("(read only)") || table.cell(0, column).contains("(read only)")
    };
    let candidates: Vec<_> = table
        .header()
        .enumerate()
        .filter(|(column, header)| split(header).is_some() && !is_read_only(*column))
        .collect();
    let is_wanted = |header: &str| match wanted {
        None => true,
        Some(wanted) => {
            let (title, number) = split(header).unwrap_or_default();
            [header, title, number].contains(&wanted)
        }
    };
    let found: Vec<_> = candidates.iter().filter(|(_, header)| is_wanted(header)).collect();
    let named = |columns: &[&(usize, _)]| {
        let headers: Vec<_> =
            columns.iter().map(|(column, _)| table.cell(0, *column).into_owned()).collect();
        headers.join(", ")
    };
    match (found.as_slice(), wanted) {
        ([(column, _)], _) => Ok(*column),
        ([], Some(wanted)) => Err(format!(
            "no assignment {wanted}: name one of these with --column: {}",
            named(&candidates.iter().collect::<Vec<_>>())
        )),
        ([], None) => Err("no column of an assignment, such as Async (1234)".into()),
        (several, _) => {
            Err(format!("several assignments: name one of these with --column: {}", named(several)))
        }
    }
}

/// The title and the number of an assignment.
fn split(header: &str) -> Option<(&str, &str)> {
    let (title, number) = header.strip_suffix(')')?.rsplit_once(" (")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((title, number))
}
