//! Made-up classes, as each platform hands them out: the same learners in a folder or in a zip file.
//! Their names are in several scripts, and as awkward as names can be.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use std::fs::{self, File};
use std::io::{Cursor, Seek, Write};
use std::path::Path;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A platform, and how it was asked to hand out the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// A folder for each learner.
    Folders,
    /// A zip file for each learner.
    ZipFiles,
    GitHubClassroom,
    Moodle,
    MoodleBefore41,
    MoodleFlat,
    /// With blind marking.
    MoodleBlind,
    Canvas,
    /// With anonymous grading.
    CanvasAnonymous,
    Gradescope,
}

pub const PLATFORMS: [Platform; 10] = [
    Platform::Folders,
    Platform::ZipFiles,
    Platform::GitHubClassroom,
    Platform::Moodle,
    Platform::MoodleBefore41,
    Platform::MoodleFlat,
    Platform::MoodleBlind,
    Platform::Canvas,
    Platform::CanvasAnonymous,
    Platform::Gradescope,
];

/// A learner with what they have handed in.
#[derive(Clone, Debug)]
pub struct Learner {
    pub name: String,
    /// A number, the same on each platform.
    pub id: String,
    /// On GitHub.
    pub account: String,
    pub email: String,
    pub late: bool,
    pub files: Vec<Made>,
}

/// A file, with its path and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub path: String,
    pub content: Vec<u8>,
}

impl Made {
    pub fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into() }
    }
}

/// Right answers.
pub const ANSWERS: [(&str, &str); 4] = [
    ("countsync", include_str!("../answers/countsync.py")),
    ("countasync", include_str!("../answers/countasync.py")),
    ("rand", include_str!("../answers/rand.py")),
    ("chained", include_str!("../answers/chained.py")),
];

/// The right answer to each exercise, in a file with the right name.
pub fn right_answers() -> Vec<Made> {
    ANSWERS.map(|(name, answer)| Made::new(format!("{name}.py"), answer)).into()
}

/// Names that break what reads or writes them carelessly.
pub const AWKWARD: [&str; 24] = [
    "José Ñandú",
    "王小明",
    "さくら 田中",
    "Мария Иванова",
    "محمد علي",
    "דוד כהן",
    "सुनीता शर्मा",
    "Nguyễn Thị Hòa",
    // Decomposed, as a Mac writes it.
    "Zoe\u{308} A\u{30a}berg",
    "O'Neil, Séan \"Shay\"",
    "Semi;colon, Comma",
    "=HYPERLINK(\"http:example.org\")",
    "+1 Plus",
    "-rf Minus",
    "@SUM Function",
    "<script>alert(1)<script>",
    "🦀 Ferris 👩‍💻",
    "\u{202e}gnp.Right to left",
    "con",
    "NUL.txt",
    "trailing dot.",
    "Anna lee",
    "anna LEE",
    "A very long name that goes on and on, of somebody with all the names of all the ancestors, and \
     all of their titles, at length",
];

const GIVEN: [&str; 12] = [
    "Anna", "Émile", "Łukasz", "Ivana", "Ibrahim", "Mei", "Chidi", "Aarav", "Søren", "Lucía",
    "Kwame", "Yuki",
];
const FAMILY: [&str; 12] = [
    "Lee",
    "Dvořák",
    "García",
    "O'Brien",
    "Müller",
    "Okafor",
    "Tanaka",
    "Silva",
    "Haddad",
    "Nilsson",
    "van der Berg",
    "Singh",
];

/// Learners, the awkward ones first, who have handed in right answers. The same seed makes the same.
pub fn learners(count: usize, seed: u64) -> Vec<Learner> {
    let mut draws = StdRng::seed_from_u64(seed);
    let mut learner = |at: usize| {
        let mut usual = || {
            let given = GIVEN.choose(&mut draws).expect("there are some");
            let family = FAMILY.choose(&mut draws).expect("there are some");
            // No two have the same name, as a folder cannot be there twice.
            format!("{given} {family} {at}")
        };
        let awkward = AWKWARD.get(at).map(|name| (*name).to_owned());
        let name = awkward.unwrap_or_else(&mut usual);
        Learner {
            name,
            id: (3000 + 7 * at).to_string(),
            account: format!("learner-{at}"),
            email: format!("learner{at}@example.org"),
            late: draws.random_ratio(1, 5),
            files: right_answers(),
        }
    };
    (0..count).map(&mut learner).collect()
}

/// What a platform hands out: the files, with paths from the top of the download.
pub fn handed_out(platform: Platform, learners: &[Learner]) -> Vec<Made> {
    let mut files: Vec<_> = learners.iter().flat_map(|it| of_learner(platform, it)).collect();
    if platform == Platform::Gradescope {
        let metadata = learners.iter().map(metadata).collect::<String>();
        files.push(Made::new("assignment_1_export/submission_metadata.yml", metadata));
    }
    files
}

fn of_learner(platform: Platform, learner: &Learner) -> Vec<Made> {
    let Learner { name, id, account, files, .. } = learner;
    // No platform has a slash in the name of a file, and Moodle no underscore.
    let name = name.replace(['/', '_'], " ");
    let folder = |folder: String| -> Vec<Made> {
        let of_file =
            |file: &Made| Made { path: format!("{folder}/{}", file.path), ..file.clone() };
        files.iter().map(of_file).collect()
    };
    // Flat files have no folders: the learner has packed them.
    let flat = |prefix: String| -> Vec<Made> {
        let file = match files.iter().any(|file| file.path.contains('/')) {
            true => &[Made::new("work.zip", zip_of(files))][..],
            false => files,
        };
        let of_file = |file: &Made| Made { path: format!("{prefix}{}", file.path), ..file.clone() };
        file.iter().map(of_file).collect()
    };
    match platform {
        Platform::Folders => folder(name),
        Platform::ZipFiles => vec![Made::new(format!("{name}.zip"), zip_of(files))],
        Platform::GitHubClassroom => folder(format!("hw-1-submissions/hw-1-{account}")),
        Platform::Moodle => folder(format!("{name}_{id}_assignsubmission_file")),
        Platform::MoodleBefore41 => folder(format!("{name}_{id}_assignsubmission_file_")),
        Platform::MoodleFlat => flat(format!("{name}_{id}_assignsubmission_file_")),
        Platform::MoodleBlind => folder(format!("Participant_{id}_assignsubmission_file")),
        Platform::Canvas => {
            let late = if learner.late { "_LATE" } else { "" };
            numbered(flat(String::new()), &format!("{}{late}_{id}", on_canvas(&name)))
        }
        Platform::CanvasAnonymous => {
            let late = if learner.late { "LATE_" } else { "" };
            numbered(flat(String::new()), &format!("{late}anon_x{id}"))
        }
        Platform::Gradescope => folder(format!("assignment_1_export/submission_{id}")),
    }
}

/// With the number of an attachment, as Canvas has it.
fn numbered(mut files: Vec<Made>, prefix: &str) -> Vec<Made> {
    for (number, file) in files.iter_mut().enumerate() {
        file.path = format!("{prefix}_{}_{}", 90_000 + number, file.path);
    }
    files
}

/// A name as Canvas writes it.
pub fn on_canvas(name: &str) -> String {
    name.to_lowercase().chars().filter(|char| char.is_alphanumeric()).collect()
}

fn metadata(learner: &Learner) -> String {
    let Learner { name, id, email, .. } = learner;
    let name = name.replace('\'', "''");
    format!(
        "submission_{id}:\n  :submitters:\n  - :name: '{name}'\n    :sid: {id}\n    :email: {email}\n  \
         :created_at: 2026-04-26 17:34:00.861687000 Z\n  :score: 1.0\n  :status: processed\n  \
         :results:\n    tests: []\n"
    )
}

/// Puts files into a folder.
pub fn write_folder(files: &[Made], into: &Path) {
    for file in files {
        let path = into.join(&file.path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).unwrap();
        fs::write(path, &file.content).unwrap();
    }
}

/// Puts files into a zip file.
pub fn write_zip(files: &[Made], path: &Path) {
    write_zip_to(files, File::create(path).unwrap());
}

/// A zip file of them.
pub fn zip_of(files: &[Made]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    write_zip_to(files, &mut bytes);
    bytes.into_inner()
}

fn write_zip_to(files: &[Made], to: impl Write + Seek) {
    let mut zip = ZipWriter::new(to);
    for file in files {
        zip.start_file(file.path.clone(), SimpleFileOptions::default()).unwrap();
        zip.write_all(&file.content).unwrap();
    }
    zip.finish().unwrap();
}
