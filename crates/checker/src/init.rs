//! Writes out what the checker brings along: packages for platforms, starters, templates for a cohort.
//! All of it is in the checker's executable, so that it is there without the repository.
//!
//! - `packages`: what there is; `starters`: the exercises as a learner begins them
//! - `place`: puts files into a folder or a zip file, all of them or none

mod packages;
mod place;
mod starters;

pub use packages::{ALL, Package, find};

use crate::exercises::{self, Exercise};
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of a package.
pub struct PackageFile {
    /// Where it is in the package.
    path: PathBuf,
    contents: Cow<'static, [u8]>,
}

impl PackageFile {
    fn new(path: impl Into<PathBuf>, contents: impl Into<Cow<'static, [u8]>>) -> Self {
        Self { path: path.into(), contents: contents.into() }
    }

    /// Whether it is to be started: a script or a program.
    fn is_program(&self) -> bool {
        self.contents.starts_with(b"#!") || self.contents.starts_with(b"\x7fELF")
    }
}

/// What has been written.
pub struct Written {
    /// The folder or the zip file.
    pub to: PathBuf,
    /// What there is at its top.
    pub names: Vec<PathBuf>,
    /// What may not work, if anything.
    pub warning: Option<&'static str>,
}

/// Writes out a package that grades these exercises, all if there are none, to a folder or a new zip
/// file.
///
/// # Errors
///
/// One line, if that is not possible. Nothing has been written then.
pub fn init(
    package: &Package,
    exercises: &[&'static Exercise],
    to: Option<&Path>,
) -> Result<Written, String> {
    if !exercises.is_empty() && !package.takes_exercises {
        return Err(format!("the package {} takes no exercises: leave them out", package.name));
    }
    let exercises = if exercises.is_empty() { exercises::ALL } else { exercises };
    let mut files = (package.files)(exercises);
    let mut warning = None;
    if let Some(path) = package.checker {
        files.push(PackageFile::new(path, this_checker()?));
        warning = (!cfg!(target_feature = "crt-static")).then_some(NOT_STATIC);
    }
    let to = to.map_or_else(|| package.usual_place.into(), Path::to_owned);
    if to.extension().is_some_and(|ending| ending == "zip") {
        place::in_zip(&files, &to)?;
    } else {
        place::in_folder(&files, &to)?;
    }
    let at_top = |file: PackageFile| file.path.iter().next().map(PathBuf::from);
    let mut names: Vec<_> = files.into_iter().filter_map(at_top).collect();
    names.sort();
    names.dedup();
    Ok(Written { to, names, warning })
}

const NOT_STATIC: &str = "the checker in this package starts only where the C library is as new as on \
                          this machine: for one that starts on any Linux, use scripts/package in the \
                          repository, or install a checker for x86_64-unknown-linux-musl";

/// The executable that is running.
fn this_checker() -> Result<Vec<u8>, String> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(
            "the package needs a checker for Linux on x86-64, and this one is for another \
                    system: make the package there, or in a container"
                .into(),
        );
    }
    fs::read("/proc/self/exe").map_err(|error| format!("/proc/self/exe: {error}"))
}
