//! What a rand program printed: each coroutine's start, its rejected numbers and its result.

use super::{COROUTINES, pause};
use crate::escape::Outside;
use crate::judging::regex;
use crate::judging::rubric::ReadRun;
use crate::judging::transcript::{TextLine, Transcript};
use crate::judging::verdict::Doubt;
use crate::recording::Recording;
use crate::timeline::{Mark, Row, Timeline, Wait};
use regex::Regex;
use std::sync::LazyLock;

/// One run.
pub struct Run {
    pub transcript: Transcript,
    /// The lines that belong to a coroutine, in order.
    pub steps: Vec<Step>,
    /// The numbers of the last line.
    pub results: Option<[i64; COROUTINES]>,
    /// A line that seems to belong to a coroutine, but does not say to which, or with what number.
    unread: Option<Outside>,
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

impl Step {
    /// The number that the coroutine drew, if it did.
    fn number(&self) -> Option<i64> {
        match self.what {
            What::TooLow(number) | What::Finished(number) => Some(number),
            What::Initiated => None,
        }
    }
}

/// What a coroutine said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Initiated,
    TooLow(i64),
    Finished(i64),
}

/// How a line may name its coroutine and the number it drew: the call of any function, an index in
/// brackets.
static CALLS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    let rest = r#"\s*(?:\w+\s*[=: ]\s*)?["']?(\d+)["']?\s*(?:,[^)\]}]*)?[)\]}](?:\D*?(-?\d+))?"#;
    [regex(&format!(r"\w[(\[{{]{rest}")), regex(&format!(r"[(\[{{]{rest}"))]
});
/// A word and an index in front.
static NUMBERED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\W*\p{L}+\W{1,2}(\d)\b(?:\D*?(-?\d+))?"));
/// An index on its own: not as sure, as it may be any number.
static INDEX: LazyLock<Regex> = LazyLock::new(|| regex(r"(\d+)(?:\D+?(-?\d+))?"));
static INITIATED: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)initia|start|begin|launch"));
pub static TOO_LOW: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)too low|retry|too small|again|not enough|once more|reject|below"));
static FINISHED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)finish|done|accepted|complete|found|success"));
static RESULTS: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"\b\W*[:=]\s*(-?\d+)\b";
    regex(&format!(r"(?i)\br_?1{number}.*?r_?2{number}.*?r_?3{number}"))
});
static IS_RESULTS: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\br_?1\b\W*[:=].*\br_?2\b"));
static LABEL: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\br_?[123]\b"));
static NUMBER: LazyLock<Regex> = LazyLock::new(|| regex(r"-?\d+"));
static THREE_NUMBERS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\D*\b(\d+)\b[^\d]+\b(\d+)\b[^\d]+\b(\d+)\b\D*$"));

/// The time of day, or the seconds, that a logger puts at the start of a line.
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\W*(?:(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?Z?|\d+\.\d+ *s?)[\]):]*\s+",
    )
});

/// A line that seems to belong to a coroutine.
struct Candidate {
    line: usize,
    kind: Kind,
    /// Which coroutine it is and what it says, if the line tells.
    read: Option<(usize, What)>,
    /// Whether the index is where an index should be, and not just any number.
    is_sure: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Initiated,
    TooLow,
    Finished,
}

fn candidate(line: usize, text: &str) -> Option<Candidate> {
    let text = &STAMP.replace(text, "");
    let kinds =
        [(&TOO_LOW, Kind::TooLow), (&FINISHED, Kind::Finished), (&INITIATED, Kind::Initiated)];
    if IS_RESULTS.is_match(text) {
        return None;
    }
    let call = CALLS.iter().find_map(|pattern| pattern.captures(text));
    let Some((_, kind)) = kinds.into_iter().find(|(pattern, _)| pattern.is_match(text)) else {
        // It names a coroutine, but says something else, or in other words.
        let call = CALLS[0].captures(text).or_else(|| NUMBERED.captures(text));
        let call = call.filter(|call| call[1].len() == 1)?;
        let number = call.get(2).and_then(|number| number.as_str().parse().ok());
        let what = number.map_or(What::Initiated, What::TooLow);
        let read = Some((call[1].parse().ok()?, what));
        return Some(Candidate { line, kind: Kind::TooLow, read, is_sure: false });
    };
    let is_sure = call.is_some();
    let captures = call.or_else(|| INDEX.captures(text));
    let read = captures.and_then(|captures| {
        let index = captures[1].parse().ok()?;
        let number = || captures.get(2).and_then(|number| number.as_str().parse().ok());
        let what = match kind {
            Kind::Initiated => What::Initiated,
            Kind::TooLow => What::TooLow(number()?),
            Kind::Finished => What::Finished(number()?),
        };
        Some((index, what))
    });
    Some(Candidate { line, kind, read, is_sure: is_sure && read.is_some() })
}

/// Reads the first words of lines without an index: three of them stand for the coroutines, in the
/// order in which they first appear.
fn read_labels(candidates: &mut [Candidate], transcript: &Transcript) {
    if candidates.iter().any(|it| it.is_sure) {
        return;
    }
    let split = |line: usize| {
        let message = &*transcript.lines[line].message;
        message.trim_start().split_once(|c: char| !c.is_alphanumeric()).unwrap_or((message, ""))
    };
    let mut labels: Vec<&str> = Vec::new();
    for it in candidates.iter() {
        let (label, _) = split(it.line);
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let is_name = |label: &&str| label.chars().any(char::is_alphabetic);
    if labels.len() != COROUTINES || !labels.iter().all(is_name) {
        return;
    }
    for it in candidates {
        let (label, rest) = split(it.line);
        let number = || NUMBER.find(rest).and_then(|number| number.as_str().parse().ok());
        let what = match it.kind {
            Kind::Initiated => Some(What::Initiated),
            Kind::TooLow => number().map(What::TooLow),
            Kind::Finished => number().map(What::Finished),
        };
        let index = labels.iter().position(|it| *it == label).unwrap_or_default();
        it.read = what.map(|what| (index, what));
        it.is_sure = it.read.is_some();
    }
}

/// If its words are not known, the last number of a coroutine is the one that it accepts.
fn read_last_numbers(candidates: &mut [Candidate]) {
    let is_finished = |it: &Candidate| matches!(it.read, Some((_, What::Finished(_))));
    if candidates.iter().any(|it| it.is_sure || is_finished(it)) {
        return;
    }
    for index in 0..=COROUTINES {
        let is_number =
            |it: &&mut Candidate| matches!(it.read, Some((of, What::TooLow(_))) if of == index);
        if let Some(last) = candidates.iter_mut().rfind(is_number)
            && let Some((_, What::TooLow(number))) = last.read
        {
            last.read = Some((index, What::Finished(number)));
        }
    }
}

fn result_numbers(text: &str) -> Option<[i64; COROUTINES]> {
    let captures = RESULTS.captures(text).or_else(|| THREE_NUMBERS.captures(text))?;
    let number = |group: usize| captures[group].parse().ok();
    Some([number(1)?, number(2)?, number(3)?])
}

/// Whether a line has these numbers one after another, whatever is around them.
fn carries(text: &str, numbers: [i64; COROUTINES]) -> bool {
    let text = LABEL.replace_all(text, "");
    let found: Vec<i64> = NUMBER.find_iter(&text).flat_map(|it| it.as_str().parse()).collect();
    found.windows(COROUTINES).any(|three| three == numbers)
}

impl ReadRun for Run {
    fn read(recording: &Recording) -> Self {
        let is_step = |text: &str| candidate(0, text).is_some_and(|it| it.read.is_some());
        let transcript = Transcript::of(recording, is_step);
        let lines = transcript.lines.iter().enumerate();
        let mut candidates: Vec<_> =
            lines.filter_map(|(line, text)| candidate(line, &text.message)).collect();
        read_labels(&mut candidates, &transcript);
        read_last_numbers(&mut candidates);
        // If some lines of a kind are sure, the others of that kind are chatter; so is a banner.
        let is_sure = |kind| candidates.iter().any(|it: &Candidate| it.is_sure && it.kind == kind);
        let is_chatter = |it: &&Candidate| {
            let is_banner = it.kind == Kind::Initiated && is_sure(Kind::TooLow);
            !it.is_sure && (is_sure(it.kind) || is_banner)
        };
        let mut steps = Vec::new();
        let mut unread = None;
        for &Candidate { line, read, is_sure, .. } in candidates.iter().filter(|it| !is_chatter(it))
        {
            let TextLine { at, ref text, .. } = transcript.lines[line];
            if let Some((index, what)) = read {
                steps.push(Step { line, at, index, what });
            }
            if !is_sure {
                unread.get_or_insert_with(|| text.clone());
            }
        }
        // A program that counts from 1 has no coroutine 0.
        if steps.iter().all(|step| (1..=COROUTINES).contains(&step.index)) {
            steps.iter_mut().for_each(|step| step.index -= 1);
        }
        if let Some(other) = steps.iter().find(|step| step.index >= COROUTINES) {
            unread.get_or_insert_with(|| transcript.lines[other.line].text.clone());
        }
        steps.retain(|step| step.index < COROUTINES);
        let mut run = Self { transcript, steps, results: None, unread };
        run.results = run.read_results();
        run
    }

    fn doubt(&self, criterion: &str) -> Option<Doubt> {
        let line = self.unread.clone().filter(|_| !["ends", "lines"].contains(&criterion))?;
        Some(Doubt {
            line,
            original: "makerandom(0) == 4 too low; retrying.",
            looked_for: "the coroutine's index, and the number that it drew",
        })
    }

    fn first_line(&self) -> Option<f64> {
        let line = self.steps.first()?.line;
        Some(self.transcript.recorded_lines()[line].at)
    }

    fn timeline(&self) -> Timeline {
        let row = |index| {
            let steps = self.of(index);
            // Each number that is too low, and the line after it, if that has come.
            let next = steps.iter().skip(1).map(Some).chain([None]);
            let lows = steps.iter().zip(next).filter(|(it, _)| matches!(it.what, What::TooLow(_)));
            let waits = lows.map(|(low, next)| Wait {
                from: low.at,
                to: next.map_or(Wait::OPEN, |next| next.at),
                due: Some(low.at + pause(index)),
            });
            let finished = steps.last().filter(|step| matches!(step.what, What::Finished(_)));
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
                waits: waits.collect(),
                marks: marks.collect(),
                ended: finished.map(|step| step.at),
                ..Row::default()
            }
        };
        Timeline::new((0..COROUTINES).map(row).collect(), &self.transcript)
    }
}

impl Run {
    /// The numbers that the program reports when all is done: a line that has those with which
    /// the coroutines finished, or else the last that has three numbers.
    fn read_results(&self) -> Option<[i64; COROUTINES]> {
        let after_all = self.steps.last().map_or(0, |last| last.line + 1);
        let lines = || self.transcript.lines.iter().skip(after_all);
        if let [Some(r1), Some(r2), Some(r3)] = self.finished()
            && lines().any(|line| carries(&line.message, [r1, r2, r3]))
        {
            return Some([r1, r2, r3]);
        }
        lines().rev().find_map(|line| result_numbers(&line.message))
    }

    /// The waits of one coroutine: from each number that is too low to its next line.
    pub fn waits(&self, index: usize) -> Vec<(Step, Step)> {
        let steps = self.of(index);
        let pairs = steps.windows(2).map(|pair| (pair[0], pair[1]));
        pairs.filter(|(low, _)| matches!(low.what, What::TooLow(_))).collect()
    }

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
    pub fn numbers_drawn_by(&self) -> impl Iterator<Item = (usize, i64)> {
        self.steps.iter().filter_map(|step| Some((step.index, step.number()?)))
    }

    /// The numbers that were drawn, in order, each with its time in seconds.
    pub fn numbers_drawn(&self) -> impl Iterator<Item = (f64, i64)> {
        self.steps.iter().filter_map(|step| Some((step.at, step.number()?)))
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
