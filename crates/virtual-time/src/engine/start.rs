//! Starts the program as a tracee of this thread, with the filter in place.

use super::filter;
use super::stop::{self, Event, Go, gone_is_fine};
use super::{ASK, KILL_LIMIT};
use crate::run::{Failure, Limits, Watcher};
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::ptrace;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, pipe2, read, write};
use std::collections::VecDeque;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command};
use std::sync::mpsc::{TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A program that has been started.
pub struct Started {
    pub process: Pid,
    pub child: Child,
    /// It has stopped because it is loaded; or it has ended, as the kernel could not load it.
    pub stops: VecDeque<(Pid, Event)>,
}

/// Starts the command with this signal mask, and seizes it before its program runs. It stops when
/// that program is loaded. The calls by which it opens files stop it if `opens_are_reported`.
///
/// # Errors
///
/// `NotStarted` if there is no such program, `Unsupported` if this system does not let it be traced,
/// `NotBelieved` if it takes too long, or the watcher does not let it go on.
pub fn start(
    mut command: Command,
    mask: SigSet,
    limits: Limits,
    opens_are_reported: bool,
    watcher: &mut dyn Watcher,
) -> Result<Started, Failure> {
    let own = fs::read_link("/proc/self").ok();
    if own.is_none_or(|own| own.as_os_str() != std::process::id().to_string().as_str()) {
        return Err(Failure::Unsupported(
            "/proc does not show the processes of this system".into(),
        ));
    }
    let filter = filter::program(opens_are_reported).map_err(Failure::NotRecorded)?;
    let (hello, say_hello) = pipe2(OFlag::O_CLOEXEC).map_err(io::Error::from)?;
    let (listen, reply) = pipe2(OFlag::O_CLOEXEC).map_err(io::Error::from)?;
    let reply_descriptor = reply.as_raw_fd();
    // SAFETY: between fork and exec it calls only functions that are safe there: close, getpid,
    // write, read, sigprocmask, prctl and seccomp. Nothing is allocated.
    unsafe {
        command.pre_exec(move || {
            // Its own copy: closed, so that it sees when the tracer closes the other or is killed.
            libc::close(reply_descriptor);
            write(&say_hello, &std::process::id().to_ne_bytes())?;
            // The tracer replies when it has seized this process; if it cannot, it closes the pipe.
            if read(&listen, &mut [0])? == 0 {
                return Err(io::Error::from_raw_os_error(libc::EPERM));
            }
            mask.thread_set_mask()?;
            // Reading the processor's time stamp counter raises a signal, which is answered.
            libc::prctl(libc::PR_SET_TSC, libc::PR_TSC_SIGSEGV, 0, 0, 0);
            seccompiler::apply_filter(&filter)
                .map_err(|_| io::Error::from_raw_os_error(libc::ENOSYS))
        });
    }
    // Spawning returns when the program is loaded, and seizing has to come before that; only the
    // thread that seizes can trace. So another one spawns.
    let (tell, spawned) = channel();
    thread::spawn(move || tell.send(command.spawn()));
    let seized = seize(&hello);
    if seized.is_ok() {
        write(&reply, &[1]).map_err(io::Error::from)?;
    }
    drop(reply);
    let mut loading = Loading::new(seized.as_ref().ok().copied(), limits, watcher);
    let mut child = loop {
        match spawned.try_recv() {
            Ok(child) => break child,
            Err(TryRecvError::Empty) => loading.go_on()?,
            Err(TryRecvError::Disconnected) => {
                let panicked = io::Error::other("the thread that spawns has failed");
                return Err(Failure::NotRecorded(panicked));
            }
        }
    };
    if let (Ok(child), Ok(process)) = (&mut child, &seized) {
        while loading.stops.is_empty() {
            loading.go_on()?;
            // Before, this would take a stop for the end.
            if loading.is_detached
                && let Ok(Some(status)) = child.try_wait()
            {
                let exited = status.code().map(Event::Exited);
                let ended = exited.or(status.signal().map(Event::Killed));
                loading.stops.extend(ended.map(|event| (*process, event)));
            }
        }
    }
    let Loading { stops, given_up, .. } = loading;
    if let (Err(_), Ok(process)) = (&child, &seized) {
        // The other thread may have been told of its last stop instead of its end.
        let _ = ptrace::detach(*process, None);
        let _ = waitpid(*process, None);
    }
    if given_up.is_some() {
        return Err(Failure::NotBelieved("its program could not be loaded in time".into()));
    }
    match (child, seized) {
        (Ok(child), Ok(process)) => Ok(Started { process, child, stops }),
        (_, Err(Seizing::Refused(why))) => Err(Failure::Unsupported(format!(
            "this system does not let a program be traced ({why})"
        ))),
        (Err(error), Ok(_)) if error.raw_os_error() == Some(libc::ENOSYS) => {
            Err(Failure::Unsupported("this system has no system call filters (seccomp)".into()))
        }
        (Err(error), _) => Err(Failure::NotStarted(error)),
        (Ok(_), Err(Seizing::NoProcess)) => {
            Err(Failure::NotRecorded(io::Error::other("the new process did not report its id")))
        }
    }
}

/// A program on its way from the start of its process until it is loaded.
struct Loading<'a> {
    process: Option<Pid>,
    began: Instant,
    /// When the watcher was last asked.
    asked: Instant,
    limits: Limits,
    watcher: &'a mut dyn Watcher,
    /// How it came to an end: see [`Started::stops`].
    stops: VecDeque<(Pid, Event)>,
    /// Its process is about to end, and is traced no more.
    is_detached: bool,
    /// When its process was killed.
    given_up: Option<Instant>,
}

impl<'a> Loading<'a> {
    fn new(process: Option<Pid>, limits: Limits, watcher: &'a mut dyn Watcher) -> Self {
        let now = Instant::now();
        Self {
            process,
            began: now,
            asked: now,
            limits,
            watcher,
            stops: VecDeque::new(),
            is_detached: false,
            given_up: None,
        }
    }

    /// Lets its process go on until the program is loaded, and pauses for a moment.
    ///
    /// # Errors
    ///
    /// `NotBelieved` if its process cannot be killed.
    fn go_on(&mut self) -> Result<(), Failure> {
        let mut stops = VecDeque::new();
        stop::pending(&mut stops)?;
        for (thread, event) in stops {
            match event {
                Event::NewProgram(_) | Event::Exited(_) | Event::Killed(_) => {
                    self.stops.push_back((thread, event));
                }
                // If there is no such program, the thread that spawns waits for the end of the
                // process, and cannot while it is traced.
                Event::Ending => {
                    gone_is_fine(ptrace::detach(thread, None))?;
                    self.is_detached = true;
                }
                // If the kernel fails when nothing is left of the process to go back to, as it has
                // no room for the program, it sends SIGSEGV.
                Event::Signal(signal) => stop::go(thread, Go::OnWith(signal))?,
                _ => stop::go(thread, Go::On)?,
            }
        }
        self.give_up_if_late()?;
        thread::sleep(Duration::from_micros(50));
        Ok(())
    }

    fn give_up_if_late(&mut self) -> Result<(), Failure> {
        if let Some(at) = self.given_up {
            if at.elapsed() > KILL_LIMIT {
                return Err(Failure::NotBelieved(
                    "a process that loads it cannot be killed".into(),
                ));
            }
            return Ok(());
        }
        if self.asked.elapsed() < ASK {
            return Ok(());
        }
        self.asked = Instant::now();
        let is_late = self.began.elapsed().as_secs_f64() > self.limits.real_seconds;
        if is_late || !self.watcher.goes_on(0.0) {
            self.given_up = Some(self.asked);
            if let Some(process) = self.process {
                // It may have ended.
                let _ = kill(process, Signal::SIGKILL);
            }
        }
        Ok(())
    }
}

enum Seizing {
    /// No process was started.
    NoProcess,
    Refused(nix::errno::Errno),
}

fn seize(hello: &OwnedFd) -> Result<Pid, Seizing> {
    let mut id = [0; 4];
    match read(hello, &mut id) {
        Ok(4) => {}
        _ => return Err(Seizing::NoProcess),
    }
    let process = Pid::from_raw(i32::from_ne_bytes(id));
    use ptrace::Options as O;
    let options = O::PTRACE_O_EXITKILL
        | O::PTRACE_O_TRACECLONE
        | O::PTRACE_O_TRACEEXEC
        | O::PTRACE_O_TRACEEXIT
        | O::PTRACE_O_TRACEFORK
        | O::PTRACE_O_TRACESECCOMP
        | O::PTRACE_O_TRACESYSGOOD
        | O::PTRACE_O_TRACEVFORK;
    ptrace::seize(process, options).map_err(Seizing::Refused)?;
    Ok(process)
}
