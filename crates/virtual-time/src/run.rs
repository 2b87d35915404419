//! What a run may cost, who watches it, and what is known of it afterwards.

use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use serde::{Deserialize, Serialize};
use std::io;
use std::process::Command;
use std::time::Duration;

/// What a run may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Real seconds that the run may take beyond those that its own clock shows.
    pub real_seconds: f64,
    /// How often the tracer may stop the program, mostly for its system calls.
    pub stops: u64,
    /// How many threads all its processes may have at a time. With one more, the run ends. Without
    /// a limit, a run with more than 2000 is not believed.
    pub threads: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { real_seconds: 20.0, stops: 1_000_000, threads: None }
    }
}

/// Which stream of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Output,
    Error,
}

/// Sees the run as it goes on.
pub trait Watcher {
    /// The program wrote these bytes, this many seconds after its start on its own clock.
    fn output(&mut self, stream: Stream, bytes: &[u8], at: f64);

    /// Whether the run is to go on at this moment on its own clock. It is asked before each jump of
    /// the clock, with the moment to which it would jump, and every few milliseconds in between.
    fn goes_on(&mut self, at: f64) -> bool;
}

/// One run, on its own clock.
#[derive(Clone, Debug)]
pub struct Recording {
    pub ending: Ending,
    /// What the clock of the system showed the program at its start: the time since 1970.
    pub began: Duration,
    /// From the start to the end.
    pub seconds: f64,
    /// What each thread was doing, and when, ordered by start.
    pub activities: Vec<Activity>,
    /// When the clock jumped because all threads were waiting, from and to which moments.
    pub jumps: Vec<(f64, f64)>,
    /// What the program had done by the beginning of each jump, and by the end.
    pub efforts: Vec<Effort>,
}

impl Recording {
    /// What the program had done by this moment, or by the end of the work that went on then.
    #[must_use]
    pub fn effort(&self, at: f64) -> Effort {
        let none = Effort { at: 0.0, cpu: 0.0, doubt: 0.0 };
        let by_then = self.efforts.iter().find(|effort| effort.at >= at);
        *by_then.or(self.efforts.last()).unwrap_or(&none)
    }

    /// For how many of the seconds between these two moments a thread was running.
    #[must_use]
    pub fn running(&self, from: f64, to: f64) -> f64 {
        let part = |(start, end): &(f64, f64)| (end.min(to) - start.max(from)).max(0.0);
        (to - from).max(0.0) - self.jumps.iter().map(part).sum::<f64>()
    }
}

/// What a program had done by some moment, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    pub at: f64,
    /// The CPU time of all its processes.
    pub cpu: f64,
    /// By how much the clock may be ahead: processes that work at the same time count one after the
    /// other, unless they have been seen to take less real time.
    pub doubt: f64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this exit code.
    Exited(i32),
    /// By this signal.
    Signaled(Signal),
    /// All threads wait, and nothing is left that could wake one of them.
    WaitsForever,
    /// The watcher did not let it go on.
    Stopped,
    /// It had more threads than its limit.
    TooManyThreads,
}

/// What a thread did from one moment to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    pub process: i32,
    /// The thread's id; the main thread of a process has the id of the process.
    pub thread: i32,
    pub doing: Doing,
    pub from: f64,
    pub to: f64,
}

/// What a thread can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Doing {
    /// It runs.
    Runs,
    /// It is in a system call that does nothing but sleep.
    Sleeps,
    /// It is in a system call that waits for events: an event loop.
    Polls,
    /// It waits for something else: a lock, a child, input.
    Waits,
    /// Its wait is over, and it is ready to run.
    Ready,
}

/// Why there is no recording.
#[derive(Debug)]
pub enum Failure {
    /// The program could not be started.
    NotStarted(io::Error),
    /// The run may not be closed, or cost too much: it says nothing about real time. In one line.
    NotBelieved(String),
    /// This system cannot offer virtual time, for this reason. The program was not started.
    Unsupported(String),
    /// It could not be recorded.
    NotRecorded(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::NotRecorded(error)
    }
}

/// Why a program is not believed whose memory is hidden from the tracer.
pub(crate) const HIDDEN: &str = "it does not let other processes see its memory";

impl From<Errno> for Failure {
    /// The kernel refuses only what needs the memory of a program, if that is hidden.
    fn from(error: Errno) -> Self {
        match error {
            Errno::EPERM => Self::NotBelieved(HIDDEN.into()),
            _ => io::Error::from(error).into(),
        }
    }
}

/// Runs a program to its end on a clock of its own. Its standard output is a pseudo-terminal, its
/// standard error a pipe, and it starts with this signal mask. Kills all that is left of it at the
/// end.
///
/// Meanwhile, it waits for all children of the calling thread, and needs SIGCHLD for itself.
///
/// # Errors
///
/// If there is no recording.
pub fn record(
    command: Command,
    mask: SigSet,
    limits: Limits,
    watcher: &mut dyn Watcher,
) -> Result<Recording, Failure> {
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    return crate::engine::record(command, mask, limits, watcher);
    #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
    {
        let _ = (command, mask, limits, watcher);
        Err(Failure::Unsupported("virtual time needs Linux on x86-64".into()))
    }
}
