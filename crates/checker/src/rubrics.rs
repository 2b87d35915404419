//! The rubrics of the four exercises, and what they share. Judging is a function of recordings.

mod chained;
mod count;
mod rand;

use crate::mistake::Mistake;
use crate::output::{Output, quoted};
use crate::recording::{Ending, Line, Recording, Waiting};
use crate::timeline::Timeline;
use crate::timing::{Gap, compare, compare_within};
use crate::verdict::{Judged, Judgement, fail, too_busy};
use regex::Regex;
use std::sync::LazyLock;

/// One of the four exercises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Exercise {
    Countasync,
    Countsync,
    Rand,
    Chained,
}

impl Exercise {
    /// All four, in the order of the walkthrough.
    pub const ALL: [Self; 4] = [Self::Countasync, Self::Countsync, Self::Rand, Self::Chained];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Countasync => "countasync",
            Self::Countsync => "countsync",
            Self::Rand => "rand",
            Self::Chained => "chained",
        }
    }

    /// The arguments of each run that the exercise is judged by. `numbers` are for the run whose
    /// arguments the program cannot know.
    #[must_use]
    pub fn runs(self, numbers: &[i64]) -> Vec<Vec<String>> {
        match self {
            Self::Countasync | Self::Countsync => vec![vec![]],
            Self::Rand => vec![vec![], vec![]],
            Self::Chained => vec![
                vec![],
                numbers.iter().map(ToString::to_string).collect(),
                vec![numbers[0].to_string(), chained::BAD_ARGUMENT.into()],
            ],
        }
    }

    /// Seconds that a run may take from its first line on. A correct one that is not seeded goes
    /// beyond rand's once in a million runs: the chance of 150 draws below 10 is 6e-7.
    #[must_use]
    pub fn time_limit(self) -> f64 {
        match self {
            Self::Countasync | Self::Countsync => 12.0,
            Self::Rand => 150.0,
            Self::Chained => 45.0,
        }
    }

    /// Id and name of each criterion.
    #[must_use]
    pub fn criteria(self) -> Vec<(&'static str, &'static str)> {
        fn listed<Evidence>(
            rubric: &[crate::verdict::Criterion<Evidence>],
        ) -> Vec<(&'static str, &'static str)> {
            rubric.iter().map(|criterion| (criterion.id, criterion.name)).collect()
        }
        match self {
            Self::Countasync => listed(count::COUNTASYNC),
            Self::Countsync => listed(count::COUNTSYNC),
            Self::Rand => listed(rand::RUBRIC),
            Self::Chained => listed(chained::RUBRIC),
        }
    }

    /// Judges recordings of the exercise's runs, in the order of `runs`.
    #[must_use]
    pub fn judge(self, recordings: &[Recording]) -> Vec<Judged> {
        match self {
            Self::Countasync => count::judge(count::COUNTASYNC, recordings),
            Self::Countsync => count::judge(count::COUNTSYNC, recordings),
            Self::Rand => rand::judge(recordings),
            Self::Chained => chained::judge(recordings),
        }
    }

    /// The picture of one run.
    #[must_use]
    pub fn timeline(self, recording: &Recording) -> Timeline {
        match self {
            Self::Countasync | Self::Countsync => count::timeline(recording),
            Self::Rand => rand::timeline(recording),
            Self::Chained => chained::timeline(recording),
        }
    }
}

/// Whether the program ended by itself, with exit code 0. `complete` says that it had printed all
/// of its lines.
fn ends_well(recording: &Recording, complete: bool) -> Judgement {
    let expected = "the program ends by itself, with exit code 0";
    let says_something = |line: &&Line| !line.bytes.is_empty() && !line.bytes.starts_with(b"note:");
    let last_words = match recording.stderr.iter().rfind(says_something) {
        Some(line) => {
            format!("; its last words: {}", quoted(&String::from_utf8_lossy(&line.bytes)))
        }
        None => String::new(),
    };
    if matches!(recording.ending, Ending::Exited(1..) | Ending::Signaled(_))
        && let Some((mistake, words)) = unfinished(recording)
    {
        return fail(mistake, expected, quoted(&words));
    }
    match &recording.ending {
        Ending::Exited(0) => Ok(()),
        // A machine that stood still for so long has the time limit on its conscience.
        Ending::TimeLimit if recording.lag > 1.0 => too_busy(recording),
        Ending::TimeLimit => fail(
            Mistake::NeverEnds,
            expected,
            match recording.stdout.last() {
                Some(line) => format!(
                    "still running after {:.0} s; the last line was {}",
                    recording.seconds,
                    quoted(&String::from_utf8_lossy(&line.bytes))
                ),
                None => format!("still running after {:.0} s, with no output", recording.seconds),
            },
        ),
        Ending::OutputLimit => fail(
            Mistake::TooMuchOutput,
            expected,
            format!("stopped after {}", recording.cut.join(", ")),
        ),
        Ending::Exited(code) => {
            let mistake = if complete { Mistake::FailingExitCode } else { Mistake::Crash };
            fail(mistake, expected, format!("exit code {code}{last_words}"))
        }
        Ending::Signaled(name) => {
            fail(Mistake::Crash, expected, format!("ended by the signal {name}{last_words}"))
        }
        Ending::NotStarted(reason) => fail(Mistake::NotStarted, expected, reason.clone()),
    }
}

/// Whether the program is not finished: it does not compile, or has a gap of a starter. With the
/// words that say so.
fn unfinished(recording: &Recording) -> Option<(Mistake, String)> {
    let error = recording.compile_error().map(|error| (Mistake::DoesNotCompile, error));
    error.or_else(|| Some((Mistake::NotWrittenYet, recording.gap_left()?)))
}

/// Why lines are missing.
fn why_incomplete(output: &Output) -> Mistake {
    let recording = &output.recording;
    let nothing_printed = recording.stdout.is_empty();
    match recording.ending {
        Ending::NotStarted(_) => return Mistake::NotStarted,
        Ending::TimeLimit if nothing_printed => return Mistake::NothingPrinted,
        Ending::TimeLimit => return Mistake::NeverEnds,
        Ending::OutputLimit => return Mistake::TooMuchOutput,
        Ending::Exited(_) | Ending::Signaled(_) => {}
    }
    if let Some((mistake, _)) = unfinished(recording) {
        mistake
    } else if recording.ending != Ending::Exited(0) {
        Mistake::Crash
    } else if output.warns_of_a_coroutine_never_awaited() {
        Mistake::NeverAwaited
    } else if nothing_printed {
        Mistake::NothingPrinted
    } else {
        Mistake::OtherLines
    }
}

/// Why there is a line that does not belong to the exercise.
fn why_other_lines(output: &Output) -> Mistake {
    if output.warns_of_a_coroutine_never_awaited() {
        Mistake::NeverAwaited
    } else {
        Mistake::OtherLines
    }
}

/// The judgement of lines that belong to the exercise but went to standard error.
fn on_standard_output(output: &Output) -> Judgement {
    if output.is_standard_error {
        let line = output.lines.first().map_or(String::new(), |line| quoted(&line.text));
        return fail(
            Mistake::PrintedToStandardError,
            "the lines on standard output",
            format!("on standard error, from {line} on"),
        );
    }
    Ok(())
}

/// Why things that should overlap came one after the other: what the system saw of the program
/// decides between the causes that look the same in its output.
///
/// `span` is the seconds that they took, `waited` the seconds that they should have waited for.
fn why_one_after_the_other(output: &Output, span: f64, waited: f64, awaited: Mistake) -> Mistake {
    if span < 0.3 && waited > 0.5 && !output.is_held_back(waited) {
        why_no_wait(output)
    } else {
        why_in_the_way(output, awaited)
    }
}

/// Why a wait was longer than its own sleep: something else may have held the thread.
fn why_in_the_way(output: &Output, otherwise: Mistake) -> Mistake {
    if output.burns_cpu(output.span()) {
        Mistake::BurningCpu
    } else if output.recording.waiting == Waiting::Sleeping {
        Mistake::BlockingSleep
    } else {
        otherwise
    }
}

fn why_no_wait(output: &Output) -> Mistake {
    if output.warns_of_a_coroutine_never_awaited() {
        Mistake::NeverAwaited
    } else {
        Mistake::NoWait
    }
}

/// Judges a wait of so many seconds that took `gap`. `what` names it.
fn waits(output: &Output, what: &str, gap: f64, announced: f64, too_long: Mistake) -> Judgement {
    let expected = format!("{what}: {announced} s");
    let seen = format!("{gap:.2} s");
    match compare(gap, announced, output.machine()) {
        Gap::Right => Ok(()),
        Gap::CannotTell => too_busy(&output.recording),
        Gap::TooShort if gap < 0.1 => fail(why_no_wait(output), expected, seen),
        Gap::TooShort => fail(Mistake::OtherSleep, expected, seen),
        Gap::TooLong => fail(too_long, expected, seen),
    }
}

/// Judges that the program slept, in a run in which it should have waited for `waited` seconds.
fn waits_idly(output: &Output, waited: f64) -> Judgement {
    if output.is_held_back(waited) {
        fail(
            Mistake::HeldBackOutput,
            "each line when it is printed",
            format!("all lines at once, {:.2} s after the start", output.first_line_at()),
        )
    } else if output.burns_cpu(waited.max(output.span())) {
        fail(
            Mistake::BurningCpu,
            "next to no CPU time while it waits",
            format!("{:.1} s of CPU time", output.recording.cpu_after),
        )
    } else {
        Ok(())
    }
}

/// A duration that a program printed.
#[derive(Clone, Copy, Debug)]
struct Reported {
    seconds: f64,
    /// The half of its last decimal, in seconds.
    rounding: f64,
}

/// A pattern that is written in the source.
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a regular expression")
}

static DURATION: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)(-?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)\s*(ms|millis\w*|µs|micro\w*|s|secs?|seconds?)\b")
});

/// The last duration in a line, in any unit.
fn reported(text: &str) -> Option<Reported> {
    let captures = DURATION.captures_iter(text).last()?;
    let number = captures[1].replace(',', ".");
    let unit = match captures[2].to_lowercase().as_str() {
        unit if unit.starts_with("mic") || unit.starts_with('µ') => 1e-6,
        unit if unit.starts_with('m') => 1e-3,
        _ => 1.0,
    };
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let rounding = 0.5 * 0.1_f64.powi(decimals.min(9) as i32) * unit;
    Some(Reported { seconds: number.parse::<f64>().ok()? * unit, rounding })
}

/// Seconds that a program's clock may run before its first line comes, while things warm up.
const STARTED_BEFORE: f64 = 0.4;
/// Between the end of the work and the line that reports its time there is nothing to warm up: of
/// the tolerance for gaps this much is not granted.
const PRINTED_AFTER: f64 = 0.2;

/// Judges a reported time by the seconds between the lines that it spans. The program's clock may
/// have started a little before the first of them.
fn is_true(output: &Output, what: &str, reported: Reported, seen: f64) -> Judgement {
    let expected = format!("{what}: {seen:.2} s, as seen from outside");
    let said = format!("the program says {:.2} s", reported.seconds);
    let least = reported.seconds - reported.rounding - STARTED_BEFORE;
    let most = reported.seconds + reported.rounding - PRINTED_AFTER;
    match compare_within(seen, least.min(most), most, output.machine()) {
        Gap::Right => Ok(()),
        Gap::CannotTell => too_busy(&output.recording),
        // A thousand times as long is a duration in another unit.
        _ if reported.seconds > 3.0 * output.recording.seconds + 10.0
            && !(900.0..1100.0).contains(&(reported.seconds / seen)) =>
        {
            fail(Mistake::StartNotSubtracted, expected, said)
        }
        _ => fail(Mistake::UntrueTime, expected, said),
    }
}
