//! A folder for what cargo builds, with nothing in it that was built elsewhere: cargo goes by times
//! alone, so it would keep what a learner has handed in, or what was built from other sources before a
//! folder was copied.

use crate::regular_file;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// The file that says which folder it was written in.
const NOTE: &str = ".built-here";
/// It is not longer.
const LONGEST: u64 = 200;

/// Empties the folder, unless this has been done before. A copy is another folder, even if it is at the
/// same path later on. The path is a real one. While one process does this, others wait: they may be
/// about to build there.
///
/// # Errors
///
/// If the system refuses.
pub fn empty_at_first(folder: &Path) -> io::Result<()> {
    let lock = Flock::lock(File::open(folder)?, FlockArg::LockExclusive);
    let _lock = lock.map_err(|(_, error)| error)?;
    let note = folder.join(NOTE);
    let identity = identity(&folder.symlink_metadata()?);
    let noted = regular_file::start(&note, LONGEST).ok();
    if noted.is_some() && noted == identity {
        return Ok(());
    }
    empty(folder)?;
    identity.map_or(Ok(()), |identity| fs::write(note, identity))
}

fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // A link is removed, not followed.
        match path.symlink_metadata()?.is_dir() {
            true => fs::remove_dir_all(path)?,
            false => fs::remove_file(path)?,
        }
    }
    Ok(())
}

/// What no other folder has, and no copy: nobody can choose when a folder was made. None if the system
/// does not tell that.
fn identity(folder: &Metadata) -> Option<Vec<u8>> {
    let made = folder.created().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {} {}", folder.dev(), folder.ino(), made.as_nanos()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::process::Command;
    use tempfile::tempdir;

    #[test]
    fn what_was_built_stays_and_what_was_brought_along_does_not() {
        let top = tempdir().expect("a folder");
        let path = |name: &str| top.path().join(name);
        fs::create_dir_all(path("one/debug")).expect("a new folder");
        fs::write(path("one/debug/program"), "theirs").expect("a new file");
        fs::write(path("elsewhere"), "text").expect("a new file");
        symlink(path("elsewhere"), path("one/link")).expect("a new link");
        empty_at_first(&path("one")).expect("it is ours");
        assert_eq!(fs::read_dir(path("one")).expect("a folder").count(), 1, "only the note");
        assert!(path("elsewhere").exists());
        fs::write(path("one/program"), "ours").expect("a new file");
        empty_at_first(&path("one")).expect("it is ours");
        assert!(path("one/program").exists());
        let copied = Command::new("cp").arg("-a").args([path("one"), path("other")]).status();
        assert!(copied.expect("cp").success());
        empty_at_first(&path("other")).expect("it is ours");
        assert!(!path("other/program").exists(), "a copy");
        fs::remove_dir_all(path("one")).expect("it is ours");
        fs::create_dir(path("one")).expect("a new folder");
        for file in [NOTE, "program"] {
            let copied = Command::new("cp")
                .arg("-a")
                .args([path("other").join(NOTE), path("one").join(file)])
                .status();
            assert!(copied.expect("cp").success());
        }
        empty_at_first(&path("one")).expect("it is ours");
        assert!(!path("one/program").exists(), "another folder at the same path");
    }
}
