//! Splits what a program prints into lines, each with the time at which it came.

use anstream::adapter::StripBytes;

/// How many lines of a stream are kept.
const LINES_LIMIT: usize = 5_000;
/// How many bytes of a line are kept.
const LINE_LIMIT: usize = 4_096;

/// A line of output, without its line feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Seconds from the start of the program to the arrival of the last visible text of the line; of
    /// its end, if nothing of it is visible.
    pub at: f64,
    pub bytes: Vec<u8>,
}

/// One of the program's output streams, split into lines as it arrives.
pub struct Capture {
    name: &'static str,
    lines: Vec<Line>,
    /// The line that has no line feed yet.
    unfinished: Option<Line>,
    /// Tells the visible text of that line from its escape sequences.
    strip: StripBytes,
    /// Whether any of it is visible.
    has_text: bool,
    bytes: usize,
    limit: usize,
    lines_cut: usize,
    has_long_line: bool,
}

impl Capture {
    /// A stream of this name, of which `limit` bytes are kept.
    #[must_use]
    pub fn new(name: &'static str, limit: usize) -> Self {
        Self {
            name,
            lines: Vec::new(),
            unfinished: None,
            strip: StripBytes::new(),
            has_text: false,
            bytes: 0,
            limit,
            lines_cut: 0,
            has_long_line: false,
        }
    }

    /// Takes bytes that came this many seconds after the start.
    pub fn take(&mut self, bytes: &[u8], at: f64) {
        let room = self.limit.saturating_sub(self.bytes);
        self.bytes += bytes.len();
        for part in bytes[..bytes.len().min(room)].split_inclusive(|&byte| byte == b'\n') {
            let (part, ends) = match part.strip_suffix(b"\n") {
                Some(part) => (part, true),
                None => (part, false),
            };
            let line = self.unfinished.get_or_insert(Line { at, bytes: Vec::new() });
            // All of it is examined: a sequence may end in the next part.
            let visible =
                self.strip.strip_next(part).flatten().filter(|b| !b.is_ascii_whitespace());
            let has_text = visible.count() > 0;
            // A line comes with its text. White space, a color or a line feed may follow later.
            if has_text || !self.has_text {
                line.at = at;
            }
            self.has_text |= has_text;
            let room = LINE_LIMIT - line.bytes.len();
            line.bytes.extend(&part[..part.len().min(room)]);
            self.has_long_line |= part.len() > room;
            if ends {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        (self.strip, self.has_text) = (StripBytes::new(), false);
        if let Some(line) = self.unfinished.take() {
            if self.lines.len() < LINES_LIMIT {
                self.lines.push(line);
            } else {
                self.lines_cut += 1;
            }
        }
    }

    /// How many bytes have come.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The lines so far, the unfinished one among them.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().chain(&self.unfinished)
    }

    /// Takes out the lines that are finished.
    pub fn drain(&mut self) -> Vec<Line> {
        std::mem::take(&mut self.lines)
    }

    /// Whether more arrived than is kept.
    #[must_use]
    pub fn is_over_limit(&self) -> bool {
        self.bytes > self.limit || self.lines_cut > 0
    }

    /// The lines, and in `cut` what is missing from them.
    pub fn finish(&mut self, cut: &mut Vec<String>) -> Vec<Line> {
        self.end_line();
        let name = self.name;
        if self.bytes > self.limit {
            cut.push(format!("{name} after its first {} bytes", self.limit));
        }
        if self.lines_cut > 0 {
            cut.push(format!("{name} after its first {LINES_LIMIT} lines"));
        }
        if self.has_long_line {
            cut.push(format!("lines of {name} after their first {LINE_LIMIT} bytes"));
        }
        std::mem::take(&mut self.lines)
    }
}
