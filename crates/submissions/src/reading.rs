//! Reads the files of one submission, to hash them or to unpack them: no link is followed, nothing
//! waits, and no more is read than the limits allow.

use crate::Unpacked;
use crate::archive::{self, Archive, Entry, LeftOut};
use crate::clutter;
use crate::folder::{Folder, Kind};
use crate::limits::{Limits, NAME, PATH, SMALL};
use crate::node::{Node, Place, folder_of_zip, has_ending_of_zip};
use crate::notes::Notes;
use crate::shown::shown;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// The endings of archives that are not read.
const OTHER_ARCHIVES: [&str; 20] = [
    "rar", "7z", "tar", "gz", "tgz", "bz2", "xz", "zst", "lz", "lzma", "z", "zipx", "cab", "arj",
    "lzh", "ace", "iso", "dmg", "sit", "sitx",
];

/// What of a submission was read so far.
pub(crate) struct Reading<'a> {
    limits: &'a Limits,
    /// The folder that the files are put into, if they are.
    into: Option<&'a Path>,
    entries: u64,
    bytes: u64,
    /// How many zip files the current one is in.
    nesting: usize,
    files: BTreeMap<PathBuf, Taken>,
    notes: Notes,
    /// Why something could not be read. These are notes too.
    problems: Vec<String>,
}

/// A file that was taken.
struct Taken {
    is_executable: bool,
    hash: [u8; 32],
    /// Whether it is a zip file: an answer may be in it, but it is none.
    is_zip: bool,
}

/// Where a file comes from.
#[derive(Clone, Copy)]
struct Origin {
    is_executable: bool,
    /// Its size in its zip file, in bytes.
    packed: Option<u64>,
}

/// Why a file was not taken.
enum Failure {
    /// It cannot be read: the others may be.
    File(String),
    /// The submission as a whole cannot.
    Submission(String),
}

impl<'a> Reading<'a> {
    /// Nothing so far. Files are put into a folder, if there is one.
    pub fn new(limits: &'a Limits, into: Option<&'a Path>, notes: &[String]) -> Self {
        let mut reading = Self {
            limits,
            into,
            entries: 0,
            bytes: 0,
            nesting: 0,
            files: BTreeMap::new(),
            notes: Notes::default(),
            problems: Vec::new(),
        };
        notes.iter().for_each(|note| reading.notes.add(note.clone()));
        reading
    }

    /// A file, or all in a folder, at this place in the submission.
    ///
    /// # Errors
    ///
    /// One line, if the submission is too large, or cannot be written.
    pub fn add(&mut self, node: &Node, at: &Path) -> Result<(), String> {
        match &node.place {
            Place::Disk(path) if node.is_folder => match Folder::open(path) {
                Ok(root) => self.folder((&root, Path::new("")), Folder::open(path), at),
                Err(error) => {
                    self.problem(at, &error.to_string());
                    Ok(())
                }
            },
            Place::Disk(path) => self.file(Folder::file_at(path), at),
            Place::Zip { archive, path } if node.is_folder => {
                for LeftOut { name, why } in archive.left_out_of(path) {
                    self.leave_out(&at.join(name.strip_prefix(path).unwrap_or(name)), why);
                }
                self.zipped(archive, path, at)
            }
            Place::Zip { archive, path } => match archive.file(path) {
                Some(entry) => self.entry(archive, entry, at),
                None => Ok(()),
            },
        }
    }

    /// A hash of all files, and the notes.
    ///
    /// # Errors
    ///
    /// One line, if there are files, but none was taken.
    pub fn finish(self) -> Result<Unpacked, String> {
        let mut notes = self.notes.into_sentences();
        let unread = self.problems.into_iter().next();
        if self.files.values().all(|file| file.is_zip) {
            match (&unread, notes.first()) {
                (Some(problem), _) => return Err(problem.clone()),
                (None, Some(note)) => return Err(note.trim_end_matches('.').into()),
                // As if nothing had been submitted.
                (None, None) => notes.push("The submission is empty.".into()),
            }
        }
        let mut hash = Sha256::new();
        let mut text = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        for (path, file) in &self.files {
            text(path.as_os_str().as_encoded_bytes());
            text(&[u8::from(file.is_executable)]);
            text(&file.hash);
        }
        notes.iter().for_each(|note| text(note.as_bytes()));
        Ok(Unpacked { content: hex(&hash.finalize()), notes, unread, beside_files: None })
    }

    /// All in a folder of the submission, which is in `root`, at this place in it.
    fn folder(
        &mut self,
        (root, inside): (&Folder, &Path),
        folder: io::Result<Folder>,
        at: &Path,
    ) -> Result<(), String> {
        if self.is_out_of_bounds(at) {
            return Ok(());
        }
        let (folder, entries) = match folder.and_then(|it| it.entries().map(|all| (it, all))) {
            Ok(opened) => opened,
            Err(error) => {
                self.problem(at, &error.to_string());
                return Ok(());
            }
        };
        // In order, so that the notes are always the same.
        let mut found = Vec::new();
        for entry in entries {
            self.count()?;
            match entry {
                Ok(entry) => found.push(entry),
                Err(error) => self.problem(at, &error.to_string()),
            }
        }
        found.sort_by(|one, other| one.0.cmp(&other.0));
        for (name, kind) in &found {
            let inside = inside.join(name);
            // All programs can take it then.
            let shown = name.to_string_lossy();
            let at = at.join(&*shown);
            if name.to_str().is_none() {
                let name = crate::shown::shown(&at);
                self.notes
                    .add(format!("Something was renamed {name}, as its name is not in UTF-8."));
            }
            let beside = |file: &str| found.iter().any(|(name, _)| name == file);
            let within = |file: &str| folder.has(name, file);
            match kind {
                Kind::Folder if clutter::is_left_out_folder(&shown, beside, within) => {
                    self.leave_out_clutter(&at);
                }
                Kind::Folder => {
                    self.folder((root, &inside), folder.folder(name), &at)?;
                }
                // Nobody misses it.
                _ if clutter::is_left_out_file(&shown) => {}
                Kind::File => self.file(folder.file(name), &at)?,
                Kind::Link => match root.linked(&inside).and_then(of_file) {
                    Ok(_) => self.file(root.linked(&inside), &at)?,
                    Err(_) => self.leave_out(&at, "it is a link"),
                },
                Kind::Other => self.leave_out(&at, "it is not a file"),
            }
        }
        Ok(())
    }

    fn file(&mut self, file: io::Result<File>, at: &Path) -> Result<(), String> {
        let (file, is_executable) = match file.and_then(of_file) {
            Ok(file) => file,
            Err(error) => {
                self.problem(at, &error.to_string());
                return Ok(());
            }
        };
        self.take(file, at, Origin { is_executable, packed: None })
    }

    /// All in a folder of a zip file.
    fn zipped(&mut self, archive: &Archive, folder: &Path, at: &Path) -> Result<(), String> {
        // What is in it follows it.
        let mut last_left_out = None;
        for entry in archive.within(folder) {
            let inside = entry.path.strip_prefix(folder).unwrap_or(&entry.path);
            if let Some(clutter) = clutter_in(archive, folder, inside, entry.is_folder) {
                if last_left_out.as_ref() != Some(&clutter) {
                    self.leave_out_clutter(&at.join(&clutter));
                    last_left_out = Some(clutter);
                }
                continue;
            }
            let is_clutter = |name: &OsStr| clutter::is_left_out_file(&name.to_string_lossy());
            if !entry.is_folder && inside.file_name().is_some_and(is_clutter) {
                continue;
            }
            self.count()?;
            if !entry.is_folder {
                self.entry(archive, entry, &at.join(inside))?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, archive: &Archive, entry: &Entry, at: &Path) -> Result<(), String> {
        let origin = Origin { is_executable: entry.is_executable, packed: Some(entry.packed) };
        let mut content = archive.content();
        match content.by_index(entry.index) {
            Ok(file) => self.take(file, at, origin),
            Err(error) => {
                self.problem(at, &archive::problem(&error));
                Ok(())
            }
        }
    }

    /// Takes a file. What is in a zip file is taken, too; one at no place is the whole submission, as
    /// it was packed.
    fn take(&mut self, file: impl Read, at: &Path, origin: Origin) -> Result<(), String> {
        let is_whole = at.as_os_str().is_empty();
        if !is_whole && self.is_out_of_bounds(at) {
            return Ok(());
        }
        if !self.is_free(at) {
            self.leave_out(at, "there is another of that name");
            return Ok(());
        }
        let ending = at.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if OTHER_ARCHIVES.contains(&&*ending) {
            self.not_unpacked(at, "only .zip files are");
        }
        match self.copy(file, at, origin) {
            Ok((taken, copy)) => {
                let is_zip = taken.is_zip;
                if !is_whole {
                    self.files.insert(at.into(), taken);
                }
                match copy.filter(|_| is_zip) {
                    Some(zip) => self.unpack(zip, at),
                    None => Ok(()),
                }
            }
            Err(Failure::File(problem)) => {
                self.problem(at, &problem);
                Ok(())
            }
            Err(Failure::Submission(problem)) => Err(problem),
        }
    }

    /// Copies a file to its place, if files are put somewhere. A zip file is copied in any case: to be
    /// read, it needs a beginning and an end.
    fn copy(
        &mut self,
        file: impl Read,
        at: &Path,
        origin: Origin,
    ) -> Result<(Taken, Option<File>), Failure> {
        let is_whole = at.as_os_str().is_empty();
        let is_zip = is_whole || has_ending_of_zip(at);
        let Some(into) = self.into.filter(|_| !is_whole) else {
            if !is_zip {
                return Ok((self.copy_to(file, &mut io::sink(), origin)?, None));
            }
            let aside = tempfile::tempfile();
            let mut aside = aside.map_err(|error| Failure::Submission(error.to_string()))?;
            let taken = self.copy_to(file, &mut aside, origin)?;
            return Ok((Taken { is_zip, ..taken }, Some(aside)));
        };
        let path = into.join(at);
        let written = |error: io::Error| Failure::Submission(format!("{}: {error}", shown(&path)));
        // Everything in there was made by this process, so nothing of it is a link.
        fs::create_dir_all(path.parent().unwrap_or(into)).map_err(written)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let mut copy = options.open(&path).map_err(written)?;
        let taken = self.copy_to(file, &mut copy, origin);
        match &taken {
            Ok(taken) if taken.is_executable => make_executable(&copy).map_err(written)?,
            Ok(_) => {}
            Err(_) => fs::remove_file(&path).map_err(written)?,
        }
        Ok((Taken { is_zip, ..taken? }, Some(copy)))
    }

    /// A zip file of the learner. Its files are put into a folder beside it: a program may read the
    /// zip file itself.
    fn unpack(&mut self, zip: File, at: &Path) -> Result<(), String> {
        if self.nesting == self.limits.nesting {
            self.not_unpacked(at, "it is in too many other zip files");
            return Ok(());
        }
        match Archive::open_untrusted(zip, self.limits.entries) {
            Ok(archive) => {
                let name =
                    if at.as_os_str().is_empty() { "the zip file".into() } else { shown(at) };
                for note in archive.notes() {
                    self.notes.add(format!("In {name}, {note}."));
                }
                self.nesting += 1;
                let result = self.zipped(&archive, Path::new(""), &folder_of_zip(at));
                self.nesting -= 1;
                result
            }
            Err(problem) => {
                self.problem(at, &problem);
                Ok(())
            }
        }
    }

    fn copy_to(
        &mut self,
        mut file: impl Read,
        copy: &mut impl Write,
        origin: Origin,
    ) -> Result<Taken, Failure> {
        let (mut hash, mut size) = (Sha256::new(), 0);
        let mut is_executable = origin.is_executable;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let length = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::File(archive::of_reading(&error))),
            };
            let bytes = &buffer[..length];
            if size == 0 {
                is_executable |= is_program(bytes);
            }
            size += length as u64;
            self.count_bytes(length as u64, size, origin.packed).map_err(Failure::Submission)?;
            hash.update(bytes);
            copy.write_all(bytes).map_err(|error| Failure::Submission(error.to_string()))?;
        }
        Ok(Taken { is_executable, hash: hash.finalize().into(), is_zip: false })
    }

    /// Counts another file or folder.
    fn count(&mut self) -> Result<(), String> {
        self.entries += 1;
        let at_most = self.limits.entries;
        if self.entries <= at_most {
            return Ok(());
        }
        Err(format!(
            "The submission is too large: there are more than {at_most} files and folders in it"
        ))
    }

    /// Counts bytes more, of a file of at least this size.
    fn count_bytes(&mut self, more: u64, size: u64, packed: Option<u64>) -> Result<(), String> {
        self.bytes += more;
        if self.bytes > self.limits.bytes {
            let megabytes = self.limits.bytes >> 20;
            return Err(format!("The submission unpacks to more than {megabytes} MB"));
        }
        let ratio = self.limits.ratio;
        if packed.is_some_and(|packed| size > SMALL && size > packed.saturating_mul(ratio)) {
            return Err(format!(
                "The submission is too large: a file unpacks to more than {ratio} times its size"
            ));
        }
        Ok(())
    }

    /// Whether a path leads outside, or is too long, which is noted.
    fn is_out_of_bounds(&mut self, at: &Path) -> bool {
        let is_normal = |part| matches!(part, Component::Normal(_));
        let is_too_long = at.iter().any(|name| name.len() > NAME) || at.as_os_str().len() > PATH;
        if !at.components().all(is_normal) {
            self.leave_out(at, "its name leads outside");
        } else if is_too_long || at.iter().count() > self.limits.depth {
            self.leave_out(at, "it is in too many folders, or its name is too long");
        } else {
            return false;
        }
        true
    }

    /// Whether no file is at this place, nor where one of its folders would be.
    fn is_free(&self, at: &Path) -> bool {
        let next = self.files.range(at.to_owned()..).next();
        let is_folder = next.is_some_and(|(path, _)| path.starts_with(at));
        !is_folder && !at.ancestors().any(|folder| self.files.contains_key(folder))
    }

    /// Leaves out a folder that a system or a tool has made.
    fn leave_out_clutter(&mut self, at: &Path) {
        let name = at.file_name().unwrap_or_default().to_string_lossy();
        if clutter::is_noted(&name) {
            self.leave_out(at, "a tool made it");
        }
    }

    fn leave_out(&mut self, at: &Path, why: &str) {
        self.notes.add(format!("{} was left out: {why}.", shown(at)));
    }

    fn problem(&mut self, at: &Path, problem: &str) {
        let name = if at.as_os_str().is_empty() { "The submission".into() } else { shown(at) };
        self.unread(format!("{name} cannot be read: {problem}"));
    }

    fn not_unpacked(&mut self, at: &Path, why: &str) {
        self.unread(format!("{} was not unpacked: {why}", shown(at)));
    }

    fn unread(&mut self, problem: String) {
        self.notes.add(format!("{problem}."));
        self.problems.push(problem);
    }
}

/// The folder in a folder of a zip file that has this path in it, and is left out.
fn clutter_in(archive: &Archive, root: &Path, path: &Path, is_folder: bool) -> Option<PathBuf> {
    let has = |path: PathBuf| archive.file(&path).is_some();
    let is_left_out = |folder: &&Path| {
        let Some(name) = folder.file_name() else { return false };
        let parent = root.join(folder.parent().unwrap_or(Path::new("")));
        let beside = |file: &str| has(parent.join(file));
        let inside = |file: &str| has(root.join(folder).join(file));
        clutter::is_left_out_folder(&name.to_string_lossy(), beside, inside)
    };
    let folders = path.ancestors().skip(usize::from(!is_folder));
    // The outermost.
    folders.filter(is_left_out).last().map(Path::to_owned)
}

/// Checks that it is a file, and tells whether it is executable.
fn of_file(file: File) -> io::Result<(File, bool)> {
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    #[cfg(unix)]
    let is_executable = std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let is_executable = false;
    Ok((file, is_executable))
}

/// Whether a file is a program by its first bytes: most platforms forget that it was executable.
fn is_program(bytes: &[u8]) -> bool {
    bytes.starts_with(b"#!") || bytes.starts_with(b"\x7fELF")
}

fn make_executable(_file: &File) -> io::Result<()> {
    #[cfg(unix)]
    _file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
