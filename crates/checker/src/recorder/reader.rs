//! Reads what the program prints, in a thread of its own: nothing else that the recorder does may
//! keep a line from being stamped when it arrives.

use crate::recording::Line;
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

/// Lines of an output that are kept.
const LINES_LIMIT: usize = 5_000;
/// Bytes of a line that are kept.
const LINE_LIMIT: usize = 4_096;

/// A thread that reads standard output and standard error.
pub struct Reader {
    outputs: Arc<Mutex<[Output; 2]>>,
    give_up: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Reader {
    /// Begins to read. Lines are stamped with the seconds since `start`.
    pub fn start(outputs: [Output; 2], start: Instant) -> io::Result<Self> {
        let sources = [outputs[0].source.try_clone()?, outputs[1].source.try_clone()?];
        for source in &sources {
            fcntl(source, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let outputs = Arc::new(Mutex::new(outputs));
        let give_up = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let (outputs, give_up) = (outputs.clone(), give_up.clone());
            move || read_all(&sources, &outputs, start, &give_up)
        });
        Ok(Self { outputs, give_up, thread })
    }

    fn outputs(&self) -> MutexGuard<'_, [Output; 2]> {
        self.outputs.lock().expect("the reader does not panic")
    }

    /// When the first line came, or began to come, on standard output.
    pub fn first_line(&self) -> Option<f64> {
        self.outputs()[0].first_line()
    }

    /// Whether more came on standard output than is kept.
    pub fn is_over_limit(&self) -> bool {
        self.outputs()[0].is_over_limit()
    }

    /// The lines of both outputs, and in `cut` what is missing of them. Whoever may hold an output
    /// open still is not waited for.
    pub fn finish(self, cut: &mut Vec<String>) -> [Vec<Line>; 2] {
        let last_chance = Instant::now() + Duration::from_secs(1);
        while !self.thread.is_finished() && Instant::now() < last_chance {
            sleep(Duration::from_millis(1));
        }
        self.give_up.store(true, Relaxed);
        let mut outputs = self.outputs();
        outputs.each_mut().map(|output| output.finish(cut))
    }
}

fn read_all(
    sources: &[OwnedFd; 2],
    outputs: &Mutex<[Output; 2]>,
    start: Instant,
    give_up: &AtomicBool,
) {
    let mut buffer = vec![0; 1 << 16];
    let mut open = [true; 2];
    while open != [false; 2] && !give_up.load(Relaxed) {
        let mut descriptors: Vec<_> = sources
            .iter()
            .zip(open)
            .filter(|(_, open)| *open)
            .map(|(source, _)| PollFd::new(source.as_fd(), PollFlags::POLLIN))
            .collect();
        // An error is an interruption, or shows in the read that follows.
        let _ = poll(&mut descriptors, PollTimeout::from(100_u8));
        for index in [0, 1] {
            if !open[index] {
                continue;
            }
            match read(&sources[index], &mut buffer) {
                // A terminal whose other side is closed answers with an error.
                Ok(0) | Err(Errno::EIO) => open[index] = false,
                Ok(length) => {
                    let at = start.elapsed().as_secs_f64();
                    let mut outputs = outputs.lock().expect("nobody panics");
                    outputs[index].take(&buffer[..length], at);
                }
                Err(_) => {}
            }
        }
    }
}

/// One of the program's outputs, cut into lines as it arrives.
pub struct Output {
    name: &'static str,
    source: OwnedFd,
    lines: Vec<Line>,
    /// The bytes of the line that has no line feed yet, and when the last of them came.
    unfinished: Option<Line>,
    bytes: usize,
    limit: usize,
    lines_cut: usize,
    has_long_line: bool,
}

impl Output {
    /// An output of which `limit` bytes are kept.
    pub fn new(name: &'static str, source: OwnedFd, limit: usize) -> Self {
        Self {
            name,
            source,
            lines: Vec::new(),
            unfinished: None,
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
            line.at = at;
            let room = LINE_LIMIT - line.bytes.len();
            line.bytes.extend(&part[..part.len().min(room)]);
            self.has_long_line |= part.len() > room;
            if ends {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        if let Some(line) = self.unfinished.take() {
            if self.lines.len() < LINES_LIMIT {
                self.lines.push(line);
            } else {
                self.lines_cut += 1;
            }
        }
    }

    fn first_line(&self) -> Option<f64> {
        self.lines.first().or(self.unfinished.as_ref()).map(|line| line.at)
    }

    fn is_over_limit(&self) -> bool {
        self.bytes > self.limit || self.lines_cut > 0
    }

    /// The lines, and in `cut` what is missing of them.
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
