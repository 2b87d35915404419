//! The picture as an SVG. It has its own background, so that it can be read on any page, and says
//! everything in shapes and words, not by color alone.

use super::layout::{Dot, GAP, LETTER, Layout, MARGIN, RADIUS, half_width, layout, length};
use super::{Row, State, THREAD, Timeline, Turn, Whose, columns, rounded, shortened, step, words};
use svg::Document;
use svg::node::element::{Description, Group, Line, Rectangle, Style, Text, Title};

/// The height of the line with a row's label.
const LABEL: f64 = 20.0;
/// The height of a lane of dots.
const LANE: f64 = 2.0 * RADIUS + 2.0;
/// The height of a line of text.
const TEXT: f64 = 17.0;
/// The free space under a row.
const BETWEEN: f64 = 8.0;
/// The height of the bar of what runs, or wants to.
const BAR: f64 = 10.0;
/// The height of the bar of what waits.
const THIN: f64 = 4.0;
/// The width of a turn that takes a moment, and of the mark of what is done.
const MOMENT: f64 = 3.0;
/// Where the first row starts, under the headline.
const TOP: f64 = 36.0;
/// No picture is narrower.
const NARROWEST: f64 = 200.0;
/// Notes of at most this many letters have room to the right of the last dot.
const SHORT: usize = 8;

// Every selector begins with the class of the picture: on a page that embeds the SVG, its styles
// apply to nothing else.
const STYLE: &str = "
.timeline text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.timeline .label { font-weight: bold; }
.timeline .headline { font-size: 15px; font-weight: bold; }
.timeline .number { font-size: 11px; font-weight: bold; }
.timeline .ground { fill: #ffffff; }
.timeline text { fill: #1f2328; }
.timeline .second { fill: #59636e; }
.timeline .grid { stroke: #d1d9e0; }
.timeline .runs { fill: #388bfd; }
.timeline .waits { fill: #388bfd; }
.timeline .wants { stroke: #0a3069; stroke-width: 1.5; stroke-dasharray: 1.5 2.5; }
.timeline .end { fill: #0a3069; }
.timeline .dot { fill: #ffffff; stroke: #0a3069; stroke-width: 1.5; }
.timeline .number { fill: #0a3069; }
@media (prefers-color-scheme: dark) {
.timeline .ground { fill: #0d1117; }
.timeline text { fill: #f0f6fc; }
.timeline .second { fill: #9198a1; }
.timeline .grid { stroke: #3d444d; }
.timeline .runs { fill: #1f6feb; }
.timeline .waits { fill: #1f6feb; }
.timeline .wants { stroke: #cae8ff; }
.timeline .end { fill: #cae8ff; }
.timeline .dot { fill: #0d1117; stroke: #cae8ff; }
.timeline .number { fill: #cae8ff; }
}
";

/// How large a picture is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// The width in pixels.
    pub width: f64,
    /// Seconds on the axis, at least.
    pub seconds: f64,
}

impl Size {
    /// Wide enough for a page, and narrow enough to be read on a phone, where the picture is shown
    /// about 330 pixels wide.
    pub const PAGE: Self = Self { width: 400.0, seconds: 1.0 };
}

/// The picture. Marks show the numbers of their lines; times are rounded to a tenth of a second, so
/// that pictures of the same program are identical.
#[must_use]
pub fn svg(timeline: &Timeline, size: Size) -> String {
    let size = Size { width: size.width.max(NARROWEST), ..size };
    let axis = Axis::new(timeline, size);
    let mut canvas = Canvas { width: size.width, texts: Vec::new() };
    let mut rows = Vec::new();
    let mut bottom = TOP;
    for row in &timeline.rows {
        let (group, height) = canvas.row(row, bottom, &axis, timeline);
        rows.push(group);
        bottom += height;
    }
    if let Some(turns) = &timeline.thread {
        rows.push(canvas.thread(timeline, turns, bottom, &axis));
        bottom += LABEL + LANE + TEXT + BETWEEN;
    }
    let grid = canvas.grid(&axis, bottom);
    let (legend, height) = canvas.legend(timeline, bottom + 30.0);

    let (headline, story) = (words::headline(timeline), words::story(timeline));
    // On a page with several pictures, each has ids of its own.
    let id = hash(&format!("{headline} {story}"));
    let (title_id, story_id) = (format!("title-{id:016x}"), format!("story-{id:016x}"));
    let height = bottom + 30.0 + height + MARGIN;
    let document = Document::new()
        .set("class", "timeline")
        .set("viewBox", (0, 0, size.width, tenths(height)))
        .set("width", size.width)
        .set("height", tenths(height))
        .set("role", "img")
        .set("aria-labelledby", format!("{title_id} {story_id}"))
        .add(Title::new(format!("Timeline of a run: {headline}")).set("id", title_id))
        .add(Description::new().set("id", story_id).add(svg::node::Text::new(story)))
        .add(Style::new(STYLE))
        .add(rectangle("ground", (0.0, 0.0), ("100%", "100%"), 6.0))
        .add(text("headline", MARGIN, TOP - 13.0, &headline))
        .add(grid);
    let document = rows.into_iter().fold(document, Document::add);
    format!("{}\n", document.add(legend))
}

/// Where a time is in the picture.
struct Axis {
    left: f64,
    right: f64,
    seconds: f64,
}

impl Axis {
    fn new(timeline: &Timeline, size: Size) -> Self {
        let seconds = rounded(timeline.seconds()).max(size.seconds).max(1.0);
        let half = half_width(timeline.lines.len());
        let last_notes = timeline.rows.iter().filter_map(|row| row.marks.last());
        let short = last_notes.map(|mark| columns(&mark.text)).filter(|length| *length <= SHORT);
        let note = short.max().unwrap_or(0) as f64 * LETTER - half;
        let label = length(&tick(seconds as u32)) / 2.0;
        let left = MARGIN + half;
        let right = (size.width - MARGIN - note.max(label).max(half + MOMENT)).max(left + 50.0);
        Self { left, right, seconds }
    }

    fn x(&self, at: f64) -> f64 {
        let part = (rounded(at) / self.seconds).clamp(0.0, 1.0);
        self.left + part * (self.right - self.left)
    }

    /// The seconds that are labeled.
    fn ticks(&self) -> impl Iterator<Item = u32> + use<> {
        let last = self.seconds.floor() as u32;
        let label = length(&tick(last)) + 2.0 * GAP;
        let step = step(|step| self.x(f64::from(step)) - self.left >= label);
        (0..=last).step_by(step as usize)
    }
}

fn tick(second: u32) -> String {
    format!("{second} s")
}

/// From where to where something is.
struct Area {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

/// The drawing area, and where its text is.
struct Canvas {
    width: f64,
    texts: Vec<Area>,
}

impl Canvas {
    /// A text that starts at `x`; what does not fit into the picture is cut off.
    fn text(&mut self, class: &str, x: f64, baseline: f64, content: &str) -> Text {
        // The margin may lose a pixel to rounding.
        let most = ((self.width - MARGIN + 1.0 - x) / LETTER) as usize;
        let content = shortened(content, most, "…");
        self.texts.push(Area {
            left: x,
            right: x + length(&content),
            top: baseline - 13.0,
            bottom: baseline + 5.0,
        });
        text(class, x, baseline, &content)
    }

    /// A row, and how high it is: a label, the lanes, and the free space below.
    fn row(&mut self, row: &Row, top: f64, axis: &Axis, timeline: &Timeline) -> (Group, f64) {
        let Layout { dots, notes, above, below } = layout(&row.marks, |at| axis.x(at), self.width);
        let middle = top + LABEL + f64::from(above) * LANE + LANE / 2.0;
        let label = self.text("label", MARGIN, top + 14.0, &row.label);
        let mut group = Group::new().set("class", "row").add(label);
        for span in row.states.iter().filter(|span| rounded(span.to) > rounded(span.from)) {
            group = group.add(bar(span.state, axis.x(span.from), axis.x(span.to), middle));
        }
        for at in row.silent_moments() {
            group = group.add(moment(axis.x(at), middle));
        }
        if let Some(last) = dots.last().filter(|_| row.ended.is_some()) {
            let x = last.x + half_width(last.mark.line) + 0.8;
            group = group.add(end(x, middle - f64::from(last.lane) * LANE));
        }
        for dot in dots {
            group = group.add(titled_dot(&dot, middle, timeline));
        }
        for note in notes {
            let baseline = match note.lane {
                0.. => middle - f64::from(note.lane) * LANE + 4.5,
                _ => middle + LANE / 2.0 + f64::from(-note.lane) * TEXT - 4.0,
            };
            group = group.add(self.text("note", tenths(note.x), baseline, &note.text));
        }
        let height = LABEL + f64::from(above + 1) * LANE + f64::from(below) * TEXT + BETWEEN;
        (group, height)
    }

    /// The row of the thread. The holder's name is under its bar, if it has room there.
    fn thread(&mut self, timeline: &Timeline, turns: &[Turn], top: f64, axis: &Axis) -> Group {
        let middle = top + LABEL + LANE / 2.0;
        let label = self.text("label", MARGIN, top + 14.0, THREAD);
        let mut group = Group::new().set("class", "thread").add(label);
        let mut moments: Vec<f64> = timeline.moments.iter().map(|at| rounded(*at)).collect();
        moments.dedup();
        for turn in turns.iter().filter(|turn| rounded(turn.to) > rounded(turn.from)) {
            let (from, to) = (axis.x(turn.from), axis.x(turn.to));
            let is_asleep = turn.whose == Whose::Asleep;
            let state = if is_asleep { State::Waits } else { State::Runs };
            group = group.add(bar(state, from, to, middle));
            if !is_asleep {
                moments.retain(|at| *at < rounded(turn.from) || *at > rounded(turn.to));
            }
            let name = timeline.holder(turn.whose);
            if length(name) + GAP <= to - from {
                let baseline = middle + LANE / 2.0 + TEXT - 4.0;
                group = group.add(self.text("note", tenths(from), baseline, name));
            }
        }
        moments.into_iter().fold(group, |group, at| group.add(moment(axis.x(at), middle)))
    }

    /// The grid lines of the seconds, interrupted where there is text, and their labels.
    fn grid(&self, axis: &Axis, bottom: f64) -> Group {
        let mut group = Group::new();
        for second in axis.ticks() {
            let x = tenths(axis.x(f64::from(second)));
            for (from, to) in self.free(x, TOP, bottom) {
                group = group.add(
                    Line::new()
                        .set("class", "grid")
                        .set("x1", x)
                        .set("x2", x)
                        .set("y1", tenths(from))
                        .set("y2", tenths(to)),
                );
            }
            let label =
                text("second", x, bottom + 15.0, &tick(second)).set("text-anchor", "middle");
            group = group.add(label);
        }
        group
    }

    /// The parts of a vertical line on which there is no text.
    fn free(&self, x: f64, top: f64, bottom: f64) -> Vec<(f64, f64)> {
        let is_crossed = |area: &&Area| area.left - GAP < x && x < area.right + GAP;
        let mut crossed: Vec<_> = self.texts.iter().filter(is_crossed).collect();
        crossed.sort_by(|one, other| one.top.total_cmp(&other.top));
        let mut free = Vec::new();
        let mut from = top;
        for area in crossed {
            free.push((from, area.top));
            from = from.max(area.bottom);
        }
        free.push((from, bottom));
        // A stub between two texts would look like a letter.
        free.retain(|(from, to)| to - from > 5.0);
        free
    }

    /// What the shapes stand for, and how high that is.
    fn legend(&self, timeline: &Timeline, top: f64) -> (Group, f64) {
        let (mut x, mut middle) = (MARGIN, top + LANE / 2.0);
        let mut group = Group::new().set("class", "legend");
        let states = words::legend(timeline, "3 px");
        let mut symbols: Vec<_> =
            states.map(|(state, words)| (Symbol::State(state), 24.0, words)).collect();
        if timeline.rows.iter().any(|row| row.ended.is_some()) {
            symbols.push((Symbol::End, MOMENT, "done".into()));
        }
        symbols.push((Symbol::Dot, 2.0 * RADIUS, "prints line n of the output".into()));
        for (symbol, symbol_width, words) in symbols {
            let width = symbol_width + 6.0 + length(&words);
            if x > MARGIN && x + width > self.width - MARGIN {
                (x, middle) = (MARGIN, middle + LANE);
            }
            group = match symbol {
                Symbol::State(state) => group.add(shape(state, x, symbol_width, middle)),
                Symbol::End => group.add(end(x, middle)),
                Symbol::Dot => group.add(numbered_dot("n", (x + RADIUS, middle), RADIUS)),
            };
            group = group.add(text("note", x + symbol_width + 6.0, middle + 4.5, &words));
            x += width + 20.0;
        }
        (group, middle + LANE / 2.0 - top)
    }
}

/// What a legend explains.
enum Symbol {
    State(State),
    End,
    Dot,
}

/// The bar of a state that lasts.
fn bar(state: State, from: f64, to: f64, middle: f64) -> Rectangle {
    // Two bars are two, even if no dot is between them.
    shape(state, from, (to - from - 1.0).max(1.0), middle)
}

/// The bar of what runs for only a moment, wide enough to be seen.
fn moment(x: f64, middle: f64) -> Rectangle {
    shape(State::Runs, x - MOMENT / 2.0, MOMENT, middle)
}

/// The shape of a state: solid, thin or dotted.
fn shape(state: State, x: f64, width: f64, middle: f64) -> Rectangle {
    let (class, height, inset) = match state {
        State::Runs => ("runs", BAR, 0.0),
        State::Waits => ("waits", THIN, 0.0),
        // The outline is as wide on the outside as on the inside.
        State::WantsToRun => ("wants", BAR - 2.0, 1.0),
    };
    let width = tenths((width - 2.0 * inset).max(1.0)).to_string();
    let at = (tenths(x + inset), middle - height / 2.0);
    let shape = rectangle(class, at, (&width, &height.to_string()), height / 5.0);
    if state == State::WantsToRun { shape.set("fill", "none") } else { shape }
}

/// The mark of a row that is done.
fn end(x: f64, middle: f64) -> Rectangle {
    let height = (2.0 * RADIUS).to_string();
    rectangle("end", (tenths(x), middle - RADIUS), ("2.5", &height), 0.0)
}

/// A dot with its line as a tooltip.
fn titled_dot(dot: &Dot, middle: f64, timeline: &Timeline) -> Group {
    let index = dot.mark.line;
    let says = timeline.lines.get(index).map_or("", |(_, line)| line);
    let title = format!("line {} at {:.1} s: {says}", index + 1, rounded(dot.mark.at));
    let at = (tenths(dot.x), middle - f64::from(dot.lane) * LANE);
    let number = (index + 1).to_string();
    Group::new().add(Title::new(title)).add(numbered_dot(&number, at, half_width(index)))
}

/// A dot with the number of its line.
fn numbered_dot(number: &str, (x, y): (f64, f64), half: f64) -> Group {
    let (width, height) = ((2.0 * half).to_string(), (2.0 * RADIUS).to_string());
    Group::new()
        .add(rectangle("dot", (tenths(x - half), tenths(y - RADIUS)), (&width, &height), RADIUS))
        .add(text("number", x, y + 4.0, number).set("text-anchor", "middle"))
}

fn rectangle(class: &str, (x, y): (f64, f64), (width, height): (&str, &str), r: f64) -> Rectangle {
    Rectangle::new()
        .set("class", class)
        .set("x", x)
        .set("y", tenths(y))
        .set("width", width)
        .set("height", height)
        .set("rx", r)
}

fn text(class: &str, x: f64, y: f64, content: &str) -> Text {
    Text::new(content).set("class", class).set("x", tenths(x)).set("y", tenths(y))
}

fn tenths(coordinate: f64) -> f64 {
    (coordinate * 10.0).round() / 10.0
}

/// FNV-1a: the same in every version of Rust, unlike the standard library's hash.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
