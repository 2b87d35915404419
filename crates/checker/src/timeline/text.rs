//! The picture in a terminal.

use super::Timeline;

/// The characters of a picture.
#[derive(Clone, Copy, Debug)]
pub struct Characters {
    wait: char,
    tick: char,
}

impl Characters {
    pub const UNICODE: Self = Self { wait: '─', tick: '╵' };
    /// For a terminal that knows no other.
    pub const ASCII: Self = Self { wait: '-', tick: '\'' };
}

/// Columns that are kept free for the text of an event at the right end.
const LAST: usize = 8;

/// Columns that the label of a second takes, as in `10 s`.
const LABEL: usize = 4;

/// The picture, a line per row and two for the axis, at most `width` columns wide. What was
/// printed stands where it was printed; waiting is a line to the next.
#[must_use]
pub fn text(timeline: &Timeline, width: usize, characters: Characters) -> Vec<String> {
    let labels = timeline.rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0) + 2;
    let columns = width.saturating_sub(labels).max(LAST + 12);
    let seconds = timeline.seconds().max(1.0);
    let column =
        |at: f64| ((at / seconds).clamp(0.0, 1.0) * (columns - LAST) as f64).round() as usize;
    let line = |label: &str, cells: &[char]| {
        format!("{label:labels$}{}", String::from_iter(cells)).trim_end().to_owned()
    };

    let mut lines = Vec::new();
    for row in &timeline.rows {
        let mut cells = vec![' '; columns];
        for &(from, to) in &row.waits {
            cells[column(from)..column(to).max(column(from))].fill(characters.wait);
        }
        for (index, event) in row.marks.iter().enumerate() {
            // A text ends where the next begins, or the line.
            let next = row.marks[index + 1..].first().map_or(columns, |next| column(next.at));
            write(&mut cells[..next], column(event.at), &event.text);
        }
        lines.push(line(&row.label, &cells));
    }

    let (mut ticks, mut numbers) = (vec![' '; columns], vec![' '; columns]);
    let step = [1, 2, 5, 10, 20, 50, 100].into_iter().find(|&step| column(f64::from(step)) > LABEL);
    for second in (0..=seconds.round() as u32).step_by(step.unwrap_or(100) as usize) {
        let at = column(f64::from(second));
        ticks[at] = characters.tick;
        write(&mut numbers, at, &format!("{second} s"));
    }
    lines.extend([line("", &ticks), line("", &numbers)]);
    lines
}

/// Writes text from a column on. What does not fit is cut; at the right end it moves to the left,
/// as far as there is nothing.
fn write(cells: &mut [char], column: usize, text: &str) {
    let length = text.chars().count();
    let mut start = column.min(cells.len());
    while start > 0 && cells.len() - start < length && cells[start - 1] == ' ' {
        start -= 1;
    }
    for (cell, character) in cells[start..].iter_mut().zip(text.chars()) {
        *cell = character;
    }
}
