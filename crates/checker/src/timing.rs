//! What a gap between two lines says, on a machine that may be late.

/// Seconds by which a wait may seem shorter than announced: the line before it may have arrived
/// late. Beside 16 busy loops 0.07 were seen.
const EARLY: f64 = 0.1;
/// Seconds by which a wait may be longer than announced on an idle machine: a virtual machine that
/// warms up, a collector of garbage.
const LATE: f64 = 0.3;
/// Lag in seconds beyond which a gap that is off may be the machine's doing.
const LAG_LIMIT: f64 = 0.25;
/// A gap is the work of several wake-ups, each of which may be late.
const WAKE_UPS: f64 = 3.0;

/// Seconds beyond the tolerances, for a wait that seems too long and one that seems too short, in
/// which a first try is not believed: a machine that reads from its disk may keep a program waiting
/// and nothing else. 0.5 were seen.
const DOUBT: (f64, f64) = (0.6, 0.3);

/// What is known of the machine during a run.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// Its worst lag, in seconds.
    pub lag: f64,
    /// Whether the program was run for the first time, beside others, and can be run again.
    pub first_try: bool,
}

/// A gap compared with what was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    Right,
    TooShort,
    TooLong,
    /// It is off, but the machine may be the cause.
    CannotTell,
}

/// Compares a gap with the announced seconds.
///
/// ```
/// use checker::timing::{Gap, Machine, compare};
///
/// let with_lag = |lag| Machine { lag, first_try: false };
/// assert_eq!(compare(1.02, 1.0, with_lag(0.0)), Gap::Right);
/// assert_eq!(compare(1.5, 1.0, with_lag(0.0)), Gap::TooLong);
/// assert_eq!(compare(1.5, 1.0, with_lag(0.1)), Gap::Right);
/// assert_eq!(compare(1.5, 1.0, with_lag(0.4)), Gap::CannotTell);
/// assert_eq!(compare(3.0, 1.0, with_lag(0.4)), Gap::TooLong);
///
/// let first_try = Machine { lag: 0.0, first_try: true };
/// assert_eq!(compare(1.5, 1.0, first_try), Gap::CannotTell);
/// assert_eq!(compare(2.0, 1.0, first_try), Gap::TooLong);
/// ```
#[must_use]
pub fn compare(gap: f64, announced: f64, machine: Machine) -> Gap {
    compare_within(gap, announced, announced, machine)
}

/// Compares a gap with an interval of seconds.
#[must_use]
pub fn compare_within(gap: f64, least: f64, most: f64, machine: Machine) -> Gap {
    if (least - EARLY..=most + LATE).contains(&gap) {
        return Gap::Right;
    }
    let widened = WAKE_UPS * machine.lag;
    let (least, most) = (least - EARLY - widened, most + LATE + widened);
    let (doubt_long, doubt_short) = if machine.first_try { DOUBT } else { (0.0, 0.0) };
    if gap < least - doubt_short {
        Gap::TooShort
    } else if gap > most + doubt_long {
        Gap::TooLong
    } else if (least..=most).contains(&gap) && machine.lag <= LAG_LIMIT {
        Gap::Right
    } else {
        Gap::CannotTell
    }
}
