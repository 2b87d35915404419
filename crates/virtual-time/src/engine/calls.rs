//! What becomes of the system calls that the filter reports.

use super::clock::Readings;
use super::processes::State;
use super::stop::{self, Call, Go, gone_is_fine};
use super::waits::{self, Decoded, End};
use super::{Engine, counter, filter, outside, readings, signals, vdso};
use crate::run::{Doing, Ending, Failure};
use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace;
use nix::unistd::Pid;
use std::time::{Duration, Instant};

impl Engine<'_> {
    /// A thread is about to enter a call that the filter reports. Returns how the run has ended, if it
    /// has: before the call begins.
    pub(super) fn call(&mut self, thread: Pid) -> Result<Option<Ending>, Failure> {
        let Some(call) = Call::if_there(thread)? else { return Ok(None) };
        // Not asked about the most frequent calls: no 32-bit code makes these alone.
        let is_frequent = [libc::SYS_clock_gettime, libc::SYS_openat].contains(&call.number());
        if !is_frequent
            && call.number() != -1
            && ptrace::getevent(thread) == Ok(filter::FOREIGN.into())
        {
            let why = "it makes a system call of an architecture other than x86-64";
            return Err(Failure::NotBelieved(why.into()));
        }
        let (starts, executes) =
            (filter::STARTS.contains(&call.number()), filter::EXECUTES.contains(&call.number()));
        if starts || executes {
            // The memory that has its readings will be copied, shared or replaced.
            self.take_back_readings(false)?;
        }
        if starts {
            self.processes.starts(thread);
            if self.limits.threads.is_some_and(|most| self.processes.will_be_more_than(most)) {
                return Ok(Some(Ending::TooManyThreads));
            }
        }
        if let Some(go) = self.begin_call(call)? {
            stop::go(thread, go)?;
        }
        Ok(None)
    }

    /// How the thread goes on, unless it is held.
    fn begin_call(&mut self, call: Call) -> Result<Option<Go>, Failure> {
        let Some(it) = self.processes.get(call.thread) else { return Ok(Some(Go::On)) };
        let (process, interrupted) = (it.process, it.interrupted.take());
        if readings::are_asked_for(&call) {
            self.read_clock(call, process)?;
            return Ok(Some(Go::On));
        }
        if filter::REFUSED.contains(&call.number()) {
            call.answer(Err(Errno::ENOSYS))?;
            return Ok(Some(Go::On));
        }
        if self.processes.timers(process).answer(&call, &self.clock)?
            || self.descriptor_timers.answer(&call, process, &self.clock)?
        {
            return Ok(Some(Go::On));
        }
        if let Some(why) = outside::begins(&call, process, &self.processes, self.start) {
            return Err(Failure::NotBelieved(why));
        }
        self.has_connections |= call.number() == libc::SYS_connect;
        if signals::sends(call.number()) {
            self.signaled = Some(Instant::now());
        }
        self.waits += 1;
        match waits::decode(&call, &self.clock, self.waits)? {
            Decoded::Wait(wait) => {
                self.clock.catch_up();
                // A wait that a signal has interrupted goes on until the same deadline.
                let wait = interrupted.filter(|it| it.call.is_same_as(&call)).unwrap_or(wait);
                wait.enter()?;
                self.set_state(call.thread, State::Waiting(wait));
                if let Some(it) = self.processes.get(call.thread) {
                    it.readings = Readings::default();
                }
                Ok(Some(Go::ToEndOfCall))
            }
            Decoded::AsItIs => Ok(Some(Go::On)),
            Decoded::NoTime => Ok(self.hold(call.thread)),
            Decoded::NotAWait => {
                let is_looked_at = readings::is_completed(call.number())
                    || call.number() == libc::SYS_timer_create
                    || outside::shows_at_the_end(&call);
                if !is_looked_at {
                    return Ok(Some(Go::On));
                }
                self.set_state(call.thread, State::Calling(call));
                Ok(Some(Go::ToEndOfCall))
            }
        }
    }

    /// A thread asks what time it is.
    fn read_clock(&mut self, call: Call, process: Pid) -> Result<(), Failure> {
        let made = match self.processes.own_readings(process) {
            Some(readings) => readings.take_back(process, &mut self.clock, false)?,
            None => 0,
        };
        self.take_back_readings(false)?;
        readings::answer(&call, &mut self.clock)?;
        if let Some(it) = self.processes.get(call.thread) {
            let spins = it.readings.count(made + 1, self.clock.cpu());
            self.spins = spins.unwrap_or(self.spins);
        }
        // Other threads may be running in the same memory.
        if !self.processes.has_others(call.thread)
            && let Some(readings) = self.processes.own_readings(process)
        {
            readings.grant(process, &self.clock)?;
        }
        Ok(())
    }

    /// A thread that makes a zero-length wait is held if others were active since its last one:
    /// otherwise it may run again and again before one of them gets a lock that it has released.
    fn hold(&mut self, thread: Pid) -> Option<Go> {
        let (all, it) = (self.all_stops, self.processes.get(thread)?);
        self.spins = it.readings.count(1, self.clock.cpu()).unwrap_or(self.spins);
        let (own_before, all_before) = std::mem::replace(&mut it.yielded, (it.stops, all));
        let is_alone = all - all_before == it.stops - own_before;
        if is_alone {
            return Some(Go::On);
        }
        it.state = State::Held(Instant::now());
        self.held += 1;
        None
    }

    /// Lets go of threads that have been held for at least this long. Whether there were any.
    pub(super) fn let_go(&mut self, limit: Duration) -> Result<bool, Failure> {
        let before = self.held;
        self.held = 0;
        for (thread, it) in &mut self.processes.threads {
            match it.state {
                State::Held(since) if since.elapsed() >= limit => {
                    it.state = State::Free;
                    stop::go(*thread, Go::On)?;
                }
                State::Held(_) => self.held += 1,
                _ => {}
            }
        }
        Ok(self.held < before)
    }

    /// A call that is looked at has ended.
    pub(super) fn call_ended(&mut self, thread: Pid) -> Result<(), Failure> {
        let Some(it) = self.processes.get(thread) else { return Ok(()) };
        let process = it.process;
        match std::mem::replace(&mut it.state, State::Free) {
            State::Waiting(wait) => {
                let end = wait.end(self.clock.now())?;
                if end == End::GoesOn {
                    it.interrupted = Some(wait);
                }
                if end != End::Over {
                    // The kernel makes the call again only if it is told of an interruption; the
                    // signal may have gone to another thread.
                    gone_is_fine(ptrace::interrupt(thread))?;
                }
                self.note(thread, Doing::Runs);
            }
            State::Calling(begun) => {
                let Some(mut call) = Call::if_there(thread)? else { return Ok(()) };
                match begun.number() {
                    libc::SYS_timer_create => self.processes.timers(process).created(&call)?,
                    number if readings::is_completed(number) => {
                        readings::complete(&mut call, &mut self.clock)?;
                    }
                    _ => {
                        if let Some(why) =
                            outside::ended(&call, process, &self.processes, &mut self.refused)
                        {
                            return Err(Failure::NotBelieved(why));
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(stop::go(thread, Go::On)?)
    }

    /// Whether a thread that gets SIGSEGV has read the time stamp counter. If so, it is answered.
    pub(super) fn reads_counter(&mut self, thread: Pid) -> Result<bool, Failure> {
        let Some(address) = self.counter.answer(thread, self.clock.tick())? else {
            return Ok(false);
        };
        let begin = self.processes.vdso_of(thread);
        let Some(it) = self.processes.get(thread) else { return Ok(true) };
        it.counter_readings += 1;
        // If it waits, then not by reading the clock.
        self.spins = false;
        let why = if begin.is_some_and(|begin| vdso::has(address, begin)) {
            "it has found the vDSO by itself, a library of the kernel that reads the real clock"
        } else if it.counter_readings > counter::MOST {
            "it waits by reading the processor's time stamp counter in a loop"
        } else {
            return Ok(true);
        };
        Err(Failure::NotBelieved(why.into()))
    }
}
