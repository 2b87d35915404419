//! What one run of a program did, as plain data: the lines it printed and when, how it ended, and
//! how busy the machine was. Judging is a function of this and nothing else.

use crate::clock::ClockUsed;
use crate::escape::{Outside, unquoted, visible};
use cage::held::Held;
use cage::limits::Limit;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use virtual_time::Activity;

/// One run of a program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recording {
    /// The program and its own arguments.
    pub command: Vec<String>,
    /// The arguments of this run, after those of the command.
    pub arguments: Vec<String>,
    /// The lines of standard output, in the order of their arrival.
    pub stdout: Vec<Line>,
    /// The lines of standard error, in the order of their arrival.
    pub stderr: Vec<Line>,
    pub ending: Ending,
    /// Whether it had not ended yet: then this is what it has done so far, and `ending` means nothing.
    #[serde(default)]
    pub is_underway: bool,
    /// Seconds from the start of the process to its end, or so far.
    pub seconds: f64,
    /// CPU seconds of the program and its descendants before the first line of the exercise.
    pub cpu_before: f64,
    /// CPU seconds from that line to the end.
    pub cpu_after: f64,
    /// What the program was seen doing while it waited.
    pub waiting: Waiting,
    /// The clock that counted all seconds here.
    pub clock: ClockUsed,
    /// The machine's worst lag, from half a second before the first line of the exercise to the end:
    /// by how many seconds it was late to pass on or to read a line, or to give the program a core. The
    /// virtual clock stands still meanwhile, but may be ahead if processes work at the same time: then
    /// it is by how much.
    pub lag: f64,
    /// Whether this run can be repeated if it leaves room for doubt.
    pub first_try: bool,
    /// What was cut off, and at which limit.
    pub cut: Vec<String>,
    /// What each thread of the program was doing from the first line on, in seconds after the start
    /// of the process, ordered by start; empty where nobody saw it.
    #[serde(default)]
    pub activities: Vec<Activity>,
    /// The tasks of a program that notes them: `main`, then the others in the order in which they
    /// were spawned. Empty for all other programs.
    #[serde(default)]
    pub tasks: Vec<Task>,
    /// What held the program, if it ran in a cage.
    #[serde(default)]
    pub cage: Option<Held>,
    /// If it crashed in a cage: what its error messages show that it was refused there.
    #[serde(default)]
    pub refused: Option<Refused>,
}

/// What a program was refused in its cage. Paths are as it printed them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refused {
    /// To read this path.
    Reading(Outside),
    /// To read this path, a link that leads to the other one.
    ReadingLink(Outside, Outside),
    /// To read this file or module, which may be beside it in a folder that is not its own.
    ReadingBeside(Outside),
    /// To read this path, which only root's privileges open.
    ReadingClosed(Outside),
    /// To write to this path, if it named one.
    Writing(Option<Outside>),
    /// To use the network. Whether it has one of its own, over which it can talk to itself.
    Network { has_loopback: bool },
    /// To use a socket of any kind, or if it has a network of its own, one of another kind.
    Socket { has_loopback: bool },
    /// What no cage without namespaces has: executables of its own, or semaphores.
    WithoutNamespaces,
}

impl Refused {
    /// What it is, in words that go on after "seen".
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Reading(path) => {
                format!("it tried to read {}, which is hidden in the cage", unquoted(path))
            }
            Self::ReadingLink(path, target) => format!(
                "it tried to read {}, a link to {}, which is hidden in the cage",
                unquoted(path),
                unquoted(target)
            ),
            Self::ReadingBeside(path) => format!(
                "it tried to read {}, but a program right in a home folder, /tmp or the like can read \
                 only the files that the command names",
                unquoted(path)
            ),
            Self::ReadingClosed(path) => format!(
                "it tried to read {}, whose permissions forbid that without root's privileges",
                unquoted(path)
            ),
            Self::Writing(Some(path)) => format!(
                "it tried to write {}; in the cage, it may write only to $TMPDIR",
                unquoted(path)
            ),
            Self::Writing(None) => "it tried to write outside of its private folder".into(),
            Self::Network { has_loopback: false } => {
                "it tried to use the network; there is none in the cage".into()
            }
            Self::Network { has_loopback: true } => {
                "it tried to use a network other than 127.0.0.1".into()
            }
            Self::Socket { .. } => "it tried to use a socket".into(),
            Self::WithoutNamespaces => {
                "it needs what the cage has only with namespaces, and there are none here".into()
            }
        }
    }
}

impl Recording {
    /// The command and the arguments of this run, as they were started.
    #[must_use]
    pub fn command_line(&self) -> Vec<String> {
        [&self.command[..], &self.arguments].concat()
    }

    /// When the first line came, on standard output or standard error, in seconds after the start.
    #[must_use]
    pub fn first_line(&self) -> Option<f64> {
        let first = [&self.stdout, &self.stderr].map(|lines| lines.first().map(|line| line.at));
        first.into_iter().flatten().reduce(f64::min)
    }
}

/// A task of a program that is built with the crate `instrument`. Times are seconds after the start of
/// the process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub spawned: f64,
    /// In order.
    pub polls: Vec<Poll>,
    /// When it returned its result, if it did.
    pub done: Option<f64>,
    /// When it ended without a result, if it did: it panicked, or was aborted.
    pub dropped: Option<f64>,
}

/// When a task was polled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Poll {
    pub from: f64,
    /// When it returned, or the program ended.
    pub to: f64,
    /// When the task first wanted to be polled again, if it did: when it was woken or its sleep was
    /// due, whichever came first.
    pub again: Option<f64>,
}

impl Task {
    /// The same with times in seconds after this moment.
    #[must_use]
    pub fn after(&self, start: f64) -> Self {
        let after = |at: f64| at - start;
        let poll = |poll: &Poll| Poll {
            from: after(poll.from),
            to: after(poll.to),
            again: poll.again.map(after),
        };
        Self {
            spawned: after(self.spawned),
            polls: self.polls.iter().map(poll).collect(),
            done: self.done.map(after),
            dropped: self.dropped.map(after),
        }
    }
}

/// A line of output, without its line feed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Seconds from the start of the process to the arrival of the last visible text of the line; of
    /// its end, if nothing of it is visible.
    pub at: f64,
    pub bytes: Vec<u8>,
}

impl From<virtual_time::Line> for Line {
    fn from(virtual_time::Line { at, bytes }: virtual_time::Line) -> Self {
        Self { at, bytes }
    }
}

impl Line {
    /// The line, with everything that a terminal would act on or hide made visible.
    #[must_use]
    pub fn visible(&self) -> String {
        visible(&self.bytes)
    }

    /// The line as text to search, not to show.
    #[must_use]
    pub fn lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// With this exit code.
    Exited(i32),
    /// By a signal with this name that the checker did not send.
    Signaled(String),
    /// Killed by the checker: out of time.
    TimeLimit,
    /// Killed by the checker: more output than any solution prints.
    OutputLimit,
    /// Stopped at a limit of the cage, by the checker or by the system.
    Limit(Limit),
    /// Killed by the checker: all its threads waited, and nothing was left that could wake one of
    /// them. Only the virtual clock tells that from running out of time; of a build, which waits for
    /// nobody, that nothing happens for long.
    WaitsForever,
}

impl Ending {
    /// Whether the program ended by itself, and not with exit code 0.
    #[must_use]
    pub fn is_crash(&self) -> bool {
        matches!(self, Self::Exited(1..) | Self::Signaled(_))
    }
}

/// What the program was seen doing while it waited, as far as the system tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waiting {
    /// The main thread of one of its processes, and no other, was in a system call that sleeps, and
    /// nothing waited for events: a blocking sleep.
    Sleeping,
    /// It was in a system call that waits for events: an event loop.
    Polling,
    /// Its main thread was almost always running, or waiting for a core to run on.
    Busy,
    #[default]
    Unknown,
}
