//! Runs one program and records it. A recorder is a process of its own: every process that the
//! program leaves behind becomes the recorder's child, so it can be killed and its CPU time
//! counted.

mod lag;
pub(crate) mod processes;
mod reader;

use crate::recording::{Ending, Recording};
use lag::LagMonitor;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::sys::wait::WaitStatus;
use reader::{Capture, Reader};
use serde::{Deserialize, Serialize};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What to run, and for how long.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The program and its own arguments.
    pub command: Vec<String>,
    /// The arguments of this run, after those of the command.
    pub arguments: Vec<String>,
    pub limits: TimeLimits,
    /// Whether the program can be run again if this run leaves room for doubt.
    pub first_try: bool,
}

/// How long a run may take, in seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TimeLimits {
    /// From the start to the first line.
    pub first_line: f64,
    /// From the first line to the end.
    pub rest: f64,
    /// From the start to the end.
    pub total: f64,
}

/// Bytes of standard output after which a program is stopped. A solution prints a few hundred.
const STDOUT_LIMIT: usize = 1 << 20;
/// Bytes of standard error that are kept.
const STDERR_LIMIT: usize = 1 << 16;
/// The machine's lag counts from this long before the first line on.
const BEFORE_FIRST_LINE: Duration = Duration::from_millis(500);
/// How often the recorder looks at what the program is doing, and whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Variables that change what a program prints, or how it buffers its output.
const CLEANED: [&str; 15] = [
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "NODE_DISABLE_COLORS",
    "PYTHONASYNCIODEBUG",
    "PYTHONDEVMODE",
    "PYTHONINSPECT",
    "PYTHONUNBUFFERED",
    "PYTHONWARNINGS",
    "RUST_BACKTRACE",
    "RUST_LOG",
];

/// Runs the job to its end, kills everything that is left of it, and returns what happened, or why
/// the program could not be started. Ends early when `cancel` becomes readable, which means that
/// its other end has been closed.
///
/// # Errors
///
/// If the recorder itself cannot do its work.
pub fn record(job: &Job, cancel: BorrowedFd) -> io::Result<Result<Recording, String>> {
    processes::adopt_orphans()?;
    let (terminal, child_side) = pseudo_terminal()?;

    let mut command = Command::new(&job.command[0]);
    command
        .args(&job.command[1..])
        .args(&job.arguments)
        .stdin(Stdio::null())
        .stdout(child_side)
        .stderr(Stdio::piped())
        .env("TERM", "xterm-256color")
        .process_group(0);
    for name in CLEANED {
        command.env_remove(name);
    }

    let lag = LagMonitor::start();
    let start = Instant::now();
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Ok(Err(why_not_started(&job.command[0], &error))),
    };
    // The command holds the other copy of the terminal's child side.
    drop(command);
    let stderr = OwnedFd::from(child.stderr.take().expect("stderr is a pipe"));
    let captures = [
        Capture::new("standard output", terminal, STDOUT_LIMIT),
        Capture::new("standard error", stderr, STDERR_LIMIT),
    ];
    let reader = Reader::start(captures, start)?;

    let mut watch = processes::Watch::default();
    let mut cpu_before = None;
    let ending = loop {
        if wait_or_cancel(cancel)? {
            processes::kill_all(Some(child.id()))?;
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        let first_line = reader.first_line();
        if cpu_before.is_none() && first_line.is_some() {
            cpu_before = Some(processes::cpu_seconds());
        }
        if let Some(ending) = processes::ending(child.id())? {
            break ending;
        }
        if reader.is_over_limit() {
            break Ending::OutputLimit;
        }
        let limits = job.limits;
        let deadline = first_line.map_or(limits.first_line, |at| at + limits.rest);
        if start.elapsed().as_secs_f64() > deadline.min(limits.total) {
            break Ending::TimeLimit;
        }
        watch.look(first_line.is_some());
    };
    let seconds = start.elapsed().as_secs_f64();
    // Whatever made the first line late counts, too.
    let first_line = Duration::from_secs_f64(reader.first_line().unwrap_or_default());
    let lag = lag.worst_since(start + first_line.saturating_sub(BEFORE_FIRST_LINE));

    // First kill, then read to the end: by then no process is left to hold the terminal open.
    let all_killed = processes::kill_all(Some(child.id()))?;
    let mut cut = Vec::new();
    let [stdout, stderr] = reader.finish(&mut cut);
    if !all_killed {
        cut.push("a process of the program could not be killed".into());
    }
    let cpu = processes::cpu_seconds_of_the_dead()?;
    let cpu_before = cpu_before.unwrap_or(cpu).min(cpu);
    Ok(Ok(Recording {
        command: job.command.clone(),
        arguments: job.arguments.clone(),
        stdout,
        stderr,
        ending,
        seconds,
        cpu_before,
        cpu_after: cpu - cpu_before,
        waiting: watch.verdict(),
        lag,
        first_try: job.first_try,
        cut,
    }))
}

fn why_not_started(program: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound if Path::new(program).is_file() => {
            "the interpreter named on its first line does not exist".into()
        }
        io::ErrorKind::NotFound if program.contains(' ') => {
            "there is no such program; leave out the quotes around the command".into()
        }
        io::ErrorKind::NotFound => "there is no such program".into(),
        io::ErrorKind::PermissionDenied => "it is not an executable file".into(),
        _ => error.to_string(),
    }
}

/// The two sides of a new pseudo-terminal: ours and the program's. It is in raw mode, so that a
/// line feed arrives unchanged.
fn pseudo_terminal() -> io::Result<(OwnedFd, OwnedFd)> {
    let size = Winsize { ws_row: 50, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0 };
    let pty = openpty(&size, None)?;
    let mut settings = tcgetattr(&pty.slave)?;
    cfmakeraw(&mut settings);
    tcsetattr(&pty.slave, SetArg::TCSANOW, &settings)?;
    for descriptor in [&pty.master, &pty.slave] {
        fcntl(descriptor, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    }
    Ok((pty.master, pty.slave))
}

/// Sleeps until it is time for another look at the program. True if `cancel` has been closed.
fn wait_or_cancel(cancel: BorrowedFd) -> io::Result<bool> {
    let mut descriptors = [PollFd::new(cancel, PollFlags::POLLIN)];
    match poll(&mut descriptors, PollTimeout::try_from(LOOK).expect("a short time")) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::EINTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn ending_of(status: WaitStatus) -> Option<Ending> {
    match status {
        WaitStatus::Exited(_, code) => Some(Ending::Exited(code)),
        WaitStatus::Signaled(_, signal, _) => Some(Ending::Signaled(signal.as_str().into())),
        _ => None,
    }
}
