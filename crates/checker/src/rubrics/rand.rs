//! rand: three coroutines, each of which draws numbers until one is above its threshold, and waits
//! its index + 1 seconds after each that is not. It is run twice.

use super::{
    ends_well, on_standard_output, regex, waits, waits_idly, why_in_the_way, why_incomplete,
    why_one_after_the_other, why_other_lines,
};
use crate::color::{Color, Painted, Painter};
use crate::mistake::Mistake;
use crate::output::{Output, quoted};
use crate::recording::Recording;
use crate::timeline::{self, Row, Timeline};
use crate::timing::{Gap, compare};
use crate::verdict::{
    Criterion, Judged, Judgement, WithTimeline, all, fail, judge_all, skip, too_busy,
};
use regex::Regex;
use std::sync::LazyLock;

pub const RUBRIC: &[Criterion<Runs>] = &[
    Criterion {
        id: "ends",
        name: "it ends by itself, with exit code 0",
        depends_on: &[],
        judge: |runs| runs.each(ends),
    },
    Criterion {
        id: "lines",
        name: "it prints the original's lines, and no others",
        depends_on: &[],
        judge: |runs| runs.each(lines),
    },
    Criterion {
        id: "starts",
        name: "all three coroutines start before any has waited",
        depends_on: &[],
        judge: |runs| runs.each(starts),
    },
    Criterion {
        id: "waits",
        name: "coroutine 0, 1, 2 waits 1, 2, 3 seconds after each number that is too low",
        depends_on: &[],
        judge: |runs| runs.each(pauses),
    },
    Criterion {
        id: "threshold",
        name: "it rejects what is at most 9, 8, 7 and stops at the first number above",
        depends_on: &[],
        judge: |runs| runs.each(thresholds),
    },
    Criterion {
        id: "overlap",
        name: "the coroutines wait at the same time",
        depends_on: &["starts"],
        judge: |runs| runs.each(overlap),
    },
    Criterion {
        id: "results",
        name: "the last line reports each coroutine's own number, in order",
        depends_on: &[],
        judge: |runs| runs.each(results),
    },
    Criterion {
        id: "colors",
        name: "each coroutine has one color of its own, reset at its end",
        depends_on: &[],
        judge: |runs| runs.each(colors),
    },
    Criterion {
        id: "repeatable",
        name: "two runs draw the same numbers",
        depends_on: &[],
        judge: repeatable,
    },
];

pub fn judge(recordings: &[Recording]) -> Vec<Judged> {
    judge_all(RUBRIC, &Runs(recordings.iter().map(Run::read).collect()))
}

pub fn timeline(recording: &Recording) -> Timeline {
    Run::read(recording).timeline()
}

const COROUTINES: usize = 3;

/// The highest number that coroutine `index` rejects.
fn threshold(index: usize) -> i64 {
    9 - index as i64
}

/// Seconds that coroutine `index` waits after a rejected number.
fn pause(index: usize) -> f64 {
    index as f64 + 1.0
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Initiated,
    TooLow(i64),
    Finished(i64),
}

/// A line that belongs to a coroutine.
#[derive(Clone, Copy, Debug)]
struct Event {
    line: usize,
    at: f64,
    index: usize,
    what: What,
}

struct Run {
    output: Output,
    events: Vec<Event>,
    /// The numbers of the last line.
    results: Option<[i64; COROUTINES]>,
}

/// The recordings of the two runs.
pub struct Runs(Vec<Run>);

impl Runs {
    fn each(&self, judge: impl Fn(&Run) -> Judgement) -> Judgement {
        all(self.0.iter().map(judge))
    }
}

/// The original's lines.
static EXACTLY: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    [
        regex(r"^Initiated makerandom\(\d\)\.$"),
        regex(r"^makerandom\(\d\) == \d+ too low; retrying\.$"),
        regex(r"^---> Finished: makerandom\(\d\) == \d+$"),
        regex(r"^r1: \d+, r2: \d+, r3: \d+$"),
    ]
});
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

/// The time of day or the seconds that a logger puts in front.
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\W*(?:(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?Z?|\d+\.\d+ *s?)[\]):]*\s+",
    )
});

fn event(text: &str) -> Option<(usize, What)> {
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

impl Run {
    fn read(recording: &Recording) -> Self {
        let output = Output::of(recording, |text| event(text).is_some());
        let events: Vec<_> = output
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !IS_RESULTS.is_match(&line.text))
            .filter_map(|(number, line)| {
                let (index, what) = event(&line.text)?;
                Some(Event { line: number, at: line.at, index, what })
            })
            .collect();
        let results = output.lines.iter().enumerate().rev().find_map(|(number, line)| {
            // They come when all is done.
            let is_last = events.iter().all(|event| event.line < number);
            if is_last { result_numbers(&line.text) } else { None }
        });
        Self { output, events, results }
    }

    /// The events of one coroutine.
    fn of(&self, index: usize) -> Vec<Event> {
        self.events.iter().filter(|event| event.index == index).copied().collect()
    }

    /// The number with which each coroutine said that it had finished.
    fn finished(&self) -> [Option<i64>; COROUTINES] {
        std::array::from_fn(|index| {
            self.of(index).iter().find_map(|event| match event.what {
                What::Finished(number) => Some(number),
                _ => None,
            })
        })
    }

    /// Seconds until the last event of a coroutine.
    fn span(&self) -> f64 {
        self.events.last().map_or(0.0, |event| event.at)
    }

    /// Seconds that the coroutine with the most to wait should have waited.
    fn should_wait(&self) -> f64 {
        let waits = |index| self.rejected(index) as f64 * pause(index);
        (0..COROUTINES).map(waits).fold(0.0, f64::max)
    }

    /// How many numbers of a coroutine were too low.
    fn rejected(&self, index: usize) -> usize {
        let is_low = |event: &&Event| matches!(event.what, What::TooLow(_));
        self.of(index).iter().filter(is_low).count()
    }

    fn numbers_drawn(&self) -> Vec<(usize, i64)> {
        let number = |event: &Event| match event.what {
            What::TooLow(number) | What::Finished(number) => Some((event.index, number)),
            What::Initiated => None,
        };
        self.events.iter().filter_map(number).collect()
    }

    /// The first event that can only come after a wait.
    fn first_after_a_wait(&self) -> Option<Event> {
        let mut has_waited = [false; COROUTINES];
        self.events.iter().copied().find(|event| {
            let after = has_waited[event.index] && event.what != What::Initiated;
            has_waited[event.index] |= matches!(event.what, What::TooLow(_));
            after
        })
    }

    fn timeline(&self) -> Timeline {
        let rows = (0..COROUTINES).map(|index| {
            let events = self.of(index);
            let waits = events
                .windows(2)
                .filter(|pair| matches!(pair[0].what, What::TooLow(_)))
                .map(|pair| (pair[0].at, pair[1].at))
                .collect();
            let events = events
                .iter()
                .map(|event| timeline::Mark {
                    at: event.at,
                    line: event.line,
                    text: match event.what {
                        What::Initiated => String::new(),
                        What::TooLow(number) => number.to_string(),
                        What::Finished(number) => format!("{number} done"),
                    },
                })
                .collect();
            Row { label: format!("makerandom({index})"), waits, marks: events }
        });
        Timeline::new(rows.collect(), &self.output.lines)
    }

    /// There is something to judge: each coroutine printed something.
    fn enough(&self) -> Judgement {
        match (0..COROUTINES).find(|&index| self.of(index).is_empty()) {
            Some(index) => skip(format!("coroutine {index} printed nothing")),
            None => Ok(()),
        }
    }
}

fn ends(run: &Run) -> Judgement {
    ends_well(&run.output.recording, run.results.is_some())
}

fn lines(run: &Run) -> Judgement {
    on_standard_output(&run.output)?;
    let expected = "for each coroutine its Initiated, too low and Finished lines, then an empty line and r1, r2, r3";
    let texts: Vec<_> = run.output.lines.iter().map(|line| line.text.as_str()).collect();
    let belongs =
        |text: &&&str| text.is_empty() || EXACTLY.iter().any(|pattern| pattern.is_match(text));
    if let Some(other) = texts.iter().find(|text| !belongs(text)) {
        return fail(why_other_lines(&run.output), expected, format!("the line {}", quoted(other)));
    }
    let count = |pattern: usize, index: usize| {
        let of_index = format!("({index})");
        let matches = |text: &&&str| EXACTLY[pattern].is_match(text) && text.contains(&of_index);
        texts.iter().filter(matches).count()
    };
    for index in 0..COROUTINES {
        for (pattern, name) in [(0, "Initiated"), (2, "Finished")] {
            let seen = count(pattern, index);
            if seen != 1 {
                let mistake = match seen {
                    0 => why_missing(run),
                    _ => Mistake::OtherLines,
                };
                let seen = format!("{seen} lines {name} of coroutine {index}");
                return fail(mistake, expected, seen);
            }
        }
    }
    match texts[..] {
        [.., "", last] if EXACTLY[3].is_match(last) => Ok(()),
        [.., last] => {
            let seen = format!("the end {}", quoted(last));
            fail(why_incomplete(&run.output), expected, seen)
        }
        [] => fail(why_incomplete(&run.output), expected, "nothing"),
    }
}

/// Why a coroutine did not print all of its lines.
fn why_missing(run: &Run) -> Mistake {
    match why_incomplete(&run.output) {
        Mistake::OtherLines if returns_inside_loop(run) => Mistake::ReturnInsideLoop,
        Mistake::OtherLines if run.finished() == [None; COROUTINES] && run.span() < 0.3 => {
            Mistake::NeverAwaited
        }
        mistake => mistake,
    }
}

fn starts(run: &Run) -> Judgement {
    run.enough()?;
    let output = &run.output;
    let expected = "three coroutines that start at once";
    // The first sign of a coroutine is its Initiated line, or another if it has none.
    let first = |index| run.of(index)[0];
    let last = (0..COROUTINES).map(first).max_by_key(|event| event.line).expect("three");
    if let Some(after) = run.first_after_a_wait()
        && after.line < last.line
    {
        let mistake = why_apart(run);
        let seen = format!(
            "coroutine {} started at {:.2} s, when coroutine {} had waited already",
            last.index, last.at, after.index
        );
        return fail(mistake, expected, seen).with_timeline(|| run.timeline());
    }
    let start = (0..COROUTINES).map(first).min_by_key(|event| event.line).expect("three");
    match compare(last.at - start.at, 0.0, output.machine()) {
        Gap::CannotTell => too_busy(&output.recording),
        Gap::TooLong => {
            let seen = format!("coroutine {} started at {:.2} s", last.index, last.at);
            fail(Mistake::AwaitedOneAfterTheOther, expected, seen).with_timeline(|| run.timeline())
        }
        Gap::Right | Gap::TooShort => Ok(()),
    }
}

/// Why the coroutines did not run together: one by one, or two of them and then the third.
fn why_apart(run: &Run) -> Mistake {
    let ends = |index| run.of(index).last().map_or(0, |event| event.line);
    let begins = |index| run.of(index).first().map_or(0, |event| event.line);
    let together = (0..COROUTINES)
        .any(|a| (a + 1..COROUTINES).any(|b| begins(a) < ends(b) && begins(b) < ends(a)));
    let awaited =
        if together { Mistake::OneGatherAfterAnother } else { Mistake::AwaitedOneAfterTheOther };
    why_one_after_the_other(&run.output, run.span(), run.should_wait(), awaited)
}

fn pauses(run: &Run) -> Judgement {
    run.enough()?;
    let output = &run.output;
    if run.should_wait() > 0.0 && run.first_after_a_wait().is_none() {
        return skip("no coroutine went on after a number that is too low");
    }
    waits_idly(output, run.should_wait()).with_timeline(|| run.timeline())?;
    for index in 0..COROUTINES {
        for pair in run.of(index).windows(2) {
            let What::TooLow(number) = pair[0].what else { continue };
            let what = format!("coroutine {index} after its {number}");
            let gap = pair[1].at - pair[0].at;
            let too_long = why_in_the_way(output, Mistake::OtherSleep);
            waits(output, &what, gap, pause(index), too_long).with_timeline(|| run.timeline())?;
        }
    }
    Ok(())
}

/// Whether the coroutines gave up after one retry at the most: those that were rejected ended with
/// a number that is too low, or without saying that they had finished.
fn returns_inside_loop(run: &Run) -> bool {
    let finished = run.finished();
    let gave_up = |index: usize| {
        let result = finished[index].or(run.results.map(|results| results[index]));
        run.rejected(index) == 1
            && (result.is_some_and(|result| result < threshold(index))
                || (finished[index].is_none() && result.is_some()))
    };
    (0..COROUTINES).all(|index| run.rejected(index) <= 1) && (0..COROUTINES).any(gave_up)
}

fn thresholds(run: &Run) -> Judgement {
    run.enough()?;
    let finished = run.finished();
    if finished == [None; COROUTINES] && run.results.is_none() {
        return skip("no coroutine finished");
    }
    for index in 0..COROUTINES {
        let limit = threshold(index);
        let expected = format!("coroutine {index} stops at the first number above {limit}");
        let mut done = false;
        for event in run.of(index) {
            let seen = |verb: &str, number: i64| format!("it {verb} {number} at {:.2} s", event.at);
            match event.what {
                What::TooLow(number) if done => {
                    return fail(
                        Mistake::GoesOnAfterResult,
                        expected,
                        seen("rejected, after it had finished,", number),
                    );
                }
                What::TooLow(number) if number > limit => {
                    return fail(Mistake::OtherThreshold, expected, seen("rejected", number));
                }
                What::Finished(number) if number <= limit => {
                    return fail(
                        why_accepted(run, index, number),
                        expected,
                        seen("accepted", number),
                    );
                }
                What::Finished(_) => done = true,
                _ => {}
            }
        }
        if !done {
            let result = run.results.map(|results| results[index]);
            return match result {
                Some(number) if number <= limit => {
                    let seen = format!("it returned {number}");
                    fail(why_accepted(run, index, number), expected, seen)
                }
                _ if finished == [None; COROUTINES] => skip("no coroutine said that it finished"),
                _ => skip(format!("coroutine {index} did not say that it finished")),
            };
        }
    }
    Ok(())
}

fn why_accepted(run: &Run, index: usize, number: i64) -> Mistake {
    if returns_inside_loop(run) {
        Mistake::ReturnInsideLoop
    } else if number == threshold(index) {
        Mistake::LessThan
    } else {
        Mistake::OtherThreshold
    }
}

fn overlap(run: &Run) -> Judgement {
    run.enough()?;
    // Line numbers, not times: the order is certain also on a busy machine.
    let waiting = |index| {
        let events = run.of(index);
        let first = events.iter().find(|event| matches!(event.what, What::TooLow(_)))?.line;
        // A coroutine that was never heard of again may have waited to the end.
        let last = events.last()?.line;
        Some((first, if last == first { usize::MAX } else { last }))
    };
    let waiting: Vec<_> = (0..COROUTINES).filter_map(waiting).collect();
    let apart = waiting.iter().any(|a| waiting.iter().any(|b| a.1 < b.0));
    if apart {
        return fail(
            why_apart(run),
            "each coroutine waits while the others wait",
            "one waited only when another had finished",
        )
        .with_timeline(|| run.timeline());
    }
    Ok(())
}

fn results(run: &Run) -> Judgement {
    let [Some(r1), Some(r2), Some(r3)] = run.finished() else {
        return skip("not every coroutine said that it finished");
    };
    let own = [r1, r2, r3];
    let expected = format!("r1: {r1}, r2: {r2}, r3: {r3}");
    let Some(reported) = run.results else {
        return fail(Mistake::OtherResults, expected, "no such line");
    };
    if reported == own {
        return Ok(());
    }
    let sorted = |mut numbers: [i64; COROUTINES]| {
        numbers.sort_unstable();
        numbers
    };
    let mistake = if sorted(reported) == sorted(own) {
        Mistake::ResultsInOtherOrder
    } else {
        Mistake::OtherResults
    };
    let [r1, r2, r3] = reported;
    fail(mistake, expected, format!("r1: {r1}, r2: {r2}, r3: {r3}"))
}

fn colors(run: &Run) -> Judgement {
    run.enough()?;
    let expected = "three colors, one a coroutine, and \\x1b[0m at the end of its last line";
    let mut painter = Painter::default();
    let lines = run.output.recorded_lines().iter();
    let painted: Vec<_> = lines.map(|line| painter.paint(&line.bytes)).collect();
    let mut own: [Option<Color>; COROUTINES] = [None; COROUTINES];
    for event in &run.events {
        let text = quoted(&run.output.lines[event.line].text);
        let Painted { color, left_behind, .. } = painted[event.line];
        let index = event.index;
        if color == Color::Default {
            return fail(Mistake::Colors, expected, format!("no color in the line {text}"));
        }
        if own[index].is_some_and(|own| own != color) {
            let seen = format!("another color of coroutine {index} in the line {text}");
            return fail(Mistake::Colors, expected, seen);
        }
        own[index] = Some(color);
        // The reset may be a print of its own, which comes with the next line.
        let is_reset = left_behind == Color::Default
            || painted.get(event.line + 1).is_none_or(|next| next.begins_with_reset);
        if matches!(event.what, What::Finished(_)) && !is_reset {
            return fail(Mistake::Colors, expected, format!("no reset after the line {text}"));
        }
    }
    if own[0] == own[1] || own[0] == own[2] || own[1] == own[2] {
        return fail(Mistake::Colors, expected, "two coroutines of the same color");
    }
    Ok(())
}

fn repeatable(runs: &Runs) -> Judgement {
    let [first, second] = &runs.0[..] else { return skip("there were not two runs") };
    first.enough()?;
    second.enough()?;
    let (one, two) = (first.numbers_drawn(), second.numbers_drawn());
    // Two coroutines that wake at the same moment may draw in either order: the numbers drawn are
    // the same, only each may get the other's. So the sequence of the numbers counts, and where
    // that differs, the sequence of each coroutine.
    let in_order = |(a, b): (&(usize, i64), &(usize, i64))| a.1 == b.1;
    let same_sequence = one.iter().zip(&two).all(in_order);
    let of = |numbers: &[(usize, i64)], index| {
        let own = numbers.iter().filter(move |(of, _)| *of == index);
        own.map(|(_, number)| *number).collect::<Vec<_>>()
    };
    let same_each = (0..COROUTINES).all(|index| of(&one, index) == of(&two, index));
    if same_sequence || same_each {
        return Ok(());
    }
    let shown = |numbers: &[(usize, i64)]| {
        numbers.iter().take(12).map(|(_, number)| number.to_string()).collect::<Vec<_>>().join(" ")
    };
    fail(
        Mistake::NotRepeatable,
        "the same numbers in both runs",
        format!("{} in the first run, {} in the second", shown(&one), shown(&two)),
    )
}
