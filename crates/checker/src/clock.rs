//! Which clock a run uses: the machine's, or one of its own. See the crate `virtual-time`.

use crate::escape::Outside;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Which clock is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Clock {
    /// The virtual clock; real time for a run that it cannot be used for
    #[default]
    Auto,
    /// The program's own clock: waits cost nothing. Inconclusive if it cannot be used
    Virtual,
    /// The machine's clock: a check takes as long as its slowest run
    Real,
}

/// Which clock a run used.
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

    /// Its name, as in `--clock`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.is_virtual() { "virtual" } else { "real" }
    }

    /// Why it was the real one, if the virtual one was tried.
    #[must_use]
    pub fn because(&self) -> Option<&Outside> {
        match self {
            Self::Virtual => None,
            Self::Real { because } => because.as_ref(),
        }
    }
}
