//! A picture of one run: a row per coroutine, time across.

/// What one run looked like.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    pub rows: Vec<Row>,
    /// Seconds from the first line to the last.
    pub seconds: f64,
}

/// One coroutine.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub label: String,
    /// From when to when it waited, in seconds after the first line.
    pub waits: Vec<(f64, f64)>,
    /// What it printed, and when.
    pub events: Vec<(f64, String)>,
}

/// The characters of a picture in a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Characters {
    wait: char,
    tick: char,
}

impl Characters {
    pub const UNICODE: Self = Self { wait: '─', tick: '╵' };
    pub const ASCII: Self = Self { wait: '-', tick: '\'' };
}

impl Timeline {
    /// The picture as text, a line per row and two for the seconds, at most `width` characters
    /// wide. What was printed stands where it was printed; waiting is a line to the next.
    #[must_use]
    pub fn text(&self, width: usize, characters: Characters) -> Vec<String> {
        let labels = self.rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0) + 2;
        // Room for the text of the last event.
        let columns = width.saturating_sub(labels + 6).max(20);
        let column = |at: f64| {
            let share = if self.seconds > 0.0 { at / self.seconds } else { 0.0 };
            (share.clamp(0.0, 1.0) * columns as f64).round() as usize
        };
        let mut lines = Vec::new();
        for row in &self.rows {
            let mut cells = vec![' '; columns + 7];
            for &(from, to) in &row.waits {
                cells[column(from)..column(to)].fill(characters.wait);
            }
            for (index, (at, text)) in row.events.iter().enumerate() {
                // A text ends where the next begins.
                let next = row.events[index + 1..].iter().map(|(at, _)| column(*at)).min();
                let end = next.unwrap_or(cells.len()).min(cells.len());
                for (cell, character) in cells[..end].iter_mut().skip(column(*at)).zip(text.chars())
                {
                    *cell = character;
                }
            }
            let label = format!("{:labels$}", row.label);
            lines.push((label + &String::from_iter(cells)).trim_end().to_owned());
        }
        let mut ticks = vec![' '; columns + 7];
        let mut seconds = ticks.clone();
        let step = [1, 2, 5, 10, 20, 50, 100]
            .into_iter()
            .find(|step| column(f64::from(*step)) >= 5)
            .unwrap_or(1000);
        for second in (0..=self.seconds as u32).step_by(step as usize) {
            let at = column(f64::from(second));
            ticks[at] = characters.tick;
            for (cell, character) in seconds[at..].iter_mut().zip(format!("{second} s").chars()) {
                *cell = character;
            }
        }
        for cells in [ticks, seconds] {
            let line = format!("{:labels$}{}", "", String::from_iter(cells));
            lines.push(line.trim_end().to_owned());
        }
        lines
    }
}
