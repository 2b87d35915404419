//! Paths, and what they lead to.

use crate::system;
use std::path::{Path, PathBuf};
use std::{fs, iter};

/// Other folders of the system. Every program may read the same part of them, or nothing.
const NEVER_OWN: [&str; 5] = ["/boot", "/dev", "/etc", "/proc", "/sys"];

/// As many as the kernel follows.
const MOST_LINKS: usize = 40;

/// Whether it is in one of the system's folders. What a program may read there does not depend on
/// its command.
pub fn is_of_system(path: &Path) -> bool {
    system::FOLDERS.iter().chain(&NEVER_OWN).any(|folder| path.starts_with(folder))
}

/// Whether it has this component.
pub fn has_component(path: &Path, component: &str) -> bool {
    path.iter().any(|one| one == component)
}

/// The file itself, each link on the way to what it leads to, and that file. In each path but the
/// first, only the last component may be a link.
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
    // A path that goes up from a link leads elsewhere than it seems to.
    found.retain(|path| !has_component(path, ".."));
    found.dedup();
    found
}

fn with_real_folder(file: &Path) -> Option<PathBuf> {
    let folder = file.parent()?.canonicalize().ok()?;
    Some(folder.join(file.file_name()?))
}

/// Adds a real path to what is read: where this path leads now. If there are links on the way, adds
/// it to these. What does not exist is left out.
pub fn add_with_links(path: &Path, read: &mut Vec<PathBuf>, links: &mut Vec<PathBuf>) {
    let Ok(real) = path.canonicalize() else { return };
    if real != path {
        links.push(path.to_owned());
    }
    read.push(real);
}

/// Sorted, and without paths that are inside others.
pub fn without_repetition(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.sort();
    paths.dedup();
    let all = paths.clone();
    paths.retain(|path| !all.iter().any(|other| other != path && path.starts_with(other)));
    paths
}

/// A real path as it is typed in this folder, which is a real path, too: relative if it is near.
pub fn seen_from(folder: &Path, path: &Path) -> PathBuf {
    /// With more of `..`, a relative path is hard to read.
    const MOST_UP: usize = 2;
    let near = folder.ancestors().take(1 + MOST_UP).enumerate();
    let is_named = |(_, above): &(usize, &Path)| above.parent().is_some() && *above != path;
    let mut relative = near.filter(is_named).filter_map(|(up, above)| {
        let below = path.strip_prefix(above).ok()?;
        Some(iter::repeat_n("..", up).collect::<PathBuf>().join(below))
    });
    relative.next().unwrap_or_else(|| path.to_owned())
}

/// A path as it has to be typed into a shell.
#[must_use]
pub fn typed(path: &Path) -> String {
    let is_hidden = |c: char| !matches!(c, '"' | '\'' | '\\') && c.escape_debug().len() > 1;
    if let Some(text) = path.to_str().filter(|text| !text.contains(is_hidden)) {
        // It has no zero byte, which alone could not be typed.
        return shlex::try_quote(text).map_or_else(|_| text.to_owned(), Into::into);
    }
    let escaped = |byte: u8| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    let bytes = path.as_os_str().as_encoded_bytes().iter().copied();
    format!("$'{}'", bytes.map(escaped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_path_that_is_typed_in_a_shell_is_that_path() {
        for (path, is_visible) in [
            ("../common", true),
            ("bücher/it's $x", true),
            ("\u{1b}[31mfoo", false),
            ("it's\n\\\u{202e}", false),
        ] {
            let typed = typed(Path::new(path));
            assert_eq!(typed.starts_with('$'), !is_visible, "{typed}");
            let said = Command::new("bash").arg("-c").arg(format!("printf %s {typed}")).output();
            assert_eq!(said.expect("it is there").stdout, path.as_bytes(), "{typed}");
            assert!(!typed.contains(char::is_control), "{typed:?}");
        }
    }
}
