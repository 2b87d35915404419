//! Where the dots and notes of a row go, so that none covers another. A row has lanes: lane 0 is
//! that of the bars, positive ones lie above it, negative ones below.

use super::{Mark, columns, rounded, shortened};
use std::collections::HashMap;

/// Half the height of a dot.
pub const RADIUS: f64 = 9.5;
/// The width of a letter, generously: fonts differ.
pub const LETTER: f64 = 8.1;
/// The width of a digit on a dot.
const DIGIT: f64 = 6.9;
/// What stays free at either side of a picture.
pub const MARGIN: f64 = 8.0;
/// What stays free between a dot and the note beside it.
pub const GAP: f64 = 4.0;

/// A row, laid out.
pub struct Layout<'a> {
    pub dots: Vec<Dot<'a>>,
    pub notes: Vec<Note>,
    /// How many lanes there are above the bars, and below.
    pub above: i32,
    pub below: i32,
}

/// A mark, as a dot with the number of its line.
pub struct Dot<'a> {
    pub mark: &'a Mark,
    pub x: f64,
    pub lane: i32,
}

/// What a mark says.
pub struct Note {
    pub x: f64,
    pub lane: i32,
    pub text: String,
}

/// Half the width of the dot of a line.
pub fn half_width(line: usize) -> f64 {
    let digits = (line + 1).to_string().len() as f64;
    RADIUS.max(digits * DIGIT / 2.0 + 2.5)
}

/// What the lanes hold already: from where to where.
#[derive(Default)]
struct Lanes(HashMap<i32, Vec<(f64, f64)>>);

impl Lanes {
    /// Takes the place, if it is free.
    fn take(&mut self, lane: i32, (from, to): (f64, f64)) -> bool {
        let taken = self.0.entry(lane).or_default();
        // What only touches is no overlap, however it was rounded.
        let is_free = taken.iter().all(|&(start, end)| to < start + 0.01 || end < from + 0.01);
        if is_free {
            taken.push((from, to));
        }
        is_free
    }
}

/// Lays out the marks of a row in a picture of this width, each where its time is on the axis.
pub fn layout<'a>(marks: &'a [Mark], x: impl Fn(f64) -> f64, width: f64) -> Layout<'a> {
    let mut lanes = Lanes::default();
    let mut dots = dots(marks, x, &mut lanes);
    // The notes below the bars first, as they have one place only.
    dots.sort_by_key(|dot| dot.lane);
    let notes: Vec<_> = dots.iter().filter_map(|dot| note(dot, width, &mut lanes)).collect();
    dots.sort_by_key(|dot| dot.mark.line);
    let used = || dots.iter().map(|dot| dot.lane).chain(notes.iter().map(|note| note.lane));
    let above = used().max().unwrap_or(0).max(0);
    let below = -used().min().unwrap_or(0).min(0);
    Layout { dots, notes, above, below }
}

/// The dots, in the order of their lines. Those of the same time are a stack, which is read
/// downwards and ends on the bar; those that would cover another move up.
fn dots<'a>(marks: &'a [Mark], x: impl Fn(f64) -> f64, lanes: &mut Lanes) -> Vec<Dot<'a>> {
    let mut dots = Vec::new();
    for together in marks.chunk_by(|one, next| rounded(one.at) == rounded(next.at)) {
        let mut lane = 0;
        for mark in together.iter().rev() {
            let (x, half) = (x(mark.at), half_width(mark.line));
            while !lanes.take(lane, (x - half, x + half)) {
                lane += 1;
            }
            dots.push(Dot { mark, x, lane });
            lane += 1;
        }
    }
    dots
}

/// A note stands under its dot on the bar, or beside its dot above the bar. Where that place is
/// taken, it goes further down and names its line.
fn note(dot: &Dot, width: f64, lanes: &mut Lanes) -> Option<Note> {
    let (mark, half) = (dot.mark, half_width(dot.mark.line));
    if mark.text.is_empty() {
        return None;
    }
    let most = ((width - 2.0 * MARGIN) / LETTER) as usize;
    let under = |text: &str| {
        let start = dot.x - half.min(columns(text) as f64 * LETTER / 2.0);
        start.min(width - MARGIN - columns(text) as f64 * LETTER).max(MARGIN)
    };
    let mut place = |lane, x: f64, text: &str| {
        let end = x + columns(text) as f64 * LETTER;
        let fits = MARGIN <= x && end <= width - MARGIN + 0.1;
        (fits && lanes.take(lane, (x - GAP, end + GAP))).then(|| Note {
            x,
            lane,
            text: text.to_owned(),
        })
    };
    let text = shortened(&mark.text, most, "…");
    let near = if dot.lane == 0 {
        place(-1, under(&text), &text)
    } else {
        let left = dot.x - half - GAP - columns(&text) as f64 * LETTER;
        place(dot.lane, dot.x + half + GAP, &text).or_else(|| place(dot.lane, left, &text))
    };
    near.or_else(|| {
        let text = shortened(&format!("{}: {}", mark.line + 1, mark.text), most, "…");
        (1..).find_map(|lane| place(-lane, under(&text), &text))
    })
}
