//! Reads what the program prints, in a thread of its own: whatever else the recorder is doing, a
//! line is timestamped when it arrives.

use super::lag::{Lag, RunDelay};
use super::progress::Printed;
use crate::recording::Line;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{read, write};
use std::io::{self, PipeReader, PipeWriter, pipe};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};
use virtual_time::Capture;

/// How often the reader looks for output where the system does not count run delays.
const LOOK: Duration = Duration::from_millis(5);
/// How long the last lines may take to arrive when the program has ended. More than a second was seen
/// on a busy machine.
const LAST_LINES: Duration = Duration::from_secs(10);

/// A thread that reads standard output and standard error.
pub struct Reader {
    captures: Arc<Mutex<[Capture; 2]>>,
    /// The first end becomes readable when more has come.
    news: Arc<(PipeReader, PipeWriter)>,
    thread: JoinHandle<()>,
}

impl Reader {
    /// Starts reading. Lines are stamped with the seconds since `start`; how late the reader was to
    /// stamp them is noted in `lag`.
    pub fn start(
        sources: [OwnedFd; 2],
        captures: [Capture; 2],
        start: Instant,
        lag: &Lag,
    ) -> io::Result<Self> {
        let news = Arc::new(pipe()?);
        for descriptor in [sources[0].as_fd(), sources[1].as_fd(), news.0.as_fd(), news.1.as_fd()] {
            fcntl(descriptor, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let captures = Arc::new(Mutex::new(captures));
        let thread = thread::spawn({
            let (captures, news, lag) = (captures.clone(), news.clone(), lag.clone());
            move || read_all(&sources, &captures, &news.1, start, &lag)
        });
        Ok(Self { captures, news, thread })
    }

    fn captures(&self) -> MutexGuard<'_, [Capture; 2]> {
        self.captures.lock().expect("the reader does not panic")
    }

    /// Becomes readable when more has come.
    pub fn news(&self) -> BorrowedFd<'_> {
        self.news.0.as_fd()
    }

    /// What has come so far is no longer news.
    pub fn take_news(&self) {
        // As much as a pipe holds.
        let _ = read(&self.news.0, &mut [0; 1 << 16]);
    }

    /// Whether more arrived on standard output than is kept.
    pub fn is_over_limit(&self) -> bool {
        self.captures()[0].is_over_limit()
    }

    /// Waits until all is read, but not for a process that still holds a stream open.
    pub fn wait_for_end(&self) {
        let last_chance = Instant::now() + LAST_LINES;
        while !self.thread.is_finished() && Instant::now() < last_chance {
            sleep(Duration::from_millis(1));
        }
    }

    /// The lines of both streams, and in `cut` what is missing from them.
    pub fn finish(self, cut: &mut Vec<String>) -> [Vec<Line>; 2] {
        let mut captures = self.captures();
        captures.each_mut().map(|capture| capture.finish(cut).into_iter().map(Line::from).collect())
    }
}

impl Printed for Reader {
    fn bytes(&self) -> usize {
        self.captures().iter().map(Capture::bytes).sum()
    }

    fn lines(&self) -> [Vec<Line>; 2] {
        let captures = self.captures();
        captures.each_ref().map(|capture| capture.lines().cloned().map(Line::from).collect())
    }
}

fn read_all(
    sources: &[OwnedFd; 2],
    captures: &Mutex<[Capture; 2]>,
    news: &PipeWriter,
    start: Instant,
    lag: &Lag,
) {
    let mut buffer = vec![0; 1 << 16];
    let mut open = [true; 2];
    let mut lateness = Lateness::new(lag);
    while open != [false; 2] {
        let mut descriptors: Vec<_> = sources
            .iter()
            .zip(open)
            .filter(|(_, open)| *open)
            .map(|(source, _)| PollFd::new(source.as_fd(), PollFlags::POLLIN))
            .collect();
        // An error is an interruption, or shows in the read that follows.
        let _ = poll(&mut descriptors, lateness.timeout());
        lateness.woken = Instant::now();
        for index in [0, 1] {
            if !open[index] {
                continue;
            }
            match read(&sources[index], &mut buffer) {
                // Reading from a terminal whose other side is closed gives an error.
                Ok(0) | Err(Errno::EIO) => open[index] = false,
                Ok(length) => {
                    let at = start.elapsed().as_secs_f64();
                    captures.lock().expect("nobody panics")[index].take(&buffer[..length], at);
                    // If the pipe is full, it is readable anyway.
                    let _ = write(news, &[0]);
                }
                Err(_) => {}
            }
        }
        lateness.note();
    }
}

/// How late the reader is to stamp what has come.
struct Lateness<'a> {
    lag: &'a Lag,
    run_delay: Option<RunDelay>,
    /// When it was last woken, and when it had last read everything.
    woken: Instant,
    read: Instant,
}

impl<'a> Lateness<'a> {
    fn new(lag: &'a Lag) -> Self {
        let (run_delay, now) = (RunDelay::of_this_thread(), Instant::now());
        Self { lag, run_delay, woken: now, read: now }
    }

    /// How long to wait for output.
    fn timeout(&self) -> PollTimeout {
        match self.run_delay {
            Some(_) => PollTimeout::NONE,
            None => PollTimeout::try_from(LOOK).expect("a short time"),
        }
    }

    /// Notes how late it was this time, once everything has been read.
    fn note(&mut self) {
        let late = match &mut self.run_delay {
            Some(run_delay) => run_delay.since_last(),
            None => self.woken.duration_since(self.read).saturating_sub(LOOK),
        };
        self.read = Instant::now();
        // What comes while it reads is stamped only afterwards.
        self.lag.note(late.max(self.read.duration_since(self.woken)));
    }
}
