//! A look at what the learner has written: it is built, run and judged.

use super::build_error::BuildError;
use super::source::{Gap, Source};
use cage::regular_file::read_to_string;
use checker::answers::Program;
use checker::exercises::Exercise;
use checker::grade::{Graded, Settings};
use checker::runner::own_program;
use checker::timeline::Timeline;
use checker::watch_loop::Link;
use std::path::Path;

/// What a look finds.
pub struct Finding {
    /// The text of the program that was looked at.
    pub text: String,
    /// The same, if it can be parsed.
    pub source: Option<Source>,
    pub graded: Graded,
    /// Why it could not be built.
    pub error: Option<BuildError>,
}

/// Looks at the program of an exercise, in the folder of its package.
///
/// # Errors
///
/// One line, if the program of this process, which records, cannot be found.
pub fn check(exercise: &'static Exercise, package: &Path, link: &Link) -> Result<Finding, String> {
    // Read first: what is saved later is looked at again.
    let text = read_to_string(&package.join("src/main.rs")).unwrap_or_default();
    let source = Source::parse(&text);
    let checker = own_program()?;
    let (answer, printed) = link.build(&Program::of_package(exercise, package), None);
    let error = answer.command.as_ref().err().map(|problem| BuildError::read(&printed, problem));
    let settings = Settings { starts_soon: true, ..Settings::default() };
    let graded = link.grade(answer, &settings, checker);
    Ok(Finding { text, source, graded, error })
}

impl Finding {
    /// The first gap that is left to fill, if that is what comes next.
    #[must_use]
    pub fn gap(&self) -> Option<Gap> {
        if self.error.is_some() { None } else { self.source.as_ref()?.gaps().next() }
    }

    /// The picture of the run that shows most, if it printed something of the exercise.
    #[must_use]
    pub fn timeline(&self) -> Option<Timeline> {
        self.graded.timeline().filter(|timeline| !timeline.rows.is_empty())
    }
}
