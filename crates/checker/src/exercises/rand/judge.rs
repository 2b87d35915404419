//! Whether a rand program is right and, if not, why.

use super::read::{Run, Step, TOO_LOW, What};
use super::{COROUTINES, pause, threshold};
use crate::escape::quoted;
use crate::judging::color::{Color, Painted, Painter};
use crate::judging::ending::{
    OTHER_LINES, Printed, judge_ending, judge_standard_output, why_incomplete, why_other_lines,
};
use crate::judging::gap::{Gap, compare, judge_gap};
use crate::judging::regex;
use crate::judging::rubric::ReadRun;
use crate::judging::span::{all_overlap, any_overlap, apart};
use crate::judging::verdict::{Mistake, NotPassed, Verdict, fail, skip};
use crate::judging::waiting::{
    AWAITED_ONE_AFTER_THE_OTHER, BLOCKING_SLEEP, NEVER_AWAITED, NO_WAIT, NUMBER_OUT_OF_RANGE,
    ONE_GATHER_AFTER_ANOTHER, OTHER_SLEEP, STARTED_BUT_NOT_AWAITED, is_a_wait, judge_idleness,
    judge_shown, judge_wait, why_in_the_way, why_one_after_the_other,
};
use regex::Regex;
use std::sync::LazyLock;

const LESS_THAN: Mistake = Mistake {
    id: "less-than-for-less-or-equal",
    why: "A number equal to the threshold was accepted: the comparison is < where it should be <=, or the threshold is one too low.",
    hint: "Draw again while i <= threshold.",
};

const RETURN_INSIDE_LOOP: Mistake = Mistake {
    id: "return-inside-loop",
    why: "The coroutine gave up after one retry: its return is inside the loop.",
    hint: "Move the last print and the return out of the loop, to below it.",
};

const OTHER_THRESHOLD: Mistake = Mistake {
    id: "other-threshold",
    why: "The thresholds are wrong: they should be 9, 8 and 7 for coroutines 0, 1 and 2.",
    hint: "Give makerandom(i) the threshold 10 - i - 1.",
};

const GOES_ON_AFTER_RESULT: Mistake = Mistake {
    id: "goes-on-after-result",
    why: "A coroutine kept drawing after it had found its number.",
    hint: "Leave the loop at the first number above the threshold.",
};

const OTHER_RESULTS: Mistake = Mistake {
    id: "other-results",
    why: "The last line does not report what the coroutines found.",
    hint: "Return the number from makerandom, and print what {one gather} returns.",
};

const RESULTS_IN_OTHER_ORDER: Mistake = Mistake {
    id: "results-in-other-order",
    why: "The results were collected in the order in which the coroutines finished.",
    hint: "Keep the order in which you started them, as {one gather} does.",
};

const COLORS: Mistake = Mistake {
    id: "colors",
    why: "The escape codes are missing, the same for two coroutines, or not reset at the end.",
    hint: "Begin each line of a coroutine with its color, and end its last line with \\x1b[0m.",
};

const NOT_REPEATABLE: Mistake = Mistake {
    id: "not-repeatable",
    why: "Two runs drew different numbers: the random number generator is not seeded.",
    hint: "Seed the generator once, before the first draw.",
};

/// The original's lines.
static EXACTLY: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    [
        regex(r"^Initiated makerandom\(\d\)\.$"),
        regex(r"^makerandom\(\d\) == \d+ too low; retrying\.$"),
        regex(r"^---> Finished: makerandom\(\d\) == \d+$"),
        regex(r"^r1: \d+, r2: \d+, r3: \d+$"),
    ]
});

/// Whether there is something to judge: each coroutine printed something.
fn enough(run: &Run) -> Verdict {
    match (0..COROUTINES).find(|&index| run.of(index).is_empty()) {
        Some(index) => skip(format!("no line from coroutine {index}")),
        None => Ok(()),
    }
}

/// The run shows whether waits overlap: at least one number was rejected.
fn shows_enough(run: &Run) -> Verdict {
    let has_to_wait = (0..COROUTINES).any(|index| run.rejected(index) > 0);
    judge_shown(&run.transcript, has_to_wait, "at least one number that is too low")
}

pub fn ending(run: &Run) -> Verdict {
    let printed = match run.results {
        Some(_) => Printed::All,
        None if run.steps.is_empty() && run.doubt("").is_none() => Printed::Nothing,
        None => Printed::Something,
    };
    judge_ending(&run.transcript.recording, printed)
}

pub fn lines(run: &Run) -> Verdict {
    judge_standard_output(&run.transcript)?;
    let expected = "for each coroutine, its Initiated, too low and Finished lines, then an empty line and the r1, r2, r3 line";
    let texts: Vec<&str> = run.transcript.lines.iter().map(|line| &*line.text).collect();
    let belongs =
        |text: &&&str| text.is_empty() || EXACTLY.iter().any(|pattern| pattern.is_match(text));
    if let Some(other) = texts.iter().find(|text| !belongs(text)) {
        let mistake = match why_other_lines(&run.transcript) {
            NEVER_AWAITED => why_not_awaited(run),
            mistake => mistake,
        };
        return fail(mistake, expected, format!("the line {}", quoted(other)));
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
                    0 => why_missing(run)?,
                    _ => OTHER_LINES,
                };
                let seen = format!("{seen} \"{name}\" lines from coroutine {index}");
                return fail(mistake, expected, seen);
            }
        }
    }
    match texts[..] {
        [.., "", last] if EXACTLY[3].is_match(last) => Ok(()),
        [.., last] => {
            let seen = format!("the last line {}", quoted(last));
            fail(why_incomplete(&run.transcript), expected, seen)
        }
        [] => fail(why_incomplete(&run.transcript), expected, "nothing"),
    }
}

/// Why a coroutine did not print all of its lines.
fn why_missing(run: &Run) -> Result<Mistake, NotPassed> {
    Ok(match why_incomplete(&run.transcript) {
        OTHER_LINES if returns_inside_loop(run) => RETURN_INSIDE_LOOP,
        OTHER_LINES | NEVER_AWAITED
            if run.finished() == [None; COROUTINES] && !is_a_wait(&run.transcript, run.span())? =>
        {
            why_not_awaited(run)
        }
        mistake => mistake,
    })
}

fn why_not_awaited(run: &Run) -> Mistake {
    if run.steps.is_empty() { NEVER_AWAITED } else { STARTED_BUT_NOT_AWAITED }
}

/// Whether the times alone show that coroutines waited at the same time, however their lines are
/// named: several numbers were rejected at once, and as many lines came within the next 3 seconds.
fn shows_overlap_by_times(run: &Run) -> bool {
    let is_low = |text: &str| TOO_LOW.is_match(text);
    let lines = || run.transcript.lines.iter();
    let at_once =
        lines().take_while(|line| line.at < 0.3).filter(|line| is_low(&line.text)).count();
    let answers = lines().filter(|line| (0.9..3.3).contains(&line.at)).count();
    at_once >= 2 && answers >= at_once
}

pub fn starts(run: &Run) -> Verdict {
    if run.doubt("starts").is_some() && shows_overlap_by_times(run) {
        return Ok(());
    }
    enough(run)?;
    shows_enough(run)?;
    let expected = "three coroutines that start at once";
    // The first sign of a coroutine is its Initiated line, or another if it has none.
    let mut firsts: Vec<_> = (0..COROUTINES).map(|index| run.of(index)[0]).collect();
    firsts.sort_by_key(|step| step.line);
    let [start, .., last] = firsts[..] else { return Ok(()) };
    if let Some(after) = run.first_after_a_wait()
        && after.line < last.line
    {
        let seen = format!(
            "coroutine {} started at {:.2} s, after coroutine {} had waited",
            last.index, last.at, after.index
        );
        return fail(why_apart(run)?, expected, seen);
    }
    judge_gap(&run.transcript, last.at - start.at, f64::NEG_INFINITY..=0.0, |_| {
        let seen = format!("coroutine {} started at {:.2} s", last.index, last.at);
        fail(why_in_the_way(&run.transcript, AWAITED_ONE_AFTER_THE_OTHER), expected, seen)
    })
}

/// Why the coroutines did not run together: they ran one by one, or two of them and then the third.
fn why_apart(run: &Run) -> Result<Mistake, NotPassed> {
    let span = |index| {
        let steps = run.of(index);
        Some((steps.first()?.line, steps.last()?.line))
    };
    let spans: Vec<_> = (0..COROUTINES).filter_map(span).collect();
    let awaited = match any_overlap(&spans) {
        true => ONE_GATHER_AFTER_ANOTHER,
        false => AWAITED_ONE_AFTER_THE_OTHER,
    };
    why_one_after_the_other(&run.transcript, run.span(), run.should_wait(), awaited)
}

pub fn pauses(run: &Run) -> Verdict {
    enough(run)?;
    shows_enough(run)?;
    let transcript = &run.transcript;
    if run.should_wait() > 0.0 && run.first_after_a_wait().is_none() {
        return skip("no coroutine continued after a number that was too low");
    }
    judge_idleness(transcript, run.should_wait())?;
    judge_waits(run)
}

fn judge_waits(run: &Run) -> Verdict {
    let transcript = &run.transcript;
    let too_long = why_in_the_way(transcript, OTHER_SLEEP);
    for index in 0..COROUTINES {
        for (low, next) in run.waits(index) {
            let What::TooLow(number) = low.what else { continue };
            let what = format!("coroutine {index}'s wait after drawing {number}");
            judge_wait(transcript, &what, next.at - low.at, pause(index), too_long)?;
        }
    }
    Ok(())
}

/// Whether the coroutines gave up after at most one retry: those that drew a number that was too
/// low ended with another one, or without saying that they had finished.
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

pub fn thresholds(run: &Run) -> Verdict {
    enough(run)?;
    let finished = run.finished();
    if finished == [None; COROUTINES] && run.results.is_none() {
        return skip("no coroutine finished");
    }
    if let Some((index, number)) = run.numbers_drawn_by().find(|(_, it)| !(0..=10).contains(it)) {
        let seen = format!("coroutine {index} drew {number}");
        return fail(NUMBER_OUT_OF_RANGE, "numbers from 0 to 10", seen);
    }
    shows_enough(run)?;
    for index in 0..COROUTINES {
        let limit = threshold(index);
        let expected = format!("coroutine {index} stops at the first number above {limit}");
        let mut done = false;
        for step in run.of(index) {
            let seen = |verb: &str, number: i64| format!("it {verb} {number} at {:.2} s", step.at);
            match step.what {
                What::TooLow(number) if done => {
                    let seen = seen("rejected", number) + ", after it had finished";
                    return fail(GOES_ON_AFTER_RESULT, expected, seen);
                }
                What::TooLow(number) if number > limit => {
                    return fail(OTHER_THRESHOLD, expected, seen("rejected", number));
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
                _ if finished == [None; COROUTINES] => {
                    skip("no coroutine reported that it finished")
                }
                _ => skip(format!("coroutine {index} did not report that it finished")),
            };
        }
    }
    Ok(())
}

fn why_accepted(run: &Run, index: usize, number: i64) -> Mistake {
    if returns_inside_loop(run) {
        RETURN_INSIDE_LOOP
    } else if number == threshold(index) {
        LESS_THAN
    } else {
        OTHER_THRESHOLD
    }
}

pub fn overlap(run: &Run) -> Verdict {
    if run.doubt("overlap").is_some() && shows_overlap_by_times(run) {
        return Ok(());
    }
    enough(run)?;
    shows_enough(run)?;
    let expected = "each coroutine waits while the others wait";
    // By lines, not by times: their order is certain on a busy machine, too.
    let waiting = |index| {
        let steps = run.of(index);
        let first = steps.iter().find(|step| matches!(step.what, What::TooLow(_)))?.line;
        // A coroutine that was never heard of again may have waited to the end.
        let last = steps.last()?.line;
        Some((first, if last == first { usize::MAX } else { last }))
    };
    let waiting: Vec<_> = (0..COROUTINES).filter_map(waiting).collect();
    if !all_overlap(&waiting) {
        return fail(
            why_apart(run)?,
            expected,
            "one coroutine waited only after another had finished",
        );
    }
    if !went_on(run) {
        return skip("no coroutine continued after a wait");
    }
    if waiting.len() == 1 && !others_ran_in_a_wait(run) {
        return skip("only one coroutine had to wait, and nothing else ran in the meantime");
    }
    // What follows rests on the times of single waits.
    if run.transcript.is_held_back(run.should_wait()) || is_any_unclear(run) {
        return Ok(());
    }
    // A coroutine in a queue, as for a lock, seems to wait together with the others, but too long.
    if let Some((one, other)) = waits_apart(run) {
        let seen = format!("coroutines {one} and {other} never waited at the same time");
        return fail(why_in_the_way(&run.transcript, AWAITED_ONE_AFTER_THE_OTHER), expected, seen);
    }
    let Err(NotPassed::Failed(reason)) = judge_waits(run) else { return Ok(()) };
    // They take turns, but hold one another up, or do not wait.
    let mistake = match reason.mistake {
        BLOCKING_SLEEP => BLOCKING_SLEEP,
        NO_WAIT if have_waited(run) < 2 => NO_WAIT,
        _ => return Ok(()),
    };
    fail(mistake, format!("overlapping waits, with {}", reason.expected), reason.seen)
}

/// How many coroutines have waited at all.
fn have_waited(run: &Run) -> usize {
    let has_waited =
        |index: &usize| run.waits(*index).iter().any(|(low, next)| next.at - low.at > 0.5);
    (0..COROUTINES).filter(has_waited).count()
}

/// How long a wait was, compared with how long it should be.
fn gap(run: &Run, index: usize, (low, next): &(Step, Step)) -> Gap {
    compare(next.at - low.at, pause(index)..=pause(index), run.transcript.machine())
}

/// Whether the machine hides how long a wait was.
fn is_any_unclear(run: &Run) -> bool {
    let is_unclear =
        |index| run.waits(index).iter().any(|wait| gap(run, index, wait) == Gap::CannotTell);
    (0..COROUTINES).any(is_unclear)
}

/// Whether a coroutine did something after a wait, or the program did.
fn went_on(run: &Run) -> bool {
    run.first_after_a_wait().is_some() || run.transcript.span() > run.span() + 0.9
}

/// Whether a line of another coroutine came in the middle of a wait.
fn others_ran_in_a_wait(run: &Run) -> bool {
    let waits = (0..COROUTINES).flat_map(|index| run.waits(index));
    waits.into_iter().any(|(low, next)| {
        let is_in_between = |step: &&Step| (low.line + 1..next.line).contains(&step.line);
        run.steps.iter().filter(is_in_between).any(|step| step.index != low.index)
    })
}

/// Two coroutines of which no waits of the right length have a moment in common.
fn waits_apart(run: &Run) -> Option<(usize, usize)> {
    let spans = |index: usize| {
        let waits = run.waits(index).into_iter().filter(|wait| gap(run, index, wait) == Gap::Right);
        // A little less on both sides: what begins when another ends has nothing in common with it.
        waits.map(|(low, next)| (low.at + 0.1, next.at - 0.1)).collect::<Vec<_>>()
    };
    let spans: Vec<_> = (0..COROUTINES).map(|index| (index, spans(index))).collect();
    apart(&spans).map(|(one, other)| (*one, *other))
}

pub fn results(run: &Run) -> Verdict {
    let [Some(r1), Some(r2), Some(r3)] = run.finished() else {
        return skip("not every coroutine reported that it finished");
    };
    let own = [r1, r2, r3];
    let expected = format!("r1: {r1}, r2: {r2}, r3: {r3}");
    let Some(reported) = run.results else {
        return fail(OTHER_RESULTS, expected, "no such line");
    };
    if reported == own {
        return Ok(());
    }
    let sorted = |mut numbers: [i64; COROUTINES]| {
        numbers.sort_unstable();
        numbers
    };
    let mistake =
        if sorted(reported) == sorted(own) { RESULTS_IN_OTHER_ORDER } else { OTHER_RESULTS };
    let [r1, r2, r3] = reported;
    fail(mistake, expected, format!("r1: {r1}, r2: {r2}, r3: {r3}"))
}

pub fn colors(run: &Run) -> Verdict {
    enough(run)?;
    let expected = "a different color for each coroutine, and \\x1b[0m at the end of its last line";
    let mut painter = Painter::default();
    let lines = run.transcript.recorded_lines().iter();
    let painted: Vec<_> = lines.map(|line| painter.paint(&line.bytes)).collect();
    let mut own: [Option<Color>; COROUTINES] = [None; COROUTINES];
    for step in &run.steps {
        let text = quoted(&run.transcript.lines[step.line].text);
        let Painted { color, left_behind, .. } = painted[step.line];
        let index = step.index;
        if color == Color::Default {
            return fail(COLORS, expected, format!("no color on the line {text}"));
        }
        if own[index].is_some_and(|own| own != color) {
            let seen = format!("coroutine {index} changed color on the line {text}");
            return fail(COLORS, expected, seen);
        }
        own[index] = Some(color);
        // The reset may be a print of its own, which comes with the next line.
        let is_reset = left_behind == Color::Default
            || painted.get(step.line + 1).is_none_or(|next| next.begins_with_reset);
        if matches!(step.what, What::Finished(_)) && !is_reset {
            return fail(COLORS, expected, format!("no reset after the line {text}"));
        }
    }
    if own[0] == own[1] || own[0] == own[2] || own[1] == own[2] {
        return fail(COLORS, expected, "two coroutines with the same color");
    }
    Ok(())
}

pub fn repeatable(runs: &[Run]) -> Verdict {
    let [first, second] = runs else { return skip("there were not two runs") };
    enough(first)?;
    enough(second)?;
    let (one, two) = (moments(first), moments(second));
    // Coroutines that wake at the same moment may draw in any order, and so swap their numbers.
    if agree(&one, &two) && agree(&two, &one) {
        return Ok(());
    }
    let shown = |moments: &[Vec<i64>]| {
        let numbers = moments.iter().flatten().take(12).map(ToString::to_string);
        numbers.collect::<Vec<_>>().join(" ")
    };
    fail(
        NOT_REPEATABLE,
        "the same numbers in both runs",
        format!("{} in the first run, {} in the second", shown(&one), shown(&two)),
    )
}

/// The numbers that were drawn, moment by moment.
fn moments(run: &Run) -> Vec<Vec<i64>> {
    let mut moments: Vec<(f64, Vec<i64>)> = Vec::new();
    for (at, number) in run.numbers_drawn() {
        match moments.last_mut() {
            Some((began, numbers)) if at - *began < 0.5 => numbers.push(number),
            _ => moments.push((at, vec![number])),
        }
    }
    moments.into_iter().map(|(_, numbers)| numbers).collect()
}

/// Whether both runs can have drawn the same numbers one by one, as far as the ends of `one`'s
/// moments tell: what it had drawn by then, the other also drew in its first moments, except for
/// part of the moment that was under way.
fn agree(one: &[Vec<i64>], other: &[Vec<i64>]) -> bool {
    let most: usize = other.iter().map(Vec::len).sum();
    let mut drawn = Vec::new();
    one.iter().all(|moment| {
        drawn.extend(moment);
        drawn.len() > most || begins_with(&drawn, other)
    })
}

/// Whether these are the first numbers of the moments, in any order within a moment.
fn begins_with(numbers: &[i64], moments: &[Vec<i64>]) -> bool {
    let mut rest = numbers.to_vec();
    for moment in moments {
        if moment.len() > rest.len() {
            return take_all(&mut moment.clone(), &rest);
        }
        if !take_all(&mut rest, moment) {
            return false;
        }
    }
    true
}

/// Takes each of the numbers out; false if one is not there.
fn take_all(from: &mut Vec<i64>, numbers: &[i64]) -> bool {
    numbers.iter().all(|number| {
        let found = from.iter().position(|it| it == number);
        found.map(|index| from.swap_remove(index)).is_some()
    })
}
