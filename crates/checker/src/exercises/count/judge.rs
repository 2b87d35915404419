//! Whether a countasync or countsync program is right and, if not, why.

use super::read::{Counts, ELAPSED, Word, exact_word};
use crate::escape::quoted;
use crate::judging::ending::{
    OTHER_LINES, Printed, judge_ending, judge_standard_output, why_incomplete, why_other_lines,
};
use crate::judging::gap::judge_order;
use crate::judging::reported::{NO_REPORTED_TIME, REPORTED_TOO_EARLY, Spans, judge_reported_time};
use crate::judging::verdict::{Mistake, NotPassed, Verdict, fail, skip};
use crate::judging::waiting::{
    AWAITED_ONE_AFTER_THE_OTHER, NEVER_AWAITED, ONE_GATHER_AFTER_ANOTHER, OTHER_SLEEP,
    STARTED_BUT_NOT_AWAITED, is_a_wait, judge_idleness, judge_wait, why_in_the_way,
    why_one_after_the_other,
};

/// Shared mistakes in the words of countsync, which has no event loop and nothing to await.
pub const WITHOUT_AN_EVENT_LOOP: &[Mistake] = &[
    Mistake {
        id: "nothing-printed",
        why: "The program ran, but printed none of the exercise's lines to standard output.",
        hint: "Run it yourself. If it prints nothing then either, check that count is called.",
    },
    Mistake {
        id: "never-awaited",
        why: "count was called, but did not run: it is a coroutine.",
        hint: "Make it a plain function with a blocking sleep.",
    },
    Mistake {
        id: "started-but-not-awaited",
        why: "The counts were started, but the program ended before they did.",
        hint: "Call count() three times in a loop, as a plain function.",
    },
    Mistake {
        id: "no-wait",
        why: "Nothing waited there: the sleep is missing, in another place, or far too short.",
        hint: "Sleep for a second between One and Two.",
    },
    Mistake {
        id: "other-sleep",
        why: "A sleep was too short or too long, or there was one too many.",
        hint: "Sleep once in each count, for a second; check the unit: seconds or milliseconds.",
    },
    Mistake {
        id: "burning-cpu",
        why: "The program waited in a loop that keeps a core busy.",
        hint: "Sleep instead: the system wakes the program when the time is up.",
    },
    Mistake {
        id: "held-back-output",
        why: "The output was buffered and came all at once at the end, so it does not show when the program waited.",
        hint: "Print each line immediately: {flush}.",
    },
    Mistake {
        id: "reported-too-early",
        why: "The time was reported before the counts were done.",
        hint: "Read the clock again after the loop, and report the difference.",
    },
];

const OTHER_ORDER: Mistake = Mistake {
    id: "other-order",
    why: "The order of the lines fits neither the original nor a classic mistake.",
    hint: "Print One before the wait and Two after it, in each count.",
};

const OVERLAPPING: Mistake = Mistake {
    id: "overlapping",
    why: "The counts waited at the same time. That is countasync; here, each should hold up the next.",
    hint: "Call count() three times in a loop, with a sleep that blocks.",
};

const OTHER_WORDS_FOR_TIME: Mistake = Mistake {
    id: "other-words-for-time",
    why: "The measured time is there, but not in the original's words.",
    hint: "Print the line exactly as the original does.",
};

pub fn ending(counts: &Counts) -> Verdict {
    let printed = match (counts.times(Word::One).len(), counts.times(Word::Two).len()) {
        (0, 0) if counts.reported.is_none() => Printed::Nothing,
        (3, 3) => Printed::All,
        _ => Printed::Something,
    };
    judge_ending(&counts.transcript.recording, printed)
}

pub fn lines(counts: &Counts) -> Verdict {
    judge_standard_output(&counts.transcript)?;
    let expected = "three One lines, three Two lines, and one line that reports the time";
    let [mut ones, mut twos] = [0, 0];
    let mut other = None;
    for (index, line) in counts.transcript.lines.iter().enumerate() {
        match exact_word(&line.text) {
            Some(Word::One) => ones += 1,
            Some(Word::Two) => twos += 1,
            // The line that reports the time has a criterion of its own.
            None if counts.reported.is_some_and(|(reported, _)| reported == index) => {}
            None if line.text.is_empty() => {}
            None => other = other.or(Some(&line.text)),
        }
    }
    if let Some(text) = other {
        let seen = format!("the line {}", quoted(text));
        return fail(why_other_lines(&counts.transcript), expected, seen);
    }
    if (ones, twos) == (3, 3) {
        return Ok(());
    }
    let mut mistake = why_incomplete(&counts.transcript);
    // The program ends as if all were well, but its counts did not run, or not to their end.
    if [OTHER_LINES, NEVER_AWAITED].contains(&mistake)
        && ones <= 3
        && twos == 0
        && let Some((_, reported)) = counts.reported
        && is_over_too_soon(counts, reported.seconds)?
    {
        mistake = if ones == 0 { NEVER_AWAITED } else { STARTED_BUT_NOT_AWAITED };
    }
    fail(mistake, expected, format!("{ones} One and {twos} Two"))
}

/// Whether the program ended before a count can have waited for its second, by its own clock and by
/// ours.
fn is_over_too_soon(counts: &Counts, reported: f64) -> Result<bool, NotPassed> {
    let seconds = counts.transcript.span().max(reported);
    Ok(seconds < 0.9 || !is_a_wait(&counts.transcript, seconds)?)
}

/// Whether there is something to judge: at least two counts, each with both of its lines.
fn enough(counts: &Counts) -> Verdict {
    let (ones, twos) = (counts.times(Word::One).len(), counts.times(Word::Two).len());
    if ones < 2 || ones != twos {
        return skip(format!("it cannot be judged from {ones} One and {twos} Two"));
    }
    Ok(())
}

/// The words in order, with their times.
fn order(counts: &Counts) -> String {
    let shown = counts.words.iter().map(|one| {
        let word = if one.word == Word::One { "One" } else { "Two" };
        format!("{word} at {:.2} s", one.at)
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn is_in_turn(counts: &Counts) -> bool {
    counts.groups().is_some_and(|groups| groups.iter().all(|&group| group == 1))
}

pub fn ones_before_twos(counts: &Counts) -> Verdict {
    enough(counts)?;
    let groups = counts.groups();
    if groups.as_ref().is_some_and(|groups| groups.len() == 1) {
        return Ok(());
    }
    let mistake = if is_in_turn(counts) {
        let span = counts.words.last().map_or(0.0, |last| last.at);
        why_one_after_the_other(&counts.transcript, span, 1.0, AWAITED_ONE_AFTER_THE_OTHER)?
    } else if groups.is_some() {
        ONE_GATHER_AFTER_ANOTHER
    } else {
        OTHER_ORDER
    };
    fail(mistake, "One, One, One, then Two, Two, Two", order(counts))
}

pub fn one_shared_wait(counts: &Counts) -> Verdict {
    judge_idleness(&counts.transcript, 1.0)?;
    // The order has shown that all three wait at the same time, so each has its own sleep.
    let too_long = why_in_the_way(&counts.transcript, OTHER_SLEEP);
    for ((one, two), number) in counts.pairs().into_iter().zip(1..) {
        let what = format!("from One to Two in count {number}");
        judge_wait(&counts.transcript, &what, two - one, 1.0, too_long)?;
    }
    Ok(())
}

pub fn in_turn(counts: &Counts) -> Verdict {
    enough(counts)?;
    if is_in_turn(counts) {
        return Ok(());
    }
    fail(OVERLAPPING, "One, Two, One, Two, One, Two", order(counts))
}

pub fn three_waits(counts: &Counts) -> Verdict {
    judge_idleness(&counts.transcript, 3.0)?;
    let wait = |what: String, gap: f64, announced: f64| {
        judge_wait(&counts.transcript, &what, gap, announced, OTHER_SLEEP)
    };
    let pairs = counts.pairs();
    let mut last_two = pairs.first().map_or(0.0, |(one, _)| *one);
    for ((one, two), number) in pairs.into_iter().zip(1..) {
        wait(format!("from One to Two in count {number}"), two - one, 1.0)?;
        wait(format!("from the previous Two to One in count {number}"), one - last_two, 0.0)?;
        last_two = two;
    }
    Ok(())
}

/// `original` is the line that the original prints.
pub fn time(counts: &Counts, original: &str) -> Verdict {
    let transcript = &counts.transcript;
    let expected = format!("a last line like: {original}");
    let Some((index, reported)) = counts.reported else {
        let Some(last) = transcript.lines.last() else { return skip("nothing was printed") };
        return fail(NO_REPORTED_TIME, expected, format!("the last line {}", quoted(&last.text)));
    };
    let line = &transcript.lines[index];
    if transcript.is_held_back(reported.seconds) {
        return judge_idleness(transcript, reported.seconds);
    }
    for after in counts.words.iter().filter(|word| word.line > index) {
        judge_order(transcript, line.at, after.at, || {
            let text = quoted(&transcript.lines[after.line].text);
            let seen = format!("another line after it: {text}");
            fail(REPORTED_TOO_EARLY, "the time, after all counts are done", seen)
        })?;
    }
    // From the first line to the last Two, or to the report if something came between.
    let last = counts.words.last().map_or(line.at, |last| last.at);
    let seen = reported.seconds.clamp(last.min(line.at), line.at);
    judge_reported_time(
        transcript,
        "the time around the counts",
        Spans::TheProgram,
        reported,
        seen,
    )?;
    if !ELAPSED.is_match(&line.text) {
        return fail(OTHER_WORDS_FOR_TIME, expected, format!("the line {}", quoted(&line.text)));
    }
    Ok(())
}
