//! Pictures of the runs of an answer.

use super::words::limited;
use super::{ending, shown};
use crate::grade::Graded;
use crate::recording::Recording;
use crate::timeline::{self, Characters};
use serde::{Deserialize, Serialize};

/// How many columns a picture in letters has.
const WIDTH: usize = 80;

/// A run, as a picture.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Picture {
    /// The command line, escaped.
    pub command: String,
    /// How it ended, in words.
    pub ending: String,
    pub svg: String,
    /// For where there are no pictures.
    pub text: Vec<String>,
}

/// A picture of each run that was judged.
#[must_use]
pub fn pictures(graded: &Graded) -> Vec<Picture> {
    let picture = |recording: &Recording| {
        let timeline = graded.exercise.rubric.timeline(recording).of_first_lines();
        Picture {
            command: limited(&shown(&recording.command_line())),
            ending: ending(recording),
            svg: timeline::svg(&timeline, graded.exercise.picture),
            text: timeline::text(&timeline, WIDTH, Characters::UNICODE),
        }
    };
    graded.recordings.iter().map(picture).collect()
}
