//! Reads what the program prints, in a thread of its own: whatever else the recorder is doing, a
//! line is timestamped when it arrives.

use super::lag::Lag;
use super::progress::Printed;
use crate::recording::Line;
use anstream::adapter::StripBytes;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::read;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

/// How many lines of a stream are kept.
const LINES_LIMIT: usize = 5_000;
/// How often the reader looks for output when none comes.
const LOOK: Duration = Duration::from_millis(5);
/// How many bytes of a line are kept.
const LINE_LIMIT: usize = 4_096;

/// A thread that reads standard output and standard error.
pub struct Reader {
    captures: Arc<Mutex<[Capture; 2]>>,
    give_up: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Reader {
    /// Starts reading. Lines are stamped with the seconds since `start`; how late the reader was to
    /// look for them is noted in `lag`.
    pub fn start(captures: [Capture; 2], start: Instant, lag: &Lag) -> io::Result<Self> {
        let sources = [captures[0].source.try_clone()?, captures[1].source.try_clone()?];
        for source in &sources {
            fcntl(source, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let captures = Arc::new(Mutex::new(captures));
        let give_up = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let (captures, give_up, lag) = (captures.clone(), give_up.clone(), lag.clone());
            move || read_all(&sources, &captures, start, &lag, &give_up)
        });
        Ok(Self { captures, give_up, thread })
    }

    fn captures(&self) -> MutexGuard<'_, [Capture; 2]> {
        self.captures.lock().expect("the reader does not panic")
    }

    /// Whether more arrived on standard output than is kept.
    pub fn is_over_limit(&self) -> bool {
        self.captures()[0].is_over_limit()
    }

    /// The lines of both streams, and in `cut` what is missing from them. It does not wait for a
    /// process that still holds a stream open.
    pub fn finish(self, cut: &mut Vec<String>) -> [Vec<Line>; 2] {
        let last_chance = Instant::now() + Duration::from_secs(1);
        while !self.thread.is_finished() && Instant::now() < last_chance {
            sleep(Duration::from_millis(1));
        }
        self.give_up.store(true, Relaxed);
        let mut captures = self.captures();
        captures.each_mut().map(|capture| capture.finish(cut))
    }
}

impl Printed for Reader {
    fn bytes(&self) -> usize {
        self.captures().iter().map(|capture| capture.bytes).sum()
    }

    fn lines(&self) -> [Vec<Line>; 2] {
        let captures = self.captures();
        [&captures[0], &captures[1]]
            .map(|capture| capture.lines.iter().chain(&capture.unfinished).cloned().collect())
    }
}

fn read_all(
    sources: &[OwnedFd; 2],
    captures: &Mutex<[Capture; 2]>,
    start: Instant,
    lag: &Lag,
    give_up: &AtomicBool,
) {
    let mut buffer = vec![0; 1 << 16];
    let mut open = [true; 2];
    let timeout = PollTimeout::try_from(LOOK).expect("a short time");
    let mut looked = Instant::now();
    while open != [false; 2] && !give_up.load(Relaxed) {
        let mut descriptors: Vec<_> = sources
            .iter()
            .zip(open)
            .filter(|(_, open)| *open)
            .map(|(source, _)| PollFd::new(source.as_fd(), PollFlags::POLLIN))
            .collect();
        // An error is an interruption, or shows in the read that follows.
        let _ = poll(&mut descriptors, timeout);
        let now = Instant::now();
        for index in [0, 1] {
            if !open[index] {
                continue;
            }
            match read(&sources[index], &mut buffer) {
                // Reading from a terminal whose other side is closed gives an error.
                Ok(0) | Err(Errno::EIO) => open[index] = false,
                Ok(length) => {
                    let at = start.elapsed().as_secs_f64();
                    // It may have come at any time since the last look.
                    lag.note(looked.elapsed().saturating_sub(LOOK));
                    let mut captures = captures.lock().expect("nobody panics");
                    captures[index].take(&buffer[..length], at);
                }
                Err(_) => {}
            }
        }
        lag.note(now.duration_since(looked).saturating_sub(LOOK));
        looked = now;
    }
}

/// One of the program's output streams, split into lines as it arrives.
pub struct Capture {
    name: &'static str,
    source: OwnedFd,
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
    /// A stream of which `limit` bytes are kept.
    pub fn new(name: &'static str, source: OwnedFd, limit: usize) -> Self {
        Self {
            name,
            source,
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

    fn take(&mut self, bytes: &[u8], at: f64) {
        let room = self.limit.saturating_sub(self.bytes);
        self.bytes += bytes.len();
        for part in bytes[..bytes.len().min(room)].split_inclusive(|&byte| byte == b'\n') {
            let (part, ends) = match part.strip_suffix(b"\n") {
                Some(part) => (part, true),
                None => (part, false),
            };
            let line = self.unfinished.get_or_insert(Line { at, bytes: Vec::new() });
            // All of it is looked at: a sequence may end in the next part.
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

    fn is_over_limit(&self) -> bool {
        self.bytes > self.limit || self.lines_cut > 0
    }

    /// The lines, and in `cut` what is missing from them.
    fn finish(&mut self, cut: &mut Vec<String>) -> Vec<Line> {
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
