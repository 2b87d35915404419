//! The picture as an SVG that reads well on a light page and on a dark one.

use super::{Mark, Timeline};
use svg::Document;
use svg::node::element::{Circle, Group, Line, Rectangle, Style, Text, Title};

const ROW: f64 = 46.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 10.0;
/// Half the height of the bar that is a wait.
const BAR: f64 = 5.0;
/// The radius of a mark.
const MARK: f64 = 8.5;
/// The width of a letter, about.
const LETTER: f64 = 6.8;

const STYLE: &str = "
text { font: 11px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; }
.label { font-weight: bold; }
.number { font-size: 9px; fill: #ffffff; text-anchor: middle; }
.axis { stroke: #d1d9e0; stroke-width: 1; }
.seconds { fill: #59636e; text-anchor: middle; }
.wait { fill: #b6d4fe; }
.mark { fill: #0969da; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.number { fill: #0d1117; }
.axis { stroke: #3d444d; }
.seconds { fill: #9198a1; }
.wait { fill: #1f4a80; }
.mark { fill: #58a6ff; }
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

/// The picture. Marks carry the numbers of their lines, in the order of the output; times are
/// rounded to a tenth of a second, so that a picture of the same run is the same picture.
#[must_use]
pub fn svg(timeline: &Timeline, size: Size) -> String {
    let width = size.width;
    let rounded = |at: f64| (at * 10.0).round() / 10.0;
    let seconds = rounded(timeline.seconds()).max(size.seconds).max(1.0);
    let labels = timeline.rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    let left = 16.0 + labels as f64 * 7.0 + 14.0;
    let x = |at: f64| left + rounded(at) / seconds * (width - RIGHT - left);
    let bottom = TOP + timeline.rows.len() as f64 * ROW;
    let height = bottom + 26.0;

    let mut document = Document::new()
        .set("viewBox", (0, 0, width, height))
        .set("width", width)
        .set("height", height)
        .set("role", "img")
        .add(Style::new(STYLE));
    for second in (0..=seconds.floor() as u32).step_by(tick(seconds) as usize) {
        let at = tenths(x(f64::from(second)));
        document = document.add(line(at, TOP, bottom + 4.0)).add(text(
            "seconds",
            at,
            bottom + 18.0,
            &format!("{second} s"),
        ));
    }
    for (index, row) in timeline.rows.iter().enumerate() {
        let middle = TOP + index as f64 * ROW + 30.0;
        let mut group =
            Group::new().set("class", "row").add(text("label", 8.0, middle + 4.0, &row.label));
        for &(from, to) in &row.waits {
            let (from, to) = (tenths(x(from)), tenths(x(to)));
            group = group.add(
                Rectangle::new()
                    .set("class", "wait")
                    .set("x", from)
                    .set("y", middle - BAR)
                    .set("width", tenths(to - from))
                    .set("height", 2.0 * BAR),
            );
        }
        for together in row.marks.chunk_by(|one, next| rounded(one.at) == rounded(next.at)) {
            group = group.add(marks(together, (x(together[0].at), middle), timeline, width));
        }
        document = document.add(group);
    }
    format!("{document}\n")
}

/// The marks of events at the same time, side by side, with their text above.
fn marks(events: &[Mark], (x, middle): (f64, f64), timeline: &Timeline, width: f64) -> Group {
    // At the right end they go to the left instead.
    let length = (events.len() - 1) as f64 * 2.0 * MARK;
    let first = x.min(width - MARK - 2.0 - length);
    let mut group = Group::new();
    for (index, event) in events.iter().enumerate() {
        let x = tenths(first + index as f64 * 2.0 * MARK);
        let (at, line) = &timeline.lines[event.line];
        let number = event.line + 1;
        group = group.add(
            Group::new()
                .add(Title::new(format!("line {number} at {at:.1} s: {line}")))
                .add(
                    Circle::new()
                        .set("class", "mark")
                        .set("cx", x)
                        .set("cy", middle)
                        .set("r", MARK),
                )
                .add(text("number", x, middle + 3.0, &number.to_string())),
        );
    }
    let texts = events.iter().map(|event| event.text.as_str()).filter(|text| !text.is_empty());
    let texts = texts.collect::<Vec<_>>().join(", ");
    let length = texts.chars().count() as f64 * LETTER;
    let start = (first - MARK).min(width - 4.0 - length).max(4.0);
    group.add(text("text", tenths(start), middle - 13.0, &texts))
}

fn text(class: &str, x: f64, y: f64, content: &str) -> Text {
    Text::new(content).set("class", class).set("x", x).set("y", y)
}

fn line(x: f64, from: f64, to: f64) -> Line {
    Line::new().set("class", "axis").set("x1", x).set("x2", x).set("y1", from).set("y2", to)
}

fn tenths(coordinate: f64) -> f64 {
    (coordinate * 10.0).round() / 10.0
}

/// Seconds between the ticks of an axis on which `seconds` go by, so that there are about ten.
fn tick(seconds: f64) -> u32 {
    [1, 2, 5, 10, 20, 50].into_iter().find(|step| seconds / f64::from(*step) <= 13.0).unwrap_or(100)
}
