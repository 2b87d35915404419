//! Paths, and what they lead to.

use crate::system;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of which every program may read a part, or nothing.
const NEVER_OWN: [&str; 5] = ["/boot", "/dev", "/etc", "/proc", "/sys"];

/// As the kernel.
const MOST_LINKS: usize = 40;

/// Whether it is in one of the system's folders. What a program may read of these does not depend on
/// its command.
pub fn is_of_system(path: &Path) -> bool {
    system::FOLDERS.iter().chain(&NEVER_OWN).any(|folder| path.starts_with(folder))
}

/// Whether it has this component.
pub fn has_component(path: &Path, component: &str) -> bool {
    path.iter().any(|one| one == component)
}

/// The file itself, each link on the way to what it leads to, and that. Each path but the first is
/// the real one but for its last component.
pub fn links(file: &Path) -> Vec<PathBuf> {
    let mut found = vec![file.components().collect::<PathBuf>()];
    let mut file = file.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(real) = with_real_folder(&file) else { break };
        let target = fs::read_link(&real).map(|target| real.with_file_name("").join(target));
        found.push(real);
        match target {
            Ok(target) => file = target,
            Err(_) => break,
        }
    }
    // What goes up through a link leads elsewhere than it seems.
    found.retain(|path| !has_component(path, ".."));
    found.dedup();
    found
}

fn with_real_folder(file: &Path) -> Option<PathBuf> {
    let folder = file.parent()?.canonicalize().ok()?;
    Some(folder.join(file.file_name()?))
}

/// Without what is inside of another, sorted.
pub fn without_repetition(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.sort();
    paths.dedup();
    let all = paths.clone();
    paths.retain(|path| !all.iter().any(|other| other != path && path.starts_with(other)));
    paths
}
