//! Whether the program waited as it should, and if not, what it did instead.

use super::gap::{Wrong, judge_gap};
use super::transcript::Transcript;
use super::verdict::{Mistake, NotPassed, Verdict, fail, inconclusive};
use crate::recording::Waiting;

pub const AWAITED_ONE_AFTER_THE_OTHER: Mistake = Mistake {
    id: "awaited-one-after-the-other",
    why: "Each ran to its end before the next could continue: awaited one by one, held up by a lock, or blocked.",
    hint: "Start them all before you wait for any, and let nothing block: {gather}.",
};

pub const ONE_GATHER_AFTER_ANOTHER: Mistake = Mistake {
    id: "one-gather-after-another",
    why: "The coroutines ran in groups: a second gather began after the first had ended, one of them blocked, or something waited between the starts.",
    hint: "Put all of them into one {one gather}, and let none of them block.",
};

pub const NEVER_AWAITED: Mistake = Mistake {
    id: "never-awaited",
    why: "A coroutine was created, but never ran: nothing awaited it, or the program ended first.",
    hint: "Await it, or pass it to {start} and await that.",
};

pub const STARTED_BUT_NOT_AWAITED: Mistake = Mistake {
    id: "started-but-not-awaited",
    why: "The tasks were started, but nothing waited for them: they ended with the program, before their work was done.",
    hint: "Await the tasks before the program ends: {gather}.",
};

pub const OTHER_SLEEP: Mistake = Mistake {
    id: "other-sleep",
    why: "A sleep was too short or too long, or the coroutine also waited for others.",
    hint: "Check the number passed to sleep, and its unit: seconds or milliseconds.",
};

pub const BLOCKING_SLEEP: Mistake = Mistake {
    id: "blocking-sleep",
    why: "A blocking sleep blocks the whole thread: the event loop cannot run another coroutine in the meantime.",
    hint: "Use a sleep that does not block the event loop: {sleep}.",
};

pub const NO_WAIT: Mistake = Mistake {
    id: "no-wait",
    why: "Nothing waited there: the sleep is missing, in another place, not awaited, or far too short.",
    hint: "Sleep where the original does, and for as long: {sleep}.",
};

pub const BURNING_CPU: Mistake = Mistake {
    id: "burning-cpu",
    why: "The program waited in a loop that keeps a core busy, which blocks every other coroutine or wastes CPU time.",
    hint: "Replace the loop with a sleep: {sleep}.",
};

const HELD_BACK_OUTPUT: Mistake = Mistake {
    id: "held-back-output",
    why: "The output was buffered and came all at once at the end, so it does not show whether waits overlap.",
    hint: "Print each line immediately: {flush}.",
};

pub const SHOWS_TOO_LITTLE: Mistake = Mistake {
    id: "shows-too-little",
    why: "Too little in this run had to wait to show whether waits overlap.",
    hint: "Draw integers from 0 to 10. If you already do, you were lucky: use another seed.",
};

pub const NUMBER_OUT_OF_RANGE: Mistake = Mistake {
    id: "number-out-of-range",
    why: "A number is out of range: the original draws integers from 0 to 10.",
    hint: "Draw integers from 0 to 10, inclusive.",
};

/// Judges that a run had to wait at all. One that did not is tried again, as that may be luck.
pub fn judge_shown(transcript: &Transcript, has_to_wait: bool, expected: &str) -> Verdict {
    if has_to_wait {
        Ok(())
    } else if transcript.recording.first_try {
        inconclusive("too little had to wait in this run, which may be luck")
    } else {
        fail(SHOWS_TOO_LITTLE, expected, "fewer than that")
    }
}

/// Judges a wait of so many seconds that took `gap`. `what` names it, `too_long` is the mistake if
/// it took longer.
pub fn judge_wait(
    transcript: &Transcript,
    what: &str,
    gap: f64,
    announced: f64,
    too_long: Mistake,
) -> Verdict {
    judge_gap(transcript, gap, announced..=announced, |wrong| {
        let mistake = match wrong {
            Wrong::TooLong => too_long,
            Wrong::TooShort if is_a_wait(transcript, gap)? => OTHER_SLEEP,
            Wrong::TooShort => why_no_wait(transcript),
        };
        fail(mistake, format!("{what}: {announced} s"), format!("{gap:.2} s"))
    })
}

/// Whether what took this many seconds waited for anything but the machine. Inconclusive if the
/// machine hides that.
pub fn is_a_wait(transcript: &Transcript, seconds: f64) -> Result<bool, NotPassed> {
    let mut waited = false;
    judge_gap(transcript, seconds, 0.0..=0.0, |_| {
        waited = true;
        Ok(())
    })?;
    Ok(waited)
}

/// Judges that the program was idle, in a run in which it should have waited for `waited` seconds.
pub fn judge_idleness(transcript: &Transcript, waited: f64) -> Verdict {
    if transcript.is_held_back(waited) {
        // The machine may have held up the first line, or kept the others apart.
        is_a_wait(transcript, transcript.idle_before_first_line())?;
        is_a_wait(transcript, transcript.span())?;
        fail(
            HELD_BACK_OUTPUT,
            "each line as soon as it is printed",
            format!("all lines at once, {:.2} s after the start", transcript.first_line_at()),
        )
    } else if transcript.burns_cpu(waited.max(transcript.span())) {
        fail(
            BURNING_CPU,
            "almost no CPU time while it waits",
            format!("{:.1} s of CPU time", transcript.recording.cpu_after),
        )
    } else {
        Ok(())
    }
}

/// Why things that should overlap came one after another. The output looks the same whatever the
/// cause, so what the system saw the program do decides.
///
/// `span` is how many seconds they took, `waited` how many they should have waited. Inconclusive if
/// the machine hides whether they waited at all.
pub fn why_one_after_the_other(
    transcript: &Transcript,
    span: f64,
    waited: f64,
    otherwise: Mistake,
) -> Result<Mistake, NotPassed> {
    if transcript.warns_of_a_coroutine_never_awaited() {
        return Ok(NEVER_AWAITED);
    }
    let in_the_way = why_in_the_way(transcript, otherwise);
    match is_a_wait(transcript, span) {
        Ok(false) if waited > 0.5 && !transcript.is_held_back(waited) => Ok(NO_WAIT),
        // What the system saw in the way is certain, however late the machine was.
        Err(cannot_tell) if in_the_way == otherwise => Err(cannot_tell),
        _ => Ok(in_the_way),
    }
}

/// Why a wait was longer than its own sleep: something else may have blocked the thread.
pub fn why_in_the_way(transcript: &Transcript, otherwise: Mistake) -> Mistake {
    if transcript.burns_cpu(transcript.span()) {
        BURNING_CPU
    } else if transcript.recording.waiting == Waiting::Sleeping {
        BLOCKING_SLEEP
    } else {
        otherwise
    }
}

fn why_no_wait(transcript: &Transcript) -> Mistake {
    if transcript.warns_of_a_coroutine_never_awaited() { NEVER_AWAITED } else { NO_WAIT }
}
