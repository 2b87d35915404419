//! The exercises. Each has a folder (countasync and countsync share one): `mod.rs` says
//! what it is and what it is judged by, `read.rs` extracts what a program did, `judge.rs` decides
//! whether that is right and, if not, why; `cases/` holds recordings, written as text, with the
//! verdicts that they must get.

mod chained;
mod count;
mod rand;

use crate::judging::rubric::Rubric;
use crate::timeline::Size;

/// All exercises, in the order of the walkthrough.
pub static ALL: &[&Exercise] =
    &[&count::COUNTASYNC, &count::COUNTSYNC, &rand::RAND, &chained::CHAINED];

/// An exercise: everything that the checker knows about it.
pub struct Exercise {
    pub name: &'static str,
    /// The arguments of each run that it is judged by.
    pub runs: &'static [&'static [Argument]],
    /// Seconds that a right run usually takes, from its first line to its last.
    pub takes: f64,
    /// Seconds that a run may take from its first line on.
    pub time_limit: f64,
    pub rubric: &'static dyn Rubric,
    /// Why it worked, and what to try next: for full marks, in two short sentences.
    pub praise: &'static str,
    /// How large its picture is.
    pub picture: Size,
}

/// Exercises are the same if they have the same name.
impl PartialEq for Exercise {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// An argument of a run.
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    /// A number that no program can know in advance, drawn for each run.
    Drawn,
    /// Always this.
    Text(&'static str),
}

/// An exercise in data is its name.
pub mod by_name {
    use super::{Exercise, find};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        exercise: &&'static Exercise,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        exercise.name.serialize(to)
    }

    /// # Errors
    ///
    /// If there is no such exercise, and those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<&'static Exercise, D::Error> {
        let name = String::deserialize(from)?;
        find(&name).ok_or_else(|| D::Error::custom("there is no such exercise"))
    }
}

/// The exercise of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Exercise> {
    ALL.iter().copied().find(|exercise| exercise.name == name)
}
