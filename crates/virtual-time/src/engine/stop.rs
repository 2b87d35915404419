//! Stops of the program's threads: what the kernel reports, and how a thread goes on.

use nix::errno::Errno;
use nix::libc::{self, c_int, c_long, user_regs_struct};
use nix::sys::ptrace;
use nix::unistd::Pid;
use rustix::process::{WaitOptions, WaitStatus, wait};
use std::collections::VecDeque;
use std::io;

/// What happened to a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is about to enter a system call that the filter reports.
    Call,
    /// A system call that it was in has ended.
    CallEnded,
    /// A signal is to be delivered to it.
    Signal(c_int),
    /// Its process is stopped by a signal, as by Ctrl-Z.
    GroupStop,
    /// It was interrupted, has started, or continues after its process was stopped by a signal.
    Interrupted,
    /// It has started this thread or process.
    Started(Pid),
    /// Its process now runs another program; the thread that did it had this id before.
    NewProgram(Pid),
    /// It is about to end.
    Ending,
    /// It has ended, with this exit code.
    Exited(c_int),
    /// It was ended by this signal.
    Killed(c_int),
}

/// All stops that are there now, in the order in which they are reported. They are collected before
/// any is dealt with: otherwise a thread that stops again and again would hide the others.
pub fn pending(stops: &mut VecDeque<(Pid, Event)>) -> io::Result<()> {
    // `__WNOTHREAD`: other threads of this process may have children of their own.
    let flags = (libc::__WALL | libc::__WNOTHREAD) as u32;
    let options = WaitOptions::NOHANG | WaitOptions::from_bits_retain(flags);
    loop {
        match wait(options) {
            Ok(Some((process, status))) => {
                let thread = Pid::from_raw(process.as_raw_nonzero().get());
                if let Some(event) = event(thread, status) {
                    stops.push_back((thread, event));
                }
            }
            Ok(None) | Err(rustix::io::Errno::CHILD) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn event(thread: Pid, status: WaitStatus) -> Option<Event> {
    if let Some(code) = status.exit_status() {
        return Some(Event::Exited(code));
    }
    if let Some(signal) = status.terminating_signal() {
        return Some(Event::Killed(signal));
    }
    let signal = status.stopping_signal()?;
    let message = || ptrace::getevent(thread).map(|message| Pid::from_raw(message as i32));
    Some(match (status.as_raw() >> 16, signal) {
        (0, signal) if signal == libc::SIGTRAP | 0x80 => Event::CallEnded,
        (0, signal) => Event::Signal(signal),
        (libc::PTRACE_EVENT_SECCOMP, _) => Event::Call,
        (libc::PTRACE_EVENT_CLONE | libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK, _) => {
            message().map_or(Event::Interrupted, Event::Started)
        }
        (libc::PTRACE_EVENT_EXEC, _) => Event::NewProgram(message().unwrap_or(thread)),
        (libc::PTRACE_EVENT_EXIT, _) => Event::Ending,
        (_, libc::SIGSTOP | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU) => Event::GroupStop,
        _ => Event::Interrupted,
    })
}

/// How a stopped thread goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// Until the next event.
    On,
    /// The same, with this signal delivered.
    OnWith(c_int),
    /// It also stops at the end of the system call that it is in.
    ToEndOfCall,
    /// It stays stopped until a signal continues its process.
    Listen,
}

/// Lets a stopped thread go on. If it has been killed meanwhile, its next event says so.
pub fn go(thread: Pid, go: Go) -> Result<(), Errno> {
    let (request, signal) = match go {
        Go::On => (libc::PTRACE_CONT, 0),
        Go::OnWith(signal) => (libc::PTRACE_CONT, signal),
        Go::ToEndOfCall => (libc::PTRACE_SYSCALL, 0),
        Go::Listen => (libc::PTRACE_LISTEN, 0),
    };
    // SAFETY: these requests take a number and touch no memory of ours. `nix` knows no real-time
    // signals and has no PTRACE_LISTEN.
    let done = unsafe { libc::ptrace(request, thread.as_raw(), 0 as c_long, c_long::from(signal)) };
    gone_is_fine(Errno::result(done).map(drop))
}

/// A thread can be killed at any time; its end is reported in due course.
pub fn gone_is_fine(result: Result<(), Errno>) -> Result<(), Errno> {
    match result {
        Err(Errno::ESRCH) => Ok(()),
        other => other,
    }
}

/// A system call at a stop of its thread: its number, its arguments, and the result.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub thread: Pid,
    registers: user_regs_struct,
}

/// As a result: the kernel starts the call again, unless a handler of a signal has run. Then it has
/// failed with EINTR. Only the kernel and tracers ever see this number.
pub const RESTART_UNLESS_HANDLED: i64 = -514;
/// As a result: the same, but the kernel goes on with the call by `restart_syscall`.
pub const RESTART_AS_ANOTHER: i64 = -516;
/// As a result: the kernel starts the call again.
pub const RESTART_ALWAYS: i64 = -513;

/// As a result: the kernel starts the call again, unless a handler without SA_RESTART has run.
const RESTART_SYS: i64 = -512;

impl Call {
    pub fn of(thread: Pid) -> Result<Self, Errno> {
        Ok(Self { thread, registers: ptrace::getregs(thread)? })
    }

    /// `None` if the thread is gone: it can be killed at any time.
    pub fn if_there(thread: Pid) -> Result<Option<Self>, Errno> {
        match Self::of(thread) {
            Err(Errno::ESRCH) => Ok(None),
            call => call.map(Some),
        }
    }

    pub fn number(&self) -> i64 {
        self.registers.orig_rax.cast_signed()
    }

    pub fn arguments(&self) -> [u64; 6] {
        let r = &self.registers;
        [r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9]
    }

    pub fn argument(&self, index: usize) -> u64 {
        self.arguments()[index]
    }

    /// Where in the program the call is, and whether its next instruction is 64-bit code.
    pub fn address(&self) -> u64 {
        self.registers.rip
    }

    pub fn stack(&self) -> u64 {
        self.registers.rsp
    }

    pub fn set_stack(&mut self, stack: u64) {
        self.registers.rsp = stack;
    }

    pub fn result(&self) -> i64 {
        self.registers.rax.cast_signed()
    }

    /// Whether a signal, or an interruption by the tracer, ended it early.
    pub fn is_interrupted(&self) -> bool {
        let interrupted = [RESTART_UNLESS_HANDLED, RESTART_AS_ANOTHER, RESTART_ALWAYS, RESTART_SYS];
        interrupted.contains(&self.result()) || self.result() == -(libc::EINTR as i64)
    }

    pub fn set_number(&mut self, number: i64) {
        self.registers.orig_rax = number.cast_unsigned();
    }

    pub fn set_argument(&mut self, index: usize, value: u64) {
        let r = &mut self.registers;
        *[&mut r.rdi, &mut r.rsi, &mut r.rdx, &mut r.r10, &mut r.r8, &mut r.r9][index] = value;
    }

    pub fn set_result(&mut self, result: i64) {
        self.registers.rax = result.cast_unsigned();
    }

    /// Puts its number and arguments back to those of `other`.
    pub fn restore(&mut self, other: &Self) {
        self.registers.orig_rax = other.registers.orig_rax;
        for (index, argument) in other.arguments().into_iter().enumerate() {
            self.set_argument(index, argument);
        }
    }

    /// Whether the same place in the program makes the same call again.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.number() == other.number()
            && self.address() == other.address()
            && self.arguments() == other.arguments()
    }

    /// What the kernel is to see when the thread goes on.
    pub fn store(&self) -> Result<(), Errno> {
        gone_is_fine(ptrace::setregs(self.thread, self.registers))
    }

    /// The call has this result, and the kernel does not carry it out.
    pub fn answer(mut self, result: Result<i64, Errno>) -> Result<(), Errno> {
        self.set_number(-1);
        self.set_result(result.unwrap_or_else(|error| -(error as i64)));
        self.store()
    }

    /// The registers rax and rdx hold this number, as after reading the time stamp counter by an
    /// instruction of `length` bytes.
    pub fn store_counter(
        mut self,
        counter: u64,
        processor: Option<u64>,
        length: u64,
    ) -> Result<(), Errno> {
        self.registers.rax = counter & 0xffff_ffff;
        self.registers.rdx = counter >> 32;
        if let Some(processor) = processor {
            self.registers.rcx = processor;
        }
        self.registers.rip += length;
        self.store()
    }
}
