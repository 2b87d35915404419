//! The exercises as a learner begins them, in a Cargo workspace: the same files that
//! `scripts/copy --starter` copies.

use super::PackageFile;
use crate::exercises::Exercise;
use copy::{as_main, starter};
use include_dir::{Dir, include_dir};
use std::path::{Path, PathBuf};

static COMMON: Dir = include_dir!("$CARGO_MANIFEST_DIR/../common");
static COUNTASYNC: Dir = include_dir!("$CARGO_MANIFEST_DIR/../countasync");
static COUNTSYNC: Dir = include_dir!("$CARGO_MANIFEST_DIR/../countsync");
static RAND: Dir = include_dir!("$CARGO_MANIFEST_DIR/../rand");
static CHAINED: Dir = include_dir!("$CARGO_MANIFEST_DIR/../chained");

/// The packages of the exercises, by their names.
static PACKAGES: [(&str, &Dir); 4] = [
    ("countasync", &COUNTASYNC),
    ("countsync", &COUNTSYNC),
    ("rand", &RAND),
    ("chained", &CHAINED),
];

/// The versions of all dependencies.
const LOCK: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock"));

/// A workspace with the starters of these exercises.
pub fn files(exercises: &[&Exercise]) -> Vec<PackageFile> {
    let is_wanted = |name: &str| exercises.iter().any(|exercise| exercise.name == name);
    let packages = PACKAGES.iter().filter(|(name, _)| is_wanted(name));
    let mut files = vec![
        PackageFile::new("Cargo.lock", LOCK),
        // A learner commits all that is in it.
        PackageFile::new(".gitignore", b"/target\n".as_slice()),
    ];
    let mut members = vec!["common"];
    add(&mut files, Path::new("common"), &COMMON);
    for &(name, package) in packages {
        let mut own = Vec::new();
        add(&mut own, Path::new(name), package);
        files.extend(begun(name, own));
        members.push(name);
    }
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
    files.push(PackageFile::new("Cargo.toml", manifest.into_bytes()));
    files
}

/// Adds what is in a folder to what is to be in `to`.
fn add(files: &mut Vec<PackageFile>, to: &Path, folder: &'static Dir) {
    files
        .extend(folder.files().map(|file| PackageFile::new(to.join(file.path()), file.contents())));
    folder.dirs().for_each(|folder| add(files, to, folder));
}

/// The files of an exercise, with its starter as its program.
fn begun(exercise: &str, mut files: Vec<PackageFile>) -> Vec<PackageFile> {
    let starter = Path::new(exercise).join(starter(exercise));
    let program: PathBuf = [exercise, "src", "main.rs"].iter().collect();
    let is_starter = |file: &PackageFile| file.path == starter;
    let starter = files.iter().position(is_starter).map(|place| files.remove(place));
    for (file, starter) in files.iter_mut().filter(|file| file.path == program).zip(starter) {
        file.contents = as_main(&String::from_utf8_lossy(&starter.contents)).into_bytes().into();
    }
    files
}
