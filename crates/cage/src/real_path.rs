//! Opens files and folders by a path that had no link on the way when it was looked at. A learner can
//! put a link there meanwhile, which must lead nowhere.

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::{Mode, SFlag, fstat, mkdirat};
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// Opens what this absolute path names, only to name it: see `O_PATH` in open(2). `None` if there is
/// nothing.
///
/// # Errors
///
/// If there is a link on the way, or the system refuses. The error names the path.
pub fn open(path: &Path) -> io::Result<Option<OwnedFd>> {
    let named = |error: Errno| {
        let error = io::Error::from(error);
        io::Error::new(error.kind(), format!("{}: {error}", path.display()))
    };
    // One name after the other: openat2(2) would do, but older containers refuse that.
    let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut opened = openat(AT_FDCWD, "/", flags, Mode::empty()).map_err(named)?;
    for name in path.iter().skip(1) {
        opened = match openat(&opened, name, flags, Mode::empty()) {
            Ok(next) => next,
            Err(Errno::ENOENT | Errno::ENOTDIR) => return Ok(None),
            Err(error) => return Err(named(error)),
        };
        if kind(&opened)? == SFlag::S_IFLNK {
            let why = format!("{} was replaced by a link while it was checked", path.display());
            return Err(io::Error::other(why));
        }
    }
    Ok(Some(opened))
}

/// Makes a folder below this one, another one below that, and so on, unless they are there.
///
/// # Errors
///
/// If there is a link on the way, or something else in place of a folder, or the system refuses.
pub fn make_folders(parent: &Path, names: &[OsString]) -> io::Result<()> {
    let mut folder = open(parent)?.ok_or(io::ErrorKind::NotFound)?;
    for name in names {
        match mkdirat(&folder, name.as_os_str(), Mode::from_bits_truncate(0o777)) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        folder = openat(&folder, name.as_os_str(), flags, Mode::empty())?;
    }
    Ok(())
}

/// Whether what has been opened is a folder.
///
/// # Errors
///
/// If the system refuses.
pub fn is_folder(opened: &OwnedFd) -> io::Result<bool> {
    Ok(kind(opened)? == SFlag::S_IFDIR)
}

fn kind(opened: &OwnedFd) -> io::Result<SFlag> {
    Ok(SFlag::from_bits_truncate(fstat(opened)?.st_mode) & SFlag::S_IFMT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn no_link_is_followed_wherever_it_is_on_the_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("it is there");
        fs::create_dir_all(path.join("real/inner")).expect("new folders");
        symlink("real", path.join("link")).expect("a new link");
        symlink("inner", path.join("real/last")).expect("a new link");
        let opened = open(&path.join("real/inner")).expect("there is no link");
        assert!(opened.is_some());
        assert!(open(&path.join("real/other")).expect("there is no link").is_none());
        for replaced in ["link/inner", "real/last", "link"] {
            let error = open(&path.join(replaced)).expect_err(replaced).to_string();
            assert!(error.contains("was replaced by a link while it was checked"), "{error}");
        }
    }

    #[test]
    fn folders_are_made_through_no_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("it is there");
        let make =
            |parent: &str| make_folders(&path.join(parent), &["target".into(), "inner".into()]);
        fs::create_dir_all(path.join("other")).expect("a new folder");
        fs::create_dir_all(path.join("real")).expect("a new folder");
        symlink("real", path.join("link")).expect("a new link");
        symlink("../real", path.join("other/target")).expect("a new link");
        make("link").expect_err("the parent is a link");
        make("other").expect_err("the first folder is a link");
        assert_eq!(fs::read_dir(path.join("real")).expect("it is there").count(), 0);
        for _ in 0..2 {
            make("real").expect("there is no link");
        }
        assert!(path.join("real/target/inner").is_dir());
    }
}
