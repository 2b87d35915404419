//! What each coroutine was doing, and whose turn it was on the thread: for any program, from what the
//! thread was seen doing, not from a model of an event loop.
//!
//! The thread is asleep while it waits in an event loop, for a lock or for input: it would run
//! whatever is ready. It is held while it computes, or is in a system call that only sleeps.

use super::Row;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use virtual_time::{Activity, Doing};

/// Seconds below which nothing can be seen in a picture: it is a moment.
pub const MOMENT: f64 = 0.05;

/// By how many seconds a line may come before or after the system call next to it.
pub const CLOSE: f64 = 0.01;

/// What a coroutine was doing from one moment to another, in seconds after the first line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    pub from: f64,
    pub to: f64,
    pub state: State,
}

/// What a coroutine can do, as a picture shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It has the thread.
    Runs,
    /// It does not need the thread.
    Waits,
    /// It is ready, but another has the thread.
    WantsToRun,
}

impl State {
    /// All of them, in the order of a legend.
    pub const ALL: [Self; 3] = [Self::Runs, Self::Waits, Self::WantsToRun];

    /// As in a legend, or as the verb of a sentence.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Waits => "waits",
            Self::WantsToRun => "wants to run",
        }
    }
}

/// Whose turn it was from one moment to another, in seconds after the first line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    pub from: f64,
    pub to: f64,
    pub whose: Whose,
}

/// Who has the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A row of the timeline, counted from 0; `None` if the lines do not tell which.
    Held(Option<usize>),
    /// Nobody.
    Asleep,
}

/// Whose turn it was until this moment. Turns that take only a moment are left out. `None` if it
/// cannot be told which thread runs the coroutines.
pub fn turns(rows: &[Row], activities: &[Activity], end: f64) -> Option<Vec<Turn>> {
    let seen: Vec<_> = activities
        .iter()
        .map(|it| Activity { from: it.from.max(0.0), to: it.to.min(end), ..*it })
        .filter(|it| it.from < it.to)
        .collect();
    let thread = only_thread(&seen)?;
    let lines = lines(rows);
    let mut turns: Vec<Turn> = Vec::new();
    for Activity { from, to, doing, .. } in seen.into_iter().filter(|it| it.thread == thread) {
        if is_held(doing) {
            hold(&mut turns, &lines, from, to);
        } else {
            turns.push(Turn { from, to, whose: Whose::Asleep });
        }
    }
    turns.retain(|turn| turn.whose == Whose::Asleep || turn.to - turn.from > MOMENT);
    turns.dedup_by(|next, before| {
        let goes_on = (before.whose, next.whose) == (Whose::Asleep, Whose::Asleep)
            && next.from - before.to < MOMENT;
        if goes_on {
            before.to = next.to;
        }
        goes_on
    });
    turns.retain(|turn| turn.to - turn.from > MOMENT);
    for turn in &mut turns {
        if turn.whose != Whose::Asleep {
            turn.whose = Whose::Held(holder(&lines, turn.from, turn.to));
        }
    }
    Some(turns)
}

/// Whether a thread is held that does this, and not asleep.
pub fn is_held(doing: Doing) -> bool {
    match doing {
        Doing::Runs | Doing::Sleeps | Doing::Ready => true,
        Doing::Polls | Doing::Waits => false,
    }
}

/// The thread that does the work, if it is only one. Others may wait for it, or help for a moment.
fn only_thread(activities: &[Activity]) -> Option<i32> {
    let mut seconds: BTreeMap<i32, f64> = BTreeMap::new();
    for Activity { thread, doing, from, to, .. } in activities {
        *seconds.entry(*thread).or_default() += match doing {
            Doing::Waits => 0.0,
            Doing::Runs | Doing::Ready => to - from,
            Doing::Sleeps | Doing::Polls => f64::INFINITY,
        };
    }
    let more_than = |least: f64| {
        let threads = seconds.iter().filter(move |(_, seconds)| **seconds > least);
        threads.map(|(thread, _)| *thread).collect::<Vec<_>>()
    };
    match (&more_than(MOMENT)[..], &more_than(0.0)[..]) {
        // An event loop may wait for a lock until its next timer, and run for moments only.
        ([one], _) | ([], [one]) => Some(*one),
        _ => None,
    }
}

/// When each line came, and of which row it is, in order.
fn lines(rows: &[Row]) -> Vec<(f64, usize)> {
    let marks =
        rows.iter().enumerate().flat_map(|(row, it)| it.marks.iter().map(move |m| (row, m)));
    let mut lines: Vec<_> = marks.map(|(row, mark)| (mark.line, mark.at, row)).collect();
    lines.sort_by_key(|(line, ..)| *line);
    lines.into_iter().map(|(_, at, row)| (at, row)).collect()
}

/// Adds that the thread was held. Another hold begins with every line: only then can the thread
/// have changed hands without a sleep.
fn hold(turns: &mut Vec<Turn>, lines: &[(f64, usize)], from: f64, to: f64) {
    let first = lines.partition_point(|(at, _)| *at < from);
    let mut start = from;
    let mut goes_on = lines.get(first).is_none_or(|(at, _)| *at > from);
    let cuts = lines[first..].iter().map(|(at, _)| *at).take_while(|at| *at < to).chain([to]);
    for end in cuts.filter(|end| *end > from) {
        match turns.last_mut() {
            Some(Turn { to, whose: Whose::Held(_), .. }) if goes_on && *to >= start => *to = end,
            _ => turns.push(Turn { from: start, to: end, whose: Whose::Held(None) }),
        }
        (start, goes_on) = (end, false);
    }
}

/// The row that held the thread: both the last line before and the first line after are its own,
/// and one of them comes right there.
fn holder(lines: &[(f64, usize)], from: f64, to: f64) -> Option<usize> {
    let begun = lines.partition_point(|(at, _)| *at <= from + CLOSE);
    let before = lines.get(begun.checked_sub(1)?)?;
    let after = lines.get(lines.partition_point(|(at, _)| *at < to - CLOSE))?;
    let is_near = from - before.0 < MOMENT || after.0 - to < MOMENT;
    (before.1 == after.1 && is_near).then_some(before.1)
}

/// What a row was doing, as far as it is known. While it is not known who has the thread, neither
/// is whether a row that seems to wait has it.
pub fn states(index: usize, row: &Row, turns: Option<&[Turn]>) -> Vec<Span> {
    // Between turns there are moments. For longer than that, nobody saw what the thread did.
    let unseen = if turns.is_some() { MOMENT } else { f64::INFINITY };
    let turns = turns.unwrap_or_default();
    let held = turns.iter().filter(|turn| turn.whose == Whose::Held(Some(index)));
    let mut states: Vec<_> =
        held.map(|&Turn { from, to, .. }| Span { from, to, state: State::Runs }).collect();
    for wait in &row.waits {
        let mut at = wait.from;
        let mut parts: Vec<Span> = Vec::new();
        let mut add = |state, from: f64, to: f64| match parts.last_mut() {
            Some(last) if last.state == state && last.to >= from => last.to = last.to.max(to),
            _ if to > from => parts.push(Span { from, to, state }),
            _ => {}
        };
        let during = turns.iter().filter(|turn| turn.from < wait.to && turn.to > wait.from);
        for turn in during {
            let (from, to) = (turn.from.max(wait.from), turn.to.min(wait.to));
            if from - at < unseen {
                add(State::Waits, at, from);
            }
            match turn.whose {
                Whose::Asleep => add(State::Waits, from, to),
                Whose::Held(Some(other)) if other != index => {
                    let due = wait.due.unwrap_or(f64::INFINITY).clamp(from, to);
                    add(State::Waits, from, due);
                    add(State::WantsToRun, due, to);
                }
                Whose::Held(_) => {}
            }
            at = to;
        }
        if wait.to - at < unseen {
            add(State::Waits, at, wait.to);
        }
        states.extend(parts);
    }
    states.retain(|span| span.to - span.from > MOMENT);
    states.sort_by(|one, other| one.from.total_cmp(&other.from));
    states
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::{Mark, Wait};
    use Doing::{Polls, Runs, Sleeps, Waits};

    fn thread(thread: i32, doing: Doing, from: f64, to: f64) -> Activity {
        Activity { process: 7, thread, doing, from, to }
    }

    /// A row that prints these lines at these moments, and waits between the first two for a second.
    fn row(marks: &[(usize, f64)]) -> Row {
        let mark = |&(line, at): &(usize, f64)| Mark { at, line, text: String::new() };
        let waits = marks.windows(2).take(1);
        let wait = |pair: &[(usize, f64)]| Wait {
            from: pair[0].1,
            to: pair[1].1,
            due: Some(pair[0].1 + 1.0),
        };
        Row {
            marks: marks.iter().map(mark).collect(),
            waits: waits.map(wait).collect(),
            ..Row::default()
        }
    }

    fn turn(from: f64, to: f64, whose: Whose) -> Turn {
        Turn { from, to, whose }
    }

    /// The turns, and the states of each row.
    fn all(rows: &[Row], activities: &[Activity], end: f64) -> (Option<Vec<Turn>>, Vec<Vec<Span>>) {
        let turns = turns(rows, activities, end);
        let states = |(index, row)| states(index, row, turns.as_deref());
        let states = rows.iter().enumerate().map(states).collect();
        (turns, states)
    }

    fn span(from: f64, to: f64, state: State) -> Span {
        Span { from, to, state }
    }

    #[test]
    fn a_thread_in_an_event_loop_is_asleep_between_moments_of_work() {
        let rows = [row(&[(0, 0.0), (2, 1.0)]), row(&[(1, 0.0), (3, 1.0)])];
        for doing in [Polls, Waits] {
            let activities = [
                thread(7, Runs, -0.3, 0.0004),
                thread(7, doing, 0.0004, 0.96),
                thread(7, Runs, 0.96, 0.9601),
                thread(7, doing, 0.9601, 1.0),
                thread(7, Runs, 1.0, 1.3),
                thread(8, Waits, 0.0, 1.0),
            ];
            let (turns, states) = all(&rows, &activities, 1.0);
            assert_eq!(turns, Some(vec![turn(0.0004, 1.0, Whose::Asleep)]));
            let waits = vec![span(0.0, 1.0, State::Waits)];
            assert_eq!(states, [waits.clone(), waits]);
        }
    }

    #[test]
    fn a_row_holds_the_thread_that_sleeps_between_its_lines() {
        let rows = [row(&[(0, 0.0), (1, 1.0)]), row(&[(2, 1.0), (3, 2.0)])];
        let activities = [
            thread(7, Sleeps, 0.0001, 0.9999),
            thread(7, Runs, 0.9999, 1.0001),
            thread(7, Sleeps, 1.0001, 2.0),
        ];
        let (turns, states) = all(&rows, &activities, 2.0);
        let turns = turns.unwrap();
        assert_eq!(turns.len(), 2);
        assert_eq!(turns[0].whose, Whose::Held(Some(0)));
        assert_eq!(turns[1].whose, Whose::Held(Some(1)));
        assert!((turns[0].to - 1.0).abs() < 0.001 && (turns[1].from - 1.0).abs() < 0.001);
        for (row, turn) in states.iter().zip(&turns) {
            assert_eq!(*row, [span(turn.from, turn.to, State::Runs)]);
        }
    }

    #[test]
    fn a_row_wants_to_run_from_when_its_wait_is_due() {
        // The second computes from 0.5 s to 2 s; the wait of the first is due at 1 s.
        let rows = [row(&[(0, 0.0), (3, 2.0)]), row(&[(1, 0.5), (2, 2.0)])];
        let activities = [thread(7, Polls, 0.0, 0.5), thread(7, Runs, 0.5, 2.0)];
        let (turns, states) = all(&rows, &activities, 2.0);
        let held = turn(0.5, 2.0, Whose::Held(Some(1)));
        assert_eq!(turns, Some(vec![turn(0.0, 0.5, Whose::Asleep), held]));
        let first = [span(0.0, 1.0, State::Waits), span(1.0, 2.0, State::WantsToRun)];
        assert_eq!(states[0], first);
        assert_eq!(states[1], [span(0.5, 2.0, State::Runs)]);
    }

    #[test]
    fn nothing_is_said_of_a_row_while_it_may_hold_the_thread() {
        let rows = [row(&[(0, 0.0), (2, 2.0)]), row(&[(1, 0.0), (3, 2.0)])];
        let activities = [thread(7, Sleeps, 0.0, 1.5), thread(7, Polls, 1.5, 2.0)];
        let (turns, states) = all(&rows, &activities, 2.0);
        let turns = turns.unwrap();
        assert_eq!(turns[0], turn(0.0, 1.5, Whose::Held(None)));
        let waits = vec![span(1.5, 2.0, State::Waits)];
        assert_eq!(states, [waits.clone(), waits]);
    }

    #[test]
    fn nothing_is_said_of_a_row_while_nobody_sees_the_thread() {
        let rows = [row(&[(0, 0.0), (1, 1.0)])];
        let (_, states) = all(&rows, &[thread(7, Polls, 0.2, 0.9)], 1.0);
        assert_eq!(states, [vec![span(0.2, 0.9, State::Waits)]]);
        let (_, states) = all(&rows, &[thread(7, Polls, 0.04, 0.96)], 1.0);
        assert_eq!(states, [vec![span(0.0, 1.0, State::Waits)]], "but for a moment");
    }

    #[test]
    fn several_threads_at_work_have_no_row() {
        let rows = [row(&[(0, 0.0), (1, 1.0)])];
        let waits = vec![span(0.0, 1.0, State::Waits)];
        for doing in [Runs, Sleeps, Polls] {
            let activities = [thread(7, Sleeps, 0.0, 1.0), thread(8, doing, 0.0, 1.0)];
            assert_eq!(all(&rows, &activities, 1.0), (None, vec![waits.clone()]), "{doing:?}");
        }
        let helped = [thread(7, Sleeps, 0.0, 1.0), thread(8, Runs, 0.0, 0.01)];
        assert!(turns(&rows, &helped, 1.0).is_some(), "help for a moment");
        assert_eq!(all(&rows, &[], 1.0), (None, vec![waits]), "nobody saw it");
    }
}
