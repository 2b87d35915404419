//! What happens when all threads of the program are asleep, and when one is late to wake.

use super::clock::{Moment, Readings, seconds};
use super::outside::{self, Waited};
use super::processes::State;
use super::quiescence::Sleeper;
use super::stop::{self, gone_is_fine};
use super::{Engine, quiescence, sockets};
use crate::run::{Doing, Ending, Failure};
use nix::sys::ptrace;
use nix::unistd::Pid;
use std::time::{Duration, Instant};

/// A thread whose deadline has passed while others run is woken when it is this late, in
/// nanoseconds. Until then, the one that was woken before may do its work and wait again: so the
/// order at one instant is always the same.
const OVERDUE: Moment = 1_000_000;
/// How late a wait ends, in nanoseconds. The kernel allows itself as much in real time, see
/// proc_pid_timerslack_ns(5): three waits take a little longer than one of three times the length.
const SLACK: Moment = 50_000;
/// How long all must have been asleep, in real time, before nothing can be expected to wake them.
const SETTLED: Duration = Duration::from_millis(30);
/// The same for a file lock, as cargo and others take for a moment.
const LOCKED: Duration = Duration::from_millis(200);

impl Engine<'_> {
    /// Whether nothing has happened since the last look at the threads.
    pub(super) fn nothing_has_come(&mut self) -> Result<bool, Failure> {
        stop::pending(&mut self.stops)?;
        Ok(self.stops.is_empty())
    }

    /// All threads are asleep: the clock jumps to the next deadline. Returns how the run has ended if
    /// there is none.
    pub(super) fn all_are_asleep(
        &mut self,
        sleepers: &[Sleeper],
    ) -> Result<Option<Ending>, Failure> {
        let mut waited = Vec::new();
        for sleeper in sleepers {
            let why = match self.look_at(sleeper) {
                Ok(descriptors) => {
                    waited.extend(descriptors);
                    continue;
                }
                Err(why) => why,
            };
            // Another process may be about to release a lock: until then, real time passes.
            self.kernel_waits = quiescence::waits_for_lock(sleeper);
            let limit = if self.kernel_waits { LOCKED } else { SETTLED };
            if self.is_settled(sleepers, limit) {
                return Err(Failure::NotBelieved(why));
            }
            self.wake_overdue()?;
            return Ok(None);
        }
        if !self.terminals_are_quiet(sleepers, &waited) {
            return Ok(None);
        }
        if self.read_streams()? {
            // A thread that was waiting to write may go on now.
            return Ok(None);
        }
        if self.has_connections {
            // The kernel may hold back what is sent for some milliseconds, by timers of its own.
            if sockets::has_sent(self.program, &self.processes) {
                self.kernel_waits = true;
                self.wake_overdue()?;
                return Ok(None);
            }
            // It may have passed something on just now.
            if quiescence::all_asleep(&self.processes).as_deref() != Some(sleepers) {
                return Ok(None);
            }
        }
        let processes: Vec<_> = self.processes.ids().collect();
        let wait = self.processes.next_wait();
        let timer = self.processes.all_timers().filter_map(|(_, timers)| timers.next()).min();
        let descriptor = self.descriptor_timers.next(&processes)?;
        let deadlines = [wait.map(|(deadline, _)| deadline), timer, descriptor];
        let Some(deadline) = deadlines.into_iter().flatten().min() else {
            if !self.is_settled(sleepers, SETTLED) {
                return Ok(None);
            }
            if waited.iter().any(outside::is_for_connections) {
                let why = "it waits for connections, which may come from outside";
                return Err(Failure::NotBelieved(why.into()));
            }
            return Ok(Some(Ending::WaitsForever));
        };
        let to = self.clock.now().max(deadline.saturating_add(SLACK));
        if !self.watcher.goes_on(seconds(to)) {
            return Ok(Some(Ending::Stopped));
        }
        self.clock.jump(to, self.processes.longest_work());
        (self.spins, self.kernel_waits) = (false, false);
        for it in self.processes.threads.values_mut() {
            (it.readings, it.counter_readings) = (Readings::default(), 0);
        }
        // Timers first: a signal interrupts a sleep that ends at the same instant.
        if timer == Some(deadline) {
            self.expire_timers()?;
        } else if descriptor == Some(deadline) {
            self.expire_descriptor_timers()?;
        } else if let Some((_, thread)) = wait {
            self.wake(thread)?;
        }
        Ok(None)
    }

    /// Whether nothing is on its way through terminals of the program's own: the kernel passes on what
    /// is written there a moment later.
    fn terminals_are_quiet(&mut self, sleepers: &[Sleeper], waited: &[Waited]) -> bool {
        let inputs: Vec<_> = waited.iter().filter_map(outside::has_terminal_input).collect();
        if inputs.is_empty() {
            return true;
        }
        // Somebody may have been woken by it.
        let are_asleep = quiescence::all_asleep(&self.processes).as_deref() == Some(sleepers);
        are_asleep && (!inputs.contains(&true) || self.is_settled(sleepers, SETTLED))
    }

    /// Whether they have been asleep for a while, in real time: threads may sleep for a moment in any
    /// call, and the kernel may have something on its way to them.
    fn is_settled(&mut self, sleepers: &[Sleeper], limit: Duration) -> bool {
        match &self.settling {
            Some((before, since)) if before == sleepers => since.elapsed() > limit,
            _ => {
                self.settling = Some((sleepers.to_vec(), Instant::now()));
                false
            }
        }
    }

    /// Notes what a sleeper waits for, and returns the descriptors among it.
    ///
    /// # Errors
    ///
    /// Why the run is not believed, if what it waits for is unknown or outside.
    fn look_at(&mut self, sleeper: &Sleeper) -> Result<Vec<Waited>, String> {
        let Some(it) = self.processes.get(sleeper.thread) else { return Ok(Vec::new()) };
        let (process, state) = (it.process, it.state);
        let has_run = std::mem::replace(&mut it.runs, sleeper.runs) != sleeper.runs;
        let doing = match (state, sleeper.call) {
            (State::Waiting(wait), _) => wait.doing,
            (_, Some((number, arguments))) => quiescence::known_wait(number, &arguments)
                .ok_or_else(|| quiescence::unknown_wait(number))?,
            (_, None) => Doing::Waits,
        };
        if has_run {
            self.note(sleeper.thread, Doing::Runs);
        }
        self.note(sleeper.thread, doing);
        let waited = outside::waited(sleeper, process)?;
        let why = waited
            .iter()
            .find_map(|it| outside::held_outside(it, &self.processes, &self.inherited));
        why.map_or(Ok(waited), Err)
    }

    /// Wakes what should have been woken while others were running.
    pub(super) fn wake_overdue(&mut self) -> Result<(), Failure> {
        let now = self.clock.now();
        let is_overdue = |deadline: Moment| now - deadline > OVERDUE;
        if let Some((deadline, thread)) = self.processes.next_wait()
            && is_overdue(deadline)
        {
            let process = self.processes.get(thread).expect("it waits").process;
            self.diary.note(process, thread, Doing::Ready, deadline);
            self.wake(thread)?;
        }
        if self.processes.all_timers().any(|(_, timers)| timers.next().is_some_and(is_overdue)) {
            self.expire_timers()?;
        }
        if self.descriptor_timers.were_due(now - OVERDUE) {
            self.expire_descriptor_timers()?;
        }
        Ok(())
    }

    /// The deadline of a thread has come.
    fn wake(&mut self, thread: Pid) -> Result<(), Failure> {
        self.catch_up()?;
        if let Some(it) = self.processes.get(thread)
            && let State::Waiting(wait) = &mut it.state
        {
            wait.is_over = true;
            gone_is_fine(ptrace::interrupt(thread))?;
        }
        Ok(())
    }

    fn expire_timers(&mut self) -> Result<(), Failure> {
        self.catch_up()?;
        self.signaled = Some(Instant::now());
        let now = self.clock.now();
        for (process, timers) in self.processes.all_timers() {
            timers.expire(process, now)?;
        }
        Ok(())
    }

    fn expire_descriptor_timers(&mut self) -> Result<(), Failure> {
        self.catch_up()?;
        self.descriptor_timers.expire(self.clock.now())
    }
}
