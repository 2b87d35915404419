//! A zip file, read without trusting it: its names stay inside, and it has neither links nor more
//! entries than allowed.

use crate::limits::NAME;
use crate::shown::shown;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zip::ZipArchive;
use zip::read::ZipFileEntry;
use zip::result::ZipError;

/// What the files of a zip file are read from.
pub(crate) type Content = ZipArchive<BufReader<File>>;

/// A zip file with its names.
pub(crate) struct Archive {
    /// Ordered by path.
    entries: Vec<Entry>,
    left_out: Vec<LeftOut>,
    has_duplicates: bool,
    content: Mutex<Content>,
}

/// What of a zip file is not read.
pub(crate) struct LeftOut {
    /// Its name, which may lead outside.
    pub name: PathBuf,
    pub why: &'static str,
}

/// A file or a folder in a zip file.
pub(crate) struct Entry {
    pub path: PathBuf,
    pub is_folder: bool,
    pub is_executable: bool,
    /// Its place in the zip file.
    pub index: usize,
    /// In bytes.
    pub packed: u64,
}

impl Archive {
    /// A zip file that somebody trusted has made.
    ///
    /// # Errors
    ///
    /// What is wrong with it, without its name.
    pub fn open(file: File) -> Result<Self, String> {
        let content = ZipArchive::new(BufReader::new(file)).map_err(|error| problem(&error))?;
        let has_duplicates = content.has_duplicate_names();
        let (mut entries, mut left_out) = (Vec::new(), Vec::new());
        for index in 0..content.len() {
            match content.by_index_data(index).map(|entry| of_entry(index, &entry)) {
                Ok(Ok(entry)) => entries.push(entry),
                Ok(Err(one)) => {
                    // Whoever has handed in nothing else has still handed in something.
                    entries.extend(folder_of(&one, index));
                    left_out.push(one);
                }
                Err(error) => return Err(problem(&error)),
            }
        }
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { entries, left_out, has_duplicates, content: Mutex::new(content) })
    }

    /// What the teacher should know about it: sentences without their full stops.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        let twice = "some files are there twice: only the last of each was taken";
        let twice = self.has_duplicates.then(|| twice.to_owned());
        let left_out = self.left_out.iter();
        let note = |one: &LeftOut| format!("{} was left out: {}", shown(&one.name), one.why);
        twice.into_iter().chain(left_out.map(note))
    }

    /// What is left out of a folder of it.
    pub fn left_out_of(&self, folder: &Path) -> impl Iterator<Item = &LeftOut> {
        self.left_out.iter().filter(move |one| one.name.starts_with(folder))
    }

    /// The same, of one who may want to use up the memory.
    ///
    /// # Errors
    ///
    /// What is wrong with it, or that it has too many entries, without its name.
    pub fn open_untrusted(mut file: File, at_most: u64) -> Result<Self, String> {
        let has_too_many =
            has_more_headers(&mut file, at_most).map_err(|error| error.to_string())?;
        if has_too_many {
            return Err(format!("there are more than {at_most} files in it"));
        }
        Self::open(file)
    }

    /// Everything in a folder of it, at any depth; all if it has no name.
    pub fn within(&self, folder: &Path) -> &[Entry] {
        &self.entries[self.range(folder)]
    }

    /// The file with this path, if there is one.
    pub fn file(&self, path: &Path) -> Option<&Entry> {
        self.within(path).first().filter(|entry| entry.path == path && !entry.is_folder)
    }

    /// Paths are ordered by their names, so what is in a folder follows it.
    fn range(&self, folder: &Path) -> Range<usize> {
        let start = self.entries.partition_point(|entry| entry.path.as_path() < folder);
        let count = self.entries[start..].partition_point(|entry| entry.path.starts_with(folder));
        start..start + count
    }

    /// Its content, for as long as nobody else needs it.
    pub fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether there are more headers of files in it than that. The rest of a zip file rarely looks like
/// one, so the count is right, or a little high.
fn has_more_headers(file: &mut File, at_most: u64) -> io::Result<bool> {
    file.rewind()?;
    let mut reader = BufReader::new(&mut *file);
    let mut count = 0;
    let mut last = [0; 4];
    while count <= at_most {
        let bytes = reader.fill_buf()?;
        let length = bytes.len();
        if length == 0 {
            break;
        }
        for byte in bytes {
            last = [last[1], last[2], last[3], *byte];
            // The header in the directory of a zip file: section 4.3.12 of APPNOTE.TXT.
            count += u64::from(last == *b"PK\x01\x02");
        }
        reader.consume(length);
    }
    file.rewind()?;
    Ok(count > at_most)
}

/// An entry with a name that stays inside, or why there is none.
fn of_entry(index: usize, entry: &ZipFileEntry) -> Result<Entry, LeftOut> {
    let name = name_of(entry);
    let left_out = |why| LeftOut { name: PathBuf::from(&name), why };
    let path = inside(&name).ok_or_else(|| left_out("its name leads outside, or is too long"))?;
    if entry.is_symlink() {
        return Err(left_out("it is a link"));
    }
    let mode = entry.unix_mode().unwrap_or(0);
    // The kind of a file, as in stat(2): none, a regular file, or a folder.
    if !matches!(mode & 0o170_000, 0 | 0o100_000 | 0o040_000) {
        return Err(left_out("it is not a file"));
    }
    let is_folder = entry.is_dir() || name.ends_with('\\');
    let (is_executable, packed) = (mode & 0o111 != 0, entry.compressed_size());
    Ok(Entry { path, is_folder, is_executable, index, packed })
}

/// The folder that something is in, as far as its path stays inside; none if it is in no folder.
fn folder_of(left_out: &LeftOut, index: usize) -> Option<Entry> {
    let mut folders = left_out.name.ancestors().skip(1).filter_map(Path::to_str);
    let path = folders.find_map(inside)?;
    Some(Entry { path, is_folder: true, is_executable: false, index, packed: 0 })
}

/// A name in UTF-8, even if it does not say so, as with those of a Mac.
fn name_of(entry: &ZipFileEntry) -> String {
    let raw = entry.name_raw();
    str::from_utf8(raw).map(Into::into).unwrap_or_else(|_| match entry.name() {
        Ok(name) => name.into_owned(),
        Err(_) => String::from_utf8_lossy(raw).into_owned(),
    })
}

/// The path that a name is for. Some programs on Windows write `\` between names.
fn inside(name: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    if name.starts_with(['/', '\\']) || name.contains('\0') {
        return None;
    }
    for part in name.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")) {
        // A letter of a drive, or a stream of a file on Windows.
        let leads_outside = part == ".." || (cfg!(windows) && part.contains(':'));
        if leads_outside || part.len() > NAME {
            return None;
        }
        path.push(part);
    }
    Some(path).filter(|path| path.iter().next().is_some())
}

/// What is wrong, as a teacher would say it.
pub(crate) fn problem(error: &ZipError) -> String {
    match error {
        ZipError::Io(error) => of_reading(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            "it is encrypted: submit it without a password".into()
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            "it uses an unsupported compression method: submit a plain .zip".into()
        }
        _ => "it is damaged, or not a zip file".into(),
    }
}

/// The same, of an error while reading a file in it.
pub(crate) fn of_reading(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            "it is damaged".into()
        }
        _ => error.to_string(),
    }
}
