//! What a rand program printed: each coroutine's start, its rejected numbers and its result.

use super::{COROUTINES, pause};
use crate::judging::regex;
use crate::judging::rubric::ReadRun;
use crate::judging::transcript::Transcript;
use crate::recording::Recording;
use crate::timeline::{Mark, Row, Timeline};
use regex::Regex;
use std::sync::LazyLock;

/// One run.
pub struct Run {
    pub transcript: Transcript,
    /// The lines that belong to a coroutine, in order.
    pub steps: Vec<Step>,
    /// The numbers of the last line.
    pub results: Option<[i64; COROUTINES]>,
}

/// A line that belongs to a coroutine.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub line: usize,
    /// Seconds after the first line.
    pub at: f64,
    /// Which coroutine it is.
    pub index: usize,
    pub what: What,
}

/// What a coroutine said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Initiated,
    TooLow(i64),
    Finished(i64),
}

/// How a line may name its coroutine and the number it drew, from the surest to the least sure: the
/// call of any function, an index in brackets, an index on its own.
static CALLS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let rest = r"\s*(?:\w+\s*[=: ]\s*)?(\d+)\s*[)\]}](?:\D*?(-?\d+))?";
    [
        regex(&format!(r"\w[(\[{{]{rest}")),
        regex(&format!(r"[(\[{{]{rest}")),
        regex(r"(\d+)(?:\D+?(-?\d+))?"),
    ]
});
static INITIATED: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)initia|start|begin|launch"));
static TOO_LOW: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)too low|retry|too small|again"));
static FINISHED: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)finish|done|accepted|complete"));
static RESULTS: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"\b\W*[:=]\s*(-?\d+)\b";
    regex(&format!(r"(?i)\br_?1{number}.*?r_?2{number}.*?r_?3{number}"))
});
static IS_RESULTS: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\br_?1\b\W*[:=].*\br_?2\b"));
static THREE_NUMBERS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\D*\b(\d+)\b[^\d]+\b(\d+)\b[^\d]+\b(\d+)\b\D*$"));

/// The time of day, or the seconds, that a logger puts at the start of a line.
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\W*(?:(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?Z?|\d+\.\d+ *s?)[\]):]*\s+",
    )
});

/// Which coroutine a line belongs to, and what it says.
fn step(text: &str) -> Option<(usize, What)> {
    let text = &STAMP.replace(text, "");
    let captures = CALLS.iter().find_map(|pattern| pattern.captures(text))?;
    let index = captures[1].parse().ok().filter(|index| *index < COROUTINES)?;
    let number = || captures.get(2).and_then(|number| number.as_str().parse().ok());
    let what = if TOO_LOW.is_match(text) {
        What::TooLow(number()?)
    } else if FINISHED.is_match(text) {
        What::Finished(number()?)
    } else if INITIATED.is_match(text) {
        What::Initiated
    } else {
        return None;
    };
    Some((index, what))
}

fn result_numbers(text: &str) -> Option<[i64; COROUTINES]> {
    let captures = RESULTS.captures(text).or_else(|| THREE_NUMBERS.captures(text))?;
    let number = |group: usize| captures[group].parse().ok();
    Some([number(1)?, number(2)?, number(3)?])
}

impl ReadRun for Run {
    fn read(recording: &Recording) -> Self {
        let transcript = Transcript::of(recording, |text| step(text).is_some());
        let lines = || transcript.lines.iter().enumerate();
        let steps: Vec<_> = lines()
            .filter(|(_, text)| !IS_RESULTS.is_match(&text.text))
            .filter_map(|(line, text)| {
                let (index, what) = step(&text.text)?;
                Some(Step { line, at: text.at, index, what })
            })
            .collect();
        // The results come when all is done.
        let after_all = steps.last().map_or(0, |last| last.line + 1);
        let results =
            lines().skip(after_all).rev().find_map(|(_, line)| result_numbers(&line.text));
        Self { transcript, steps, results }
    }

    fn timeline(&self) -> Timeline {
        let row = |index| {
            let steps = self.of(index);
            let waits = steps.windows(2).filter(|pair| matches!(pair[0].what, What::TooLow(_)));
            let marks = steps.iter().map(|step| Mark {
                at: step.at,
                line: step.line,
                text: match step.what {
                    What::Initiated => String::new(),
                    What::TooLow(number) => number.to_string(),
                    What::Finished(number) => format!("{number} done"),
                },
            });
            Row {
                label: format!("makerandom({index})"),
                waits: waits.map(|pair| (pair[0].at, pair[1].at)).collect(),
                marks: marks.collect(),
            }
        };
        Timeline::new((0..COROUTINES).map(row).collect(), &self.transcript.lines)
    }
}

impl Run {
    /// The steps of one coroutine.
    pub fn of(&self, index: usize) -> Vec<Step> {
        self.steps.iter().filter(|step| step.index == index).copied().collect()
    }

    /// The number with which each coroutine said it finished.
    pub fn finished(&self) -> [Option<i64>; COROUTINES] {
        std::array::from_fn(|index| {
            self.of(index).iter().find_map(|step| match step.what {
                What::Finished(number) => Some(number),
                _ => None,
            })
        })
    }

    /// Seconds until the last line of a coroutine.
    pub fn span(&self) -> f64 {
        self.steps.last().map_or(0.0, |last| last.at)
    }

    /// Seconds that the coroutine with the most to wait should have waited.
    pub fn should_wait(&self) -> f64 {
        let waits = |index| self.rejected(index) as f64 * pause(index);
        (0..COROUTINES).map(waits).fold(0.0, f64::max)
    }

    /// How many numbers of a coroutine were too low.
    pub fn rejected(&self, index: usize) -> usize {
        let is_low = |step: &&Step| matches!(step.what, What::TooLow(_));
        self.of(index).iter().filter(is_low).count()
    }

    /// The numbers that were drawn, in order, each with its coroutine.
    pub fn numbers_drawn(&self) -> Vec<(usize, i64)> {
        let number = |step: &Step| match step.what {
            What::TooLow(number) | What::Finished(number) => Some((step.index, number)),
            What::Initiated => None,
        };
        self.steps.iter().filter_map(number).collect()
    }

    /// The first line that can only come after a wait.
    pub fn first_after_a_wait(&self) -> Option<Step> {
        let mut has_waited = [false; COROUTINES];
        self.steps.iter().copied().find(|step| {
            let after = has_waited[step.index] && step.what != What::Initiated;
            has_waited[step.index] |= matches!(step.what, What::TooLow(_));
            after
        })
    }
}
