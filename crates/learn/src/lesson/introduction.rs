//! Before an exercise is written: the learner predicts what it will do, then sees it run.

use super::course::Unit;
use crate::paragraph::paragraph;
use crate::predict::{Quiz, Run, SKIP, compare};
use checker::answers::{Builder, Program, first_error};
use checker::exercises::Exercise;
use checker::grade::{Settings, record_once};
use checker::recording::Recording;
use checker::report::human::Look;
use checker::runner::own_program;
use checker::watch_loop::{ENTER, Key, Link};
use std::path::Path;

/// The questions about an exercise, and then its run.
pub struct Introduction {
    quiz: Quiz,
    is_answered: bool,
    /// The run, or why there is none.
    run: Option<Result<Run, String>>,
}

/// What follows a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// There is something else to see.
    Shows,
    /// The exercise runs.
    Runs,
    /// The exercise is there to be written.
    Writes,
}

impl Introduction {
    /// Reads the questions about an exercise.
    ///
    /// # Errors
    ///
    /// If they cannot be read; one line that names the file.
    pub fn new(repository: &Path, exercise: &str) -> Result<Self, String> {
        Ok(Self { quiz: Quiz::of_exercise(repository, exercise)?, is_answered: false, run: None })
    }

    /// Whether the exercise is to run now: everything has been asked.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.is_answered && self.run.is_none()
    }

    pub fn has_run(&mut self, run: Result<Run, String>) {
        self.run = Some(run);
    }

    #[must_use]
    pub fn text(&self, unit: &Unit, look: Look) -> String {
        let program = paragraph(&unit.lesson.program, look);
        match &self.run {
            Some(Ok(run)) => compare(self.quiz.predictions(), run, look),
            Some(Err(problem)) => format!("{program}\nIt did not run: {problem}\n"),
            None => {
                let question = self.quiz.prompt().unwrap_or_default();
                let asks = paragraph(
                    "Before you see it run: what will it do? It runs on a clock that jumps over its \
                     waits, so you need not wait for it.",
                    look,
                );
                format!("{program}\n{asks}\n{question}")
            }
        }
    }

    #[must_use]
    pub fn prompt(&self) -> (String, Vec<Key>) {
        let writes = Key { key: 'w', word: "write it now" };
        match self.run {
            Some(_) => {
                let writes = Key { key: ENTER, word: "write it yourself" };
                ("your turn".into(), vec![writes])
            }
            None if self.is_answered => ("running".into(), vec![writes]),
            None => {
                let options = self.quiz.keys().map(|key| Key { key, word: "" });
                let others = [Key { key: SKIP, word: "skip" }, writes];
                ("your answer:".into(), options.chain(others).collect())
            }
        }
    }

    /// A key of the prompt line.
    pub fn press(&mut self, key: char) -> Then {
        if key == 'w' || key == ENTER {
            return Then::Writes;
        }
        if !self.quiz.answer(key) {
            return Then::Shows;
        }
        self.is_answered = self.quiz.prompt().is_none();
        if self.is_answered { Then::Runs } else { Then::Shows }
    }
}

/// Runs the repository's own program, in the folder of its package, once.
///
/// # Errors
///
/// Why it did not run.
pub fn run(exercise: &'static Exercise, package: &Path, link: &Link) -> Result<Run, String> {
    link.says("building");
    let program = Program::of_package(exercise, package);
    let (answer, printed) = Builder::gathering(&link.stop, None, |builder| program.build(builder));
    let command = answer
        .command
        .map_err(|problem| [&[problem], &first_error(&printed)[..]].concat().join("\n"))?;
    link.says("running");
    let runner = link.runner(own_program()?);
    let recording = record_once(Some(exercise), &command, &runner, &Settings::default());
    let recording: Recording = recording.map_err(|problem| problem.why().to_string())?;
    Ok(Run::new(exercise, &recording))
}
