//! Copies an exercise, together with `common`, out of this repository: all of it or nothing, and
//! without overwriting anything.
//!
//! - `repository.rs`: which exercises there are, and which files belong to them
//! - `destination.rs`: where the copy goes, and what must not be overwritten there
//! - `staging.rs`: the copy in progress, which leaves nothing behind unless it succeeds
//! - `workspace.rs`: the Cargo workspace around the copy
//! - `cargo.rs`, `tool.rs`: asking cargo, and running it and git
//! - `interruption.rs`: signals that stop a copy

mod cargo;
mod destination;
mod error;
mod interruption;
mod repository;
mod staging;
mod tool;
mod workspace;

pub use error::Error;
pub use interruption::Interruption;
pub use repository::{Repository, as_main, starter};
pub use workspace::Place;

use destination::Destination;
use staging::Staging;
use std::path::{Path, PathBuf};
use workspace::Surroundings;

/// What to copy, and where to.
#[derive(Clone, Debug)]
pub struct Order {
    pub exercise: String,
    /// The folder that gets a folder of the exercise and one of `common`.
    pub destination: PathBuf,
    /// Whether to copy the starter, in which the functions are left to write.
    pub starter: bool,
}

/// What has been copied.
#[derive(Clone, Debug)]
pub struct Copied {
    /// The destination without symbolic links.
    pub destination: PathBuf,
    /// Whether the same `common` was there already.
    pub shares_common: bool,
    pub place: Place,
    /// Whether the workspace also has a crate from crates.io with the name of the exercise.
    pub has_namesake: bool,
}

/// Copies an exercise and `common` from a repository.
///
/// # Errors
///
/// If the copy is refused, fails or is interrupted. In that case nothing has changed, unless the
/// error says what could not be removed.
pub fn copy(
    repository: &Repository,
    order: &Order,
    interruption: &Interruption,
) -> Result<Copied, Error> {
    repository.check_exercise(&order.exercise)?;
    let destination = Destination::resolve(&order.destination)?;
    destination.check_free(&order.exercise)?;
    let surroundings = Surroundings::of(&destination.folder, &order.exercise, interruption)?;

    let mut staging = Staging::begin(&destination)?;
    match carry_out(repository, order, &surroundings, &mut staging, interruption) {
        Ok(copied) => {
            staging.keep();
            Ok(copied)
        }
        Err(error) => Err(match staging.roll_back() {
            Ok(()) => error,
            Err(leftover) => Error::Refused(format!("{error}; {leftover}")),
        }),
    }
}

/// Makes sure that a folder can be given a workspace of its own, before it is created. Returns its
/// path without symbolic links.
///
/// # Errors
///
/// If that is not possible, or another workspace treats the folder as a package.
pub fn check_new_workspace(folder: &Path) -> Result<PathBuf, Error> {
    let destination = Destination::resolve(folder)?;
    match workspace::that_takes_for_package(&destination.folder) {
        None => Ok(destination.folder),
        Some(workspace) => {
            let workspace = workspace.display();
            let problem = format!(
                "the workspace of {workspace} treats this folder as a package; choose one outside it"
            );
            Err(Error::at(folder, problem))
        }
    }
}

fn carry_out(
    repository: &Repository,
    order: &Order,
    surroundings: &Surroundings,
    staging: &mut Staging,
    interruption: &Interruption,
) -> Result<Copied, Error> {
    let exercise = &order.exercise;
    let destination = staging.destination;
    // Again, now that no other copy can place anything.
    destination.check_free(exercise)?;
    for file in repository.files(&["common", exercise], interruption)? {
        interruption.check()?;
        staging.add(repository, &file)?;
    }
    if order.starter {
        staging.make_starter(exercise)?;
    }

    let shares_common = destination.has_common(&staging.folder.join("common"))?;
    interruption.check()?;
    if !shares_common {
        staging.place("common")?;
    }
    staging.place(exercise)?;
    staging.clear()?;

    let (place, has_namesake) = surroundings.place(&destination.folder, exercise, interruption)?;
    Ok(Copied { destination: destination.folder.clone(), shares_common, place, has_namesake })
}
