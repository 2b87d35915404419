//! The durations that a program prints, and whether they are correct.

use super::gap::judge_gap;
use super::regex;
use super::transcript::Transcript;
use super::verdict::{Mistake, Verdict, fail};
use regex::Regex;
use std::sync::LazyLock;

pub const NO_REPORTED_TIME: Mistake = Mistake {
    id: "no-reported-time",
    why: "The line with the measured time is missing.",
    hint: "Measure the time around the whole run, and print it last.",
};

pub const REPORTED_TOO_EARLY: Mistake = Mistake {
    id: "reported-too-early",
    why: "The time was reported before the work was done: nothing waited for it.",
    hint: "Await all the work before you read the clock at the end: {gather}.",
};

const START_NOT_SUBTRACTED: Mistake = Mistake {
    id: "start-not-subtracted",
    why: "The number is far too large for a duration: it looks like a point in time.",
    hint: "Subtract the start: elapsed = now - start.",
};

const UNTRUE_TIME: Mistake = Mistake {
    id: "untrue-time",
    why: "The time was not measured around the work, not in seconds, or not measured at all.",
    hint: "Read the clock right before and right after the work, and report the difference in seconds.",
};

/// A duration that a program printed.
#[derive(Clone, Copy, Debug)]
pub struct Reported {
    pub seconds: f64,
    /// Half of its last decimal place, in seconds.
    rounding: f64,
}

static DURATION: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?";
    let unit = r"ms|millis\w*|µs|micro\w*|ns|nano\w*|s|secs?|seconds?|sek\w*|segundos?|secondes?";
    regex(&format!(r"(?i)({number})\s*({unit})\b"))
});
/// A duration without a unit: hours, minutes and seconds, or a number that is said to be a time.
static CLOCK: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(\d+):(\d\d):(\d\d(?:\.\d+)?)\b"));
static SAID: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)(?:elapsed|took|duration|total)["']?\W{1,4}(\d+\.\d+)"#));
/// Commas between thousands.
static THOUSANDS: LazyLock<Regex> = LazyLock::new(|| regex(r",\d{3}(?:\.|,|$)"));

/// Where in a line its last duration is, in bytes.
pub fn reported_at(text: &str) -> Option<usize> {
    DURATION.find_iter(text).last().map(|duration| duration.start())
}

/// The last duration in a line, in any unit.
pub fn reported(text: &str) -> Option<Reported> {
    let Some(captures) = DURATION.captures_iter(text).last() else { return without_unit(text) };
    let number = match THOUSANDS.is_match(&captures[1]) {
        true => captures[1].replace(',', ""),
        false => captures[1].replace(',', "."),
    };
    let unit = match captures[2].to_lowercase().as_str() {
        unit if unit.starts_with('n') => 1e-9,
        unit if unit.starts_with("mic") || unit.starts_with('µ') => 1e-6,
        unit if unit.starts_with('m') => 1e-3,
        _ => 1.0,
    };
    duration(&number, unit, 0.0)
}

fn without_unit(text: &str) -> Option<Reported> {
    if let Some(captures) = SAID.captures(text) {
        return duration(&captures[1], 1.0, 0.0);
    }
    // A time of day has no fraction, or is at the beginning.
    let captures = CLOCK.captures(text).filter(|captures| captures[3].contains('.'))?;
    let (hours, minutes): (f64, f64) = (captures[1].parse().ok()?, captures[2].parse().ok()?);
    (hours < 1.0).then(|| duration(&captures[3], 1.0, 60.0 * minutes))?
}

/// A number of units and, besides, of seconds.
fn duration(number: &str, unit: f64, seconds: f64) -> Option<Reported> {
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let rounding = 0.5 * 0.1_f64.powi(decimals.min(9) as i32) * unit;
    Some(Reported { seconds: number.parse::<f64>().ok()? * unit + seconds, rounding })
}

/// Seconds that a program's clock may run before its first line arrives, while things warm up.
const STARTED_BEFORE: f64 = 0.4;
/// Between the end of the work and the line that reports its time, nothing has to warm up: the
/// tolerance for gaps is reduced by this much.
const PRINTED_AFTER: f64 = 0.2;

/// What the time that a program reports spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spans {
    /// The whole program: its clock may have started long before its first line, with a slow import
    /// in between.
    TheProgram,
    /// A part of it, which begins with a line.
    APart,
}

/// Judges a reported time by the seconds between the lines that it spans. The program's clock may
/// have started a little before the first of them.
pub fn judge_reported_time(
    transcript: &Transcript,
    what: &str,
    spans: Spans,
    reported: Reported,
    seen: f64,
) -> Verdict {
    let started_before = match spans {
        Spans::TheProgram => transcript.first_line_at().max(STARTED_BEFORE),
        Spans::APart => STARTED_BEFORE,
    };
    let least = reported.seconds - reported.rounding - started_before;
    let most = reported.seconds + reported.rounding - PRINTED_AFTER;
    judge_gap(transcript, seen, least.min(most)..=most, |_| {
        // A thousand times as long: a duration in another unit.
        let factor = reported.seconds / seen;
        let is_other_unit =
            if seen < 0.5 { 500.0..2000.0 } else { 900.0..1100.0 }.contains(&factor);
        let is_too_large = reported.seconds > 3.0 * transcript.recording.seconds + 10.0;
        fail(
            if is_too_large && !is_other_unit { START_NOT_SUBTRACTED } else { UNTRUE_TIME },
            format!("{what}: {seen:.2} s, as measured from outside"),
            format!("the program says {:.2} s", reported.seconds),
        )
    })
}
