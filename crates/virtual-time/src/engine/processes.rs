//! The threads of the program and of all processes that it has started, and their CPU time.

use super::clock::{Moment, Readings};
use super::own_readings::OwnReadings;
use super::stop::Call;
use super::timers::Timers;
use super::waits::{NEVER, Wait};
use nix::libc;
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use procfs::process::Process as Proc;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// A thread, as far as the tracer knows.
pub struct Thread {
    pub process: Pid,
    pub state: State,
    /// A wait that a signal has interrupted: the thread may go on with it, until the same deadline.
    pub interrupted: Option<Wait>,
    /// How it has read the clock since its last wait.
    pub readings: Readings,
    /// How often it has read the processor's time stamp counter since the last jump.
    pub counter_readings: u32,
    /// How often it has stopped; and how often it and all threads had stopped when it last made a
    /// zero-length wait.
    pub stops: u64,
    pub yielded: (u64, u64),
    /// How often it had run when all were last seen asleep.
    pub runs: u64,
    /// Whether it may be about to start another thread.
    starts: bool,
}

/// Where a thread is.
#[derive(Clone, Copy, Debug)]
pub enum State {
    /// It runs, or is in a call that the tracer leaves alone.
    Free,
    /// In a call that waits until a deadline.
    Waiting(Wait),
    /// In a call whose result is examined.
    Calling(Call),
    /// Held since this moment, at a zero-length wait, to let others run.
    Held(Instant),
    /// Its process has been stopped by a signal.
    Stopped,
    /// It is about to end, or has ended.
    Ending,
}

struct Process {
    /// Its CPU clock, and what that last showed, in nanoseconds.
    clock: Option<ClockId>,
    cpu: i64,
    /// What it showed when all were last seen asleep.
    cpu_before: i64,
    timers: Timers,
    /// Where its vDSO begins.
    vdso: Option<u64>,
    own_readings: Option<OwnReadings>,
}

/// All of them, by their ids.
#[derive(Default)]
pub struct Processes {
    pub threads: BTreeMap<Pid, Thread>,
    processes: BTreeMap<Pid, Process>,
    /// CPU nanoseconds of those that have ended.
    cpu_of_the_dead: i64,
    /// The most that one of these has used since all were last seen asleep.
    longest_of_the_dead: i64,
    /// Threads that stopped before those that have started them: these are not about to, any more.
    early: BTreeSet<Pid>,
    /// All that there ever were: a signal may arrive after its sender has ended.
    ever: BTreeSet<Pid>,
}

impl Processes {
    /// Adds a thread, unless it is known already. Its process is added, too.
    pub fn add(&mut self, thread: Pid, process: Pid) {
        self.threads.entry(thread).or_insert(Thread {
            process,
            state: State::Free,
            interrupted: None,
            readings: Readings::default(),
            counter_readings: 0,
            stops: 0,
            yielded: (0, 0),
            runs: 0,
            starts: false,
        });
        self.ever.insert(process);
        self.processes.entry(process).or_insert_with(|| Process {
            clock: clock_getcpuclockid(process).ok(),
            cpu: 0,
            cpu_before: 0,
            timers: Timers::default(),
            vdso: None,
            own_readings: None,
        });
    }

    /// Adds a thread that reports itself, or that another one has started. `None` if it is gone.
    pub fn add_unknown(&mut self, thread: Pid) -> Option<&mut Thread> {
        if !self.threads.contains_key(&thread) {
            self.add(thread, process_of(thread)?);
        }
        self.get(thread)
    }

    /// A thread has stopped: what it was about to do, it has done. `None` if it is gone.
    pub fn stopped(&mut self, thread: Pid) -> Option<&mut Thread> {
        if !self.threads.contains_key(&thread) {
            self.add(thread, process_of(thread)?);
            self.early.insert(thread);
        }
        let it = self.get(thread)?;
        it.starts = false;
        Some(it)
    }

    /// A thread has been started, by one that has stopped now.
    pub fn started(&mut self, thread: Pid) {
        self.early.remove(&thread);
        self.add_unknown(thread);
    }

    /// A thread is about to start another one.
    pub fn starts(&mut self, thread: Pid) {
        if let Some(it) = self.get(thread) {
            it.starts = true;
        }
    }

    /// A child of this process has a copy of its memory, or, by these flags of clone(2), the same.
    pub fn inherit(&mut self, child: Pid, parent: Pid, flags: i32) {
        if flags & libc::CLONE_THREAD != 0 {
            return;
        }
        let Some(parent) = self.threads.get(&parent).map(|it| it.process) else { return };
        let Some(parent) = self.processes.get_mut(&parent) else { return };
        let vdso = parent.vdso;
        // In the same memory, only one of them may make readings by itself: the parent, if it runs
        // only after its child.
        let own_readings = match flags & libc::CLONE_VM {
            0 => parent.own_readings,
            _ => None,
        };
        if flags & (libc::CLONE_VM | libc::CLONE_VFORK) == libc::CLONE_VM {
            parent.own_readings = None;
        }
        if let Some(child) = self.processes.get_mut(&child) {
            (child.vdso, child.own_readings) = (vdso, own_readings);
        }
    }

    /// Where the vDSO of a new program begins, and which readings it may make by itself.
    pub fn loaded(&mut self, process: Pid, vdso: Option<u64>, own_readings: Option<OwnReadings>) {
        if let Some(process) = self.processes.get_mut(&process) {
            (process.vdso, process.own_readings) = (vdso, own_readings);
        }
    }

    pub fn own_readings(&mut self, process: Pid) -> Option<&mut OwnReadings> {
        self.processes.get_mut(&process)?.own_readings.as_mut()
    }

    /// All readings that processes make by themselves.
    pub fn all_own_readings(&mut self) -> impl Iterator<Item = (Pid, &mut OwnReadings)> {
        let all = self.processes.iter_mut();
        all.filter_map(|(id, process)| Some((*id, process.own_readings.as_mut()?)))
    }

    pub fn vdso_of(&self, thread: Pid) -> Option<u64> {
        self.processes.get(&self.threads.get(&thread)?.process)?.vdso
    }

    /// Forgets a thread that has ended; its process, too, if it was the last one.
    pub fn remove(&mut self, thread: Pid) {
        self.early.remove(&thread);
        let Some(Thread { process, .. }) = self.threads.remove(&thread) else { return };
        if !self.threads.values().any(|other| other.process == process)
            && let Some(process) = self.processes.remove(&process)
        {
            self.cpu_of_the_dead += process.cpu;
            self.longest_of_the_dead =
                self.longest_of_the_dead.max(process.cpu - process.cpu_before);
        }
    }

    /// A process runs a new program: of its threads, only this one is left, as its main thread.
    pub fn keep_only(&mut self, process: Pid, former: Pid) {
        self.threads.retain(|thread, it| it.process != process || *thread == former);
        if let Some(mut thread) = self.threads.remove(&former) {
            thread.state = State::Free;
            thread.interrupted = None;
            self.threads.insert(process, thread);
        }
        self.add(process, process);
        self.timers(process).new_program();
    }

    /// Whether more threads than this are left, besides those that are about to end.
    pub fn has_more_than(&self, most: usize) -> bool {
        let is_left = |it: &&Thread| !matches!(it.state, State::Ending);
        self.threads.len() > most && self.threads.values().filter(is_left).count() > most
    }

    /// Whether there will be more threads than this, with those that are about to be started.
    pub fn will_be_more_than(&self, most: usize) -> bool {
        let left = self.threads.values().filter(|it| !matches!(it.state, State::Ending));
        let all: usize = left.map(|it| 1 + usize::from(it.starts)).sum();
        all.saturating_sub(self.early.len()) > most
    }

    /// Whether it is one of them, or was one.
    pub fn was_inside(&self, process: Pid) -> bool {
        self.ever.contains(&process)
    }

    pub fn ids(&self) -> impl Iterator<Item = Pid> {
        self.processes.keys().copied()
    }

    pub fn get(&mut self, thread: Pid) -> Option<&mut Thread> {
        self.threads.get_mut(&thread)
    }

    /// Whether other threads of its process are still there.
    pub fn has_others(&self, thread: Pid) -> bool {
        let Some(process) = self.threads.get(&thread).map(|it| it.process) else { return false };
        self.threads.iter().any(|(other, it)| *other != thread && it.process == process)
    }

    /// The timers of a process.
    ///
    /// # Panics
    ///
    /// If it is not known.
    pub fn timers(&mut self, process: Pid) -> &mut Timers {
        &mut self.processes.get_mut(&process).expect("a known process").timers
    }

    pub fn all_timers(&mut self) -> impl Iterator<Item = (Pid, &mut Timers)> {
        self.processes.iter_mut().map(|(id, process)| (*id, &mut process.timers))
    }

    /// CPU nanoseconds of all of them, the living and the dead.
    pub fn cpu(&mut self) -> i64 {
        let mut all = self.cpu_of_the_dead;
        for process in self.processes.values_mut() {
            // A process that has just ended has no clock any more.
            if let Some(Ok(time)) = process.clock.map(clock_gettime) {
                process.cpu = process.cpu.max(time.num_nanoseconds());
            }
            all += process.cpu;
        }
        all
    }

    /// The most CPU nanoseconds that one process has used since this was last asked.
    pub fn longest_work(&mut self) -> i64 {
        let mut longest = std::mem::take(&mut self.longest_of_the_dead);
        for process in self.processes.values_mut() {
            longest = longest.max(process.cpu - process.cpu_before);
            process.cpu_before = process.cpu;
        }
        longest
    }

    /// The thread whose deadline comes first, and that deadline. Of several, the one that has
    /// waited longest. But a main thread comes before others of its process that are due almost at
    /// the same time: when it ends, they end too, and a program that relies on them being faster
    /// must not succeed by luck.
    pub fn next_wait(&self) -> Option<(Moment, Pid)> {
        const ALMOST: Moment = 50_000;
        let deadline = |it: &Thread| match it.state {
            State::Waiting(wait) if !wait.is_over && wait.deadline != NEVER => {
                Some((wait.deadline, wait.number))
            }
            _ => None,
        };
        let waiting = self.threads.iter().filter_map(|(id, it)| Some((deadline(it)?, *id)));
        let ((first, _), thread) = waiting.min()?;
        let process = self.threads.get(&thread)?.process;
        let main = self.threads.get(&process).and_then(deadline);
        Some(match main {
            Some((deadline, _)) if deadline <= first.saturating_add(ALMOST) => (deadline, process),
            _ => (first, thread),
        })
    }
}

/// The process of a thread.
fn process_of(thread: Pid) -> Option<Pid> {
    let status = Proc::new(thread.as_raw()).and_then(|process| process.status()).ok()?;
    Some(Pid::from_raw(status.tgid))
}
