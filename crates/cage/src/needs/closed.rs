//! Files that only root's privileges open. A program has none of these in the cage.

use super::Search;
use crate::permissions::{lets_enter, lets_read};
use nix::unistd::{AccessFlags, Uid, User, access, geteuid};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

impl Search<'_> {
    /// What to do if the program's own files, or its own folders, do not let this user in without
    /// privileges.
    pub(super) fn closed_without_privileges(&self, program: Option<&String>) -> Option<String> {
        let readable = self.named.iter().map(|file| (file.clone(), AccessFlags::R_OK));
        let entered = self.own.iter().map(|folder| (folder.clone(), AccessFlags::X_OK));
        let started = program.filter(|program| program.contains('/'));
        let started = started.map(|program| (self.folder.join(program), AccessFlags::X_OK));
        let is_open = |path: &Path, how: AccessFlags| match how {
            AccessFlags::R_OK => lets_read(path),
            _ => lets_enter(path),
        };
        let mut all = readable.chain(entered).chain(started);
        // What is closed even with privileges is not the cage's doing.
        let (path, how) =
            all.find(|(path, how)| access(path, *how).is_ok() && !is_open(path, *how))?;
        let start = if how == AccessFlags::R_OK { "read" } else { "open" };
        let path = path.canonicalize().ok()?;
        let (closed, fix) = self.how_to_open(&path);
        let owner = closed.metadata().ok()?.uid();
        let (user, path, closed) = (name(geteuid().as_raw()), path.display(), closed.display());
        if owner == geteuid().as_raw() {
            return Some(format!(
                "{user} has no privileges in the cage, and may not {start} {path}: {fix}"
            ));
        }
        let owner = name(owner);
        Some(format!(
            "{user} has no privileges in the cage, and may not {start} {path}, as {closed} belongs to \
             {owner}: run the checker as {owner}, or {fix}"
        ))
    }

    /// What is closed on the way to a file or folder, and the command that opens it.
    fn how_to_open(&self, path: &Path) -> (PathBuf, String) {
        let own = self.own.iter().find(|folder| path.starts_with(folder));
        let mut above: Vec<_> = path.ancestors().skip(1).collect();
        above.reverse();
        let closed = above.into_iter().find(|folder| !lets_enter(folder)).unwrap_or(path);
        match own.filter(|own| closed.starts_with(own)) {
            Some(own) => (closed.to_owned(), format!("chmod -R a+rX {}", own.display())),
            None if closed.is_dir() => {
                (closed.to_owned(), format!("chmod a+x {}", closed.display()))
            }
            None => (closed.to_owned(), format!("chmod a+r {}", closed.display())),
        }
    }
}

/// The name of a user.
fn name(user: u32) -> String {
    let known = User::from_uid(Uid::from_raw(user)).ok().flatten();
    known.map_or(format!("uid {user}"), |user| user.name)
}
