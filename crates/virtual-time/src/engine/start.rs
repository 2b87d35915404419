//! Starts the program as a tracee of this thread, with the filter in place.

use super::filter;
use super::stop::{self, Event, gone_is_fine};
use crate::run::Failure;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::ptrace;
use nix::sys::signal::SigSet;
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, pipe2, read, write};
use std::collections::VecDeque;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

/// Starts the command with this signal mask, and seizes it before its program runs. It stops when
/// that program is loaded.
///
/// # Errors
///
/// `NotStarted` if there is no such program, `Unsupported` if this system does not let it be traced.
pub fn start(mut command: Command, mask: SigSet) -> Result<(Pid, Child), Failure> {
    let own = fs::read_link("/proc/self").ok();
    if own.is_none_or(|own| own.as_os_str() != std::process::id().to_string().as_str()) {
        return Err(Failure::Unsupported(
            "/proc does not show the processes of this system".into(),
        ));
    }
    let filter = filter::program().map_err(Failure::NotRecorded)?;
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
    let spawner = thread::spawn(move || command.spawn());
    let seized = seize(&hello);
    if seized.is_ok() {
        write(&reply, &[1]).map_err(io::Error::from)?;
    }
    drop(reply);
    let mut is_loaded = false;
    while !spawner.is_finished() {
        is_loaded |= look_for_stops()?;
        thread::sleep(Duration::from_micros(50));
    }
    let child = spawner.join().expect("it does not panic");
    if let (Ok(_), Ok(_)) = (&child, &seized) {
        while !is_loaded {
            is_loaded = look_for_stops()?;
        }
    }
    if let (Err(_), Ok(process)) = (&child, &seized) {
        // The other thread may have been told of its last stop instead of its end.
        let _ = ptrace::detach(*process, None);
        let _ = waitpid(*process, None);
    }
    match (child, seized) {
        (Ok(child), Ok(process)) => Ok((process, child)),
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

/// Whether the program has stopped because it is loaded. If it cannot be loaded, its process ends: the
/// thread that spawns waits for that, and cannot while it is traced.
fn look_for_stops() -> io::Result<bool> {
    let mut stops = VecDeque::new();
    stop::pending(&mut stops)?;
    for (thread, event) in &stops {
        if *event == Event::Ending {
            gone_is_fine(ptrace::detach(*thread, None))?;
        }
    }
    // Killed from outside at this very moment, it ends instead.
    let is_last =
        |event| matches!(event, Event::NewProgram(_) | Event::Exited(_) | Event::Killed(_));
    Ok(stops.into_iter().any(|(_, event)| is_last(event)))
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
