//! The picture in words: its headline, and its story for people who use a screen reader.

use super::{Row, Timeline, rounded};

/// If there are more waits than this, they are counted, not listed one by one.
const TOLD: usize = 3;

/// The point of the picture: how long the waits are in all, and how long the run is.
pub fn headline(timeline: &Timeline) -> String {
    let waits = timeline.rows.iter().flat_map(|row| &row.waits);
    let waited = waits.fold(0.0, |sum, &(from, to)| sum + rounded(to) - rounded(from));
    format!("{} of waiting in {}", seconds(waited), seconds(timeline.seconds()))
}

/// Which coroutine waits when, and how long the run takes in all.
pub fn story(timeline: &Timeline) -> String {
    let rows =
        timeline.rows.iter().filter_map(|row| Some(format!("{} {}.", row.label, does(row)?)));
    let end = match timeline.lines.len() {
        0 => "Nothing was printed.".into(),
        _ => format!("The last line comes after {}.", seconds(timeline.seconds())),
    };
    rows.chain([end]).collect::<Vec<_>>().join(" ")
}

/// What a coroutine does, as the rest of a sentence.
fn does(row: &Row) -> Option<String> {
    let waits: Vec<_> =
        row.waits.iter().filter(|(from, to)| rounded(*to) > rounded(*from)).collect();
    match waits.len() {
        0 => prints(row),
        1..=TOLD => {
            let waits: Vec<_> = waits.iter().map(|&&(from, to)| from_to(from, to)).collect();
            Some(format!("waits {}", waits.join(", then ")))
        }
        many => {
            let from_to = from_to(waits[0].0, waits[many - 1].1);
            Some(format!("waits {many} times, {from_to}"))
        }
    }
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
