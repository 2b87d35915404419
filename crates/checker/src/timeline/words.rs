//! The picture in words: its headline, and its story for people who use a screen reader.

use super::{Row, Span, State, Timeline, Turn, Whose, rounded};

/// If there are more of them than this, they are counted, not listed one by one.
const TOLD: usize = 3;

/// The point of the picture: how long the thread was held in all, or how long the coroutines waited
/// if it was not, and how long the run is.
pub fn headline(timeline: &Timeline) -> String {
    let turns = timeline.thread.iter().flatten();
    let held = turns.filter(|turn| turn.whose != Whose::Asleep);
    let held = held.fold(0.0, |sum, turn| sum + rounded(turn.to) - rounded(turn.from));
    let states = timeline.rows.iter().flat_map(|row| &row.states);
    let waits = states.filter(|span| span.state == State::Waits);
    let waited = waits.fold(0.0, |sum, span| sum + rounded(span.to) - rounded(span.from));
    let all = seconds(timeline.seconds());
    if held > 0.0 {
        format!("{} of blocking in {all}", seconds(held))
    } else {
        format!("{} of waiting in {all}", seconds(waited))
    }
}

/// What each coroutine does when, who has the thread, and how long the run takes in all.
pub fn story(timeline: &Timeline) -> String {
    let rows =
        timeline.rows.iter().filter_map(|row| Some(format!("{} {}.", row.label, does(row)?)));
    let end = match timeline.lines.len() {
        0 => "Nothing was printed.".into(),
        _ => format!("The last line comes after {}.", seconds(timeline.seconds())),
    };
    rows.chain(thread(timeline)).chain([end]).collect::<Vec<_>>().join(" ")
}

/// The states in the picture, each with what a legend says of it. What is too short to be seen is
/// drawn at least this wide.
pub fn legend(timeline: &Timeline, least: &str) -> impl Iterator<Item = (State, String)> {
    let shown = State::ALL.into_iter().filter(|state| timeline.shows(*state));
    shown.map(move |state| {
        let more = match state {
            State::WantsToRun => ", thread taken",
            State::Runs if timeline.thread.is_some() => &format!(", {least} at least"),
            State::Waits if timeline.thread.is_some() => " or is asleep",
            _ => "",
        };
        (state, format!("{}{more}", state.word()))
    })
}

/// What a coroutine does, as the rest of a sentence.
fn does(row: &Row) -> Option<String> {
    let states: Vec<_> =
        row.states.iter().filter(|span| rounded(span.to) > rounded(span.from)).collect();
    let word = |span: &Span| span.state.word();
    let (first, last) = match &states[..] {
        [] => return prints(row),
        [first, .., last] if states.len() > TOLD => (first, last),
        _ => {
            let all = states.iter().map(|span| format!("{} {}", word(span), when(span)));
            return Some(all.collect::<Vec<_>>().join(", then "));
        }
    };
    let from_to = from_to(first.from, last.to);
    if states.iter().all(|span| span.state == first.state) {
        return Some(format!("{} {} times, {from_to}", word(first), states.len()));
    }
    let is_seen = |state: &State| states.iter().any(|span| span.state == *state);
    let words: Vec<_> = State::ALL.into_iter().filter(is_seen).map(State::word).collect();
    Some(format!("by turns {}, {from_to}", words.join(" and ")))
}

/// Who has the thread, as a sentence.
fn thread(timeline: &Timeline) -> Option<String> {
    let turns = timeline.thread.as_ref().filter(|turns| !turns.is_empty())?;
    let held = turns.iter().filter(|turn| turn.whose != Whose::Asleep).count();
    let asleep = turns.iter().filter(|turn| turn.whose == Whose::Asleep);
    let asleep = asleep.fold(0.0, |sum, turn| sum + rounded(turn.to) - rounded(turn.from));
    Some(if held == 0 {
        "The thread is asleep almost all the time.".into()
    } else if turns.len() > TOLD {
        format!("The thread is taken {held} times, and asleep for {} in all.", seconds(asleep))
    } else {
        let turn = |turn: &Turn| {
            let from_to = from_to(turn.from, turn.to);
            format!("{} {from_to}", whose(timeline, turn.whose))
        };
        let turns: Vec<_> = turns.iter().map(turn).collect();
        format!("The thread is {}.", turns.join(", then "))
    })
}

fn whose(timeline: &Timeline, whose: Whose) -> String {
    match whose {
        Whose::Held(Some(row)) => format!("taken by {}", timeline.rows[row].label),
        Whose::Held(None) => "taken".into(),
        Whose::Asleep => "asleep".into(),
    }
}

fn when(span: &Span) -> String {
    from_to(span.from, span.to)
}

fn prints(row: &Row) -> Option<String> {
    let (first, last) = (row.marks.first()?, row.marks.last()?);
    Some(match row.marks.len() {
        1 => format!("prints line {} at {}", first.line + 1, seconds(first.at)),
        many => format!("prints {many} lines, {}", from_to(first.at, last.at)),
    })
}

fn from_to(from: f64, to: f64) -> String {
    format!("from {} to {}", seconds(from), seconds(to))
}

/// As in `1 s` or `0.5 s`.
fn seconds(seconds: f64) -> String {
    format!("{} s", rounded(seconds))
}
