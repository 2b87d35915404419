//! The picture in a terminal.

use super::{Row, State, THREAD, Timeline, Turn, Whose, columns, rounded, shortened, step, words};

/// The characters of a picture.
#[derive(Clone, Copy, Debug)]
pub struct Characters {
    runs: char,
    waits: char,
    wants_to_run: char,
    done: char,
    tick: char,
    pub(super) ellipsis: &'static str,
}

impl Characters {
    pub const UNICODE: Self =
        Self {
            runs: '█', waits: '─', wants_to_run: '·', done: '┤', tick: '╵', ellipsis: "…"
        };
    /// For a terminal that can show no others.
    pub const ASCII: Self =
        Self { runs: '#', waits: '-', wants_to_run: '.', done: '|', tick: '\'', ellipsis: "..." };

    fn of(self, state: State) -> char {
        match state {
            State::Runs => self.runs,
            State::Waits => self.waits,
            State::WantsToRun => self.wants_to_run,
        }
    }
}

/// Columns kept free at the right end, for the text of the last mark.
const LAST: usize = 8;

/// Columns that the axis needs. Where labels leave fewer, each has a line of its own.
const AXIS: usize = 24;

/// No picture is narrower.
const NARROWEST: usize = 20;

/// How many rows are drawn. A program that prints without end has thousands.
const MOST_ROWS: usize = 20;

/// The picture: the first 20 rows, the thread if it is known, two lines for the axis, and the legend, at most
/// `width` columns wide, or 20 if that is more. What was printed is at its place on the axis; bars
/// show what went on until the next. What has no room there goes above.
#[must_use]
pub fn text(timeline: &Timeline, width: usize, characters: Characters) -> Vec<String> {
    // Notes may be later than the last line.
    let marks = timeline.rows.iter().flat_map(|row| &row.marks);
    let seconds = marks.map(|mark| mark.at).fold(timeline.seconds().max(1.0), f64::max);
    text_at_scale(timeline, seconds, width, characters)
}

/// The same, with an axis of this many seconds.
pub fn text_at_scale(
    timeline: &Timeline,
    seconds: f64,
    width: usize,
    characters: Characters,
) -> Vec<String> {
    let width = width.max(NARROWEST);
    let shown = &timeline.rows[..timeline.rows.len().min(MOST_ROWS)];
    let labels = shown.iter().map(|row| &*row.label);
    let labels = labels.chain(timeline.thread.is_some().then_some(THREAD));
    let labels = labels.map(columns).max().unwrap_or(0) + 2;
    let left = if labels + AXIS <= width { labels } else { 0 };
    let axis = Axis { seconds, columns: width - left };

    let rows = shown.iter().map(|row| (&*row.label, row_lines(row, axis, characters)));
    let thread = timeline.thread.as_ref();
    let thread = thread.map(|turns| (THREAD, vec![thread_line(timeline, turns, axis, characters)]));
    let more = more_rows(timeline.rows.len() - shown.len());
    let more = more.iter().map(|more| (&**more, vec![]));
    let mut lines = Vec::new();
    for (label, row) in rows.chain(more).chain(thread) {
        let mut label = shortened(label, width, characters.ellipsis);
        if left == 0 || row.is_empty() {
            lines.push(std::mem::take(&mut label));
        }
        for line in row {
            lines.push(format!("{label}{}{line}", " ".repeat(left - columns(&label).min(left))));
            label.clear();
        }
    }
    lines.extend(axis.lines(characters).map(|line| " ".repeat(left) + &line));
    lines.extend(legend(timeline, width, characters));
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// How many rows there are besides those that are drawn, in words.
fn more_rows(more: usize) -> Option<String> {
    match more {
        0 => None,
        1 => Some("... and 1 more row".into()),
        _ => Some(format!("... and {more} more rows")),
    }
}

/// Where a time is in the picture.
#[derive(Clone, Copy)]
struct Axis {
    seconds: f64,
    columns: usize,
}

impl Axis {
    fn column(self, at: f64) -> usize {
        let part = (at / self.seconds).clamp(0.0, 1.0);
        (part * (self.columns - LAST) as f64).round() as usize
    }

    /// The ticks, and their seconds.
    fn lines(self, characters: Characters) -> [String; 2] {
        let last = rounded(self.seconds).floor() as u32;
        let label = |second: u32| format!("{second} s");
        let numbers = |step: u32| {
            let seconds = (0..=last).step_by(step as usize);
            Line(seconds.map(|second| (self.column(second.into()), label(second))).collect())
        };
        let numbers = numbers(step(|step| numbers(step).are_apart()));
        let tick = |(column, _): &(usize, String)| (*column, characters.tick.to_string());
        let ticks = Line(numbers.0.iter().map(tick).collect());
        let blank = vec![' '; self.columns];
        [ticks.over(&blank), numbers.over(&blank)]
    }
}

/// The texts of a line, each with the column at which it begins, in this order.
#[derive(Default)]
struct Line(Vec<(usize, String)>);

impl Line {
    /// The column after the last text.
    fn end(&self) -> usize {
        self.0.last().map_or(0, |(start, text)| start + columns(text))
    }

    /// Whether there is space between any two of the texts.
    fn are_apart(&self) -> bool {
        self.0.windows(2).all(|pair| pair[0].0 + columns(&pair[0].1) < pair[1].0)
    }

    /// The texts, with the background between them.
    fn over(&self, background: &[char]) -> String {
        let mut line = String::new();
        let mut end = 0;
        for (start, text) in &self.0 {
            line.extend(&background[end..*start]);
            line += text;
            end = start + columns(text);
        }
        line.extend(background.get(end..).unwrap_or_default());
        line
    }
}

/// What the bars stand for: as many lines as it takes.
fn legend(timeline: &Timeline, width: usize, characters: Characters) -> Vec<String> {
    let states = words::legend(timeline, "one column");
    let mut words: Vec<_> =
        states.map(|(state, words)| format!("{} {words}", characters.of(state))).collect();
    if timeline.rows.iter().any(|row| row.ended.is_some()) {
        words.push(format!("{} done", characters.done));
    }
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if columns(line) + 3 + columns(&word) <= width => {
                *line += &format!("   {word}")
            }
            _ => lines.push(shortened(&word, width, characters.ellipsis)),
        }
    }
    lines
}

/// The row of the thread. A turn that takes a moment is one column wide. The holder's name is where
/// it has room.
fn thread_line(timeline: &Timeline, turns: &[Turn], axis: Axis, characters: Characters) -> String {
    let mut bars = vec![' '; axis.columns];
    let mut names = Line::default();
    let columns_of = |turn: &Turn| {
        let from = axis.column(turn.from);
        from..axis.column(turn.to).max(from)
    };
    for turn in turns {
        let character =
            if turn.whose == Whose::Asleep { characters.waits } else { characters.runs };
        bars[columns_of(turn)].fill(character);
    }
    for at in &timeline.moments {
        bars[axis.column(rounded(*at))] = characters.runs;
    }
    for turn in turns {
        let (bar, name) = (columns_of(turn), timeline.holder(turn.whose));
        let length = columns(name);
        // In between the moments of work.
        let is_free = |start: usize, around: usize| {
            let part = &bars[start - around..start + length + around];
            turn.whose != Whose::Asleep || part.iter().all(|it| *it == characters.waits)
        };
        // After the column in which it begins; if possible, with a part of its bar on either side.
        let mut starts = names.end().max(bar.start + 1)..bar.end.saturating_sub(length);
        let apart = starts.clone().find(|start| is_free(*start, 1));
        if let Some(start) = apart.or_else(|| starts.find(|start| is_free(*start, 0))) {
            names.0.push((start, name.to_owned()));
        }
    }
    names.over(&bars)
}

/// A row: its bars, and as many lines above them as its texts need, so that there is space between
/// any two. Texts in the same column are read from the top down, and the last is on the bar.
fn row_lines(row: &Row, axis: Axis, characters: Characters) -> Vec<String> {
    let blank = vec![' '; axis.columns];
    let mut bars = blank.clone();
    for span in &row.states {
        let (from, to) = (axis.column(span.from), axis.column(span.to));
        bars[from..to.max(from)].fill(characters.of(span.state));
    }
    for at in row.silent_moments() {
        bars[axis.column(at)] = characters.runs;
    }
    // From the bars upwards.
    let mut lines = vec![Line::default()];
    let marks: Vec<_> = row.marks.iter().filter(|mark| !mark.text.is_empty()).collect();
    for together in marks.chunk_by(|one, next| axis.column(one.at) == axis.column(next.at)) {
        let column = axis.column(together[0].at);
        let mut lowest = 0;
        for mark in together.iter().rev() {
            let is_last = row.marks.last().is_some_and(|last| last.line == mark.line);
            let mut text = mark.text.clone();
            if row.ended.is_some() && is_last {
                text.push(characters.done);
            }
            let text = shortened(&text, axis.columns, characters.ellipsis);
            // At the right end it starts further left.
            let start = column.min(axis.columns.saturating_sub(columns(&text)));
            let is_free = |index: &usize| match lines.get(*index) {
                Some(line) if !line.0.is_empty() && start <= line.end() => false,
                _ => *index > 0 || bars[start..column].iter().all(|it| *it == ' '),
            };
            let index = (lowest..).find(is_free).unwrap_or(lines.len());
            lines.resize_with(lines.len().max(index + 1), Line::default);
            lines[index].0.push((start, text));
            lowest = index + 1;
        }
    }
    let above = lines[1..].iter().rev().map(|line| line.over(&blank));
    above.chain([lines[0].over(&bars)]).collect()
}
