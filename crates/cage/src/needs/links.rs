//! Links on the way to what a command names. A learner can make a link to anything, so one that
//! leads out of the folder that it is in adds nothing.

use super::Search;
use super::files::{is_of_system, typed};
use std::path::{Component, Path, PathBuf};

impl Search<'_> {
    /// Where a path leads, or `None` if there is nothing. `Err` if a link on the way leads out of its
    /// folder: the first of these, and where it leads. A folder that holds unrelated things, such as a
    /// home folder, is no folder to stay in. Not counted are links to the system's own files, which
    /// every program may read, and those from a home folder, or above it, to a folder that is not
    /// hidden: they are the user's.
    ///
    /// A learner may change links meanwhile, so whoever needs to know where the path leads goes by
    /// this answer, and does not look again.
    pub(super) fn follow(&self, path: &Path) -> Result<Option<PathBuf>, (PathBuf, PathBuf)> {
        let mut real = PathBuf::new();
        for component in path.components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => drop(real.pop()),
                Component::Normal(name) => {
                    let link = real.join(name);
                    let Ok(target) = link.canonicalize() else { return Ok(None) };
                    let around = self.surroundings;
                    let is_users = around.is_home_or_above(&real)
                        && target.is_dir()
                        && !around.is_private(&target);
                    let stays = around.is_for_one_program(&real) && target.starts_with(&real);
                    let is_harmless = is_users || stays || is_of_system(&target);
                    if link != target && !is_harmless {
                        return Err((link, target));
                    }
                    real = target;
                }
                root => real.push(root),
            }
        }
        Ok(Some(real))
    }

    /// Keeps such a link for the user to read about, unless its target may be read anyway: then the
    /// cage needs the path that leads there.
    pub(super) fn refuse_link(&mut self, link: (PathBuf, PathBuf), path: &Path) {
        if self.is_allowed(&link.1) {
            self.needs.links.push(path.components().collect());
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
