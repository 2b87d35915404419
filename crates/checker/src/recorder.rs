//! Runs one program and records it. A recorder is a process of its own: every process that the
//! program leaves behind becomes its child, can be killed by it, and has its CPU time counted.

mod lag;
pub(crate) mod processes;

use crate::recording::{Ending, Line, Recording};
use lag::LagMonitor;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::sys::wait::WaitStatus;
use nix::unistd::read;
use serde::{Deserialize, Serialize};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What to run, and for how long.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Seconds until the first line at the latest, and from there to the end.
    pub time_limits: (f64, f64),
}

/// Bytes of standard output after which a program is stopped. A solution has some hundred.
const STDOUT_LIMIT: usize = 1 << 20;
/// Bytes of standard error that are kept.
const STDERR_LIMIT: usize = 1 << 16;
/// Lines of either that are kept.
const LINES_LIMIT: usize = 5_000;
/// Bytes of a line that are kept.
const LINE_LIMIT: usize = 4_096;
/// How often the recorder looks whether the program has ended, and what it is doing.
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

/// Runs the job to its end, kills all that is left of it, and returns what happened. Ends early
/// when `cancel` can be read: its other end has been closed.
///
/// # Errors
///
/// If the recorder itself cannot do its work; a program that cannot be started is a recording.
pub fn record(job: &Job, cancel: BorrowedFd) -> io::Result<Recording> {
    processes::adopt_orphans()?;
    let (terminal, child_side) = pseudo_terminal()?;

    let mut command = Command::new(&job.command[0]);
    command
        .args(&job.command[1..])
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
        Err(error) => return Ok(not_started(job, &error)),
    };
    // The command holds the other copy of the terminal's child side.
    drop(command);
    let stderr = OwnedFd::from(child.stderr.take().expect("stderr is a pipe"));
    for descriptor in [terminal.as_fd(), stderr.as_fd()] {
        fcntl(descriptor, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    }

    let mut stdout = Stream::new(terminal, STDOUT_LIMIT);
    let mut stderr = Stream::new(stderr, STDERR_LIMIT);
    let mut watch = processes::Watch::default();
    let mut cpu_before = None;
    let ending = loop {
        wait_for_output([&stdout, &stderr], cancel)?;
        // First look, then read: what it printed last is read before the time that killing takes.
        let ended = processes::ending(child.id())?;
        stdout.drain(start);
        stderr.drain(start);
        let now = start.elapsed().as_secs_f64();
        if cpu_before.is_none() && stdout.first_line().is_some() {
            cpu_before = Some(processes::cpu_seconds());
            lag.forget();
        }
        if let Some(ending) = ended {
            break ending;
        }
        if readable(cancel)? {
            processes::kill_all(Some(child.id()))?;
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        if stdout.is_over_limit() {
            break Ending::OutputLimit;
        }
        let (start_limit, limit) = job.time_limits;
        let deadline = stdout.first_line().map_or(start_limit, |at| at + limit);
        if now > deadline {
            break Ending::TimeLimit;
        }
        watch.look(stdout.first_line().is_some());
    };
    let seconds = start.elapsed().as_secs_f64();
    let lag = lag.worst();

    // First kill, then read to the end: then nobody is left to hold the terminal open.
    let all_killed = processes::kill_all(Some(child.id()))?;
    let last_chance = Instant::now() + Duration::from_secs(1);
    while !(stdout.closed && stderr.closed) && Instant::now() < last_chance {
        wait_for_output([&stdout, &stderr], cancel)?;
        stdout.drain(start);
        stderr.drain(start);
    }

    let cpu = processes::cpu_seconds_of_the_dead()?;
    let cpu_before = cpu_before.unwrap_or(cpu).min(cpu);
    let mut cut = Vec::new();
    let stdout = stdout.finish("standard output", &mut cut);
    let stderr = stderr.finish("standard error", &mut cut);
    if !all_killed {
        cut.push("a process of the program could not be killed".into());
    }
    Ok(Recording {
        command: job.command.clone(),
        stdout,
        stderr,
        ending,
        seconds,
        cpu_before,
        cpu_after: cpu - cpu_before,
        waiting: watch.verdict(),
        lag,
        cut,
    })
}

fn not_started(job: &Job, error: &io::Error) -> Recording {
    let reason = match error.kind() {
        io::ErrorKind::NotFound if Path::new(&job.command[0]).is_file() => {
            "the interpreter that its first line names is not there".into()
        }
        io::ErrorKind::NotFound => "there is no such program".into(),
        io::ErrorKind::PermissionDenied => "it is not an executable file".into(),
        _ => error.to_string(),
    };
    Recording {
        command: job.command.clone(),
        stdout: Vec::new(),
        stderr: Vec::new(),
        ending: Ending::NotStarted(reason),
        seconds: 0.0,
        cpu_before: 0.0,
        cpu_after: 0.0,
        waiting: Default::default(),
        lag: 0.0,
        cut: Vec::new(),
    }
}

/// The two sides of a new pseudo-terminal: ours, and the program's in raw mode, so that a line
/// feed arrives as it was printed.
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

/// Sleeps until there is output, `cancel` is closed, or it is time to look at the program.
fn wait_for_output(streams: [&Stream; 2], cancel: BorrowedFd) -> io::Result<()> {
    let mut descriptors = vec![PollFd::new(cancel, PollFlags::POLLIN)];
    for stream in streams.into_iter().filter(|stream| !stream.closed) {
        descriptors.push(PollFd::new(stream.source.as_fd(), PollFlags::POLLIN));
    }
    match poll(&mut descriptors, PollTimeout::try_from(LOOK).expect("a short time")) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn readable(descriptor: BorrowedFd) -> io::Result<bool> {
    let mut descriptors = [PollFd::new(descriptor, PollFlags::POLLIN)];
    Ok(poll(&mut descriptors, PollTimeout::ZERO)? > 0)
}

/// One of the program's outputs, cut into lines as it arrives.
struct Stream {
    source: OwnedFd,
    closed: bool,
    lines: Vec<Line>,
    /// The bytes of the line that has no line feed yet, and when the last of them came.
    unfinished: Option<Line>,
    bytes: usize,
    limit: usize,
    lines_cut: usize,
    has_long_line: bool,
}

impl Stream {
    fn new(source: OwnedFd, limit: usize) -> Self {
        Self {
            source,
            closed: false,
            lines: Vec::new(),
            unfinished: None,
            bytes: 0,
            limit,
            lines_cut: 0,
            has_long_line: false,
        }
    }

    /// Takes what has arrived, but no more than a flood's worth at a time.
    fn drain(&mut self, start: Instant) {
        let mut buffer = [0; 1 << 16];
        for _ in 0..16 {
            if self.closed {
                return;
            }
            match read(&self.source, &mut buffer) {
                // A terminal whose other side is closed answers with an error.
                Ok(0) | Err(Errno::EIO) => self.closed = true,
                Ok(length) => self.take(&buffer[..length], start.elapsed().as_secs_f64()),
                Err(Errno::EINTR) => {}
                Err(_) => return,
            }
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
    fn finish(mut self, name: &str, cut: &mut Vec<String>) -> Vec<Line> {
        self.end_line();
        if self.bytes > self.limit {
            cut.push(format!("{name} after its first {} bytes", self.limit));
        }
        if self.lines_cut > 0 {
            cut.push(format!("{name} after its first {LINES_LIMIT} lines"));
        }
        if self.has_long_line {
            cut.push(format!("lines of {name} after their first {LINE_LIMIT} bytes"));
        }
        self.lines
    }
}

pub(crate) fn ending_of(status: WaitStatus) -> Option<Ending> {
    match status {
        WaitStatus::Exited(_, code) => Some(Ending::Exited(code)),
        WaitStatus::Signaled(_, signal, _) => Some(Ending::Signaled(signal.as_str().into())),
        _ => None,
    }
}
