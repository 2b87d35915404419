//! How long something took, in the seconds that the exercises print.

use std::fmt;
use std::time::Instant;

/// A running stopwatch. Displayed, it shows the seconds since its start with two decimals.
///
/// ```
/// use common::timing::Stopwatch;
///
/// let stopwatch = Stopwatch::start();
/// assert_eq!(format!("took {stopwatch} seconds"), "took 0.00 seconds");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    start: Instant,
}

impl Stopwatch {
    /// Starts a stopwatch now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }
}

impl fmt::Display for Stopwatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.2}", self.start.elapsed().as_secs_f64())
    }
}
