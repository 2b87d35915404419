//! What comes out of a class: made from the results of its learners, and from nothing else, so that
//! the same results always give the same files. Each file is written whole, and none outside of the
//! folder.
//!
//! - `standing`: what a result comes to; `people`: whose it is; `roster`: as the school knows them
//! - `grades`: grades.csv
//! - `canvas` and `worksheet`: the platform's own files, filled in; `table`: replaces their cells
//! - `view`: a result as HTML; `feedback`: the page for a learner; `page`: that for the teacher;
//!   `title`: what the class is called

mod canvas;
mod feedback;
mod grades;
mod page;
mod people;
mod roster;
mod standing;
mod table;
mod title;
mod view;
mod worksheet;

use super::learner::Learner;
use super::whole_file;
use canvas::Gradebook;
use grades::Grades;
use page::Page;
use people::{Absent, Person, people, title, unlisted};
use roster::Roster;
use standing::Standing;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use submissions::{Layout, Submitter};
use title::class_title;
use worksheet::Worksheet;

/// Files of the teacher's platform and school, as named on the command line. All of them are only
/// read: what is filled in is a copy.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// `--roster`: who the platform's accounts are, by the school's names and ids.
    pub roster: Option<PathBuf>,
    /// `--worksheet`: Moodle's grading worksheet.
    pub worksheet: Option<PathBuf>,
    /// `--canvas`: the gradebook that was exported from Canvas.
    pub canvas: Option<PathBuf>,
    /// `--column`: the column to fill in. In Canvas, an assignment such as `Async (1234)`, its title
    /// or its number, needed if there are several; in Moodle, that of the grades, needed if the
    /// worksheet is not in English.
    pub column: Option<String>,
}

/// What the teacher asked for: read and checked before the first learner is graded.
#[derive(Default)]
pub struct Asked {
    roster: Option<Roster>,
    worksheet: Option<Worksheet>,
    canvas: Option<Gradebook>,
    /// Why it is not known who submitted nothing, if there is a class list: a sentence.
    unknown: Option<&'static str>,
}

impl Asked {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// One line that names the option, the file, and what to do, if one cannot be used.
    pub fn read(files: &Files) -> Result<Self, String> {
        let column = files.column.as_deref();
        Ok(Self {
            roster: read("--roster", files.roster.as_deref(), Roster::parse)?,
            worksheet: read("--worksheet", files.worksheet.as_deref(), |bytes| {
                Worksheet::parse(bytes, column)
            })?,
            canvas: read("--canvas", files.canvas.as_deref(), |bytes| {
                Gradebook::parse(bytes, column)
            })?,
            unknown: None,
        })
    }

    /// Looks up who submitted something, of a whole class, in the class lists: only then is it clear
    /// who somebody is, and who submitted nothing.
    pub fn look_up<'a>(
        &mut self,
        layout: Layout,
        submitters: impl IntoIterator<Item = &'a Submitter>,
    ) {
        let (mut is_anybody_known, mut is_anybody_hidden) = (false, false);
        let submitters: Vec<_> = submitters.into_iter().collect();
        if let Some(worksheet) = &mut self.worksheet {
            let people: Vec<_> = submitters.iter().flat_map(|it| unlisted(it)).collect();
            worksheet.find_names(layout, &people);
        }
        for submitter in submitters {
            let is_hidden =
                submitter.anonymous || submitter.group.is_some() && submitter.members.is_empty();
            for person in unlisted(submitter) {
                let in_roster = self.roster.as_mut().map(|it| it.claim(layout, &person));
                let in_worksheet = self.worksheet.as_mut().map(|it| it.claim(layout, &person));
                let Some(is_known) = in_roster.or(in_worksheet) else { return };
                is_anybody_known |= is_known;
                is_anybody_hidden |= is_hidden && !is_known;
            }
        }
        self.unknown = match () {
            () if is_anybody_hidden => Some(HIDDEN),
            () if !is_anybody_known => Some(STRANGERS),
            () => None,
        };
    }

    /// Who is in the class list, but submitted nothing, if that can be told. A gradebook is no such
    /// list: what Canvas hands out is from one of each group only.
    fn absent(&self) -> Vec<Absent> {
        match (&self.roster, &self.worksheet) {
            _ if self.unknown.is_some() => Vec::new(),
            (Some(roster), _) => roster.absent(),
            (None, Some(worksheet)) => worksheet.absent(),
            (None, None) => Vec::new(),
        }
    }

    /// The name that the teacher knows a submission by.
    #[must_use]
    pub fn title(&self, layout: Layout, submitter: &Submitter) -> String {
        title(submitter, &people(submitter, layout, self))
    }

    /// The names and ids in grades.csv of everybody who gets the grade of a submission.
    #[must_use]
    pub fn names_of(&self, layout: Layout, submitter: &Submitter) -> Vec<String> {
        let people = people(submitter, layout, self).into_iter();
        let names = people.flat_map(|person| [person.name, person.listed_id]);
        names.filter(|name| !name.is_empty()).collect()
    }

    /// The name that the platform's own list has for a person.
    fn listed_name(&self, layout: Layout, person: &Person) -> Option<String> {
        let in_canvas = || self.canvas.as_ref().and_then(|it| it.name(layout, person));
        let in_moodle = || self.worksheet.as_ref().and_then(|it| it.name(layout, person));
        let is_readable = |name: &String| !name.is_empty() && !name.contains('\u{fffd}');
        in_canvas().or_else(in_moodle).filter(is_readable)
    }
}

fn read<T>(
    option: &str,
    path: Option<&Path>,
    parse: impl FnOnce(Vec<u8>) -> Result<T, String>,
) -> Result<Option<T>, String> {
    let Some(path) = path else { return Ok(None) };
    let bytes = fs::read(path).map_err(|error| error.to_string());
    let parsed = bytes.and_then(parse).map(Some);
    parsed.map_err(|error| format!("{option} {}: {error}", path.display()))
}

/// What is said if names are hidden, by anonymous grading or a group.
const HIDDEN: &str = "The download does not name everyone who submitted, so it is not known who \
    submitted nothing.";
/// What is said if nobody's name is known.
const STRANGERS: &str = "Nobody who submitted something is on the class list, so it is not known who \
    submitted nothing: is it the list of this class?";

/// What all learners have in common.
#[derive(Clone, Copy, Debug)]
pub struct Class<'a> {
    /// The name of the folder or zip file with the submissions.
    pub name: &'a str,
    /// The names of the exercises, in their order.
    pub exercises: &'a [&'a str],
    /// Which platform the submissions came from.
    pub layout: Layout,
    /// Whether it is one of several parts of a class: whoever submitted nothing is in none of them.
    pub is_part: bool,
}

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// Relative to the folder.
    pub files: Vec<PathBuf>,
    /// What the teacher should know, as that a learner is not in the gradebook: sentences.
    pub notes: Vec<String>,
    /// Who is in the class list, but submitted nothing: names.
    pub absent: Vec<String>,
}

/// Writes everything that a teacher hands back into the folder: `grades.csv`, `report.html`,
/// `feedback/KEY.html`, and, if asked for, `canvas.csv` and `worksheet.csv`. Replaces files of these
/// names.
///
/// Takes the learners ordered by key, one after the other: no more than one of them is kept in memory.
/// If there is a class list, everybody was looked up in it before.
///
/// # Errors
///
/// One line, if a file cannot be written, or there is one instead of a learner: the files that were
/// there before are still there.
pub fn write(
    folder: &Path,
    class: Class,
    learners: impl IntoIterator<Item = Result<Learner, String>>,
    mut asked: Asked,
) -> Result<Written, String> {
    let Class { exercises, layout, .. } = class;
    let title_of_class = class_title(class.name, layout);
    let feedback = feedback_folder(folder)?;
    let mut grades = Grades::new(exercises, layout);
    let mut page = Page::create(folder, &title_of_class, exercises)?;
    let mut notes = Vec::new();
    let mut possible = 0.0;
    for learner in learners {
        let learner = learner?;
        let people = people(&learner.submitter, layout, &asked);
        let standing = Standing::new(&learner, exercises);
        possible = standing.possible;
        for person in &people {
            grades.add(&learner.submitter, person, &standing);
            let fill_in = [
                asked.worksheet.as_mut().map(|worksheet| worksheet.fill(layout, person, &standing)),
                asked.canvas.as_mut().map(|canvas| canvas.fill(layout, person, &standing)),
            ];
            notes.extend(fill_in.into_iter().flatten().filter_map(Result::err));
        }
        let name = format!("{}.html", file_name(&learner.submitter.key)?);
        let html = feedback::page(&learner, &people, &standing, exercises);
        whole_file::write(&feedback, &name, html)?;
        page.add(&learner, &people, &standing, exercises)?;
    }
    let absent = asked.absent();
    for absent in absent.iter().filter(|_| !class.is_part) {
        let standing = Standing::absent(exercises);
        grades.add_absent(absent, &standing);
        page.add_absent(absent, &standing)?;
    }
    page.finish()?;
    whole_file::write(folder, "grades.csv", grades.finish())?;
    let mut files: Vec<PathBuf> = ["grades.csv", "report.html", "feedback"].map(Into::into).into();
    let Asked { roster, worksheet, canvas, unknown } = asked;
    if let Some(worksheet) = worksheet {
        notes.extend(worksheet.other_maximum(possible));
        whole_file::write(folder, "worksheet.csv", worksheet.finish())?;
        files.push("worksheet.csv".into());
    } else {
        notes.extend(remove_outdated(folder, "worksheet.csv", "--worksheet")?);
    }
    if let Some(canvas) = canvas {
        notes.extend(canvas.other_maximum(possible));
        whole_file::write(folder, "canvas.csv", canvas.finish())?;
        files.push("canvas.csv".into());
    } else {
        notes.extend(remove_outdated(folder, "canvas.csv", "--canvas")?);
    }
    notes.extend(lost_roster(folder, roster.is_some())?);
    notes.extend(roster.iter().flat_map(Roster::unclear));
    // Otherwise, it may be all of them.
    notes.extend(roster.iter().filter_map(Roster::strangers).filter(|_| unknown.is_none()));
    notes.extend(unknown.map(Into::into));
    let absent = absent.into_iter().map(|absent| absent.name).collect();
    Ok(Written { files, notes, absent })
}

/// Removes what was filled in by an earlier run with this option. Returns a sentence if there was
/// something.
fn remove_outdated(folder: &Path, name: &str, option: &str) -> Result<Option<String>, String> {
    let path = folder.join(name);
    match fs::remove_file(&path) {
        Ok(()) => {
            let why = "as its grades are out of date";
            Ok(Some(format!("{name} was removed, {why}: give {option} again")))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

/// Notes in the folder whether there is a roster. Returns a sentence if the run before had one and
/// this has not.
fn lost_roster(folder: &Path, has_roster: bool) -> Result<Option<String>, String> {
    const MARK: &str = ".roster";
    if has_roster {
        return whole_file::write(folder, MARK, "").map(|()| None);
    }
    let was_there = fs::remove_file(folder.join(MARK)).is_ok();
    let sentence = "names and ids are those of the platform now: give --roster again, as before";
    Ok(was_there.then(|| sentence.into()))
}

/// Makes the folder for the feedback. Nothing is written where a link leads.
fn feedback_folder(folder: &Path) -> Result<PathBuf, String> {
    let feedback = folder.join("feedback");
    let problem = |error: String| format!("{}: {error}", feedback.display());
    match fs::symlink_metadata(&feedback) {
        Ok(there) if there.is_dir() => {}
        Ok(_) => return Err(problem("this is not a folder: move it away".into())),
        Err(_) => fs::create_dir(&feedback).map_err(|error| problem(error.to_string()))?,
    }
    Ok(feedback)
}

/// A key as the name of a file.
fn file_name(key: &str) -> Result<&str, String> {
    let is_name = !key.is_empty() && !key.starts_with('.') && !key.contains(['/', '\\', '\0']);
    if is_name { Ok(key) } else { Err(format!("{key:?} cannot be the name of a file")) }
}
