//! Paths, and what they lead to.

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Folders of the system. What a program may read of them does not depend on the command.
const SYSTEM: [&str; 14] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/gnu/store",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/opt",
    "/proc",
    "/sbin",
    "/sys",
    "/usr",
];

/// As the kernel.
const MOST_LINKS: usize = 40;

pub fn is_of_system(path: &Path) -> bool {
    SYSTEM.iter().any(|folder| path.starts_with(folder))
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

/// The first bytes of a regular file; none of a pipe, which might never end, or a device.
pub fn start_of(file: &Path, bytes: u64) -> Option<Vec<u8>> {
    let flags = nix::fcntl::OFlag::O_NONBLOCK | nix::fcntl::OFlag::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits()).open(file).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut start = Vec::new();
    file.take(bytes).read_to_end(&mut start).ok()?;
    Some(start)
}
