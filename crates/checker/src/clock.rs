//! Which clock a run goes by: the machine's, or one of its own. See the crate `virtual-time`.

use crate::escape::Outside;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Which clock is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Clock {
    /// Virtual; real for a run that the virtual clock does not hold for
    #[default]
    Auto,
    /// The program's own: waits cost nothing. Inconclusive if it does not hold for the program
    Virtual,
    /// The machine's: a check takes as long as its slowest run
    Real,
}

/// Which clock a run went by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClockUsed {
    Virtual,
    Real {
        /// Why it was not the virtual one, if that was tried.
        because: Option<Outside>,
    },
}

impl ClockUsed {
    #[must_use]
    pub fn is_virtual(&self) -> bool {
        *self == Self::Virtual
    }

    /// Its name, as `--clock` has it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.is_virtual() { "virtual" } else { "real" }
    }

    /// Why it was the real one although the virtual one was tried.
    #[must_use]
    pub fn because(&self) -> Option<&Outside> {
        match self {
            Self::Virtual => None,
            Self::Real { because } => because.as_ref(),
        }
    }
}
