//! The picture of a program that still runs.

use super::text::{Characters, text_at_scale};
use super::{Timeline, rounded, shortened, step};

/// The picture up to now, for a window of this many columns and rows. The axis is as long as the
/// program usually takes, in seconds; if it takes longer, the axis grows by large steps.
#[must_use]
pub fn frame(
    timeline: &Timeline,
    usual: f64,
    (columns, rows): (usize, usize),
    characters: Characters,
) -> Vec<String> {
    let now = timeline.seconds();
    let mut lines = if timeline.lines.is_empty() {
        vec![format!("nothing printed yet, {now:.0} s")]
    } else {
        text_at_scale(timeline, scale(usual, now), columns, characters)
    };
    if lines.len() > rows {
        lines.truncate(rows.saturating_sub(1));
        lines.push(characters.ellipsis.into());
    }
    lines.iter().map(|line| shortened(line, columns, "")).collect()
}

/// For how many seconds the axis has room.
fn scale(usual: f64, now: f64) -> f64 {
    if rounded(now) <= usual { usual } else { step(|step| f64::from(step) >= now).into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::{Mark, Row, Span, State};

    fn at(now: f64) -> Timeline {
        let mark = Mark { at: 0.0, line: 0, text: "One".into() };
        let states = vec![Span { from: 0.0, to: now, state: State::Waits }];
        let row = Row { label: "count".into(), marks: vec![mark], states, ..Row::default() };
        let lines = vec![(0.0, "One".into())];
        Timeline { rows: vec![row], lines, thread: None, now: Some(now), moments: vec![0.0] }
    }

    #[test]
    fn the_scale_grows_only_by_steps() {
        let scales = [0.0, 0.5, 1.04, 1.06, 1.9, 2.1, 4.9, 5.1].map(|now| scale(1.0, now));
        assert_eq!(scales, [1.0, 1.0, 1.0, 2.0, 2.0, 5.0, 5.0, 10.0]);
        assert_eq!([11.0, 12.0, 13.0].map(|now| scale(12.0, now)), [12.0, 12.0, 20.0]);
    }

    #[test]
    fn a_row_grows_up_to_now() {
        let row = |now| frame(&at(now), 1.0, (35, 10), Characters::ASCII).remove(0);
        assert_eq!(row(0.5), "count  One-------");
        assert_eq!(row(1.0), "count  One-----------------");
    }

    #[test]
    fn a_picture_is_no_larger_than_its_window() {
        for (columns, rows) in [(80, 24), (80, 3), (10, 2), (3, 1), (0, 0)] {
            let lines = frame(&at(0.5), 1.0, (columns, rows), Characters::UNICODE);
            assert!(lines.len() <= rows.max(1), "{rows}: {lines:?}");
            let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(widest <= columns, "{columns}: {lines:?}");
        }
        let cut = frame(&at(0.5), 1.0, (80, 3), Characters::UNICODE);
        assert_eq!(cut.last().map(String::as_str), Some("…"));
    }

    #[test]
    fn before_the_first_line_there_is_nothing_to_draw() {
        let nothing = Timeline { now: Some(2.6), ..Timeline::default() };
        let lines = frame(&nothing, 1.0, (80, 24), Characters::ASCII);
        assert_eq!(lines, ["nothing printed yet, 3 s"]);
    }
}
