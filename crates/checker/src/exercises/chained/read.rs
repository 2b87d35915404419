//! What a chained program printed: for each chain, its two parts, what they returned, and the
//! times.

use super::DEFAULT;
use crate::escape::Outside;
use crate::judging::gap::{Gap, compare};
use crate::judging::regex;
use crate::judging::reported::{Reported, reported, reported_at};
use crate::judging::rubric::{Evidence, ReadRun};
use crate::judging::transcript::{TextLine, Transcript};
use crate::judging::verdict::Doubt;
use crate::recording::Recording;
use crate::timeline::{Mark, Row, Timeline, Wait};
use regex::Regex;
use std::sync::LazyLock;

/// The three runs.
pub struct Runs {
    /// Without arguments, and with numbers.
    pub good: [Run; 2],
    /// With an argument that is not a number.
    pub bad: Run,
}

impl Evidence for Runs {
    type Run = Run;

    fn read(recordings: &[Recording]) -> Self {
        let [default, drawn, bad] = recordings else { panic!("chained is judged by three runs") };
        let mut good = [Run::read(default), Run::read(drawn)];
        good[0].only_it_is_empty = good[0].chains.is_empty() && !good[1].chains.is_empty();
        Self { good, bad: Run::read(bad) }
    }

    fn runs(&self) -> &[Run] {
        &self.good
    }
}

/// One run.
pub struct Run {
    pub transcript: Transcript,
    /// The chains that should run.
    pub numbers: Vec<i64>,
    /// The chains that did, in the order of their first lines.
    pub chains: Vec<Chain>,
    pub end: Option<End>,
    /// Whether no chains ran in this run, without arguments, although they did in the run with
    /// arguments.
    pub only_it_is_empty: bool,
    /// A line that mentions sleeping, but not which part of which chain.
    unreadable: Option<Outside>,
    /// A line of a part whose name does not tell which of the two it is.
    nameless: Option<Outside>,
    /// A line that reports a time, but not of what.
    unread_time: Option<Outside>,
}

/// What one chain printed.
#[derive(Clone, Debug)]
pub struct Chain {
    pub number: i64,
    pub part1: Option<Part>,
    pub part2: Option<Part>,
    pub end: Option<End>,
}

/// One of a chain's two parts.
#[derive(Clone, Debug)]
pub struct Part {
    pub line: usize,
    /// Seconds after the first line.
    pub at: f64,
    /// The seconds that it says it will sleep.
    pub announced: f64,
    /// What it was called with, besides its number.
    pub argument: Option<String>,
    pub returned: Option<Returned>,
}

/// The line in which a part said that it returned.
#[derive(Clone, Debug)]
pub struct Returned {
    pub line: usize,
    /// Seconds after the first line.
    pub at: f64,
    pub result: String,
}

/// The line in which a chain, or the program, said how long it took.
#[derive(Clone, Copy, Debug)]
pub struct End {
    pub line: usize,
    /// Seconds after the first line.
    pub at: f64,
    pub took: Option<Reported>,
}

impl Chain {
    /// The part that it started with: part1, if that ran.
    pub fn first(&self) -> Option<&Part> {
        self.part1.as_ref().or(self.part2.as_ref())
    }

    /// Its parts, each with its name.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &Part)> {
        let parts = [("part1", &self.part1), ("part2", &self.part2)];
        parts.into_iter().filter_map(|(name, part)| Some((name, part.as_ref()?)))
    }
}

/// The call of any function: its name, a number, and perhaps another argument. Brackets and quotes
/// may be of any kind.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"(\w+)\s*[(\[{<]\s*(?:\w+\s*[=:]\s*)?["'`]?(-?\d+)["'`]?\s*(?:,\s*(.*?))?\s*[)\]}>]"#)
});
/// A part and the number of its chain without brackets: part1 831, part1-831, part1: "831".
static PART_AND_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?i)\b(part[_ ]?[12])\b[\s"'`:#|,–—-]+(?:\w+["']?\s*[:=]\s*["']?)?(\d+)\b["'`]?(?:\s*,\s*["'`]?(\w\S*))?"#,
    )
});
/// The number in front: [831] part1, chain 831: part1.
static NUMBER_AND_PART: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"(?i)\b(?<number>-?\d+)[\s"'`:#|)\]}>.–—-]+(?<part>part[_ ]?[12])\b"#)
});
static SLEEPING: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)(?:sleep|wait|paus|delay|rests|schl|duerm|dort)\D*?(\d+(?:\.\d+)?)\s*(ms|milli)?")
});
static RETURNING: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)return|==|=>|done|finish|woke|ended|gave|gives|back|result|liefer")
});
static RESULT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:===?|=>|->|=|:)\s*(\S.*?)\.?\s*$"));
/// What a part1 returns, wherever it is in a line.
static RESULT_OF_PART1: LazyLock<Regex> = LazyLock::new(|| regex(r"result-?\d+-1\b"));
static CHAINED: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)chain\w*[^\d-]*(?:result\s*)?[(\[#"'`]?(-?\d+)"#));
static FINISHED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)program|finish|total|elapsed|executed|done|took|complete"));

/// What a line says.
enum Says {
    Sleeping {
        call: Call,
        announced: f64,
    },
    Returned {
        call: Call,
        result: String,
    },
    Chained {
        number: i64,
    },
    Finished,
    /// It names a part, in words that are not known, and perhaps some seconds.
    Unknown {
        call: Call,
        seconds: Option<f64>,
    },
    /// It mentions sleeping, but not which part of which chain.
    Unreadable,
}

/// Which part of which chain a line is about.
struct Call {
    number: i64,
    /// Whether it is part2; `None` if its name does not tell.
    second: Option<bool>,
    argument: Option<String>,
    /// Where in the line the call ends.
    end: usize,
}

fn call(text: &str) -> Option<Call> {
    if let Some(captures) = CALL.captures(text).or_else(|| PART_AND_NUMBER.captures(text)) {
        let argument = captures.get(3).map(|argument| argument.as_str().to_owned());
        let name = captures[1].to_lowercase();
        let is_named = |words: [&str; 3]| words.iter().any(|word| name.ends_with(word));
        let second = match argument {
            Some(_) => Some(true),
            None if is_named(["2", "two", "second"]) => Some(true),
            None if is_named(["1", "one", "first"]) => Some(false),
            None => None,
        };
        let end = captures.get(0)?.end();
        return Some(Call { number: captures[2].parse().ok()?, second, argument, end });
    }
    let captures = NUMBER_AND_PART.captures(text)?;
    let second = Some(captures["part"].ends_with('2'));
    let number = captures["number"].parse().ok()?;
    Some(Call { number, second, argument: None, end: captures.get(0)?.end() })
}

/// The seconds of sleep that a text mentions.
fn sleep_seconds(text: &str) -> Option<f64> {
    let sleeping = SLEEPING.captures(text)?;
    let unit = if sleeping.get(2).is_some() { 1e-3 } else { 1.0 };
    Some(sleeping[1].parse::<f64>().ok()? * unit)
}

fn says(text: &str) -> Option<Says> {
    if let Some(mut call) = call(text) {
        let after = &text[call.end..];
        if let Some(announced) = sleep_seconds(after) {
            let passed_on = || Some(RESULT_OF_PART1.find(text)?.as_str().to_owned());
            call.argument = call.argument.or_else(passed_on);
            return Some(Says::Sleeping { call, announced });
        }
        let is_end = text.to_lowercase().contains("chain") && reported_at(text).is_some();
        if RETURNING.is_match(text) && !is_end {
            let result = RESULT.captures(after).map_or(String::new(), |result| result[1].into());
            return Some(Says::Returned { call, result });
        }
    }
    let duration = reported_at(text);
    if let Some(captures) = CHAINED.captures(text)
        && let Ok(number) = captures[1].parse()
        // "All chains took 11.01 seconds" is not the end of chain 11.
        && duration.is_some_and(|at| captures.get(1).is_some_and(|number| number.end() <= at))
    {
        return Some(Says::Chained { number });
    }
    if FINISHED.is_match(text) && duration.is_some() {
        return Some(Says::Finished);
    }
    if let Some(call) = call(text).filter(|call| call.second.is_some()) {
        let seconds = reported(&text[call.end..]).map(|sleep| sleep.seconds);
        return Some(Says::Unknown { call, seconds });
    }
    SLEEPING.is_match(text).then_some(Says::Unreadable)
}

/// What all lines say. If no line sleeps or returns in words that are known, those in other words do:
/// a part says for how long it will sleep, and then returns.
fn all_say(lines: &[TextLine]) -> Vec<Option<Says>> {
    let mut said: Vec<_> = lines.iter().map(|line| says(&line.message)).collect();
    let knows_sleeping = said.iter().any(|says| matches!(says, Some(Says::Sleeping { .. })));
    let knows_returning = said.iter().any(|says| matches!(says, Some(Says::Returned { .. })));
    for says in &mut said {
        *says = match says.take() {
            Some(Says::Unknown { call, seconds: Some(announced) }) if !knows_sleeping => {
                Some(Says::Sleeping { call, announced })
            }
            Some(Says::Unknown { call, seconds: None }) if !knows_returning => {
                Some(Says::Returned { call, result: String::new() })
            }
            says => says,
        };
    }
    said
}

impl ReadRun for Run {
    fn read(recording: &Recording) -> Self {
        let is_part =
            |text: &str| matches!(says(text), Some(Says::Sleeping { .. } | Says::Unknown { .. }));
        let mut transcript = Transcript::of(recording, is_part);
        let mut chains: Vec<Chain> = Vec::new();
        let mut end: Option<End> = None;
        let (mut unreadable, mut nameless, mut unread_time) = (None, None, None);
        let said = all_say(&transcript.lines);
        for (line, (text, says)) in transcript.lines.iter().zip(said).enumerate() {
            let at = text.at;
            match says {
                Some(Says::Sleeping { call: Call { number, second, argument, .. }, announced }) => {
                    let part = Part { line, at, announced, argument, returned: None };
                    if second.unwrap_or_else(|| is_after_part1(&chains, number)) {
                        chain_of_part2(&mut chains, number).part2 = Some(part);
                    } else {
                        chain_of_part1(&mut chains, number).part1 = Some(part);
                    }
                    if second.is_none() {
                        nameless.get_or_insert_with(|| text.text.clone());
                    }
                }
                Some(Says::Returned { call: Call { number, second, .. }, result }) => {
                    let returned = Returned { line, at, result };
                    let second = second.unwrap_or_else(|| is_in_part2(&chains, number));
                    if let Some(part) = part_that_is_due(&mut chains, number, second) {
                        part.returned = Some(returned);
                    }
                }
                Some(Says::Chained { number }) => {
                    let took = reported(&text.message);
                    chain_that_ends(&mut chains, number).end = Some(End { line, at, took });
                }
                Some(Says::Finished) => end = Some(End { line, at, took: reported(&text.message) }),
                Some(Says::Unreadable) => {
                    unreadable.get_or_insert_with(|| text.text.clone());
                }
                None if reported(&text.message).is_some() => {
                    unread_time.get_or_insert_with(|| text.text.clone());
                }
                Some(Says::Unknown { .. }) | None => {}
            }
        }
        transcript.reported = end.and_then(|end| Some(end.took?.seconds));
        let numbers = match &recording.arguments[..] {
            [] => DEFAULT.to_vec(),
            arguments => arguments.iter().filter_map(|argument| argument.parse().ok()).collect(),
        };
        Self {
            transcript,
            numbers,
            chains,
            end,
            only_it_is_empty: false,
            unreadable,
            nameless,
            unread_time,
        }
    }

    fn doubt(&self, criterion: &str) -> Option<Doubt> {
        let (line, original, looked_for) = match criterion {
            "arguments" | "sleeps" | "chaining" | "together" | "times" => {
                self.doubt_of_a_call(criterion)?
            }
            _ => return None,
        };
        Some(Doubt { line, original, looked_for })
    }

    fn first_line(&self) -> Option<f64> {
        let line = self.parts().map(|part| part.line).min()?;
        Some(self.transcript.recorded_lines()[line].at)
    }

    fn announced(&self) -> f64 {
        self.parts().map(|part| part.announced).sum()
    }

    fn timeline(&self) -> Timeline {
        let rows = self.chains.iter().map(|chain| {
            let mut row = Row { label: format!("chain {}", chain.number), ..Row::default() };
            for (name, part) in chain.parts() {
                let text = format!("{name}, {} s", part.announced);
                row.marks.push(Mark { at: part.at, line: part.line, text });
                let to = part.returned.as_ref().map_or(Wait::OPEN, |returned| returned.at);
                row.waits.push(Wait { from: part.at, to, due: Some(part.at + part.announced) });
                if let Some(returned) = &part.returned {
                    let text = String::new();
                    row.marks.push(Mark { at: returned.at, line: returned.line, text });
                }
            }
            if let Some(end) = chain.end {
                row.marks.push(Mark { at: end.at, line: end.line, text: "done".into() });
                row.ended = Some(end.at);
            }
            row
        });
        Timeline::new(rows.collect(), &self.transcript)
    }
}

const PART1: &str = "part1(1) sleeping for 4 seconds.";
const RETURNING_PART1: &str = "Returning part1(1) == result1-1.";
const CHAINED_LINE: &str =
    "-->Chained result1 => result1-2 derived from result1-1 (took 11.00 seconds).";
const PART2: &str = "part2(1, 'result1-1') sleeping for 4 seconds.";

impl Run {
    /// A line that keeps a criterion on calls in doubt, the original's, and what was looked for.
    fn doubt_of_a_call(&self, criterion: &str) -> Option<(Outside, &'static str, &'static str)> {
        let line_of = |part: &Part| self.transcript.lines[part.line].text.clone();
        if self.parts().next().is_none_or(|_| self.started().count() < self.numbers.len())
            && let Some(line) = self.unreadable.clone()
        {
            return Some((line, PART1, "which part it is, and of which chain"));
        }
        if criterion == "times"
            && let Some(line) = self.unread_time.clone()
        {
            return Some((line, CHAINED_LINE, "what the time is for"));
        }
        let (_, first) = self.started().next()?;
        let are_indices = self.are_indices();
        if criterion == "arguments" && (are_indices || self.have_one_number()) {
            let looked_for = "the chain's argument, not an index or one number for all";
            return Some((line_of(first), PART1, looked_for));
        }
        if ["sleeps", "chaining", "times"].contains(&criterion) && self.have_one_number() {
            return Some((line_of(first), PART1, "a different number for each chain"));
        }
        if ["sleeps", "chaining"].contains(&criterion)
            && let Some(line) = self.nameless.clone()
        {
            return Some((line, PART1, "whether it is part1 or part2"));
        }
        let part1s = self.chains.iter().filter_map(|chain| chain.part1.as_ref());
        let mut returned = part1s.filter_map(|part| part.returned.as_ref());
        if criterion == "chaining"
            && let Some(returned) = returned.find(|returned| returned.result.is_empty())
        {
            let line = self.transcript.lines[returned.line].text.clone();
            return Some((line, RETURNING_PART1, "what part1 returned"));
        }
        let part2s = self.chains.iter().filter_map(|chain| chain.part2.as_ref());
        let bare = part2s.filter(|part| part.argument.is_none()).map(line_of).next();
        match criterion {
            "chaining" => Some((bare?, PART2, "what part2 was called with")),
            _ => None,
        }
    }

    /// Whether the chains are numbered from 0 or from 1, whatever their arguments.
    fn are_indices(&self) -> bool {
        let mut numbers: Vec<_> = self.started().map(|(chain, _)| chain.number).collect();
        numbers.sort_unstable();
        let count = self.numbers.len() as i64;
        numbers.iter().copied().eq(0..count) || numbers.iter().copied().eq(1..=count)
    }

    /// Whether there are several chains, and all have the same number.
    fn have_one_number(&self) -> bool {
        let mut numbers = self.started().map(|(chain, _)| chain.number);
        let first = numbers.next();
        let mut rest = numbers.peekable();
        rest.peek().is_some() && rest.all(|number| Some(number) == first)
    }

    /// The chains that started, each with the part that it started with.
    pub fn started(&self) -> impl Iterator<Item = (&Chain, &Part)> {
        self.chains.iter().filter_map(|chain| Some((chain, chain.first()?)))
    }

    /// The parts of all chains.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.chains.iter().flat_map(Chain::parts).map(|(_, part)| part)
    }

    /// The lines that mention sleeping for some seconds, whether or not the rest can be read.
    pub fn announced_seconds(&self) -> impl Iterator<Item = (&TextLine, f64)> {
        let lines = self.transcript.lines.iter();
        lines.filter_map(|line| Some((line, sleep_seconds(&line.message)?)))
    }

    /// How long a part slept, compared with what it said.
    fn gap(&self, part: &Part) -> Option<Gap> {
        let slept = part.returned.as_ref()?.at - part.at;
        Some(compare(slept, part.announced..=part.announced, self.transcript.machine()))
    }

    /// Whether a part slept for a second or more, and as long as it said.
    pub fn has_slept(&self, part: &Part) -> bool {
        part.announced >= 1.0 && self.gap(part) == Some(Gap::Right)
    }

    /// Whether the machine hides how long a part slept.
    pub fn is_unclear(&self, part: &Part) -> bool {
        self.gap(part) == Some(Gap::CannotTell)
    }

    /// The parts that slept.
    pub fn slept(&self) -> impl Iterator<Item = &Part> {
        self.parts().filter(|part| self.has_slept(part))
    }

    /// Seconds that the longest chain should sleep.
    pub fn should_wait(&self) -> f64 {
        let sleeps = |chain: &Chain| chain.parts().map(|(_, part)| part.announced).sum();
        self.chains.iter().map(sleeps).fold(0.0, f64::max)
    }

    /// Seconds until the last line of a part.
    pub fn span(&self) -> f64 {
        self.parts().filter_map(|part| Some(part.returned.as_ref()?.at)).fold(0.0, f64::max)
    }

    /// A chain that had returned from a sleep of its first part when the last chain started, and
    /// that last chain with its first part.
    pub fn returned_before_the_last_start(&self) -> Option<(&Chain, &Chain, &Part)> {
        let (last, start) = self.started().max_by_key(|(_, part)| part.line)?;
        let (before, _) = self.started().find(|(_, part)| {
            let returned = part.returned.as_ref().is_some_and(|it| it.line < start.line);
            part.announced >= 1.0 && returned
        })?;
        Some((before, last, start))
    }
}

/// Whether a chain of this number has returned from its part1, and has no part2.
fn is_after_part1(chains: &[Chain], number: i64) -> bool {
    let has_returned = |part: &Part| part.returned.is_some();
    let mut chains = chains.iter().filter(|chain| chain.number == number);
    chains.any(|chain| chain.part2.is_none() && chain.part1.as_ref().is_some_and(has_returned))
}

/// Whether a part2 of this number has not returned yet.
fn is_in_part2(chains: &[Chain], number: i64) -> bool {
    let is_under_way = |part: &Part| part.returned.is_none();
    let mut chains = chains.iter().filter(|chain| chain.number == number);
    chains.any(|chain| chain.part2.as_ref().is_some_and(is_under_way))
}

// Which chain a line belongs to: its number tells, unless several chains have the same.

fn chain_of_part1(chains: &mut Vec<Chain>, number: i64) -> &mut Chain {
    find_or_add(chains, number, |chain| chain.first().is_none().then_some(0.0))
}

/// A part2 starts right after its own part1, if that has said that it returned.
fn chain_of_part2(chains: &mut Vec<Chain>, number: i64) -> &mut Chain {
    find_or_add(chains, number, |chain| match &chain.part1 {
        _ if chain.part2.is_some() => None,
        Some(Part { returned: Some(returned), .. }) => Some(-returned.at),
        _ => Some(0.0),
    })
}

fn part_that_is_due(chains: &mut Vec<Chain>, number: i64, second: bool) -> Option<&mut Part> {
    let chain = find_or_add(chains, number, |chain| {
        let part = if second { &chain.part2 } else { &chain.part1 }.as_ref()?;
        part.returned.is_none().then_some(part.at + part.announced)
    });
    if second { &mut chain.part2 } else { &mut chain.part1 }.as_mut()
}

fn chain_that_ends(chains: &mut Vec<Chain>, number: i64) -> &mut Chain {
    find_or_add(chains, number, |chain| {
        let returned = chain.part2.as_ref().and_then(|part| part.returned.as_ref());
        chain.end.is_none().then_some(returned.map_or(0.0, |returned| -returned.at))
    })
}

/// The chain with this number: of several, the one with the lowest `rank`; a new one if none has a
/// rank.
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
