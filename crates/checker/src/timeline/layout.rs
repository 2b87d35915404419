//! Where the dots and notes of a row go, so that none covers another. A row has lanes: the bars are
//! in lane 0, positive lanes are above it, negative ones below.

use super::{Mark, columns, rounded, shortened};
use std::collections::BTreeMap;

/// Half the height of a dot.
pub const RADIUS: f64 = 9.5;
/// The width of a letter, with room to spare: fonts differ.
pub const LETTER: f64 = 8.1;
/// The width of a digit on a dot.
const DIGIT: f64 = 6.9;
/// What stays free on either side of a picture.
pub const MARGIN: f64 = 8.0;
/// What stays free between a dot and the note next to it.
pub const GAP: f64 = 4.0;
/// A note is placed in one of this many lowest lanes: a program may print thousands of lines.
const SEARCHED: i32 = 50;

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

/// How long a text is.
pub fn length(text: &str) -> f64 {
    columns(text) as f64 * LETTER
}

/// Which parts of a row's lanes are already taken: from where to where.
struct Lanes {
    taken: BTreeMap<i32, Vec<(f64, f64)>>,
    /// The width of the picture.
    width: f64,
}

/// Lays out the marks of a row in a picture of this width, each where its time is on the axis.
pub fn layout<'a>(marks: &'a [Mark], x: impl Fn(f64) -> f64, width: f64) -> Layout<'a> {
    let mut lanes = Lanes { taken: BTreeMap::new(), width };
    let mut dots = lanes.put_dots(marks, x);
    // The notes of the dots on the bars come first, as there is only one place for each.
    dots.sort_by_key(|dot| dot.lane);
    let notes: Vec<_> = dots.iter().filter_map(|dot| lanes.put_note(dot)).collect();
    dots.sort_by_key(|dot| dot.mark.line);
    Layout { dots, notes, above: lanes.above(), below: lanes.below() }
}

impl Lanes {
    /// How many there are above the bars.
    fn above(&self) -> i32 {
        self.taken.last_key_value().map_or(0, |(lane, _)| (*lane).max(0))
    }

    /// How many there are below the bars.
    fn below(&self) -> i32 {
        self.taken.first_key_value().map_or(0, |(lane, _)| (-lane).max(0))
    }

    /// Takes a place, if it is free.
    fn take(&mut self, lane: i32, (from, to): (f64, f64)) -> bool {
        let taken = self.taken.entry(lane).or_default();
        // Touching is not overlapping, however it was rounded.
        let is_free = taken.iter().all(|&(start, end)| to < start + 0.01 || end < from + 0.01);
        if is_free {
            taken.push((from, to));
        }
        is_free
    }

    /// The dots. Those with the same time form a stack, which is read from the top down to the bar;
    /// a dot that would cover another moves up.
    fn put_dots<'a>(&mut self, marks: &'a [Mark], x: impl Fn(f64) -> f64) -> Vec<Dot<'a>> {
        let mut dots = Vec::new();
        for together in marks.chunk_by(|one, next| rounded(one.at) == rounded(next.at)) {
            let mut lane = 0;
            for mark in together.iter().rev() {
                let (x, half) = (x(mark.at), half_width(mark.line));
                while !self.take(lane, (x - half, x + half)) {
                    lane += 1;
                }
                dots.push(Dot { mark, x, lane });
                lane += 1;
            }
        }
        dots
    }

    /// A note goes under its dot if that is on the bar, or beside it if that is above the bar. If
    /// that place is taken, the note goes further down and names its line.
    fn put_note(&mut self, dot: &Dot) -> Option<Note> {
        let (mark, half) = (dot.mark, half_width(dot.mark.line));
        if mark.text.is_empty() {
            return None;
        }
        let most = ((self.width - 2.0 * MARGIN) / LETTER) as usize;
        let text = shortened(&mark.text, most, "…");
        let near = if dot.lane == 0 {
            self.put_text(-1, self.under(dot, &text), &text)
        } else {
            let (right, left) = (dot.x + half + GAP, dot.x - half - GAP - length(&text));
            self.put_text(dot.lane, right, &text).or_else(|| self.put_text(dot.lane, left, &text))
        };
        near.or_else(|| {
            let number = format!("{}: ", mark.line + 1);
            let most = most.saturating_sub(columns(&number));
            let text = number + &shortened(&mark.text, most, "…");
            let x = self.under(dot, &text);
            let first = (self.below() - SEARCHED).max(1);
            (first..).find_map(|lane| self.put_text(-lane, x, &text))
        })
    }

    /// Where a text under the dot starts: centered if the text is short.
    fn under(&self, dot: &Dot, text: &str) -> f64 {
        let start = dot.x - half_width(dot.mark.line).min(length(text) / 2.0);
        start.min(self.width - MARGIN - length(text)).max(MARGIN)
    }

    fn put_text(&mut self, lane: i32, x: f64, text: &str) -> Option<Note> {
        let end = x + length(text);
        let is_inside = MARGIN <= x && end <= self.width - MARGIN + 0.01;
        let is_put = is_inside && self.take(lane, (x - GAP, end + GAP));
        is_put.then(|| Note { x, lane, text: text.to_owned() })
    }
}
