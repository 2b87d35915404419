//! Removes files that give their owner's or group's rights to whoever runs them. No link is followed:
//! whoever owns the folder may put one there meanwhile, in place of a folder.

use super::real_path;
use nix::dir::Dir;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{Mode, SFlag, fstatat};
use nix::unistd::{UnlinkatFlags, unlinkat};
use std::os::fd::OwnedFd;
use std::path::Path;

/// Removes all such files in a folder and below it, except where they are nested too deep to be
/// opened.
pub fn remove_programs(folder: &Path) {
    if let Ok(Some(opened)) = real_path::open(folder) {
        // What cannot be read or removed stays.
        let _ = remove_below(&opened);
    }
}

fn remove_below(folder: &OwnedFd) -> nix::Result<()> {
    const RIGHTS: Mode = Mode::S_ISUID.union(Mode::S_ISGID);
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    for entry in Dir::openat(folder, ".", flags, Mode::empty())?.iter() {
        let entry = entry?;
        let name = entry.file_name();
        if [c".", c".."].contains(&name) {
            continue;
        }
        let Ok(data) = fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW) else { continue };
        let kind = SFlag::from_bits_truncate(data.st_mode) & SFlag::S_IFMT;
        if kind == SFlag::S_IFDIR {
            if let Ok(inner) = openat(folder, name, flags, Mode::empty()) {
                let _ = remove_below(&inner);
            }
        } else if kind == SFlag::S_IFREG
            && Mode::from_bits_truncate(data.st_mode).intersects(RIGHTS)
        {
            // It may have another name elsewhere: its mode is not changed.
            let _ = unlinkat(folder, name, UnlinkatFlags::NoRemoveDir);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn they_are_removed_in_the_folder_and_nowhere_else() {
        let made = tempfile::tempdir().expect("a folder");
        let path = made.path().canonicalize().expect("it is there");
        let file = |name: &str, mode| {
            fs::write(path.join(name), "").expect("a new file");
            fs::set_permissions(path.join(name), Permissions::from_mode(mode)).expect("its mode");
        };
        fs::create_dir_all(path.join("folder/inner")).expect("new folders");
        fs::create_dir_all(path.join("outside")).expect("a new folder");
        symlink("../outside", path.join("folder/link")).expect("a new link");
        file("folder/inner/user", 0o4755);
        file("folder/group", 0o2755);
        file("folder/plain", 0o755);
        file("outside/user", 0o4755);
        remove_programs(&path.join("folder"));
        let is_there = |name: &str| path.join(name).exists();
        assert!(!is_there("folder/inner/user") && !is_there("folder/group"));
        assert!(is_there("folder/plain") && is_there("outside/user"));
    }
}
