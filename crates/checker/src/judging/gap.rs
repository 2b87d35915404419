//! What a gap between two lines says, on a machine that may be late.

use super::transcript::Transcript;
use super::verdict::{Verdict, too_busy};
use std::ops::RangeInclusive;

/// Seconds by which a wait may seem shorter than announced: the line before it may have arrived
/// late. 0.07 s was seen beside 16 busy loops.
const EARLY: f64 = 0.1;
/// Seconds by which a wait may be longer than announced on an idle machine: because of the warm-up
/// of a virtual machine, or a garbage collector.
const LATE: f64 = 0.3;
/// A gap takes several wake-ups, each of which may be as late as the machine's worst lag.
const WAKE_UPS: f64 = 3.0;
/// Seconds beyond the tolerances, for a wait that seems too long and one that seems too short, in
/// which a first try is not believed: a machine that reads from its disk may hold up one program
/// and nothing else. 0.5 s was seen.
const DOUBT: (f64, f64) = (0.6, 0.3);

/// Lines that are due at the same instant differ by fewer seconds than this, and come after a wait if
/// they are later than this.
const TIE: f64 = 0.05;
const AFTER_A_WAIT: f64 = 0.5;

/// What is known about the machine during a run.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// Its worst lag, in seconds.
    pub lag: f64,
    /// Whether the program was run for the first time, beside others, and can be run again.
    pub first_try: bool,
}

/// A gap compared with what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    Right,
    Wrong(Wrong),
    /// It is off, but the machine may be the cause.
    CannotTell,
}

/// In which way a gap is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    TooShort,
    TooLong,
}

/// Compares a gap with the seconds that it should take. Within the tolerances it is right, on any
/// machine. Beyond them it is wrong, unless the machine may be the cause.
///
/// ```
/// use checker::judging::gap::{Gap, Machine, Wrong, compare};
///
/// let with_lag = |lag| Machine { lag, first_try: false };
/// assert_eq!(compare(1.02, 1.0..=1.0, with_lag(0.0)), Gap::Right);
/// assert_eq!(compare(1.5, 1.0..=1.0, with_lag(0.0)), Gap::Wrong(Wrong::TooLong));
/// assert_eq!(compare(1.5, 1.0..=1.0, with_lag(0.1)), Gap::CannotTell);
/// assert_eq!(compare(3.0, 1.0..=1.0, with_lag(0.1)), Gap::Wrong(Wrong::TooLong));
///
/// let first_try = Machine { lag: 0.0, first_try: true };
/// assert_eq!(compare(1.5, 1.0..=1.0, first_try), Gap::CannotTell);
/// assert_eq!(compare(2.0, 1.0..=1.0, first_try), Gap::Wrong(Wrong::TooLong));
/// ```
#[must_use]
pub fn compare(gap: f64, expected: RangeInclusive<f64>, machine: Machine) -> Gap {
    let (least, most) = (expected.start() - EARLY, expected.end() + LATE);
    let lag = WAKE_UPS * machine.lag;
    let (doubt_long, doubt_short) = if machine.first_try { DOUBT } else { (0.0, 0.0) };
    if gap < least - lag - doubt_short {
        Gap::Wrong(Wrong::TooShort)
    } else if gap > most + lag + doubt_long {
        Gap::Wrong(Wrong::TooLong)
    } else if (least..=most).contains(&gap) {
        Gap::Right
    } else {
        Gap::CannotTell
    }
}

/// Judges a gap in a transcript; `wrong` gives the verdict if the gap is wrong.
pub fn judge_gap(
    transcript: &Transcript,
    gap: f64,
    expected: RangeInclusive<f64>,
    wrong: impl FnOnce(Wrong) -> Verdict,
) -> Verdict {
    match compare(gap, expected, transcript.machine()) {
        Gap::Right => Ok(()),
        Gap::Wrong(how) => wrong(how),
        Gap::CannotTell => too_busy(&transcript.recording),
    }
}

/// Judges a line that should not come after another, at these seconds after the first line; `wrong`
/// gives the verdict if it is due later. If both are due at the same instant after a wait, which of
/// them comes first is left to chance, or to the clock.
pub fn judge_order(
    transcript: &Transcript,
    earlier: f64,
    later: f64,
    wrong: impl FnOnce() -> Verdict,
) -> Verdict {
    let apart = later - earlier;
    if earlier <= AFTER_A_WAIT || apart >= TIE + WAKE_UPS * transcript.machine().lag {
        wrong()
    } else if apart < TIE {
        Ok(())
    } else {
        too_busy(&transcript.recording)
    }
}
