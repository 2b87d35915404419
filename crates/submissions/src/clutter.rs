//! What lies about in submissions without having been written by the learner.

/// Folders that systems and tools make.
const FOLDERS: [&str; 13] = [
    "__MACOSX",
    "__pycache__",
    ".git",
    ".hg",
    ".svn",
    ".venv",
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

/// Whether a folder of a submission is left out: it is made anew, or only for its tool. A learner may
/// name a folder `target` or `env`, so what is `beside` it, and `inside` it, must tell.
pub(crate) fn is_left_out_folder(
    name: &str,
    beside: impl FnOnce(&str) -> bool,
    inside: impl FnOnce(&str) -> bool,
) -> bool {
    match name {
        "target" => beside("Cargo.toml"),
        "venv" | "env" => inside("pyvenv.cfg"),
        _ => FOLDERS.contains(&name),
    }
}

/// Whether a folder that is left out is worth a word: no program reads the others.
pub(crate) fn is_noted(name: &str) -> bool {
    !["__MACOSX", "__pycache__", ".git"].contains(&name)
}

/// Whether a file of a submission is left out. A Mac puts a file named `._NAME` beside each other
/// one in a zip file.
pub(crate) fn is_left_out_file(name: &str) -> bool {
    FILES.contains(&name) || name.starts_with("._")
}

/// Whether a folder may be needed by an answer, but holds none.
pub(crate) fn is_not_searched(
    name: &str,
    beside: impl FnOnce(&str) -> bool,
    inside: impl FnOnce(&str) -> bool,
) -> bool {
    let is_hidden = name == "node_modules" || name.starts_with('.');
    is_hidden || is_left_out_folder(name, beside, inside)
}

/// Whether something beside the submissions of a class is none.
pub(crate) fn is_no_submission(name: &str) -> bool {
    name == "__MACOSX" || name.starts_with('.') || is_left_out_file(name)
}
