//! What a program was doing while it waited, from what each of its threads did, and when. In real
//! time, `watch::Watch` answers the same question by looking again and again.

use crate::recording::Waiting;
use std::collections::BTreeMap;
use virtual_time::{Activity, Doing};

/// A program must be busy for almost all of this many seconds: starting takes a moment of work.
const BUSY: f64 = 0.5;

/// How many activities a recording holds at most: they are sent from process to process.
const LIMIT: usize = 10_000;

/// What a recording holds of the activities: none at all if there are too many, as some of them
/// would tell a wrong story.
#[derive(Default)]
pub struct Kept {
    activities: Vec<Activity>,
    /// Where the last activity of each thread is.
    last: BTreeMap<i32, usize>,
    are_too_many: bool,
}

impl Kept {
    /// Adds what a thread did after what has been added of it so far.
    pub fn add(&mut self, next: Activity) {
        let goes_on = |index: &&usize| {
            let before = &self.activities[**index];
            before.doing == next.doing && before.to >= next.from
        };
        match self.last.get(&next.thread).filter(goes_on) {
            Some(&before) => self.activities[before].to = next.to,
            None if self.activities.len() == LIMIT => self.are_too_many = true,
            None => {
                self.last.insert(next.thread, self.activities.len());
                self.activities.push(next);
            }
        }
    }

    /// All of them so far, ordered by start.
    pub fn activities(&self) -> Vec<Activity> {
        if self.are_too_many {
            return Vec::new();
        }
        let mut activities = self.activities.clone();
        activities.sort_by(|one, other| one.from.total_cmp(&other.from));
        activities
    }
}

/// What a recording holds of these activities: those after its first line, which came at this
/// moment.
pub fn kept(activities: &[Activity], first_line: f64) -> Vec<Activity> {
    let mut kept = Kept::default();
    for activity in activities.iter().filter(|it| it.to > first_line) {
        kept.add(Activity { from: activity.from.max(first_line), ..*activity });
    }
    kept.activities()
}

/// How many threads do what at one moment.
#[derive(Default)]
struct Threads {
    sleep: i32,
    /// Those of them that are the main threads of their processes.
    sleep_in_main: i32,
    poll: i32,
    /// Main threads only: other threads of a virtual machine may compile or clean up.
    run: i32,
}

impl Threads {
    fn add(&mut self, activity: &Activity, number: i32) {
        let is_main = activity.process == activity.thread;
        match activity.doing {
            Doing::Sleeps => {
                self.sleep += number;
                self.sleep_in_main += if is_main { number } else { 0 };
            }
            Doing::Polls => self.poll += number,
            Doing::Runs | Doing::Ready if is_main => self.run += number,
            Doing::Runs | Doing::Ready | Doing::Waits => {}
        }
    }
}

/// What the program was doing between these two moments: the first line of the exercise, and the
/// last output.
pub fn waiting(activities: &[Activity], from: f64, to: f64) -> Waiting {
    let mut changes: Vec<(f64, i32, &Activity)> = activities
        .iter()
        .map(|activity| (activity, activity.from.max(from), activity.to.min(to)))
        .filter(|(_, from, to)| from < to)
        .flat_map(|(activity, from, to)| [(from, 1, activity), (to, -1, activity)])
        .collect();
    changes.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut threads = Threads::default();
    let [mut busy, mut sleeping, mut polling] = [0.0; 3];
    let mut before = from;
    for (at, number, activity) in changes {
        let seconds = at - before;
        busy += if threads.run > 0 { seconds } else { 0.0 };
        // A thread that sleeps beside others, or beside an event loop, does not block.
        let blocks = (threads.sleep, threads.sleep_in_main, threads.poll) == (1, 1, 0);
        sleeping += if blocks { seconds } else { 0.0 };
        polling += if threads.poll > 0 { seconds } else { 0.0 };
        threads.add(activity, number);
        before = at;
    }
    most((to - from).max(0.0), busy, sleeping, polling)
}

/// What a program was doing for most of `all` seconds; the others say for how many of them it was
/// busy, slept and polled.
pub fn most(all: f64, busy: f64, sleeping: f64, polling: f64) -> Waiting {
    if all >= BUSY && busy > 0.8 * all {
        Waiting::Busy
    } else if sleeping > 0.5 * all {
        Waiting::Sleeping
    } else if polling > 0.5 * all {
        Waiting::Polling
    } else {
        Waiting::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use virtual_time::Doing::{Polls, Ready, Runs, Sleeps, Waits};

    /// What the main thread of process 7 does.
    fn main(doing: Doing, from: f64, to: f64) -> Activity {
        Activity { process: 7, thread: 7, doing, from, to }
    }

    /// What another of its threads does.
    fn other(thread: i32, doing: Doing, from: f64, to: f64) -> Activity {
        Activity { process: 7, thread, doing, from, to }
    }

    #[test]
    fn one_main_thread_that_sleeps_alone_blocks() {
        let sleeps = [main(Runs, 0.0, 0.1), main(Sleeps, 0.1, 1.1), main(Runs, 1.1, 1.2)];
        assert_eq!(waiting(&sleeps, 0.1, 1.1), Waiting::Sleeping);
        let beside_a_lock = [main(Sleeps, 0.0, 3.0), other(8, Waits, 0.0, 3.0)];
        assert_eq!(waiting(&beside_a_lock, 0.0, 3.0), Waiting::Sleeping);
    }

    #[test]
    fn threads_that_sleep_side_by_side_do_not_block() {
        let together = [other(8, Sleeps, 0.0, 3.0), other(9, Sleeps, 0.0, 3.0)];
        assert_eq!(waiting(&together, 0.0, 3.0), Waiting::Unknown);
        let main_among_them = [main(Sleeps, 0.0, 3.0), other(9, Sleeps, 0.0, 3.0)];
        assert_eq!(waiting(&main_among_them, 0.0, 3.0), Waiting::Unknown);
        assert_eq!(waiting(&[other(8, Sleeps, 0.0, 3.0)], 0.0, 3.0), Waiting::Unknown);
    }

    #[test]
    fn an_event_loop_polls_whatever_sleeps_beside_it() {
        assert_eq!(waiting(&[main(Polls, 0.0, 1.0)], 0.0, 1.0), Waiting::Polling);
        let with_a_thread = [main(Sleeps, 0.0, 1.0), other(8, Polls, 0.0, 1.0)];
        assert_eq!(waiting(&with_a_thread, 0.0, 1.0), Waiting::Polling);
    }

    #[test]
    fn a_main_thread_that_runs_or_is_ready_to_is_busy() {
        let burns = [main(Runs, 0.0, 1.0), main(Ready, 1.0, 2.0), main(Sleeps, 2.0, 2.1)];
        assert_eq!(waiting(&burns, 0.0, 2.1), Waiting::Busy);
        let of_a_virtual_machine = [main(Sleeps, 0.0, 2.0), other(8, Runs, 0.0, 2.0)];
        assert_eq!(waiting(&of_a_virtual_machine, 0.0, 2.0), Waiting::Sleeping);
        assert_eq!(waiting(&[main(Runs, 0.0, 0.4)], 0.0, 0.4), Waiting::Unknown);
    }

    #[test]
    fn a_recording_holds_what_came_after_its_first_line() {
        let all = [main(Runs, 0.0, 0.5), main(Sleeps, 0.5, 2.0), main(Sleeps, 2.0, 3.0)];
        assert_eq!(kept(&all, 1.0), [main(Sleeps, 1.0, 3.0)]);
        let by_turns = |index: usize| {
            let doing = if index.is_multiple_of(2) { Runs } else { Sleeps };
            main(doing, index as f64, index as f64 + 1.0)
        };
        let many: Vec<_> = (0..=LIMIT).map(by_turns).collect();
        assert_eq!(kept(&many[1..], 0.0).len(), LIMIT);
        assert_eq!(kept(&many, 0.0), [], "a part of them would tell a wrong story");
    }

    #[test]
    fn only_what_happened_between_the_two_moments_counts() {
        let all = [main(Sleeps, 0.0, 5.0), main(Polls, 5.0, 6.0), main(Sleeps, 6.0, 99.0)];
        assert_eq!(waiting(&all, 5.0, 6.0), Waiting::Polling);
        assert_eq!(waiting(&all, 5.0, 5.0), Waiting::Unknown);
        assert_eq!(waiting(&all, 6.0, 5.0), Waiting::Unknown, "output came before, none after");
        assert_eq!(waiting(&[], 0.0, 3.0), Waiting::Unknown);
        let less_than_half = [main(Sleeps, 0.0, 1.0), main(Waits, 1.0, 3.0)];
        assert_eq!(waiting(&less_than_half, 0.0, 3.0), Waiting::Unknown);
    }
}
