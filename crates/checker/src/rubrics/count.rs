//! countasync and countsync: three counts that print One, wait a second and print Two. They differ
//! in what their order must be.

use super::{
    Reported, ends_well, is_true, on_standard_output, regex, reported, waits, waits_idly,
    why_in_the_way, why_incomplete, why_one_after_the_other, why_other_lines,
};
use crate::mistake::Mistake;
use crate::output::{Output, quoted};
use crate::recording::Recording;
use crate::timeline::{self, Row, Timeline};
use crate::verdict::{Criterion, Judged, Judgement, WithTimeline, fail, judge_all, skip};
use regex::Regex;
use std::sync::LazyLock;

pub const COUNTASYNC: &[Criterion<Counts>] = &[
    ENDS,
    LINES,
    Criterion {
        id: "order",
        name: "every One comes before any Two",
        depends_on: &[],
        judge: ones_before_twos,
    },
    Criterion {
        id: "wait",
        name: "all three share one wait of a second",
        depends_on: &["order"],
        judge: one_shared_wait,
    },
    TIME,
];

pub const COUNTSYNC: &[Criterion<Counts>] = &[
    ENDS,
    LINES,
    Criterion {
        id: "order",
        name: "strictly One, Two, One, Two, One, Two",
        depends_on: &[],
        judge: one_by_one,
    },
    Criterion {
        id: "wait",
        name: "three waits of a second, one after the other",
        depends_on: &["order"],
        judge: three_waits,
    },
    TIME,
];

const ENDS: Criterion<Counts> = Criterion {
    id: "ends",
    name: "it ends by itself, with exit code 0",
    depends_on: &[],
    judge: ends,
};

const LINES: Criterion<Counts> = Criterion {
    id: "lines",
    name: "it prints One and Two, three times each",
    depends_on: &[],
    judge: lines,
};

const TIME: Criterion<Counts> = Criterion {
    id: "time",
    name: "the reported time is true, in the original's words",
    depends_on: &[],
    judge: time,
};

pub fn judge(rubric: &[Criterion<Counts>], recordings: &[Recording]) -> Vec<Judged> {
    judge_all(rubric, &Counts::read(&recordings[0]))
}

pub fn timeline(recording: &Recording) -> Timeline {
    Counts::read(recording).timeline()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    One,
    Two,
}

struct Event {
    line: usize,
    at: f64,
    word: Word,
}

/// What a count exercise printed.
pub struct Counts {
    output: Output,
    events: Vec<Event>,
    /// The last line that reports a time, and its index.
    reported: Option<(usize, Reported)>,
}

/// The original's words, then what may stand around them.
static EXACTLY: LazyLock<[Regex; 2]> = LazyLock::new(|| [regex("^One$"), regex("^Two$")]);
static ALONE: LazyLock<[Regex; 2]> =
    LazyLock::new(|| [regex(r"(?i)^\W*one\W*$"), regex(r"(?i)^\W*two\W*$")]);
static AROUND: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [regex(r"(?i)(^|[^a-z])one([^a-z]|$)"), regex(r"(?i)(^|[^a-z])two([^a-z]|$)")]
});
static ELAPSED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^.*\S executed in +-?\d+([.,]\d+)?(e-?\d+)? seconds\.?$"));

fn word(text: &str, patterns: &[Regex; 2]) -> Option<Word> {
    match (patterns[0].is_match(text), patterns[1].is_match(text)) {
        (true, false) => Some(Word::One),
        (false, true) => Some(Word::Two),
        _ => None,
    }
}

impl Counts {
    fn read(recording: &Recording) -> Self {
        let mut output = Output::of(recording, |text| word(text, &AROUND).is_some());
        let reported = output
            .lines
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, line)| ELAPSED.is_match(&line.text) || word(&line.text, &AROUND).is_none())
            .find_map(|(index, line)| Some((index, reported(&line.text)?)));
        // Words around One and Two are only looked through when the lines are not those words
        // alone: "One down, two to go" is no One.
        let events = |patterns: &[Regex; 2]| -> Vec<_> {
            let lines = output.lines.iter().enumerate();
            lines
                .filter(|(index, _)| Some(*index) != reported.map(|(index, _)| index))
                .filter_map(|(line, text)| {
                    let word = word(&text.text, patterns)?;
                    Some(Event { line, at: text.at, word })
                })
                .collect()
        };
        let alone = events(&ALONE);
        let events = if alone.len() >= 6 { alone } else { events(&AROUND) };
        output.reported = reported.map(|(_, reported)| reported.seconds);
        Self { output, events, reported }
    }

    fn times(&self, wanted: Word) -> Vec<f64> {
        self.events.iter().filter(|event| event.word == wanted).map(|event| event.at).collect()
    }

    /// The k-th One and the k-th Two: who came first also waits first.
    fn counts(&self) -> Vec<(f64, f64)> {
        self.times(Word::One).into_iter().zip(self.times(Word::Two)).collect()
    }

    fn order(&self) -> String {
        let words: Vec<_> = self
            .events
            .iter()
            .map(|event| {
                let word = if event.word == Word::One { "One" } else { "Two" };
                format!("{word} at {:.2} s", event.at)
            })
            .collect();
        words.join(", ")
    }

    fn timeline(&self) -> Timeline {
        let of = |word| self.events.iter().filter(move |event| event.word == word);
        let mut twos = of(Word::Two);
        let rows = of(Word::One).enumerate().map(|(index, one)| {
            let two = twos.next();
            let event = |event: &Event, text: &str| timeline::Mark {
                at: event.at,
                line: event.line,
                text: text.into(),
            };
            Row {
                label: format!("count {}", index + 1),
                waits: two.map(|two| (one.at, two.at)).into_iter().collect(),
                marks: [event(one, "One")]
                    .into_iter()
                    .chain(two.map(|two| event(two, "Two")))
                    .collect(),
            }
        });
        Timeline::new(rows.collect(), &self.output.lines)
    }

    /// There is something to judge: at least two counts, each with both of its lines.
    fn enough(&self) -> Judgement {
        let (ones, twos) = (self.times(Word::One).len(), self.times(Word::Two).len());
        if ones < 2 || ones != twos {
            return skip(format!("{ones} One and {twos} Two are too few to judge this by"));
        }
        Ok(())
    }

    /// How many counts began before one ended, again and again: 3 for three together, 1 1 1 for
    /// one after the other. `None` if the order is no such thing.
    fn groups(&self) -> Option<Vec<usize>> {
        let mut groups = Vec::new();
        let mut words = self.events.iter().map(|event| event.word).peekable();
        while words.peek().is_some() {
            let mut take = |wanted| std::iter::from_fn(|| words.next_if_eq(&wanted)).count();
            let (ones, twos) = (take(Word::One), take(Word::Two));
            if ones != twos {
                return None;
            }
            groups.push(ones);
        }
        Some(groups)
    }
}

fn is_complete(counts: &Counts) -> bool {
    counts.times(Word::One).len() == 3 && counts.times(Word::Two).len() == 3
}

fn ends(counts: &Counts) -> Judgement {
    ends_well(&counts.output.recording, is_complete(counts))
}

fn lines(counts: &Counts) -> Judgement {
    on_standard_output(&counts.output)?;
    let expected = "three lines One, three lines Two, and one that reports the time";
    let [mut ones, mut twos] = [0, 0];
    let mut other = None;
    for (index, line) in counts.output.lines.iter().enumerate() {
        match word(&line.text, &EXACTLY) {
            Some(Word::One) => ones += 1,
            Some(Word::Two) => twos += 1,
            // The line that reports the time has a criterion of its own.
            None if counts.reported.is_some_and(|(reported, _)| reported == index) => {}
            None if line.text.is_empty() => {}
            None => other = other.or(Some(&line.text)),
        }
    }
    if let Some(text) = other {
        return fail(
            why_other_lines(&counts.output),
            expected,
            format!("the line {}", quoted(text)),
        );
    }
    if (ones, twos) == (3, 3) {
        return Ok(());
    }
    let mut mistake = why_incomplete(&counts.output);
    // A program that ends as if all were well, but whose counts did not run, or not to their end.
    if mistake == Mistake::OtherLines && ones <= 3 && twos == 0 && counts.reported.is_some() {
        mistake = Mistake::NeverAwaited;
    }
    fail(mistake, expected, format!("{ones} One and {twos} Two"))
}

fn ones_before_twos(counts: &Counts) -> Judgement {
    counts.enough()?;
    let groups = counts.groups();
    if groups.as_ref().is_some_and(|groups| groups.len() == 1) {
        return Ok(());
    }
    let output = &counts.output;
    let mistake = match groups {
        Some(groups) if groups.iter().all(|&group| group == 1) => {
            let span = counts.events.last().map_or(0.0, |event| event.at);
            why_one_after_the_other(output, span, 1.0, Mistake::AwaitedOneAfterTheOther)
        }
        Some(_) => Mistake::OneGatherAfterAnother,
        None => Mistake::OtherOrder,
    };
    fail(mistake, "One, One, One, then Two, Two, Two", counts.order())
        .with_timeline(|| counts.timeline())
}

fn one_shared_wait(counts: &Counts) -> Judgement {
    let output = &counts.output;
    waits_idly(output, 1.0).with_timeline(|| counts.timeline())?;
    for (index, (one, two)) in counts.counts().into_iter().enumerate() {
        let what = format!("from One to Two in count {}", index + 1);
        // The order has shown that all three wait at the same time, so each has its own sleep.
        let too_long = why_in_the_way(output, Mistake::OtherSleep);
        waits(output, &what, two - one, 1.0, too_long).with_timeline(|| counts.timeline())?;
    }
    Ok(())
}

fn one_by_one(counts: &Counts) -> Judgement {
    counts.enough()?;
    if counts.groups().is_some_and(|groups| groups.iter().all(|&group| group == 1)) {
        return Ok(());
    }
    fail(Mistake::Overlapping, "One, Two, One, Two, One, Two", counts.order())
        .with_timeline(|| counts.timeline())
}

fn three_waits(counts: &Counts) -> Judgement {
    let output = &counts.output;
    waits_idly(output, 3.0).with_timeline(|| counts.timeline())?;
    let pairs = counts.counts();
    let mut last_two = pairs.first().map_or(0.0, |(one, _)| *one);
    for (index, (one, two)) in pairs.into_iter().enumerate() {
        let what = format!("from One to Two in count {}", index + 1);
        waits(output, &what, two - one, 1.0, Mistake::OtherSleep)
            .with_timeline(|| counts.timeline())?;
        let what = format!("from the last Two to One in count {}", index + 1);
        waits(output, &what, one - last_two, 0.0, Mistake::OtherSleep)
            .with_timeline(|| counts.timeline())?;
        last_two = two;
    }
    Ok(())
}

fn time(counts: &Counts) -> Judgement {
    let expected = "a last line like: countasync executed in 1.00 seconds.";
    let Some((index, reported)) = counts.reported else {
        return match counts.output.lines.last() {
            Some(line) => fail(
                Mistake::NoReportedTime,
                expected,
                format!("the last line {}", quoted(&line.text)),
            ),
            None => skip("nothing was printed"),
        };
    };
    let line = &counts.output.lines[index];
    if counts.output.is_held_back(reported.seconds) {
        return waits_idly(&counts.output, reported.seconds);
    }
    if let Some(event) = counts.events.iter().find(|event| event.line > index) {
        let seen = format!("after it {}", quoted(&counts.output.lines[event.line].text));
        return fail(Mistake::ReportedTooEarly, "the time when all is done", seen);
    }
    // From the first line to the last Two, or to the report if something came between.
    let last = counts.events.last().map_or(line.at, |event| event.at);
    let seen = reported.seconds.clamp(last, line.at);
    is_true(&counts.output, "the time around the counts", reported, seen)?;
    if !ELAPSED.is_match(&line.text) {
        return fail(
            Mistake::OtherWordsForTime,
            expected,
            format!("the line {}", quoted(&line.text)),
        );
    }
    Ok(())
}
