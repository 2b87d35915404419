//! The picture of a program that answers no exercise. Its lines say which coroutine they belong to:
//! `fetch 1: asks` belongs to `fetch 1`.

use super::{Mark, Row, Timeline, Wait};
use crate::judging::transcript::Transcript;
use crate::recording::Recording;

/// A label is at most this many letters long: more is a sentence.
const LONGEST: usize = 24;

/// A row for each label, in the order in which they come, and one for the lines without a label. A
/// coroutine waits from each of its lines to the next.
#[must_use]
pub fn by_label(recording: &Recording) -> Timeline {
    let transcript = Transcript::of(recording, |_| true);
    let mut rows: Vec<Row> = Vec::new();
    for (line, text_line) in transcript.lines.iter().enumerate() {
        let Some((label, text)) = labeled(&text_line.text) else { continue };
        let mark = Mark { at: text_line.at, line, text: text.into() };
        match rows.iter_mut().find(|row| row.label == label) {
            Some(row) => row.marks.push(mark),
            None => rows.push(Row { label: label.into(), marks: vec![mark], ..Row::default() }),
        }
    }
    // What comes only once is no label; but it may still come again.
    rows.retain(|row| recording.is_underway || row.marks.len() > 1);
    for row in &mut rows {
        let pairs = row.marks.windows(2);
        row.waits =
            pairs.map(|pair| Wait { from: pair[0].at, to: pair[1].at, due: None }).collect();
        row.ended = row.marks.last().map(|mark| mark.at).filter(|_| !recording.is_underway);
    }
    Timeline::new(rows, &transcript)
}

/// The label of a line, and what follows it.
fn labeled(text: &str) -> Option<(&str, &str)> {
    let (label, text) = text.split_once(": ")?;
    (!label.is_empty() && label.len() <= LONGEST).then_some((label, text))
}
