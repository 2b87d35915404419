//! A changed program, built, run and judged.

use super::catalog::Item;
use super::packages;
use crate::predict::Run;
use checker::answers::{Answer, Builder, build};
use checker::grade::{Graded, Outcome, Settings, grade_all};
use checker::recording::Recording;
use checker::runner::Runner;
use std::path::Path;

/// A changed program that has run.
pub struct Attempt {
    pub run: Run,
    pub recording: Recording,
    pub graded: Graded,
}

impl Attempt {
    /// Builds and runs an item, or its variant with this number. `says` is told what goes on.
    ///
    /// # Errors
    ///
    /// Why it did not run.
    pub fn make(
        repository: &Path,
        item: &Item,
        number: usize,
        builder: &Builder,
        runner: &Runner,
        says: impl Fn(&str),
    ) -> Result<Self, String> {
        let exercise = item.exercise;
        let manifest = packages::write(repository, item)?;
        says("building");
        let mut command = build(&manifest, "bin", &packages::binary(item, number), builder)?;
        command.extend(item.run(number).arguments.iter().cloned());
        says("running");
        let answer = Answer::of_command(exercise, command);
        let graded = grade_all(&[answer], runner, &Settings::default()).remove(0);
        match (&graded.outcome, graded.recordings.first()) {
            (_, Some(recording)) => {
                let recording = recording.clone();
                Ok(Self { run: Run::new(exercise, &recording), recording, graded })
            }
            (
                Outcome::NotStarted(why) | Outcome::NotRecorded(why) | Outcome::NotBelieved(why),
                None,
            ) => Err(why.to_string()),
            (Outcome::Judged(_), None) => Err("it interfered with its recorder".into()),
        }
    }
}
