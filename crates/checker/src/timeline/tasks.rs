//! What each coroutine was doing, and whose turn it was on the thread, if each is a task that the
//! program noted: from when the tasks were polled and woken.

use super::states::{CLOSE, MOMENT, is_held};
use super::{Mark, Row, Span, State, Turn, Whose};
use crate::recording::{Poll, Task};
use virtual_time::Activity;

/// Seconds within which one poll follows another: the thread does not sleep in between.
const NEXT: f64 = 0.001;

/// Whether these tasks explain all that was seen until this moment. They do not if two of them were
/// polled at the same time, as then there is more than one thread; or if a thread was held for more
/// than `late` seconds while none of them was polled, as then there are other tasks.
pub fn explain(tasks: &[Task], activities: &[Activity], end: f64, late: f64) -> bool {
    let polls = tasks.iter().flat_map(|task| &task.polls).map(|poll| (poll.from, poll.to));
    let mut polls: Vec<(f64, f64)> = polls.collect();
    polls.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let overlap = polls.windows(2).any(|pair| pair[1].0 < pair[0].1);
    !overlap && unexplained(&polls, activities, end).iter().all(|(from, to)| to - from <= late)
}

/// When a thread was held until this moment, but for these polls, of which no two overlap.
fn unexplained(polls: &[(f64, f64)], activities: &[Activity], end: f64) -> Vec<(f64, f64)> {
    let mut held: Vec<(f64, f64)> = Vec::new();
    for activity in activities.iter().filter(|it| is_held(it.doing)) {
        let (mut at, to) = (activity.from.max(0.0), activity.to.min(end));
        let first = polls.partition_point(|poll| poll.1 <= at);
        let polls = polls[first..].iter().take_while(|poll| poll.0 < to);
        for &(from, next) in polls.chain([&(to, to)]) {
            match held.last_mut() {
                _ if from <= at => {}
                Some(last) if at - last.1 < NEXT => last.1 = last.1.max(from),
                _ => held.push((at, from)),
            }
            at = at.max(next);
        }
    }
    held
}

/// The task of each row: one in whose polls all lines of the row were printed, and as few of whose
/// polls as possible printed nothing: no more than printed something, as one that is polled often
/// may be near any line. A line may come up to `late` seconds after it was printed. `None` if a row
/// has no task of its own. The first task, `main`, is never one of them.
pub fn of_rows(rows: &[Row], tasks: &[Task], late: f64) -> Option<Vec<usize>> {
    let mut found: Vec<usize> = Vec::new();
    for Row { marks, .. } in rows {
        let prints = |poll: &Poll, mark: &Mark| poll.from <= mark.at && mark.at <= poll.to + late;
        let prints_all =
            |task: &Task| marks.iter().all(|mark| task.polls.iter().any(|poll| prints(poll, mark)));
        let silent = |task: &Task| {
            task.polls.iter().filter(|poll| !marks.iter().any(|mark| prints(poll, mark))).count()
        };
        let free = (1..tasks.len()).filter(|task| !found.contains(task));
        let fitting = free.filter(|task| !marks.is_empty() && prints_all(&tasks[*task]));
        let fitting = fitting.filter(|task| 2 * silent(&tasks[*task]) <= tasks[*task].polls.len());
        found.push(fitting.min_by_key(|task| silent(&tasks[*task]))?);
    }
    (!found.is_empty()).then_some(found)
}

/// Whose turn it was until this moment, besides turns that took only a moment. `rows` says of each
/// task which row it is, if any.
pub fn turns(tasks: &[Task], rows: &[Option<usize>], end: f64) -> Vec<Turn> {
    let of_task = |(task, row): (_, &Option<usize>)| {
        let whose = Whose::Held(*row);
        polls(task, end).map(move |(from, to)| Turn { from, to, whose })
    };
    let mut polls: Vec<Turn> = tasks.iter().zip(rows).flat_map(of_task).collect();
    polls.sort_by(|one, other| one.from.total_cmp(&other.from));
    let is_moment = |turn: &Turn| turn.to - turn.from <= MOMENT;
    // Many moments of several tasks, with no sleep in between, are more than a moment.
    polls.dedup_by(|next, before| {
        let is_same = before.whose == next.whose;
        let are_moments =
            (is_moment(before) || before.whose == Whose::Held(None)) && is_moment(next);
        let goes_on = next.from - before.to < NEXT && (is_same || are_moments);
        if goes_on {
            before.to = before.to.max(next.to);
            before.whose = if is_same { before.whose } else { Whose::Held(None) };
        }
        goes_on
    });
    polls.retain(|turn| !is_moment(turn));
    let mut turns = Vec::new();
    let mut at = 0.0;
    let last = Turn { from: end, to: end, whose: Whose::Asleep };
    for turn in polls.into_iter().chain([last]) {
        turns.push(Turn { from: at, to: turn.from, whose: Whose::Asleep });
        turns.push(turn);
        at = turn.to;
    }
    turns.retain(|turn| !is_moment(turn));
    turns
}

/// When tasks were polled for only a moment.
pub fn moments(tasks: &[Task], end: f64) -> Vec<f64> {
    let polls = tasks.iter().flat_map(|task| polls(task, end));
    let moments = polls.filter(|(from, to)| to - from <= MOMENT);
    let mut moments: Vec<_> = moments.map(|(from, _)| from).collect();
    moments.sort_by(f64::total_cmp);
    moments
}

/// What a task was doing until this moment. It runs while it is polled; a poll that takes only a
/// moment is a span without a length.
pub fn states(task: &Task, end: f64) -> Vec<Span> {
    let mut spans = Vec::new();
    let (mut from, mut again) = (task.spawned, Some(task.spawned));
    for poll in &task.polls {
        spans.extend(between(from, again, poll.from));
        spans.push(Span { from: poll.from, to: poll.to, state: State::Runs });
        (from, again) = (poll.to, poll.again);
    }
    let over = task.done.or(task.dropped).unwrap_or(end);
    spans.extend(between(from, again, over));
    let spans = spans.into_iter().filter_map(|Span { from, to, state }| {
        let (from, to) = shown(from, to, end)?;
        let is_moment = to - from <= MOMENT;
        let to = if is_moment { from } else { to };
        (state == State::Runs || !is_moment).then_some(Span { from, to, state })
    });
    spans.collect()
}

/// Between two polls: a task waits until it wants to be polled again, if it does. No alarm goes off
/// without a delay, and one of a moment is not shown.
fn between(from: f64, again: Option<f64>, to: f64) -> [Span; 2] {
    let again = again.unwrap_or(to).max(from);
    let again = if to - again > MOMENT { again } else { to };
    [
        Span { from, to: again, state: State::Waits },
        Span { from: again, to, state: State::WantsToRun },
    ]
}

/// What a picture that ends at this moment shows of what was from one moment to another. Lines come
/// a little later than they were printed, and so does the beginning of the picture.
fn shown(from: f64, to: f64, end: f64) -> Option<(f64, f64)> {
    let is_inside = to > -CLOSE && from < end + CLOSE;
    is_inside.then(|| (from.clamp(0.0, end), to.clamp(0.0, end)))
}

/// When tasks were polled, as far as it is shown.
fn polls(task: &Task, end: f64) -> impl Iterator<Item = (f64, f64)> {
    task.polls.iter().filter_map(move |poll| shown(poll.from, poll.to, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Whose::{Asleep, Held};
    use virtual_time::Doing::{self, Polls, Runs, Sleeps};

    /// A row that prints a line at each of these moments.
    fn row(lines: &[f64]) -> Row {
        let mark = |&at: &f64| Mark { at, line: 0, text: String::new() };
        Row { marks: lines.iter().map(mark).collect(), ..Row::default() }
    }

    /// A task that is polled from and to these moments, and wants to be polled again at the third.
    /// The last poll ends it.
    fn task(spawned: f64, polls: &[(f64, f64, f64)]) -> Task {
        let poll = |&(from, to, again): &(f64, f64, f64)| Poll { from, to, again: Some(again) };
        let polls: Vec<_> = polls.iter().map(poll).collect();
        Task { spawned, done: polls.last().map(|poll| poll.to), dropped: None, polls }
    }

    /// A poll that takes a moment, after which the task waits until another one.
    fn moment(at: f64, again: f64) -> (f64, f64, f64) {
        (at - 0.0001, at, again)
    }

    fn span(from: f64, to: f64, state: State) -> Span {
        Span { from, to, state }
    }

    fn turn(from: f64, to: f64, whose: Whose) -> Turn {
        Turn { from, to, whose }
    }

    fn main() -> Task {
        task(-0.1, &[moment(-0.001, 1.0), moment(1.0, 1.0)])
    }

    #[test]
    fn a_row_has_the_task_in_whose_polls_it_was_printed() {
        let every = |seconds: f64| [0.0, 1.0, 2.0].map(|turn| turn * seconds);
        let polls = |times: [f64; 3]| task(0.0, &times.map(|at| moment(at, at)));
        let tasks = [main(), polls(every(1.0)), polls(every(2.0)), polls(every(1.0))];
        let late = |times: [f64; 3]| row(&times.map(|at| at + 0.04));
        let rows = [late(every(2.0)), late(every(1.0)), late(every(1.0))];
        assert_eq!(of_rows(&rows, &tasks, 0.05), Some(vec![2, 1, 3]));
        assert_eq!(of_rows(&rows, &tasks, 0.01), None, "too late");
        assert_eq!(of_rows(&rows, &tasks[..3], 0.05), None, "two rows of one task");
        assert_eq!(of_rows(&[row(&[1.0])], &[main()], 0.05), None, "printed by main");
        assert_eq!(of_rows(&[row(&[])], &tasks, 0.05), None);
        assert_eq!(of_rows(&[], &tasks, 0.05), None);
        // As few silent polls as possible.
        let none_silent = task(0.0, &[moment(0.0, 2.0), moment(2.0, 2.0)]);
        let tasks = [main(), polls(every(1.0)), none_silent];
        assert_eq!(of_rows(&[row(&[0.0, 2.0])], &tasks, 0.05), Some(vec![2]));
    }

    #[test]
    fn a_task_that_is_polled_all_the_time_is_not_the_row_whose_lines_come_meanwhile() {
        let ticks: Vec<_> = (0..21).map(|tick| f64::from(tick) / 10.0).collect();
        let ticking = task(0.0, &ticks.iter().map(|at| moment(*at, *at)).collect::<Vec<_>>());
        let tasks = [main(), ticking];
        assert_eq!(of_rows(&[row(&[0.0, 1.0, 2.0])], &tasks, 0.01), None);
        assert_eq!(of_rows(&[row(&ticks)], &tasks, 0.01), Some(vec![1]));
    }

    /// What the thread was doing one after another, each until a moment.
    fn thread(parts: &[(Doing, f64)]) -> Vec<Activity> {
        let mut from = 0.0;
        let activity = |&(doing, to): &(Doing, f64)| {
            let from = std::mem::replace(&mut from, to);
            Activity { process: 7, thread: 7, doing, from, to }
        };
        parts.iter().map(activity).collect()
    }

    #[test]
    fn tasks_explain_a_thread_that_is_held_only_while_they_are_polled() {
        let tasks = [task(0.0, &[(0.0, 0.5, 0.5), (0.501, 1.0, 1.0)])];
        let explain =
            |parts: &[(Doing, f64)], end| super::explain(&tasks, &thread(parts), end, 0.05);
        assert!(explain(&[(Sleeps, 1.04), (Polls, 1.9), (Runs, 1.94), (Polls, 2.0)], 2.0));
        assert!(!explain(&[(Sleeps, 1.06), (Polls, 2.0)], 2.0));
        assert!(!explain(&[(Sleeps, 1.0), (Polls, 1.2), (Runs, 1.23), (Sleeps, 1.26)], 2.0));
        assert!(explain(&[(Sleeps, 1.0), (Polls, 1.2), (Runs, 9.0)], 1.2), "later");
        assert!(explain(&[], 2.0), "nobody saw the thread");
    }

    #[test]
    fn tasks_that_are_polled_at_the_same_time_have_more_than_one_thread() {
        let explain = |polls: [&[(f64, f64, f64)]; 2]| {
            super::explain(&polls.map(|polls| task(0.0, polls)), &[], 2.0, 0.05)
        };
        assert!(explain([&[(0.0, 1.0, 1.0)], &[(0.0, 0.0, 0.0), (1.0, 2.0, 2.0)]]));
        assert!(!explain([&[(0.0, 1.0, 1.0)], &[(0.9, 2.0, 2.0)]]));
        assert!(!explain([&[(0.0, 2.0, 2.0)], &[(0.9, 1.0, 1.0)]]));
    }

    #[test]
    fn a_task_waits_until_it_is_due_and_wants_to_run_until_it_is_polled() {
        let task =
            task(-0.5, &[moment(1.0, 2.0), (4.0, 5.0, 4.5), moment(6.0, 7.0), moment(7.04, 7.04)]);
        let states = states(&task, 10.0);
        let expected = [
            span(0.0, 0.9999, State::WantsToRun),
            span(0.9999, 0.9999, State::Runs),
            span(1.0, 2.0, State::Waits),
            span(2.0, 4.0, State::WantsToRun),
            span(4.0, 5.0, State::Runs),
            span(5.0, 5.9999, State::WantsToRun),
            span(5.9999, 5.9999, State::Runs),
            span(6.0, 7.0399, State::Waits),
            span(7.0399, 7.0399, State::Runs),
        ];
        assert_eq!(states, expected);
    }

    #[test]
    fn a_task_that_never_ends_waits_until_the_end_and_one_that_is_dropped_until_then() {
        let mut task = task(0.0, &[moment(0.0, 0.0)]);
        task.polls[0].again = None;
        task.done = None;
        let waits = |to: f64| [span(0.0, 0.0, State::Runs), span(0.0, to, State::Waits)];
        assert_eq!(states(&task, 3.0), waits(3.0));
        task.dropped = Some(2.0);
        assert_eq!(states(&task, 3.0), waits(2.0));
    }

    #[test]
    fn a_thread_is_asleep_while_nothing_is_polled() {
        let tasks = [main(), task(0.0, &[moment(0.0, 1.0), (1.0, 2.0, 3.0), moment(3.0, 3.0)])];
        let seen = turns(&tasks, &[None, Some(0)], 3.0);
        let held = turn(1.0, 2.0, Held(Some(0)));
        assert_eq!(seen, [turn(0.0, 1.0, Asleep), held, turn(2.0, 3.0, Asleep)]);
        let moments: Vec<_> =
            moments(&tasks, 3.0).iter().map(|at| (at * 100.0).round() / 100.0).collect();
        assert_eq!(moments, [0.0, 0.0, 1.0, 3.0], "two polls at the beginning, one of main");
    }

    #[test]
    fn tasks_that_block_have_the_thread_one_after_another() {
        let tasks = [main(), task(0.0, &[(0.0, 1.0, 1.0)]), task(0.0, &[(1.0001, 2.0, 2.0)])];
        let held = |row, from, to| turn(from, to, Held(Some(row)));
        assert_eq!(
            turns(&tasks, &[None, Some(0), Some(1)], 2.0),
            [held(0, 0.0, 1.0), held(1, 1.0001, 2.0)]
        );
        let wants = span(0.0, 1.0001, State::WantsToRun);
        assert_eq!(states(&tasks[2], 2.0), [wants, span(1.0001, 2.0, State::Runs)]);
    }

    #[test]
    fn tasks_that_take_turns_without_a_sleep_have_the_thread_together() {
        let turns_of = |first: u32| {
            let polls = (0..50).map(|index| {
                let from = f64::from(2 * index + first) * 0.01;
                (from, from + 0.0099, from + 0.0099)
            });
            task(0.0, &polls.collect::<Vec<_>>())
        };
        let tasks = [main(), turns_of(0), turns_of(1)];
        let seen = turns(&tasks[1..], &[Some(0), Some(1)], 3.0);
        assert_eq!(seen.len(), 2, "{seen:?}");
        assert_eq!((seen[0].from, seen[0].whose), (0.0, Held(None)));
        assert!((seen[0].to - 1.0).abs() < 0.001 && seen[1].whose == Asleep, "{seen:?}");
        let alone = turns(&tasks[1..2], &[Some(0)], 3.0);
        assert_eq!(alone, [turn(0.0, 3.0, Asleep)], "between moments of work, it sleeps");
    }
}
