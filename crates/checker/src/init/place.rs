//! Puts files into a folder or a zip file: all of them or none, and never over a file.

use super::PackageFile;
use crate::new_file::NewFile;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

/// What has been made so far, and is removed unless all of it is.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Drop for Made {
    fn drop(&mut self) {
        // What cannot be removed, or holds what somebody else has put there, stays.
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Made {
    /// Makes a folder and those above it, unless they are there.
    fn make_folder(&mut self, path: &Path) -> Result<(), String> {
        if path.as_os_str().is_empty() || path.is_dir() {
            return Ok(());
        }
        path.parent().map_or(Ok(()), |above| self.make_folder(above))?;
        fs::create_dir(path).map_err(|error| elsewhere(path, error))?;
        self.folders.push(path.into());
        Ok(())
    }

    fn keep(mut self) {
        self.folders.clear();
        self.files.clear();
    }
}

/// Writes the files to a folder, which is made if it is not there.
pub fn in_folder(files: &[PackageFile], to: &Path) -> Result<(), String> {
    let mut made = Made::default();
    made.make_folder(to)?;
    // The folder is the user's own choice, and may be a link.
    let folder = to.canonicalize().map_err(|error| problem(to, error))?;
    let mut new = Vec::new();
    for file in files {
        let path = folder.join(&file.path);
        path.parent().map_or(Ok(()), |parent| made.make_folder(parent))?;
        let free = NewFile::at(&path).map_err(|why| elsewhere(&to.join(&file.path), why))?;
        new.push((free, path, file));
    }
    for (free, path, file) in new {
        let written = match file.is_program() {
            true => free.write_program(&file.contents),
            false => free.write_bytes(&file.contents),
        };
        written.map_err(|why| problem(&path, why))?;
        made.files.push(path);
    }
    made.keep();
    Ok(())
}

/// Writes the files to a new zip file.
pub fn in_zip(files: &[PackageFile], to: &Path) -> Result<(), String> {
    let free = NewFile::at(to).map_err(|why| elsewhere(to, why))?;
    let zip = zip(files).map_err(|error| problem(to, error))?;
    free.write_bytes(&zip).map_err(|why| problem(to, why))
}

fn zip(files: &[PackageFile]) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let mode = if file.is_program() { 0o755 } else { 0o644 };
        let options = SimpleFileOptions::default().unix_permissions(mode);
        zip.start_file_from_path(&file.path, options)?;
        zip.write_all(&file.contents)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn problem(path: &Path, why: impl ToString) -> String {
    format!("{}: {}", path.display(), why.to_string())
}

/// A problem that another place would not have.
fn elsewhere(path: &Path, why: impl ToString) -> String {
    problem(path, format!("{}; choose another place with --into", why.to_string()))
}
