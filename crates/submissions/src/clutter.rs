//! What lies about in submissions without having been written by the learner.

use std::path::Path;

/// Folders that systems and tools make.
const FOLDERS: [&str; 15] = [
    "__MACOSX",
    "__pycache__",
    ".git",
    ".hg",
    ".svn",
    ".venv",
    "venv",
    "target",
    ".idea",
    ".vscode",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
];

/// Files that systems make.
const FILES: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// Whether a folder of a submission is left out: it is made anew, or only for its tool.
pub(crate) fn is_left_out_folder(name: &str) -> bool {
    FOLDERS.contains(&name)
}

/// Whether a file of a submission is left out. A Mac puts a file named `._NAME` beside each other
/// one in a zip file.
pub(crate) fn is_left_out_file(name: &str) -> bool {
    FILES.contains(&name) || name.starts_with("._")
}

/// Whether a path has one of these in it.
pub(crate) fn is_left_out(path: &Path, is_folder: bool) -> bool {
    let mut names: Vec<_> = path.iter().map(|name| name.to_string_lossy()).collect();
    let file = if is_folder { None } else { names.pop() };
    names.iter().any(|name| is_left_out_folder(name))
        || file.is_some_and(|name| is_left_out_file(&name))
}

/// Whether a folder may be needed by an answer, but holds none.
pub(crate) fn is_not_searched(name: &str) -> bool {
    is_left_out_folder(name) || name == "node_modules" || name.starts_with('.')
}

/// Whether something beside the submissions of a class is none.
pub(crate) fn is_no_submission(name: &str) -> bool {
    name == "__MACOSX" || name.starts_with('.') || is_left_out_file(name)
}
