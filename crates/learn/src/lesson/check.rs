//! A look at what the learner has written: it is built, run and judged.

use super::source::{Gap, Source};
use crate::build::{NotBuilt, build};
use checker::answers::Answer;
use checker::exercises::Exercise;
use checker::grade::{Graded, Outcome, Settings, grade_all};
use checker::judging::rubric::Judged;
use checker::judging::verdict::NotPassed;
use checker::runner::Runner;
use checker::timeline::Timeline;
use std::fs;
use std::path::Path;

/// What a look finds.
pub struct Finding {
    pub exercise: &'static Exercise,
    /// The text of the program that was looked at.
    pub text: String,
    /// The same, if it can be parsed.
    pub source: Option<Source>,
    pub graded: Result<Graded, NotBuilt>,
}

impl Finding {
    /// Looks at the program of an exercise, in the folder of its package. `says` is told what goes
    /// on.
    pub fn make(
        exercise: &'static Exercise,
        package: &Path,
        runner: &Runner,
        says: impl Fn(&str),
    ) -> Self {
        // Read first: what is saved later is looked at again.
        let text = fs::read_to_string(package.join("src/main.rs")).unwrap_or_default();
        let source = Source::parse(&text);
        says("building");
        let graded = build(package, exercise.name, &runner.stop).map(|program| {
            says("checking");
            let command = Ok(vec![program.display().to_string()]);
            grade_all(&[Answer { exercise, command }], runner, Settings::default()).remove(0)
        });
        Self { exercise, text, source, graded }
    }

    /// The first gap that is left to fill, if that is what comes next.
    #[must_use]
    pub fn gap(&self) -> Option<Gap> {
        self.graded.as_ref().ok()?;
        self.source.as_ref()?.first_gap()
    }

    #[must_use]
    pub fn earned(&self) -> f64 {
        self.graded.as_ref().map_or(0.0, Graded::earned)
    }

    /// The first criterion that was not passed because of the program.
    #[must_use]
    pub fn not_passed(&self) -> Option<(&Judged, &NotPassed)> {
        let Outcome::Judged(judged) = &self.graded.as_ref().ok()?.outcome else { return None };
        judged.iter().find_map(|one| match &one.verdict {
            Err(why @ (NotPassed::Failed(_) | NotPassed::NotReadable(_))) => Some((one, why)),
            _ => None,
        })
    }

    /// The picture of a run that printed something of the exercise.
    #[must_use]
    pub fn timeline(&self) -> Option<Timeline> {
        let recording = self.graded.as_ref().ok()?.recordings.first()?;
        let timeline = self.exercise.rubric.timeline(recording);
        (!timeline.rows.is_empty()).then_some(timeline)
    }
}
