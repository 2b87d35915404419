//! What a thread did between two looks at it, in real time.

use virtual_time::Doing;

/// What a look at a thread saw.
#[derive(Clone, Copy)]
pub struct Look {
    /// Seconds after the start of the program.
    pub at: f64,
    pub doing: Doing,
}

/// What it did from when to when between these two looks, if it ran, or waited for a core, for `ran`
/// seconds of that time. If it ran at neither of them, nobody can tell when it did in between: it is
/// said to have run just before the second.
pub fn between(before: Look, now: Look, ran: f64) -> Vec<(Doing, f64, f64)> {
    let (from, to) = (before.at, now.at);
    let ran = ran.clamp(0.0, to - from);
    let mut parts = match (before.doing, now.doing) {
        // The system is a few milliseconds late to count a thread that runs.
        (Doing::Runs, Doing::Runs) if ran > (to - from) / 2.0 => vec![(Doing::Runs, from, to)],
        // Nobody saw what it did for the rest of the time.
        (Doing::Runs, Doing::Runs) => vec![(Doing::Runs, to - ran, to)],
        (Doing::Runs, doing) => vec![(Doing::Runs, from, from + ran), (doing, from + ran, to)],
        (doing, _) => vec![(doing, from, to - ran), (Doing::Runs, to - ran, to)],
    };
    parts.retain(|(_, from, to)| from < to);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use Doing::{Polls, Runs, Sleeps};

    fn did(before: Doing, now: Doing, ran: f64) -> Vec<(Doing, f64, f64)> {
        between(Look { at: 1.0, doing: before }, Look { at: 2.0, doing: now }, ran)
    }

    #[test]
    fn a_thread_that_has_not_run_did_the_same_all_the_time() {
        assert_eq!(did(Sleeps, Sleeps, 0.0), [(Sleeps, 1.0, 2.0)]);
        assert_eq!(did(Runs, Runs, 0.9), [(Runs, 1.0, 2.0)], "the count is late");
    }

    #[test]
    fn a_thread_that_runs_at_one_of_the_looks_ran_next_to_it() {
        assert_eq!(did(Polls, Runs, 0.25), [(Polls, 1.0, 1.75), (Runs, 1.75, 2.0)]);
        assert_eq!(did(Runs, Polls, 0.25), [(Runs, 1.0, 1.25), (Polls, 1.25, 2.0)]);
        assert_eq!(did(Runs, Sleeps, 3.0), [(Runs, 1.0, 2.0)], "more is from before");
    }

    #[test]
    fn what_nobody_saw_is_not_said() {
        assert_eq!(did(Runs, Runs, 0.25), [(Runs, 1.75, 2.0)]);
        assert_eq!(did(Sleeps, Polls, 0.25), [(Sleeps, 1.0, 1.75), (Runs, 1.75, 2.0)]);
    }
}
