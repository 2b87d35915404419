//! chained: a chain of two coroutines for each argument, all chains at once. It is run without
//! arguments, with numbers that it cannot know, and with an argument that is no number.

use super::{
    Reported, ends_well, is_true, on_standard_output, regex, reported, waits, waits_idly,
    why_in_the_way, why_incomplete, why_one_after_the_other, why_other_lines,
};
use crate::mistake::Mistake;
use crate::output::{Output, quoted};
use crate::recording::{Ending, Recording};
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
        id: "arguments",
        name: "it runs a chain for each argument, and 1 2 3 without any",
        depends_on: &[],
        judge: |runs| runs.each(arguments),
    },
    Criterion {
        id: "sleeps",
        name: "every sleep lasts as long as announced",
        depends_on: &[],
        judge: |runs| runs.each(sleeps),
    },
    Criterion {
        id: "chaining",
        name: "part2 starts as soon as its own part1 has returned, and is given its result",
        depends_on: &[],
        judge: |runs| runs.each(chaining),
    },
    Criterion {
        id: "together",
        name: "all chains start at once and overlap",
        depends_on: &[],
        judge: |runs| runs.each(together),
    },
    Criterion {
        id: "times",
        name: "the times reported per chain and at the end are true",
        depends_on: &[],
        judge: |runs| runs.each(times),
    },
    Criterion {
        id: "bad-argument",
        name: "an argument that is no number ends it with an error before any chain starts",
        depends_on: &[],
        judge: bad_argument,
    },
];

/// The chains that run without arguments.
const DEFAULT: [i64; 3] = [1, 2, 3];

/// What no program should take for a number.
pub const BAD_ARGUMENT: &str = "x";

pub fn judge(recordings: &[Recording]) -> Vec<Judged> {
    let [default, drawn, bad] = recordings else { panic!("chained is judged by three runs") };
    let numbers = arguments_of(drawn);
    let mut good = [Run::read(default, DEFAULT.to_vec()), Run::read(drawn, numbers)];
    good[0].only_it_is_empty = good[0].chains.is_empty() && !good[1].chains.is_empty();
    judge_all(RUBRIC, &Runs { good, bad: bad.clone() })
}

/// The numbers at the end of the recorded command line: what the checker appended.
fn arguments_of(recording: &Recording) -> Vec<i64> {
    let mut numbers: Vec<_> =
        recording.command.iter().rev().map_while(|argument| argument.parse().ok()).collect();
    numbers.reverse();
    numbers
}

pub fn timeline(recording: &Recording) -> Timeline {
    Run::read(recording, arguments_of(recording)).timeline()
}

/// The recordings of the three runs.
pub struct Runs {
    good: [Run; 2],
    bad: Recording,
}

impl Runs {
    fn each(&self, judge: impl Fn(&Run) -> Judgement) -> Judgement {
        all(self.good.iter().map(judge))
    }
}

/// One of a chain's two parts.
#[derive(Clone, Debug)]
struct Part {
    line: usize,
    at: f64,
    /// The seconds that it says it will sleep.
    announced: f64,
    /// What it was called with, besides its number.
    argument: Option<String>,
    returned: Option<Returned>,
}

/// The line with which a part returned.
#[derive(Clone, Debug)]
struct Returned {
    line: usize,
    at: f64,
    result: String,
}

/// The line with which a chain, or the program, said how long it took.
#[derive(Clone, Copy, Debug)]
struct End {
    line: usize,
    at: f64,
    took: Option<Reported>,
}

/// What one chain printed.
#[derive(Clone, Debug)]
struct Chain {
    number: i64,
    part1: Option<Part>,
    part2: Option<Part>,
    end: Option<End>,
}

impl Chain {
    /// The part that it started with: the first, if it ran.
    fn first(&self) -> Option<&Part> {
        self.part1.as_ref().or(self.part2.as_ref())
    }
}

struct Run {
    output: Output,
    /// The chains that should run.
    numbers: Vec<i64>,
    /// The chains that did, in the order of their first lines.
    chains: Vec<Chain>,
    end: Option<End>,
    /// Whether no chain ran without arguments, although chains ran with them.
    only_it_is_empty: bool,
}

/// The original's lines.
static EXACTLY: LazyLock<[Regex; 6]> = LazyLock::new(|| {
    [
        regex(r"^part1\((-?\d+)\) sleeping for \d+ seconds\.$"),
        regex(r"^Returning part1\((-?\d+)\) == result(-?\d+)-1\.$"),
        regex(r"^part2\((-?\d+), '[^']*'\) sleeping for \d+ seconds\.$"),
        regex(r"^Returning part2\((-?\d+), '[^']*'\) == result(-?\d+)-2 derived from .*\.$"),
        regex(
            r"^-->Chained result(-?\d+) => result(-?\d+)-2 derived from .* \(took \d+\.\d\d+ seconds\)\.$",
        ),
        regex(r"^Program finished in \d+\.\d\d+ seconds\.$"),
    ]
});
/// The call of any function: its name, a number, and perhaps another argument.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"(\w+)\s*[(\[{]\s*(?:\w+\s*[=:]\s*)?["']?(-?\d+)["']?\s*(?:,\s*(.*?))?\s*[)\]}]"#)
});
static SLEEPING: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)(?:sleep|wait)\D*?(\d+(?:\.\d+)?)\s*(ms|milli)?"));
static RETURNING: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)return|==|=>|done|finished"));
static RESULT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:===?|=>|->|=|:)\s*(\S.*?)\.?\s*$"));
static CHAINED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)chain\w*[^\d-]*(?:result\s*)?[(\[#]?(-?\d+)"));
static FINISHED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)program|finish|total|elapsed|executed|done|took|complete"));

/// What a line says.
enum Event {
    Sleeping { second: bool, number: i64, announced: f64, argument: Option<String> },
    Returned { second: bool, number: i64, result: String },
    Chained { number: i64 },
    Finished,
}

fn event(text: &str) -> Option<Event> {
    if let Some(captures) = CALL.captures(text)
        && let Ok(number) = captures[2].parse()
    {
        let argument = captures.get(3).map(|argument| argument.as_str().to_owned());
        let second = captures[1].ends_with('2') || argument.is_some();
        let after = &text[captures.get(0).expect("the call").end()..];
        if let Some(sleeping) = SLEEPING.captures(after) {
            let unit = if sleeping.get(2).is_some() { 1e-3 } else { 1.0 };
            let announced = sleeping[1].parse::<f64>().ok()? * unit;
            return Some(Event::Sleeping { second, number, announced, argument });
        }
        if RETURNING.is_match(text) && !text.to_lowercase().contains("chain") {
            let result = RESULT.captures(after).map_or(String::new(), |result| result[1].into());
            return Some(Event::Returned { second, number, result });
        }
    }
    if let Some(captures) = CHAINED.captures(text)
        && let Ok(number) = captures[1].parse()
        && reported(text).is_some()
    {
        return Some(Event::Chained { number });
    }
    (FINISHED.is_match(text) && reported(text).is_some()).then_some(Event::Finished)
}

impl Run {
    fn read(recording: &Recording, numbers: Vec<i64>) -> Self {
        let is_part = |text: &str| matches!(event(text), Some(Event::Sleeping { .. }));
        let mut output = Output::of(recording, is_part);
        let mut chains: Vec<Chain> = Vec::new();
        let mut end = None;
        for (line, text) in output.lines.iter().enumerate() {
            let (at, text) = (text.at, &text.text);
            match event(text) {
                Some(Event::Sleeping { second, number, announced, argument }) => {
                    let part = Part { line, at, announced, argument, returned: None };
                    let chain = if second {
                        // Right after its part1, if that has said so.
                        find_or_add(&mut chains, number, |chain| match &chain.part1 {
                            _ if chain.part2.is_some() => None,
                            Some(Part { returned: Some(returned), .. }) => Some(-returned.at),
                            _ => Some(0.0),
                        })
                    } else {
                        find_or_add(&mut chains, number, |chain| {
                            chain.first().is_none().then_some(0.0)
                        })
                    };
                    *(if second { &mut chain.part2 } else { &mut chain.part1 }) = Some(part);
                }
                Some(Event::Returned { second, number, result }) => {
                    let part = |chain: &Chain| {
                        let part = if second { &chain.part2 } else { &chain.part1 };
                        part.clone().filter(|part| part.returned.is_none())
                    };
                    let due = |part: Part| part.at + part.announced;
                    let chain = find_or_add(&mut chains, number, |chain| part(chain).map(due));
                    if let Some(part) = if second { &mut chain.part2 } else { &mut chain.part1 } {
                        part.returned = Some(Returned { line, at, result });
                    }
                }
                Some(Event::Chained { number }) => {
                    let chain = find_or_add(&mut chains, number, |chain| {
                        let part2 = chain.part2.as_ref().and_then(|part| part.returned.as_ref());
                        chain.end.is_none().then_some(part2.map_or(0.0, |returned| -returned.at))
                    });
                    chain.end = Some(End { line, at, took: reported(text) });
                }
                Some(Event::Finished) => end = Some(End { line, at, took: reported(text) }),
                None => {}
            }
        }
        output.reported = end.and_then(|end: End| Some(end.took?.seconds));
        Self { output, numbers, chains, end, only_it_is_empty: false }
    }

    /// Seconds that the longest chain should sleep.
    fn should_wait(&self) -> f64 {
        let announced = |part: &Option<Part>| part.as_ref().map_or(0.0, |part| part.announced);
        self.chains
            .iter()
            .map(|chain| announced(&chain.part1) + announced(&chain.part2))
            .fold(0.0, f64::max)
    }

    /// There is something to judge: at least two chains that started.
    fn enough(&self) -> Judgement {
        let started = self.chains.iter().filter(|chain| chain.first().is_some()).count();
        if started < 2 {
            return skip(format!("{started} chains are too few to judge this by"));
        }
        Ok(())
    }

    /// Seconds until the last line of a part.
    fn span(&self) -> f64 {
        let ends = self.chains.iter().flat_map(|chain| [&chain.part1, &chain.part2]).flatten();
        ends.filter_map(|part| Some(part.returned.as_ref()?.at)).fold(0.0, f64::max)
    }

    /// A chain that had returned from a sleep of its first part when the last chain started.
    fn returned_before_the_last_start(&self) -> Option<(&Chain, &Chain)> {
        let started = self.chains.iter().filter(|chain| chain.first().is_some());
        let last = started.max_by_key(|chain| chain.first().map(|part| part.line))?;
        let last_line = last.first()?.line;
        let before = self.chains.iter().find(|chain| {
            chain.first().is_some_and(|part| {
                let returned = part.returned.as_ref().is_some_and(|it| it.line < last_line);
                part.announced >= 1.0 && returned
            })
        });
        Some((before?, last))
    }

    fn timeline(&self) -> Timeline {
        let rows = self.chains.iter().map(|chain| {
            let mut row = Row { label: format!("chain {}", chain.number), ..Row::default() };
            let mut event = |at, line, text| row.marks.push(timeline::Mark { at, line, text });
            for (name, part) in [("part1", &chain.part1), ("part2", &chain.part2)] {
                let Some(part) = part else { continue };
                event(part.at, part.line, format!("{name}, {} s", part.announced));
                if let Some(returned) = &part.returned {
                    row.waits.push((part.at, returned.at));
                    event(returned.at, returned.line, String::new());
                }
            }
            if let Some(end) = chain.end {
                event(end.at, end.line, "done".into());
            }
            row
        });
        Timeline::new(rows.collect(), &self.output.lines)
    }
}

/// The chain of this number that a line belongs to, the one with the least `rank` if there are
/// several; a new one if none has a rank.
fn find_or_add(
    chains: &mut Vec<Chain>,
    number: i64,
    rank: impl Fn(&Chain) -> Option<f64>,
) -> &mut Chain {
    let ranked = chains.iter().enumerate().filter(|(_, chain)| chain.number == number);
    let ranked = ranked.filter_map(|(index, chain)| Some((index, rank(chain)?)));
    let index = match ranked.min_by(|(_, one), (_, other)| one.total_cmp(other)) {
        Some((index, _)) => index,
        None => {
            chains.push(Chain { number, part1: None, part2: None, end: None });
            chains.len() - 1
        }
    };
    &mut chains[index]
}

fn ends(run: &Run) -> Judgement {
    ends_well(&run.output.recording, run.end.is_some())
}

fn lines(run: &Run) -> Judgement {
    on_standard_output(&run.output)?;
    let expected = "for each chain its two part1, two part2 and one Chained line, then the end";
    let texts = run.output.lines.iter().map(|line| &line.text).filter(|text| !text.is_empty());
    let mut seen: [Vec<String>; 6] = Default::default();
    for text in texts {
        let matching = EXACTLY
            .iter()
            .enumerate()
            .find_map(|(index, pattern)| Some((index, pattern.captures(text)?)))
            // The number of a result is the number of its chain.
            .filter(|(_, captures)| captures.len() <= 2 || captures[1] == captures[2]);
        let Some((index, captures)) = matching else {
            let seen = format!("the line {}", quoted(text));
            return fail(why_other_lines(&run.output), expected, seen);
        };
        seen[index].push(captures.get(1).map_or(String::new(), |number| number.as_str().into()));
    }
    for numbers in &mut seen {
        numbers.sort();
    }
    let names =
        ["part1 sleeping", "Returning part1", "part2 sleeping", "Returning part2", "Chained"];
    for (name, numbers) in names.into_iter().zip(&seen) {
        if *numbers != seen[0] || numbers.is_empty() {
            let seen = format!("{} lines {name} for {} chains", numbers.len(), seen[0].len());
            return fail(why_missing(run), expected, seen);
        }
    }
    if let Some(last) = run.output.lines.iter().rfind(|line| !line.text.is_empty())
        && seen[5].len() == 1
        && !EXACTLY[5].is_match(&last.text)
    {
        let seen = format!("the last line {}", quoted(&last.text));
        return fail(Mistake::OtherLines, expected, seen);
    }
    if seen[5].len() != 1 {
        let seen = format!("{} lines Program finished", seen[5].len());
        return fail(why_missing(run), expected, seen);
    }
    Ok(())
}

/// Why chains or lines of them are missing.
fn why_missing(run: &Run) -> Mistake {
    let none_ended = run.chains.iter().all(|chain| chain.end.is_none());
    match why_incomplete(&run.output) {
        _ if run.only_it_is_empty => Mistake::NoDefaultArguments,
        Mistake::OtherLines if none_ended => Mistake::NeverAwaited,
        mistake => mistake,
    }
}

fn arguments(run: &Run) -> Judgement {
    let shown = |numbers: &[i64]| match numbers {
        [] => "no chains".into(),
        _ => {
            let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
            format!("chains {}", numbers.join(" "))
        }
    };
    let mut expected = run.numbers.clone();
    let mut seen: Vec<_> = run
        .chains
        .iter()
        .filter(|chain| chain.first().is_some())
        .map(|chain| chain.number)
        .collect();
    expected.sort_unstable();
    seen.sort_unstable();
    if seen == expected {
        return Ok(());
    }
    let mistake = match why_incomplete(&run.output) {
        _ if seen.is_empty() => why_missing(run),
        _ if expected == DEFAULT => Mistake::NoDefaultArguments,
        Mistake::Crash => Mistake::Crash,
        _ => Mistake::ArgumentsIgnored,
    };
    let with = if expected == DEFAULT { "without arguments " } else { "" };
    fail(mistake, format!("{with}{}", shown(&run.numbers)), shown(&seen))
}

fn sleeps(run: &Run) -> Judgement {
    run.enough()?;
    let output = &run.output;
    let returned = |part: &Option<Part>| part.as_ref().is_some_and(|part| part.returned.is_some());
    if !run.chains.iter().any(|chain| returned(&chain.part1) || returned(&chain.part2)) {
        return skip("no part returned");
    }
    waits_idly(output, run.should_wait()).with_timeline(|| run.timeline())?;
    for chain in &run.chains {
        for (name, part) in [("part1", &chain.part1), ("part2", &chain.part2)] {
            let Some(part) = part else { continue };
            let Some(returned) = &part.returned else { continue };
            let what = format!("{name} of chain {}", chain.number);
            let gap = returned.at - part.at;
            let too_long = why_in_the_way(output, Mistake::OtherSleep);
            waits(output, &what, gap, part.announced, too_long).with_timeline(|| run.timeline())?;
        }
    }
    Ok(())
}

fn chaining(run: &Run) -> Judgement {
    run.enough()?;
    let orphan = |chain: &&Chain| chain.part1.is_none() && chain.part2.is_some();
    if let Some(chain) = run.chains.iter().find(orphan) {
        let expected = format!("part2({0}, 'result{0}-1'), after part1({0})", chain.number);
        let seen = format!("part2 of chain {} without a part1", chain.number);
        return fail(Mistake::Part2IgnoresPart1, expected, seen);
    }
    let parts = |chain: &Chain| {
        let returned = chain.part1.clone()?.returned?;
        Some((chain.number, returned.at, returned.result, chain.part2.clone()?))
    };
    let chains: Vec<_> = run.chains.iter().filter_map(parts).collect();
    if chains.is_empty() {
        return skip("no part2 followed a part1");
    }
    for (number, _, result, part2) in &chains {
        let result = match result.as_str() {
            "" => format!("result{number}-1"),
            result => result.trim_matches(['\'', '"', '`']).to_owned(),
        };
        let argument = part2.argument.clone().unwrap_or_default();
        if !argument.contains(&result) {
            return fail(
                Mistake::Part2IgnoresPart1,
                format!("part2({number}, '{result}')"),
                format!("part2({number}, {})", quoted(&argument)),
            );
        }
    }
    let last_return = chains.iter().map(|(_, returned, ..)| *returned).fold(0.0, f64::max);
    let all_later = chains.iter().all(|(.., part2)| part2.at >= last_return - 0.05);
    for (number, returned, _, part2) in &chains {
        let too_late = match all_later {
            true => Mistake::Part1sBeforePart2s,
            false => why_in_the_way(&run.output, Mistake::LatePart2),
        };
        let gap = part2.at - returned;
        let expected = format!("part2 of chain {number} as soon as part1 has returned");
        match compare(gap, 0.0, run.output.machine()) {
            Gap::Right => Ok(()),
            Gap::CannotTell => too_busy(&run.output.recording),
            Gap::TooShort => {
                let seen = format!("{:.2} s before", -gap);
                fail(Mistake::EarlyPart2, expected, seen)
            }
            Gap::TooLong => fail(too_late, expected, format!("{gap:.2} s after")),
        }
        .with_timeline(|| run.timeline())?;
    }
    Ok(())
}

fn together(run: &Run) -> Judgement {
    run.enough()?;
    let output = &run.output;
    let expected = "all chains start at once";
    // The order is certain also on a busy machine: who returns from a sleep has slept.
    if let Some((before, last)) = run.returned_before_the_last_start() {
        let seen = format!(
            "chain {} started at {:.2} s, when the first part of chain {} had returned",
            last.number,
            last.first().map_or(0.0, |part| part.at),
            before.number
        );
        let groups = one_by_one_or_groups(run);
        let mistake = why_one_after_the_other(output, run.span(), run.should_wait(), groups);
        return fail(mistake, expected, seen).with_timeline(|| run.timeline());
    }
    let starts = run.chains.iter().filter_map(|chain| Some(chain.first()?.at));
    let (first, last) =
        starts.fold((f64::INFINITY, 0.0_f64), |(first, last), at| (first.min(at), last.max(at)));
    match compare(last - first, 0.0, output.machine()) {
        Gap::Right | Gap::TooShort => Ok(()),
        Gap::CannotTell => too_busy(&output.recording),
        Gap::TooLong => {
            let seen = format!("the last chain started {:.2} s after the first", last - first);
            fail(Mistake::ChainsOneAfterAnother, expected, seen).with_timeline(|| run.timeline())
        }
    }
}

/// Awaited one by one, or some of them together.
fn one_by_one_or_groups(run: &Run) -> Mistake {
    let span = |chain: &Chain| {
        let begin = chain.first()?.at;
        Some((begin, chain.end?.at))
    };
    let spans: Vec<_> = run.chains.iter().filter_map(span).collect();
    let overlap = |a: (f64, f64), b: (f64, f64)| a.0 + 0.5 < b.1 && b.0 + 0.5 < a.1;
    let together = spans
        .iter()
        .enumerate()
        .any(|(index, &a)| spans[index + 1..].iter().any(|&b| overlap(a, b)));
    if together { Mistake::OneGatherAfterAnother } else { Mistake::ChainsOneAfterAnother }
}

fn times(run: &Run) -> Judgement {
    run.enough()?;
    let output = &run.output;
    if output.is_held_back(run.should_wait()) {
        return waits_idly(output, run.should_wait());
    }
    for chain in &run.chains {
        let (Some(end), Some(first)) = (chain.end, chain.first()) else { continue };
        if let Some(took) = end.took {
            is_true(output, &format!("chain {}", chain.number), took, end.at - first.at)?;
        }
    }
    let parts = || run.chains.iter().flat_map(|chain| [&chain.part1, &chain.part2]).flatten();
    if let Some(end) = run.end
        && let Some(part) = parts().find(|part| part.line > end.line)
    {
        let seen = format!("after it {}", quoted(&output.lines[part.line].text));
        return fail(Mistake::ReportedTooEarly, "the last time when all is done", seen);
    }
    let expected = "a time per chain, and a last line like: Program finished in 11.00 seconds.";
    if run.chains.iter().all(|chain| chain.end.is_none()) {
        return fail(Mistake::NoReportedTime, expected, "no time of a chain");
    }
    match run.end {
        Some(End { at, took: Some(took), .. }) => is_true(output, "the whole program", took, at),
        _ => fail(Mistake::NoReportedTime, expected, "no time at the end"),
    }
}

fn bad_argument(runs: &Runs) -> Judgement {
    let expected = format!("an exit code other than 0 for the argument \"{BAD_ARGUMENT}\"");
    let run = Run::read(&runs.bad, Vec::new());
    if let Some(chain) = run.chains.iter().find(|chain| chain.part1.is_some()) {
        let seen = format!("chain {} started", chain.number);
        return fail(Mistake::BadArgumentAccepted, expected, seen);
    }
    match &runs.bad.ending {
        Ending::Exited(0) => fail(Mistake::BadArgumentAccepted, expected, "exit code 0"),
        Ending::Exited(_) | Ending::Signaled(_) => {
            // A program that fails with good arguments too says nothing by failing.
            if runs.good.iter().all(|run| run.chains.is_empty()) {
                return skip("it runs no chain with good arguments either");
            }
            Ok(())
        }
        _ => ends_well(&runs.bad, false),
    }
}
