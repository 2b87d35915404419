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

/// A gap compared with what was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    Right,
    TooShort,
    TooLong,
    /// It is off, but the machine was so late that it may be the cause.
    CannotTell,
}

/// Compares a gap with the announced seconds, given the machine's worst lag.
///
/// ```
/// use checker::timing::{Gap, compare};
///
/// assert_eq!(compare(1.02, 1.0, 0.0), Gap::Right);
/// assert_eq!(compare(1.5, 1.0, 0.0), Gap::TooLong);
/// assert_eq!(compare(1.5, 1.0, 0.1), Gap::Right);
/// assert_eq!(compare(1.5, 1.0, 0.4), Gap::CannotTell);
/// assert_eq!(compare(3.0, 1.0, 0.4), Gap::TooLong);
/// ```
#[must_use]
pub fn compare(gap: f64, announced: f64, lag: f64) -> Gap {
    compare_within(gap, announced, announced, lag)
}

/// Compares a gap with an interval of seconds.
#[must_use]
pub fn compare_within(gap: f64, least: f64, most: f64, lag: f64) -> Gap {
    let (early, late) = (EARLY, LATE);
    if (least - early..=most + late).contains(&gap) {
        return Gap::Right;
    }
    let (early, late) = (early + WAKE_UPS * lag, late + WAKE_UPS * lag);
    if gap < least - early {
        Gap::TooShort
    } else if gap > most + late {
        Gap::TooLong
    } else if lag <= LAG_LIMIT {
        Gap::Right
    } else {
        Gap::CannotTell
    }
}
