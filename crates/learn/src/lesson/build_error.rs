//! The first error of a build, as cargo prints it.

use checker::answers::first_error;

/// The first error; others often follow from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    /// As the compiler words it, line by line.
    pub lines: Vec<String>,
    /// Its code, such as E0425, if it has one.
    pub code: Option<String>,
    /// The line of the source that it is about, from 1, if it is about one.
    pub line: Option<usize>,
    /// How many more errors there are.
    pub more: usize,
}

impl BuildError {
    /// Reads what cargo printed on standard error; if that is nothing, `problem` is the error.
    #[must_use]
    pub fn read(printed: &[String], problem: &str) -> Self {
        let mut lines = first_error(printed);
        if lines.is_empty() {
            lines.push(problem.to_owned());
        }
        let code = lines.first().and_then(|line| {
            let (code, _) = line.strip_prefix("error[")?.split_once(']')?;
            Some(code.to_owned())
        });
        let line = lines.iter().find_map(|line| {
            let (_, place) = line.split_once("--> ")?;
            place.rsplit(':').nth(1)?.parse().ok()
        });
        // The last one only says that the package could not be compiled.
        let errors = printed.iter().filter(|line| line.starts_with("error")).count();
        Self { lines, code, line, more: errors.saturating_sub(2) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
warning: unused variable: `n`
 --> chained/src/main.rs:3:9

error[E0425]: cannot find function `slep` in this scope
  --> chained/src/main.rs:17:5
   |
17 |     slep(Duration::from_secs(1)).await;
   |     ^^^^ help: a function with a similar name exists: `sleep`

error: expected one of `!` or `;`
  --> chained/src/main.rs:20:5

error: could not compile `chained` (bin \"chained\") due to 2 previous errors; 1 warning emitted
";

    fn read(printed: &str) -> BuildError {
        let printed: Vec<_> = printed.lines().map(Into::into).collect();
        BuildError::read(&printed, "cannot run cargo")
    }

    #[test]
    fn the_first_error_is_read_and_the_others_are_counted() {
        let error = read(PRINTED);
        assert_eq!(error.code.as_deref(), Some("E0425"));
        assert_eq!((error.line, error.more), (Some(17), 1));
        assert_eq!(error.lines.len(), 5);
    }

    #[test]
    fn what_cargo_says_of_a_manifest_is_shown_whole() {
        let error = read("error: failed to parse manifest at `/x/Cargo.toml`");
        let expected = (None, None, 0, 1);
        assert_eq!((error.code, error.line, error.more, error.lines.len()), expected);
        assert_eq!(read("").lines, ["cannot run cargo"]);
        let error = read("error: it's in a workspace when it's not:\n\nthis may be fixable");
        assert_eq!(error.lines.last().map(|line| &**line), Some("this may be fixable"));
    }
}
