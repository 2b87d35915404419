//! The exercises in the order of the lessons.

use super::source::Source;
use super::text::Lesson;
use crate::try_it::catalog::{self, Item};
use checker::exercises::{self, Exercise};
use std::fs;
use std::path::Path;

/// An exercise, and what its lesson says.
pub struct Unit {
    pub exercise: &'static Exercise,
    pub lesson: Lesson,
    /// The solved program of the repository, if it can be read.
    pub original: Option<Source>,
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
        let main = repository.join("crates").join(exercise.name).join("src/main.rs");
        let original = fs::read_to_string(main).ok().and_then(|text| Source::parse(&text));
        let tries = catalog::of_exercise(repository, exercise)?;
        Ok(Unit { exercise, lesson, original, tries })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn there_is_a_text_for_each_gap_and_each_criterion() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let units = read(&repository).unwrap();
        assert_eq!(names(&units), ["countsync", "countasync", "rand", "chained"]);
        for Unit { exercise, lesson, .. } in units {
            let name = exercise.name;
            let criteria: BTreeSet<_> = exercise.rubric.list().iter().map(|it| it.0).collect();
            let clues: BTreeSet<_> = lesson.criterion.keys().map(|id| &**id).collect();
            assert_eq!(clues, criteria, "{name}");

            let starter = format!("crates/{name}/examples/{name}-starter.rs");
            let starter = fs::read_to_string(repository.join(starter)).unwrap();
            let starter = Source::parse(&starter).unwrap();
            let gaps = starter.gaps().map(|gap| gap.function);
            let tasks: BTreeSet<_> = lesson.function.keys().cloned().collect();
            assert_eq!(tasks, gaps.collect(), "{name}");
            for clue in lesson.criterion.values().chain(lesson.mistake.values()) {
                assert!(starter.function(&clue.function).is_some(), "{name}: {}", clue.function);
                assert!(lesson.nearly(clue).is_some(), "{name}: {}", clue.look);
            }
        }
    }
}
