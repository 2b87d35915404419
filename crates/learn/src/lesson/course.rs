//! The exercises in the order of the lessons.

use super::text::Lesson;
use crate::try_it::catalog::{self, Item};
use checker::exercises::{self, Exercise};
use std::path::Path;

/// An exercise, and what its lesson says.
pub struct Unit {
    pub exercise: &'static Exercise,
    pub lesson: Lesson,
    /// What there is to try, in the order of the README.
    pub tries: Vec<Item>,
}

/// Reads the lessons, and puts them in order.
///
/// # Errors
///
/// If one cannot be read; one line that names the file.
pub fn read(repository: &Path) -> Result<Vec<Unit>, String> {
    let unit = |&exercise: &&'static Exercise| {
        let lesson = Lesson::read(repository, exercise.name)?;
        Ok(Unit { exercise, lesson, tries: catalog::of_exercise(repository, exercise)? })
    };
    let mut units: Vec<_> = exercises::ALL.iter().map(unit).collect::<Result<_, String>>()?;
    units.sort_by_key(|unit| unit.lesson.number);
    Ok(units)
}

/// The names of the exercises, in order.
#[must_use]
pub fn names(units: &[Unit]) -> Vec<&'static str> {
    units.iter().map(|unit| unit.exercise.name).collect()
}
