//! The watched files: looked at again and again, which works on network drives, in containers, and
//! with editors that save by renaming.

use cage::regular_file;
use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
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
    /// The file that was saved last.
    last_saved: PathBuf,
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

/// Whether a file may have been written to shows in these: size, inode, and when the content and the
/// inode were last changed, each in seconds and nanoseconds.
type Stamp = (u64, u64, [i64; 4]);

/// No source file has more bytes. Of what does, only as many are read: reading a whole disk image
/// that lies beside the program would stop the loop.
const LIMIT: u64 = 1 << 20;

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
                self.last_saved = file;
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

    /// The file that was saved last, as far as looks have seen; empty if none has been.
    pub fn last_saved(&self) -> &Path {
        &self.last_saved
    }
}

fn stamp(file: &Path) -> Option<Stamp> {
    let data = fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
    let times = [data.mtime(), data.mtime_nsec(), data.ctime(), data.ctime_nsec()];
    Some((data.len(), data.ino(), times))
}

/// A hash of what is in the file, if it can be read. The stamp stands for what is over the limit.
fn content(file: &Path) -> Option<u64> {
    let stamp = stamp(file)?;
    let bytes = regular_file::start(file, LIMIT).ok()?;
    let rest = (stamp.0 > LIMIT).then_some(stamp);
    let mut hash = DefaultHasher::new();
    (bytes, rest).hash(&mut hash);
    Some(hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::unix::fs::FileExt;
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

        let time = fs::metadata(&file).and_then(|data| data.modified()).expect("a time");
        fs::write(&file, "eight").expect("it can be written");
        File::options().append(true).open(&file).unwrap().set_modified(time).expect("a touch");
        assert_eq!(saves(&mut files, &file), 1, "its time was put back");
    }

    #[test]
    fn a_huge_file_is_not_read_but_its_saves_are_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("data.py");
        let huge = File::create(&file).expect("it can be made");
        // Reading all of it would take hours.
        huge.set_len(1 << 40).expect("a file with a hole");
        let mut files = Files::default();
        files.take(vec![file.clone()]);
        assert_eq!(saves(&mut files, &file), 0);
        huge.write_at(b"two", 1 << 39).expect("it can be written");
        assert_eq!(saves(&mut files, &file), 1);
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
