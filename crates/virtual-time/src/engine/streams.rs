//! What the program prints, and the tracer's wait for the next thing to happen.

use crate::run::{Failure, Stream, Watcher};
use crate::terminal::pseudo_terminal;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::time::TimeSpec;
use nix::unistd::read;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often it reads in a row from a program that prints without end.
const MOST_READS: usize = 64;

pub struct Streams {
    sources: Vec<Source>,
    /// Readable when a thread of the program has stopped.
    stops: SignalFd,
    buffer: Vec<u8>,
}

struct Source {
    stream: Stream,
    descriptor: OwnedFd,
    /// Nobody holds its other end: waiting for it would end at once.
    is_closed: bool,
}

impl Streams {
    /// Lets the command print to a new pseudo-terminal, and its errors to a pipe.
    pub fn attach(mut command: Command) -> Result<(Self, Command), Failure> {
        let (terminal, child_side) = pseudo_terminal()?;
        command.stdout(child_side).stderr(Stdio::piped());
        let mut stop = SigSet::empty();
        stop.add(Signal::SIGCHLD);
        let stops = SignalFd::with_flags(&stop, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        let mut streams = Self { sources: Vec::new(), stops, buffer: vec![0; 1 << 16] };
        streams.add(Stream::Output, terminal)?;
        Ok((streams, command))
    }

    /// With the standard error of the program that has been started.
    pub fn with_error(mut self, mut child: Child) -> Result<Self, Failure> {
        let error = child.stderr.take().expect("it is a pipe");
        self.add(Stream::Error, error.into())?;
        Ok(self)
    }

    fn add(&mut self, stream: Stream, descriptor: OwnedFd) -> Result<(), Failure> {
        fcntl(&descriptor, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        self.sources.push(Source { stream, descriptor, is_closed: false });
        Ok(())
    }

    /// Reads all that has been printed by now. Whether there was anything.
    pub fn read(&mut self, at: f64, watcher: &mut dyn Watcher) -> Result<bool, Failure> {
        let mut any = false;
        for source in &mut self.sources {
            for _ in 0..MOST_READS {
                match read(&source.descriptor, &mut self.buffer) {
                    // Reading from a terminal whose other side is closed gives an error.
                    Ok(0) | Err(Errno::EIO) => {
                        source.is_closed = true;
                        break;
                    }
                    Ok(length) => {
                        source.is_closed = false;
                        any = true;
                        watcher.output(source.stream, &self.buffer[..length], at);
                    }
                    Err(Errno::EINTR) => {}
                    Err(Errno::EAGAIN) => break,
                    Err(error) => return Err(io::Error::from(error).into()),
                }
            }
        }
        Ok(any)
    }

    /// Waits until a thread stops, or the program prints something, but not for longer than this.
    /// Whether it has printed something.
    pub fn wait(&mut self, limit: Duration) -> Result<bool, Failure> {
        let open = self.sources.iter().filter(|source| !source.is_closed);
        let mut descriptors: Vec<_> =
            open.map(|source| PollFd::new(source.descriptor.as_fd(), PollFlags::POLLIN)).collect();
        descriptors.push(PollFd::new(self.stops.as_fd(), PollFlags::POLLIN));
        let ready = match ppoll(&mut descriptors, Some(TimeSpec::from_duration(limit)), None) {
            Err(Errno::EINTR) => 0,
            ready => ready?,
        };
        let has_stop = descriptors.last().and_then(PollFd::any).unwrap_or_default();
        if has_stop {
            // All that it says is that there were stops, not how many.
            let _ = self.stops.read_signal();
        }
        Ok(ready > usize::from(has_stop) as i32)
    }
}
