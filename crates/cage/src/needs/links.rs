//! Links on the way to what a command names. A learner can make a link to anything, so one that
//! leads out of the folder that it is in adds nothing.

use super::Search;
use super::files::{is_of_system, typed};
use std::path::{Component, Path, PathBuf};

impl Search<'_> {
    /// The first link in a path that leads out of its folder, and where it leads. A folder that holds
    /// unrelated things, such as a home folder, is no folder to stay in. Not counted are links to the
    /// system's own files, which every program may read, and those from a home folder, or above it,
    /// to a folder that is not hidden: they are the user's.
    pub(super) fn link_out_of_its_folder(&self, path: &Path) -> Option<(PathBuf, PathBuf)> {
        let mut real = PathBuf::new();
        for component in path.components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => drop(real.pop()),
                Component::Normal(name) => {
                    let link = real.join(name);
                    let target = link.canonicalize().ok()?;
                    let around = self.surroundings;
                    let is_users = around.is_home_or_above(&real)
                        && target.is_dir()
                        && !around.is_private(&target);
                    let stays = around.is_for_one_program(&real) && target.starts_with(&real);
                    let is_harmless = is_users || stays || is_of_system(&target);
                    if link.is_symlink() && !is_harmless {
                        return Some((link, target));
                    }
                    real = target;
                }
                root => real.push(root),
            }
        }
        None
    }

    /// Keeps such a link for the user to read about, unless its target may be read anyway: then the
    /// cage needs the path that leads there.
    pub(super) fn refuse_link(&mut self, link: (PathBuf, PathBuf), path: &Path) {
        if self.is_allowed(&link.1) {
            self.needs.read.push(path.to_owned());
        } else {
            self.refused.push(link);
        }
    }

    /// Whether a file or folder, whose path is a real one, may be read anyway.
    pub(super) fn is_allowed(&self, path: &Path) -> bool {
        self.allowed.iter().any(|allowed| path.starts_with(allowed))
    }

    /// What to say about a link that leads to what may not be read, if there is one.
    pub(super) fn refused_link(&self) -> Option<String> {
        let may_read = |path: &Path| self.needs.read.iter().any(|folder| path.starts_with(folder));
        let (link, target) = self.refused.iter().find(|(_, target)| !may_read(target))?;
        let is_secret = self.surroundings.is_private(target)
            || target.is_dir() && !self.surroundings.is_for_one_program(target);
        let fix = match is_secret {
            true => "put the file itself there".to_owned(),
            false => format!("if that is fine, add --allow-read {}", typed(target)),
        };
        Some(format!("{} is a link out of its folder: {fix}", link.display()))
    }
}
