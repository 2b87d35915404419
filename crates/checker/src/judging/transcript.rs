//! A transcript: the lines of a recording as text, with times counted from the first of them.

use super::ending::compile_error;
use super::gap::{Gap, Machine, Wrong, compare};
use super::prefix::log_prefixes;
use crate::escape::Outside;
use crate::recording::{Ending, Line, Recording, Waiting};

/// A line of text.
#[derive(Clone, Debug)]
pub struct TextLine {
    /// Seconds since the program's first line.
    pub at: f64,
    /// Without escape codes, carriage return and white space at the end.
    pub text: Outside,
    /// The same without what a logger has put in front of every line.
    pub message: Outside,
}

/// What the program printed, on the stream to which it printed the lines of the exercise.
pub struct Transcript {
    pub recording: Recording,
    recorded: Vec<Line>,
    pub lines: Vec<TextLine>,
    pub is_standard_error: bool,
    /// The seconds that the program says it took in all, if it says so.
    pub reported: Option<f64>,
}

impl Transcript {
    /// Standard output; if only standard error has lines of the exercise, both.
    pub fn of(recording: &Recording, belongs: impl Fn(&str) -> bool) -> Self {
        let count = |lines: &[TextLine]| lines.iter().filter(|line| belongs(&line.text)).count();
        let mut lines = text_lines(&recording.stdout);
        let mut recorded = recording.stdout.clone();
        // A compiler or a traceback may quote a line of the source.
        let quoted = if recording.ending == Ending::Exited(0) { 0 } else { 1 };
        let is_standard_error = count(&lines) == 0
            && compile_error(recording).is_none()
            && count(&text_lines(&recording.stderr)) > quoted;
        if is_standard_error {
            recorded.extend(recording.stderr.iter().cloned());
            recorded.sort_by(|one, other| one.at.total_cmp(&other.at));
            lines = text_lines(&recorded);
        }
        Self { recording: recording.clone(), recorded, lines, is_standard_error, reported: None }
    }

    /// The lines as they were recorded: with escape codes, and seconds since the start.
    pub fn recorded_lines(&self) -> &[Line] {
        &self.recorded
    }

    /// Seconds from the start of the program to its first line.
    pub fn first_line_at(&self) -> f64 {
        self.recorded_lines().first().map_or(0.0, |line| line.at)
    }

    /// Seconds from the first line to the last.
    pub fn span(&self) -> f64 {
        self.lines.last().map_or(0.0, |line| line.at)
    }

    pub fn machine(&self) -> Machine {
        let Recording { lag, first_try, ref clock, .. } = self.recording;
        // A disk that holds up a program does not hold up its own clock.
        Machine { lag, first_try: first_try && !clock.is_virtual() }
    }

    /// Whether the program kept a core so busy that it cannot have slept for `waited` seconds. Half
    /// a second is allowed for an interpreter to warm up. On a busy machine, a program may not get
    /// the core that it wants; then it was seen waiting for one.
    pub fn burns_cpu(&self, waited: f64) -> bool {
        let was_busy = self.recording.waiting == Waiting::Busy && self.recording.cpu_after > 0.1;
        was_busy || self.recording.cpu_after - 0.5 > 0.3 * waited
    }

    /// Whether the lines came all at once although the program had already waited: for about
    /// `waited` seconds in which it did no work, and which it reports if it reports any. A busy
    /// machine may be the cause of that.
    pub fn is_held_back(&self, waited: f64) -> bool {
        let at_once = compare(self.span(), 0.0..=0.0, self.machine()) != Gap::Wrong(Wrong::TooLong);
        let is_idle = self.idle_before_first_line() > 0.8 * waited;
        let says_so = self.reported.is_none_or(|seconds| seconds > 0.8 * waited);
        self.lines.len() > 1 && waited > 0.5 && at_once && is_idle && says_so
    }

    /// Seconds from the start of the program to its first line in which it did no work.
    pub fn idle_before_first_line(&self) -> f64 {
        self.first_line_at() - self.recording.cpu_before
    }

    /// Whether the program's language says that a coroutine was never awaited, or the program
    /// printed a coroutine where its result should be.
    pub fn warns_of_a_coroutine_never_awaited(&self) -> bool {
        self.recording.stderr.iter().any(|line| {
            let text = String::from_utf8_lossy(&line.bytes);
            text.contains("was never awaited") || text.contains("futures do nothing unless")
        }) || self.lines.iter().any(|line| {
            ["<coroutine object ", "<Task ", "<_GatheringFuture ", "[object Promise]", "Promise {"]
                .iter()
                .any(|unawaited| line.text.contains(unawaited))
        })
    }
}

fn text_lines(lines: &[Line]) -> Vec<TextLine> {
    let start = lines.first().map_or(0.0, |line| line.at);
    let texts: Vec<_> = lines.iter().map(|line| plain_text(&line.bytes)).collect();
    let prefixes = log_prefixes(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let text_line = |((line, text), prefix): ((&Line, &String), usize)| TextLine {
        at: line.at - start,
        text: text.as_str().into(),
        message: text[prefix..].into(),
    };
    let mut lines: Vec<_> = lines.iter().zip(&texts).zip(prefixes).map(text_line).collect();
    // A last line without text is a reset in a print of its own, or a line feed too many.
    while lines.last().is_some_and(|line| line.text.is_empty()) {
        lines.pop();
    }
    lines
}

fn plain_text(bytes: &[u8]) -> String {
    let bytes = anstream::adapter::strip_bytes(bytes).into_vec();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}
