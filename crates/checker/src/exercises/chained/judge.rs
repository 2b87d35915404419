//! Whether a chained program is right and, if not, why.

use super::read::{Chain, End, Part, Returned, Run, Runs};
use super::{BAD_ARGUMENT, DEFAULT};
use crate::escape::{quoted, unquoted};
use crate::judging::ending::{
    CRASH, DOES_NOT_COMPILE, NOT_WRITTEN_YET, OTHER_LINES, Printed, judge_ending,
    judge_standard_output, why_incomplete, why_other_lines,
};
use crate::judging::gap::{Wrong, judge_gap, judge_order};
use crate::judging::regex;
use crate::judging::reported::{NO_REPORTED_TIME, REPORTED_TOO_EARLY, Spans, judge_reported_time};
use crate::judging::rubric::ReadRun;
use crate::judging::span::{any_overlap, apart};
use crate::judging::transcript::TextLine;
use crate::judging::verdict::{Mistake, NotPassed, Verdict, fail, skip};
use crate::judging::waiting::{
    BLOCKING_SLEEP, BURNING_CPU, NEVER_AWAITED, NO_WAIT, NUMBER_OUT_OF_RANGE,
    ONE_GATHER_AFTER_ANOTHER, OTHER_SLEEP, STARTED_BUT_NOT_AWAITED, judge_idleness, judge_shown,
    judge_wait, why_in_the_way, why_one_after_the_other,
};
use crate::recording::Ending;
use regex::Regex;
use std::sync::LazyLock;

const PART2_IGNORES_PART1: Mistake = Mistake {
    id: "part2-ignores-part1",
    why: "part2 was not called with what part1 returned.",
    hint: "Keep part1's result and pass it on: {part2}.",
};

const PART1S_BEFORE_PART2S: Mistake = Mistake {
    id: "part1s-before-part2s",
    why: "All part1s were awaited together before any part2 started, so the fast chains waited for the slow ones.",
    hint: "Let each chain await its own part1, then its own part2, and start all chains together.",
};

const LATE_PART2: Mistake = Mistake {
    id: "late-part2",
    why: "part2 did not start as soon as its own part1 had returned.",
    hint: "Await part2 right after part1, in the same coroutine.",
};

const EARLY_PART2: Mistake = Mistake {
    id: "early-part2",
    why: "part2 started before its own part1 had returned: both ran at the same time.",
    hint: "Await part1 first, then part2 with its result.",
};

const CHAINS_ONE_AFTER_ANOTHER: Mistake = Mistake {
    id: "chains-one-after-another",
    why: "Each chain was awaited to its end before the next was started.",
    hint: "Start all chains before you wait for any: {gather}.",
};

const ARGUMENTS_IGNORED: Mistake = Mistake {
    id: "arguments-ignored",
    why: "The chains that ran do not match the command line.",
    hint: "Run one chain for each argument.",
};

const NO_DEFAULT_ARGUMENTS: Mistake = Mistake {
    id: "no-default-arguments",
    why: "Without arguments, chains 1, 2 and 3 should run.",
    hint: "Use 1 2 3 if there are no arguments.",
};

const BAD_ARGUMENT_ACCEPTED: Mistake = Mistake {
    id: "bad-argument-accepted",
    why: "An argument that is not a number did not stop the program before the first chain started.",
    hint: "Convert all arguments to integers first; if that fails, end with an error and an exit code other than 0.",
};

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

/// Whether there is something to judge: at least two chains started.
fn enough(run: &Run) -> Verdict {
    match run.started().count() {
        0 => skip("no chain started"),
        1 => skip("only one chain started"),
        _ => Ok(()),
    }
}

pub fn ending(run: &Run) -> Verdict {
    let printed = match run.end {
        Some(_) if !run.chains.is_empty() => Printed::All,
        None if run.chains.is_empty() && run.doubt("sleeps").is_none() => Printed::Nothing,
        _ => Printed::Something,
    };
    judge_ending(&run.transcript.recording, printed)
}

pub fn lines(run: &Run) -> Verdict {
    judge_standard_output(&run.transcript)?;
    let expected =
        "for each chain, two part1, two part2 and one Chained line, then the Program line";
    let texts = run.transcript.lines.iter().map(|line| &line.text).filter(|text| !text.is_empty());
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
            return fail(why_other_lines(&run.transcript), expected, seen);
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
            let chains = if seen[0].is_empty() { &run.numbers.len() } else { &seen[0].len() };
            let seen = format!("{} \"{name}\" lines for {chains} chains", numbers.len());
            return fail(why_missing(run), expected, seen);
        }
    }
    if let Some((end, last)) = line_after_the_end(run)
        && seen[5].len() == 1
    {
        judge_order(&run.transcript, end.at, last.at, || {
            let seen = format!("the last line {}", quoted(&last.text));
            fail(OTHER_LINES, expected, seen)
        })?;
    }
    if seen[5].len() != 1 {
        let seen = format!("{} \"Program finished\" lines", seen[5].len());
        return fail(why_missing(run), expected, seen);
    }
    Ok(())
}

/// The original's last line, and the last that comes after it.
fn line_after_the_end(run: &Run) -> Option<(&TextLine, &TextLine)> {
    let mut lines = run.transcript.lines.iter().filter(|line| !line.text.is_empty());
    let last = lines.clone().next_back()?;
    let end = lines.rfind(|line| EXACTLY[5].is_match(&line.text))?;
    (!EXACTLY[5].is_match(&last.text)).then_some((end, last))
}

/// Why chains, or some of their lines, are missing.
fn why_missing(run: &Run) -> Mistake {
    let none_ended = run.chains.iter().all(|chain| chain.end.is_none());
    match why_incomplete(&run.transcript) {
        _ if run.only_it_is_empty => NO_DEFAULT_ARGUMENTS,
        OTHER_LINES | NEVER_AWAITED if none_ended && run.started().next().is_some() => {
            STARTED_BUT_NOT_AWAITED
        }
        // A program that prints many other lines does something, if not this.
        OTHER_LINES if none_ended && run.transcript.lines.len() <= 3 => NEVER_AWAITED,
        mistake => mistake,
    }
}

pub fn arguments(run: &Run) -> Verdict {
    let shown = |numbers: &[i64]| match numbers {
        [] => "no chains".into(),
        _ => {
            let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
            format!("chains {}", numbers.join(" "))
        }
    };
    let mut expected = run.numbers.clone();
    let mut seen: Vec<_> = run.started().map(|(chain, _)| chain.number).collect();
    expected.sort_unstable();
    seen.sort_unstable();
    if seen == expected {
        return Ok(());
    }
    let mistake = match why_incomplete(&run.transcript) {
        _ if seen.is_empty() => why_missing(run),
        mistake @ (NOT_WRITTEN_YET | DOES_NOT_COMPILE | CRASH) => mistake,
        _ if expected == DEFAULT => NO_DEFAULT_ARGUMENTS,
        _ => ARGUMENTS_IGNORED,
    };
    let with = if expected == DEFAULT { "without arguments, " } else { "" };
    fail(mistake, format!("{with}{}", shown(&run.numbers)), shown(&seen))
}

/// The run shows whether sleeps overlap: at least two chains announced one of a second or more.
fn shows_enough(run: &Run) -> Verdict {
    let sleeps = |chain: &&Chain| chain.parts().any(|(_, part)| part.announced >= 1.0);
    let has_to_wait = run.chains.iter().filter(sleeps).count() >= 2;
    judge_shown(&run.transcript, has_to_wait, "two or more chains that sleep for at least a second")
}

pub fn sleeps(run: &Run) -> Verdict {
    enough(run)?;
    shows_enough(run)?;
    let transcript = &run.transcript;
    if let Some(part) = run.parts().find(|part| !(0.0..=10.0).contains(&part.announced)) {
        let seen = quoted(&transcript.lines[part.line].text);
        return fail(NUMBER_OUT_OF_RANGE, "sleeps of 0 to 10 seconds", seen);
    }
    if run.parts().all(|part| part.returned.is_none()) {
        return skip("no part returned");
    }
    judge_idleness(transcript, run.should_wait())?;
    judge_sleeps(run)
}

fn judge_sleeps(run: &Run) -> Verdict {
    let transcript = &run.transcript;
    let too_long = why_in_the_way(transcript, OTHER_SLEEP);
    for chain in &run.chains {
        for (name, part) in chain.parts() {
            let Some(returned) = &part.returned else { continue };
            let what = format!("{name} of chain {}", chain.number);
            judge_wait(transcript, &what, returned.at - part.at, part.announced, too_long)?;
        }
    }
    Ok(())
}

pub fn chaining(run: &Run) -> Verdict {
    enough(run)?;
    shows_enough(run)?;
    let orphan = |chain: &&Chain| chain.part1.is_none() && chain.part2.is_some();
    if let Some(Chain { number, .. }) = run.chains.iter().find(orphan) {
        let expected = format!("part2({number}, 'result{number}-1'), after part1({number})");
        let seen = format!("part2 of chain {number} without a part1");
        return fail(PART2_IGNORES_PART1, expected, seen);
    }
    let handed_on =
        |chain: &Chain| Some((chain.number, chain.part1.clone()?.returned?, chain.part2.clone()?));
    let chains: Vec<_> = run.chains.iter().filter_map(handed_on).collect();
    if chains.is_empty() {
        return skip("no part1 returned before a part2 started");
    }
    for (number, returned, part2) in &chains {
        judge_argument(*number, returned, part2)?;
    }
    let last_return = chains.iter().map(|(_, returned, _)| returned.at).fold(0.0, f64::max);
    let too_late = match chains.iter().all(|(.., part2)| part2.at >= last_return - 0.05) {
        true => PART1S_BEFORE_PART2S,
        false => why_in_the_way(&run.transcript, LATE_PART2),
    };
    for (number, returned, part2) in &chains {
        let gap = part2.at - returned.at;
        judge_gap(&run.transcript, gap, 0.0..=0.0, |wrong| {
            let expected = format!("part2 of chain {number} as soon as part1 has returned");
            match wrong {
                Wrong::TooShort => fail(EARLY_PART2, expected, format!("{:.2} s earlier", -gap)),
                Wrong::TooLong => fail(too_late, expected, format!("{gap:.2} s later")),
            }
        })?;
    }
    Ok(())
}

/// Judges that a part2 was called with what its part1 returned.
fn judge_argument(number: i64, returned: &Returned, part2: &Part) -> Verdict {
    let result = match returned.result.as_str() {
        "" => format!("result{number}-1"),
        result => result.trim_matches(['\'', '"', '`']).to_owned(),
    };
    let argument = part2.argument.clone().unwrap_or_default();
    if argument.contains(&result) {
        return Ok(());
    }
    let expected = format!("part2({number}, '{result}')");
    fail(PART2_IGNORES_PART1, expected, format!("part2({number}, {})", unquoted(&argument)))
}

pub fn together(run: &Run) -> Verdict {
    if run.doubt("together").is_some() && shows_overlap_by_times(run) {
        return Ok(());
    }
    enough(run)?;
    shows_enough(run)?;
    let transcript = &run.transcript;
    let expected = "all chains start at once";
    // The order is certain even on a busy machine: what has returned from a sleep has slept.
    if let Some((before, last, start)) = run.returned_before_the_last_start() {
        let seen = format!(
            "chain {} started at {:.2} s, after the first part of chain {} had returned",
            last.number, start.at, before.number
        );
        let groups = one_by_one_or_groups(run);
        let mistake = why_one_after_the_other(transcript, run.span(), run.should_wait(), groups)?;
        return fail(mistake, expected, seen);
    }
    let first = run.started().map(|(_, part)| part.at).fold(f64::INFINITY, f64::min);
    let last = run.started().map(|(_, part)| part.at).fold(0.0, f64::max);
    judge_gap(transcript, last - first, f64::NEG_INFINITY..=0.0, |_| {
        let seen = format!("the last chain started {:.2} s after the first", last - first);
        fail(why_in_the_way(transcript, CHAINS_ONE_AFTER_ANOTHER), expected, seen)
    })?;
    if run.parts().all(|part| part.returned.is_none()) {
        return skip("no part returned");
    }
    // What follows rests on the times of single sleeps.
    if transcript.is_held_back(run.should_wait()) || run.parts().any(|it| run.is_unclear(it)) {
        return Ok(());
    }
    if let Some((one, other)) = sleeps_apart(run) {
        let seen = format!("chains {one} and {other} never slept at the same time");
        let mistake = why_in_the_way(transcript, CHAINS_ONE_AFTER_ANOTHER);
        return fail(mistake, "each chain sleeps while the others sleep", seen);
    }
    let Err(NotPassed::Failed(reason)) = judge_sleeps(run) else { return Ok(()) };
    // They started together, but then held one another up, or did not sleep at all.
    let mistake = match reason.mistake {
        BLOCKING_SLEEP | BURNING_CPU => reason.mistake,
        NO_WAIT if run.slept().count() < 2 => NO_WAIT,
        OTHER_SLEEP if is_a_queue(run) => CHAINS_ONE_AFTER_ANOTHER,
        _ => return Ok(()),
    };
    fail(mistake, format!("overlapping sleeps, with {}", reason.expected), reason.seen)
}

/// Whether the sleeps that were too long had to wait for the sleeps of other chains, one after another,
/// as for a lock: before each of them could begin, there was hardly a moment in which none of the
/// others slept, and none in which two did.
fn is_a_queue(run: &Run) -> bool {
    // When a part slept, if it slept at the end of its time.
    let sleep = |part: &Part| part.returned.as_ref().map(|it| (it.at - part.announced, it.at));
    let sleeps = |number: i64| {
        let others = run.chains.iter().filter(move |chain| chain.number != number);
        others.flat_map(Chain::parts).filter_map(|(_, part)| sleep(part))
    };
    let waited_for_others = |number: i64, at: f64, began: f64| {
        let before: Vec<_> = sleeps(number)
            .map(|(from, to)| (from.max(at), to.min(began)))
            .filter(|(from, to)| to - from > 0.1)
            .map(|(from, to)| (from + 0.05, to - 0.05))
            .collect();
        let slept: f64 = before.iter().map(|(from, to)| to - from + 0.1).sum();
        !any_overlap(&before) && slept > began - at - 0.3
    };
    let late = run.chains.iter().flat_map(|chain| {
        let late = |part: &Part| sleep(part).filter(|(began, _)| began - part.at > 0.5);
        chain.parts().filter_map(move |(_, part)| Some((chain.number, part.at, late(part)?.0)))
    });
    let late: Vec<_> = late.collect();
    let have_waited =
        late.iter().all(|(number, at, began)| waited_for_others(*number, *at, *began));
    !late.is_empty() && have_waited
}

/// Whether the times alone show that chains slept at the same time, however their lines are named:
/// several sleeps were announced at once, and as many lines came when the longest of them was over.
fn shows_overlap_by_times(run: &Run) -> bool {
    let at_once: Vec<_> = run
        .announced_seconds()
        .take_while(|(line, _)| line.at < 0.3)
        .filter(|(_, seconds)| *seconds >= 1.0)
        .collect();
    let longest = at_once.iter().map(|(_, seconds)| *seconds).fold(0.0, f64::max);
    let lines = run.transcript.lines.iter();
    let answers = lines.filter(|line| (0.9..longest + 0.3).contains(&line.at)).count();
    at_once.len() >= 2 && at_once.len() >= run.numbers.len() && answers >= at_once.len()
}

/// Two chains of which no sleeps of the right length have a moment in common. A chain that waits in
/// a queue, as for a lock, seems to sleep together with the others, but for too long.
fn sleeps_apart(run: &Run) -> Option<(i64, i64)> {
    let spans = |chain: &Chain| {
        // A part that did not say when it returned may have slept at any time.
        if chain.parts().any(|(_, part)| part.returned.is_none()) {
            return Vec::new();
        }
        let slept = chain.parts().filter(|(_, part)| run.has_slept(part));
        // A little less on both sides: what begins when another ends has nothing in common with it.
        slept.map(|(_, part)| (part.at + 0.1, part.at + part.announced - 0.1)).collect()
    };
    let spans: Vec<(i64, Vec<_>)> =
        run.chains.iter().map(|chain| (chain.number, spans(chain))).collect();
    apart(&spans).map(|(one, other)| (*one, *other))
}

/// Whether the chains were awaited one by one, or in groups.
fn one_by_one_or_groups(run: &Run) -> Mistake {
    let span = |chain: &Chain| Some((chain.first()?.line, chain.end?.line));
    let spans: Vec<_> = run.chains.iter().filter_map(span).collect();
    if any_overlap(&spans) { ONE_GATHER_AFTER_ANOTHER } else { CHAINS_ONE_AFTER_ANOTHER }
}

pub fn times(run: &Run) -> Verdict {
    enough(run)?;
    let transcript = &run.transcript;
    if transcript.is_held_back(run.should_wait()) {
        return judge_idleness(transcript, run.should_wait());
    }
    for chain in &run.chains {
        let (Some(end), Some(first)) = (chain.end, chain.first()) else { continue };
        if let Some(took) = end.took {
            let what = format!("chain {}", chain.number);
            judge_reported_time(transcript, &what, Spans::APart, took, end.at - first.at)?;
        }
    }
    if let Some(end) = run.end {
        judge_end(run, end)?;
    }
    let expected =
        "a time for each chain, and a last line like: Program finished in 11.00 seconds.";
    if run.chains.iter().all(|chain| chain.end.is_none()) {
        return fail(NO_REPORTED_TIME, expected, "no time for any chain");
    }
    match run.end {
        Some(End { at, took: Some(took), .. }) => {
            judge_reported_time(transcript, "the whole program", Spans::TheProgram, took, at)
        }
        _ => fail(NO_REPORTED_TIME, expected, "no time at the end"),
    }
}

/// Judges that no part starts, or returns, after the end.
fn judge_end(run: &Run, end: End) -> Verdict {
    let lines = run.parts().flat_map(|part| {
        let returned = part.returned.iter().map(|it| (it.line, it.at));
        [(part.line, part.at)].into_iter().chain(returned)
    });
    for (line, at) in lines.filter(|(line, _)| *line > end.line) {
        judge_order(&run.transcript, end.at, at, || {
            let text = quoted(&run.transcript.lines[line].text);
            let seen = format!("another line after it: {text}");
            fail(REPORTED_TOO_EARLY, "the total time, after all chains are done", seen)
        })?;
    }
    Ok(())
}

pub fn bad_argument(runs: &Runs) -> Verdict {
    let expected = format!("an exit code other than 0 for the argument \"{BAD_ARGUMENT}\"");
    if let Some(chain) = runs.bad.chains.iter().find(|chain| chain.part1.is_some()) {
        let seen = format!("chain {} started", chain.number);
        return fail(BAD_ARGUMENT_ACCEPTED, expected, seen);
    }
    let recording = &runs.bad.transcript.recording;
    match recording.ending {
        Ending::Exited(0) => fail(BAD_ARGUMENT_ACCEPTED, expected, "exit code 0"),
        // If a program also fails with valid arguments, its failure here shows nothing.
        Ending::Exited(_) | Ending::Signaled(_)
            if runs.good.iter().all(|run| run.chains.is_empty()) =>
        {
            skip("it runs no chain with valid arguments either")
        }
        Ending::Exited(_) | Ending::Signaled(_) => Ok(()),
        Ending::TimeLimit | Ending::WaitsForever | Ending::OutputLimit | Ending::Limit(_) => {
            judge_ending(recording, Printed::Something)
        }
    }
}
