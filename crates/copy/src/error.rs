//! Why there is no copy.

use std::fmt;
use std::io;
use std::path::Path;

/// Why there is no copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The request makes no sense; the text says why in one line.
    Misused(String),
    /// The copy cannot or must not be made; the text says why.
    Refused(String),
    /// A signal with this number stopped the copy.
    Interrupted(i32),
}

impl Error {
    pub(crate) fn at(path: &Path, problem: impl fmt::Display) -> Self {
        Self::Refused(format!("{}: {problem}", path.display()))
    }

    /// Names the path of an operation that failed.
    pub(crate) fn on(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::at(path, error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misused(text) | Self::Refused(text) => formatter.write_str(text),
            Self::Interrupted(_) => formatter.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Error {}
