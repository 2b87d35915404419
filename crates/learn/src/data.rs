//! Lessons, questions and things to try are TOML files.

use serde::de::DeserializeOwned;
use std::fs;
use std::path::Path;

/// What is in a file.
///
/// # Errors
///
/// If it cannot be read; one line that names the file, and the line of the file if there is one.
pub fn read<T: DeserializeOwned>(file: &Path) -> Result<T, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    toml::from_str(&text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text[..start].matches('\n').count() + 1;
        format!("{}:{line}: {}", file.display(), error.message())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::Table;

    #[test]
    fn a_problem_is_one_line_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lesson.toml");
        let problem = || read::<Table>(&file).unwrap_err();
        assert!(problem().contains("lesson.toml: "), "{}", problem());
        fs::write(&file, "number = 1\n\nlook =\n").unwrap();
        assert!(problem().contains("lesson.toml:3: "), "{}", problem());
        assert_eq!(problem().lines().count(), 1, "{}", problem());
    }
}
