//! What a run did, as far as questions ask.

use super::Claim;
use checker::exercises::Exercise;
use checker::recording::Recording;
use checker::timeline::Timeline;

/// What a run did, as far as questions ask.
#[derive(Clone, Debug)]
pub struct Run {
    pub timeline: Timeline,
    /// Seconds from the first line to the end of the program.
    pub seconds: f64,
}

impl Run {
    /// A run of an exercise, or of a changed one.
    #[must_use]
    pub fn new(exercise: &Exercise, recording: &Recording) -> Self {
        todo!()
    }

    /// Whether what an option claims is true.
    #[must_use]
    pub fn is_true(&self, claim: &Claim) -> bool {
        todo!()
    }

    /// What happened where this claim is made, in a few words.
    #[must_use]
    pub fn truth(&self, claim: &Claim) -> String {
        todo!()
    }
}
