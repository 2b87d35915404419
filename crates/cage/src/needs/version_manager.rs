//! Version managers put small programs on the `PATH`, called shims, which find the right version of
//! an interpreter and start it. They are asked which one that is, so that it can be started
//! directly: the manager, its settings and the other versions stay outside.

use super::Search;
use super::ask::ask;
use super::files::has_component;
use crate::regular_file::start;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

/// Managers whose shims are links: the name of the program that they link to, and of the one that
/// answers `which`.
const LINKED: [(&str, &str); 3] = [("mise", "mise"), ("rustup", "rustup"), ("volta-shim", "volta")];

/// No shim that is a script has more bytes.
const LONGEST: u64 = 1 << 12;

/// What version managers have answered: asking one takes longer than all else that is done to find
/// out what a command needs. Clones share the answers.
///
/// A manager's answer depends on the folder where it is asked, and on the user's settings, so these
/// are worth keeping only as long as nobody changes such settings.
#[derive(Clone, Debug, Default)]
pub struct VersionManagers {
    answers: Arc<Mutex<BTreeMap<Question, Option<String>>>>,
}

/// What a manager is asked.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    manager: PathBuf,
    /// The name of a shim.
    name: OsString,
    /// Where it is asked.
    folder: PathBuf,
}

impl VersionManagers {
    /// What this manager says a shim of this name starts in this folder. `None` if it does not know,
    /// or does not answer: it is not asked again, either.
    fn which(&self, manager: PathBuf, name: &OsStr, folder: &Path) -> Option<String> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let question = Question { manager, name: name.into(), folder: folder.into() };
        match answers.entry(question) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => {
                let answer = new.key().ask();
                new.insert(answer).clone()
            }
        }
    }
}

impl Question {
    fn ask(&self) -> Option<String> {
        let mut which = Command::new(&self.manager);
        which.arg("which").arg(&self.name).current_dir(&self.folder);
        // Asking must not make it download anything.
        which.env("RUSTUP_AUTO_INSTALL", "0");
        String::from_utf8(ask(&mut which)?).ok()
    }
}

impl Search<'_> {
    /// The program that a shim on the `PATH` starts in the command's folder, if it is a shim. This
    /// runs the manager, so it must not be a shim that a learner could have written.
    pub(super) fn behind_shim(&self, shim: &Path) -> Option<PathBuf> {
        let name = shim.file_name()?;
        let path = self.surroundings.variable("PATH")?;
        let is_users = std::env::split_paths(path)
            .any(|folder| folder.is_absolute() && Some(&*folder) == shim.parent());
        if !is_users {
            return None;
        }
        let manager = linked(shim).or_else(|| self.in_script(shim))?;
        let answer = self.managers.which(manager, name, &self.folder)?;
        let program = Path::new(answer.trim_end());
        // A file in the command's folder can name any path as a version, as asdf's `path:` does.
        (program.is_absolute() && program.is_file() && self.is_users(program))
            .then(|| program.to_owned())
    }

    /// Adds the manager of a shim that is named by its path: the shim itself will be started, and
    /// needs it. Nothing is run here. A learner's file can look like a shim, so only those count
    /// that are among the user's programs, and only known folders are added.
    pub(super) fn add_manager_of(&mut self, shim: &Path) {
        let folder = shim.parent().and_then(|folder| folder.canonicalize().ok());
        let Some(folder) = folder.filter(|_| self.is_users(shim)) else { return };
        let (variable, root) = match linked(shim) {
            Some(manager) if manager.ends_with("rustup") => {
                let named = self.surroundings.variable("RUSTUP_HOME").map(PathBuf::from);
                let usual = self.surroundings.home().map(|home| home.join(".rustup"));
                (Some("RUSTUP_HOME"), named.or(usual))
            }
            Some(manager) if manager.ends_with("volta") => {
                (Some("VOLTA_HOME"), self.root_above(&folder))
            }
            // The shim sets the manager's variable itself.
            None if self.in_script(shim).is_some() => (None, self.root_above(&folder)),
            _ => return,
        };
        let Some(root) = root else { return };
        if let Some(variable) = variable {
            self.set(variable, &root);
        }
        // A shim may start another, as cargo starts rustc.
        let shims = shim.parent().map(Path::to_owned);
        for folder in [root].into_iter().chain(shims) {
            let real = folder.canonicalize();
            if real.is_ok_and(|real| self.surroundings.is_for_one_toolchain(&real)) {
                self.needs.read.push(folder);
            }
        }
    }

    /// The manager of a shim that is a script, as with pyenv, rbenv, nodenv, jenv and asdf: its
    /// last line is `exec MANAGER exec NAME`.
    fn in_script(&self, shim: &Path) -> Option<PathBuf> {
        if !has_component(shim, "shims") {
            return None;
        }
        let text = String::from_utf8(start(shim, LONGEST).ok()?).ok()?;
        let calls = text.lines().filter_map(|line| line.trim().strip_prefix("exec "));
        let mut managers = calls.filter_map(|call| call.split_once(" exec ")).map(|(name, _)| name);
        let manager = managers.next_back()?.trim_matches(['"', '\'']);
        if manager.contains('/') { Some(manager.into()) } else { self.on_path(manager) }
    }
}

/// The manager of a shim that is a link.
fn linked(shim: &Path) -> Option<PathBuf> {
    let real = shim.canonicalize().ok()?;
    let name = real.file_name()?;
    let (_, manager) = LINKED.iter().find(|(program, _)| name == *program)?;
    // It may be the manager itself.
    if shim.file_name()? == name {
        return None;
    }
    Some(real.with_file_name(manager))
}
