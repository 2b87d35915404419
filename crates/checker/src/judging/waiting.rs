//! Whether the program waited as it should, and if not, what it did instead.

use super::gap::{Wrong, judge_gap};
use super::transcript::Transcript;
use super::verdict::{Mistake, Verdict, fail};
use crate::recording::Waiting;

pub const AWAITED_ONE_AFTER_THE_OTHER: Mistake = Mistake {
    id: "awaited-one-after-the-other",
    why: "Each coroutine was awaited to its end before the next one was started.",
    hint: "Start them all first, then wait: gather, spawn or join!, Promise.all.",
};

pub const ONE_GATHER_AFTER_ANOTHER: Mistake = Mistake {
    id: "one-gather-after-another",
    why: "The coroutines ran in groups: a second gather started only after the first had ended.",
    hint: "Put all of them into one gather.",
};

pub const NEVER_AWAITED: Mistake = Mistake {
    id: "never-awaited",
    why: "A coroutine was never awaited: it was only created, or its task ended with the program before its work was done.",
    hint: "Await it, or hand it to gather, spawn or create_task and await that.",
};

pub const OTHER_SLEEP: Mistake = Mistake {
    id: "other-sleep",
    why: "A sleep was too short or too long, or the coroutine also waited for others.",
    hint: "Check the number passed to sleep, and its unit: seconds or milliseconds.",
};

pub const BLOCKING_SLEEP: Mistake = Mistake {
    id: "blocking-sleep",
    why: "A blocking sleep holds the only thread: the event loop cannot run another coroutine in the meantime.",
    hint: "Await the event loop's own sleep: asyncio.sleep, tokio::time::sleep, a timer's promise.",
};

const NO_WAIT: Mistake = Mistake {
    id: "no-wait",
    why: "Nothing waited: the sleep is missing, not awaited, or far too short.",
    hint: "Sleep where the original does, for the same number of seconds, and await it.",
};

pub const BURNING_CPU: Mistake = Mistake {
    id: "burning-cpu",
    why: "The program waited in a loop that keeps a core busy, which blocks every other coroutine or wastes CPU time.",
    hint: "Await a sleep; the event loop wakes the coroutine when it is time.",
};

const HELD_BACK_OUTPUT: Mistake = Mistake {
    id: "held-back-output",
    why: "The output was buffered and came all at once at the end. That says nothing about your concurrency.",
    hint: "Flush after each line: print(..., flush=True), or do not wrap standard output in a buffer.",
};

/// Judges a wait of `announced` seconds that took `gap`. `what` names it; `too_long` is the mistake
/// if it took longer.
pub fn judge_wait(
    transcript: &Transcript,
    what: &str,
    gap: f64,
    announced: f64,
    too_long: Mistake,
) -> Verdict {
    judge_gap(transcript, gap, announced..=announced, |wrong| {
        let mistake = match wrong {
            Wrong::TooShort if gap < 0.1 => why_no_wait(transcript),
            Wrong::TooShort => OTHER_SLEEP,
            Wrong::TooLong => too_long,
        };
        fail(mistake, format!("{what}: {announced} s"), format!("{gap:.2} s"))
    })
}

/// Judges that the program was idle, in a run in which it should have waited for `waited` seconds.
pub fn judge_idleness(transcript: &Transcript, waited: f64) -> Verdict {
    if transcript.is_held_back(waited) {
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
/// `span` is how many seconds they took, `waited` how many they should have waited.
pub fn why_one_after_the_other(
    transcript: &Transcript,
    span: f64,
    waited: f64,
    otherwise: Mistake,
) -> Mistake {
    if span < 0.3 && waited > 0.5 && !transcript.is_held_back(waited) {
        why_no_wait(transcript)
    } else {
        why_in_the_way(transcript, otherwise)
    }
}

/// Why a wait was longer than its own sleep: something else may have held the thread.
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
