//! Waits between two looks at the program: for a while, unless something happens that cannot wait.

use super::processes::end_of;
use super::reader::Reader;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// How long until the next look while the program does something.
const SOON: Duration = Duration::from_millis(20);
/// How long while it does nothing: less than can be seen in a picture.
const LATER: Duration = Duration::from_millis(40);

pub struct Wait<'a> {
    /// Its other end is closed once nobody is waiting for the recording. There may be something to
    /// read until then.
    cancel: BorrowedFd<'a>,
    /// Readable once the program has ended. None if the system cannot tell, or has already told.
    end: Option<OwnedFd>,
    time: Duration,
}

impl<'a> Wait<'a> {
    pub fn new(cancel: BorrowedFd<'a>, program: Pid) -> Self {
        Self { cancel, end: end_of(program), time: SOON }
    }

    /// What the last look saw decides how soon the next one is.
    pub fn has_looked(&mut self, does_something: bool) {
        self.time = if does_something { SOON } else { LATER };
    }

    /// Waits until the next look, or until `over` is readable, when the program has to be stopped.
    /// True if the recording has been cancelled.
    pub fn wait(&mut self, reader: &Reader, over: Option<BorrowedFd>) -> io::Result<bool> {
        // If the system cannot tell when the program ends, look for it.
        let time = if self.end.is_some() { self.time } else { SOON };
        let readable = |descriptor| PollFd::new(descriptor, PollFlags::POLLIN);
        let mut descriptors = vec![PollFd::new(self.cancel, PollFlags::empty())];
        descriptors.extend(self.end.as_ref().map(|end| readable(end.as_fd())));
        descriptors.extend(over.map(readable));
        // If the next look is soon anyway, a flood of news must not bring it forward.
        if time > SOON {
            descriptors.push(readable(reader.news()));
        }
        let timeout = PollTimeout::try_from(time).expect("a short time");
        match poll(&mut descriptors, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let is_ready = |index: usize| descriptors[index].any() == Some(true);
        let is_cancelled = is_ready(0);
        // It stays readable until the program is reaped, which a tracer can delay.
        if self.end.is_some() && is_ready(1) {
            self.end = None;
        }
        reader.take_news();
        Ok(is_cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::lag::Lag;
    use crate::recorder::processes::pid;
    use std::fs::File;
    use std::io::pipe;
    use std::process::{Command, Stdio};
    use std::time::Instant;
    use virtual_time::Capture;

    /// More than enough for what ends a wait.
    const LONG: Duration = Duration::from_secs(30);

    /// Waits while a child runs this script. Whether the recording has been cancelled.
    #[track_caller]
    fn wait_for(script: &str, cancel: BorrowedFd) -> bool {
        let child = Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("a shell");
        let stdout = child.stdout.take().expect("stdout is a pipe").into();
        let stderr = File::open("/dev/null").expect("it is there").into();
        let captures = [(); 2].map(|()| Capture::new("a stream", 100));
        let reader = Reader::start([stdout, stderr], captures, Instant::now(), &Lag::default());
        let reader = reader.expect("a reader");
        let mut wait = Wait::new(cancel, pid(child.id()));
        wait.time = LONG;
        let start = Instant::now();
        let is_cancelled = wait.wait(&reader, None).expect("no error");
        let waited = start.elapsed();
        child.kill().expect("it is ours");
        child.wait().expect("it is ours");
        assert!(waited < LONG);
        is_cancelled
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_end_of_the_program_ends_a_wait() {
        let (cancel, _checker) = pipe().expect("a pipe");
        assert!(!wait_for("exec >&-", cancel.as_fd()));
    }

    #[test]
    fn a_line_ends_a_wait() {
        let (cancel, _checker) = pipe().expect("a pipe");
        assert!(!wait_for("echo One; exec sleep 60", cancel.as_fd()));
    }

    #[test]
    fn the_end_of_the_checker_ends_a_wait() {
        let (cancel, checker) = pipe().expect("a pipe");
        drop(checker);
        assert!(wait_for("exec sleep 60", cancel.as_fd()));
    }
}
