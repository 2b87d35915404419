//! The learner's loop: what is checked, shown and pressed in the terminal.

use super::check::Finding;
use super::course::{Unit, names};
use super::folder::Folder;
use super::introduction::Introduction;
use super::progress::State;
use super::source::Source;
use super::{hints, solved, view};
use checker::grade::{Settings, record_once};
use checker::recorder::NoRecording;
use checker::recording::Recording;
use checker::report::human::{self, Look};
use checker::runner::{Runner, Stop};
use checker::terminal::own_program;
use checker::watch_loop::{self, Check, ENTER, Key, Next, Prompt};
use std::fs;
use std::path::PathBuf;

/// What a check finds out.
pub enum Outcome {
    /// How the original ran, before the learner writes one.
    Original(Result<Recording, String>),
    /// What the learner has written.
    Finding(Box<Finding>),
}

/// One loop.
pub struct Session {
    folder: Folder,
    repository: PathBuf,
    units: Vec<Unit>,
    /// The index of the exercise that the learner is at.
    at: usize,
    stage: Stage,
    /// One sentence about what a key did, or about what went wrong.
    says: String,
}

/// Where in an exercise the learner is.
enum Stage {
    /// Predicts what the original does, and sees it run.
    Before(Introduction),
    Writes(Box<Writing>),
    /// Everything is solved.
    End,
}

/// An exercise that is being written.
#[derive(Default)]
struct Writing {
    finding: Option<Finding>,
    /// How many steps of the hint are shown.
    hints: usize,
    /// What stands in the place of the verdict.
    instead: Instead,
}

#[derive(Default, PartialEq, Eq)]
enum Instead {
    #[default]
    Nothing,
    Picture,
    List,
    /// The question whether to put the starter back.
    Reset,
}
