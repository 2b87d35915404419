//! The watched files: looked at again and again, which works on network drives, in containers, and
//! with editors that save by renaming.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::Hasher;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What a look sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Nothing,
    /// A file that may still be written to: the next look tells.
    Changing,
    /// New content.
    Saved,
}

/// What is known of the watched files.
#[derive(Default)]
pub struct Files {
    known: BTreeMap<PathBuf, Known>,
    /// Whether a file has been saved that no look has reported yet.
    is_saved: bool,
}

#[derive(Clone, Copy)]
struct Known {
    /// The hash of the content that was last taken or reported.
    content: Option<u64>,
    /// What the file looked like when its content was read.
    read: Option<Stamp>,
    /// What it looked like at the last look.
    seen: Option<Stamp>,
}

/// Whether a file may have been written to shows in these. Size, modification time in seconds and
/// nanoseconds, inode.
type Stamp = (u64, i64, i64, u64);

impl Files {
    /// Takes the content of these files as known, as it is now.
    pub fn take(&mut self, files: Vec<PathBuf>) {
        self.is_saved = false;
        let known = files.into_iter().map(|file| {
            let stamp = stamp(&file);
            let content = content(&file);
            (file, Known { content, read: stamp, seen: stamp })
        });
        self.known = known.collect();
    }

    /// Whether one of these files has been saved with new content since they were taken, or since
    /// the last look that said so. Files that are being written are left alone until two looks
    /// agree, and missing ones until they are there again.
    pub fn look(&mut self, files: Vec<PathBuf>) -> Seen {
        let mut is_changing = false;
        for file in files {
            let Some(now) = stamp(&file) else { continue };
            let unknown = Known { content: None, read: None, seen: None };
            let known = self.known.entry(file.clone()).or_insert(unknown);
            let before = known.seen.replace(now);
            if known.read == Some(now) {
                continue;
            }
            if before != Some(now) {
                is_changing = true;
                continue;
            }
            known.read = Some(now);
            let content = content(&file);
            if content.is_some() && known.content != content {
                known.content = content;
                self.is_saved = true;
            }
        }
        if is_changing {
            Seen::Changing
        } else if std::mem::take(&mut self.is_saved) {
            Seen::Saved
        } else {
            Seen::Nothing
        }
    }
}

fn stamp(file: &Path) -> Option<Stamp> {
    let data = fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
    Some((data.len(), data.mtime(), data.mtime_nsec(), data.ino()))
}

/// A hash of what is in the file, if it can be read.
fn content(file: &Path) -> Option<u64> {
    // A pipe would never end.
    stamp(file)?;
    let mut hash = Hash(DefaultHasher::new());
    io::copy(&mut File::open(file).ok()?, &mut hash).ok()?;
    Some(hash.0.finish())
}

struct Hash(DefaultHasher);

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    /// How many of five looks say that the file was saved.
    fn saves(files: &mut Files, file: &Path) -> usize {
        (0..5).filter(|_| files.look(vec![file.to_owned()]) == Seen::Saved).count()
    }

    #[test]
    fn a_save_is_noticed_once_however_it_is_done() {
        let folder = tempfile::tempdir().expect("a folder");
        let [file, new] = ["mine.py", "mine.py~"].map(|name| folder.path().join(name));
        fs::write(&file, "one").expect("it can be written");
        let mut files = Files::default();
        files.take(vec![file.clone()]);
        assert_eq!(saves(&mut files, &file), 0);

        fs::write(&file, "two").expect("it can be written");
        assert_eq!(files.look(vec![file.clone()]), Seen::Changing);
        fs::write(&file, "three").expect("it can be written");
        assert_eq!(saves(&mut files, &file), 1);

        fs::write(&new, "seven").expect("it can be written");
        fs::rename(&new, &file).expect("it can be renamed");
        assert_eq!(saves(&mut files, &file), 1);

        fs::remove_file(&file).expect("it can be removed");
        assert_eq!(saves(&mut files, &file), 0, "it may come back");
        fs::write(&file, "seven").expect("it can be written");
        assert_eq!(saves(&mut files, &file), 0, "it is the same again");

        let later = SystemTime::now() + Duration::from_secs(5);
        File::options().append(true).open(&file).unwrap().set_modified(later).expect("a touch");
        assert_eq!(saves(&mut files, &file), 0, "it was only touched");
    }

    #[test]
    fn a_new_file_counts_as_saved_but_not_after_it_was_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("module.py");
        fs::write(&file, "one").expect("it can be written");
        let mut files = Files::default();
        files.take(Vec::new());
        assert_eq!(saves(&mut files, &file), 1);
        files.take(vec![file.clone()]);
        assert_eq!(saves(&mut files, &file), 0);
    }
}
