//! Traces a program and keeps its clock. One thread does all of it: it deals with one stop after
//! another, and when every thread of the program waits, it jumps to the next deadline.

mod asleep;
mod auxiliary;
mod calls;
mod clock;
mod clock_files;
mod counter;
mod descriptors;
mod diary;
mod filter;
mod memory;
mod outside;
mod own_readings;
mod processes;
mod quiescence;
mod readings;
mod signals;
mod sockets;
mod start;
mod stop;
mod streams;
mod timers;
mod vdso;
mod waits;

use crate::run::{Doing, Ending, Failure, Limits, Recording, Watcher};
use auxiliary::Stack;
use clock::{Clock, seconds};
use counter::Counter;
use diary::Diary;
use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl::{get_timerslack, set_timerslack};
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, kill, sigaction,
};
use nix::unistd::Pid;
use own_readings::OwnReadings;
use processes::{Processes, State};
use quiescence::Sleeper;
use start::Started;
use std::collections::VecDeque;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};
use stop::{Call, Event, Go, gone_is_fine};
use streams::Streams;
use timers::DescriptorTimers;
use vdso::Vdso;

/// How long the tracer waits for the next stop before it looks whether all threads are asleep. That
/// doubles from one look to the next, up to `LAST_LOOK`.
const FIRST_LOOK: Duration = Duration::from_micros(200);
const LAST_LOOK: Duration = Duration::from_millis(2);
/// If a thread has just begun to wait, it looks at once, and then after this.
const FALLING_ASLEEP: Duration = Duration::from_micros(50);
/// How often it looks if there is one thread and no timer: such a thread hardly ever falls asleep
/// without a stop, and nothing can be overdue.
const LOOK_AT_ONE: Duration = Duration::from_millis(10);
/// How long it looks for a stop without sleeping.
const SOON: Duration = Duration::from_micros(6);
/// How long a thread that makes a zero-length wait is held, in real time.
const HOLD: Duration = Duration::from_millis(1);
/// How long output may lie unread while threads stop, in real time.
const READ: Duration = Duration::from_millis(1);
/// How long a signal may take to arrive, in real time.
const SIGNAL: Duration = Duration::from_millis(1);
/// How often the watcher is asked while the program runs, in real time.
const ASK: Duration = Duration::from_millis(5);
/// How long it may take to kill what is left of the program.
const KILL_LIMIT: Duration = Duration::from_secs(5);
/// More threads than this are too many to look at.
const MOST_THREADS: usize = 2_000;

/// See [`crate::record`].
pub fn record(
    command: Command,
    mask: SigSet,
    limits: Limits,
    watcher: &mut dyn Watcher,
) -> Result<Recording, Failure> {
    let (streams, command) = Streams::attach(command)?;
    let clock_files = clock_files::Watch::begin();
    let Started { process: program, child, stops } =
        start::start(command, mask, limits, clock_files.is_none(), watcher)?;
    // Stops of its threads are signaled to this one: the signals are blocked until they are read.
    let mask = SigSet::from(Signal::SIGCHLD).thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    // Otherwise the kernel lets this thread sleep for up to 50 microseconds longer than it asks for.
    let slack = get_timerslack()?;
    set_timerslack(1)?;
    let reporting = Reporting::start()?;
    let streams = streams.with_error(child)?;
    let mut engine = Engine::new(program, stops, streams, limits, clock_files, watcher);
    let ending = engine.run();
    let ending = engine.kill_all().and(ending);
    let ending = ending.and_then(|ending| engine.reads_its_own_clock().map(|()| ending));
    drop(reporting);
    mask.thread_set_mask()?;
    set_timerslack(slack as u64)?;
    Ok(engine.into_recording(ending?))
}

/// While it exists, the end of a child is reported to this process. If it was started with SIGCHLD
/// ignored, the kernel would report none.
struct Reporting(SigAction);

impl Reporting {
    fn start() -> Result<Self, Errno> {
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: no code runs on the signal.
        unsafe { sigaction(Signal::SIGCHLD, &default) }.map(Self)
    }
}

impl Drop for Reporting {
    fn drop(&mut self) {
        // SAFETY: as it was before.
        let _ = unsafe { sigaction(Signal::SIGCHLD, &self.0) };
    }
}

struct Engine<'a> {
    program: Pid,
    processes: Processes,
    clock: Clock,
    descriptor_timers: DescriptorTimers,
    counter: Counter,
    /// `None` if its code cannot be replaced: then it is hidden.
    vdso: Option<Vdso>,
    diary: Diary,
    streams: Streams,
    limits: Limits,
    /// Files that tell the time, if the kernel tells when they are opened.
    clock_files: Option<clock_files::Watch>,
    watcher: &'a mut dyn Watcher,
    /// When the program was started, by the clock that stamps files.
    start: SystemTime,
    /// Stops that have not been dealt with.
    stops: VecDeque<(Pid, Event)>,
    /// Stops that are put off until a signal has reached another thread.
    deferred: Vec<(Pid, Event)>,
    /// When a signal was last sent to a process.
    signaled: Option<Instant>,
    /// How many stops there were, and how many since the clock last advanced.
    all_stops: u64,
    new_stops: u32,
    refused: outside::Refused,
    /// What was open when the program started, besides what it prints to.
    inherited: outside::Inherited,
    /// Threads that nothing known will wake, and since when, in real time.
    settling: Option<(Vec<Sleeper>, Instant)>,
    /// How many threads are held.
    held: usize,
    /// Whether a thread waits by reading the clock in a loop. Then it advances with real time.
    spins: bool,
    /// Whether the kernel waits on the program's behalf. Then, too.
    kernel_waits: bool,
    /// Whether it may have TCP connections.
    has_connections: bool,
    /// How many waits there were.
    waits: u64,
    /// When the watcher was last asked, and when there was last a look at the output.
    asked: Instant,
    read: Instant,
}

impl<'a> Engine<'a> {
    /// The program has been started, and its clock begins.
    fn new(
        program: Pid,
        stops: VecDeque<(Pid, Event)>,
        streams: Streams,
        limits: Limits,
        clock_files: Option<clock_files::Watch>,
        watcher: &'a mut dyn Watcher,
    ) -> Self {
        let mut processes = Processes::default();
        processes.add(program, program);
        let clock = Clock::begin(processes.cpu());
        Self {
            program,
            processes,
            clock,
            descriptor_timers: DescriptorTimers::default(),
            counter: Counter::new(),
            vdso: Vdso::of_this_system(),
            diary: Diary::default(),
            streams,
            limits,
            clock_files,
            watcher,
            start: clock::of_files(),
            stops,
            deferred: Vec::new(),
            signaled: None,
            all_stops: 0,
            new_stops: 0,
            refused: outside::Refused::new(),
            inherited: outside::open_at_the_start(program),
            settling: None,
            held: 0,
            spins: false,
            kernel_waits: false,
            has_connections: false,
            waits: 0,
            asked: Instant::now(),
            read: Instant::now(),
        }
    }

    fn run(&mut self) -> Result<Ending, Failure> {
        // How long to wait for the next event before a look at the threads.
        let mut patience = Duration::ZERO;
        loop {
            let has_come = self.wait(patience)?;
            stop::pending(&mut self.stops)?;
            if self.stops.is_empty() {
                self.go_on_with_clock();
            }
            if has_come || self.read.elapsed() > READ && self.wait_for_event(Duration::ZERO)? {
                self.read_streams()?;
            }
            if self.readings_valid_for().is_some_and(|left| left.is_zero()) {
                self.take_back_readings(false)?;
            }
            if !self.may_go_on()? {
                return Ok(Ending::Stopped);
            }
            if self.held > 0 {
                self.let_go(HOLD)?;
            }
            self.take_back_deferred();
            if !self.stops.is_empty() {
                let mut is_falling_asleep = false;
                while let Some((thread, event)) = self.stops.pop_front() {
                    self.go_on_with_clock();
                    if self.may_take_a_signal(thread, event) {
                        self.deferred.push((thread, event));
                        continue;
                    }
                    if let Some(ending) = self.deal_with(thread, event)? {
                        self.read_streams()?;
                        return Ok(ending);
                    }
                    is_falling_asleep |= self.is_falling_asleep(thread);
                }
                patience = if is_falling_asleep { Duration::ZERO } else { self.first_look() };
                self.wake_overdue()?;
            } else if has_come || !self.deferred.is_empty() {
                patience = self.first_look();
            } else if let Some(sleepers) = quiescence::all_asleep(&self.processes)
                && self.nothing_has_come()?
            {
                if !self.let_go(Duration::ZERO)?
                    && let Some(ending) = self.all_are_asleep(&sleepers)?
                {
                    return Ok(ending);
                }
                // Whoever has been woken may fall asleep again without a stop.
                patience = (2 * patience).clamp(FALLING_ASLEEP, FIRST_LOOK);
            } else {
                self.wake_overdue()?;
                patience = (2 * patience).clamp(FALLING_ASLEEP, self.last_look());
            }
        }
    }

    fn is_one_thread(&self) -> bool {
        self.processes.threads.len() == 1
    }

    fn first_look(&mut self) -> Duration {
        if self.is_one_without_timers() { LOOK_AT_ONE } else { FIRST_LOOK }
    }

    fn last_look(&mut self) -> Duration {
        if self.is_one_without_timers() { LOOK_AT_ONE } else { LAST_LOOK }
    }

    fn is_one_without_timers(&mut self) -> bool {
        self.is_one_thread()
            && !self.descriptor_timers.any_armed()
            && self.processes.all_timers().all(|(_, timers)| timers.next().is_none())
    }

    /// Waits for the next stop or output, but not for longer than `patience`. Whether there was output.
    fn wait(&mut self, patience: Duration) -> Result<bool, Failure> {
        let start = Instant::now();
        // If there are several threads, the next stop is often a few microseconds away: to sleep and be
        // woken takes longer.
        let is_likely_soon = patience == FIRST_LOOK && !self.is_one_thread();
        while is_likely_soon && self.stops.is_empty() && start.elapsed() < SOON {
            stop::pending(&mut self.stops)?;
        }
        let patience = match self.readings_valid_for() {
            // While it is another program's turn to use the core, no CPU time passes.
            Some(left) => patience.min(left.max(FIRST_LOOK)),
            None => patience,
        };
        if !self.stops.is_empty() || patience.is_zero() {
            return Ok(false);
        }
        self.wait_for_event(patience)
    }

    /// Whether a thread that goes on now may take a signal that the kernel meant for another one:
    /// every thread that leaves a stop looks for signals to its process.
    fn may_take_a_signal(&mut self, thread: Pid, event: Event) -> bool {
        if self.signaled.is_none_or(|at| at.elapsed() > SIGNAL) {
            self.signaled = None;
            return false;
        }
        let is_interrupted = || Call::of(thread).is_ok_and(|call| call.is_interrupted());
        let is_other = match event {
            Event::Call => true,
            Event::CallEnded => !is_interrupted(),
            _ => false,
        };
        is_other
            && self.processes.has_others(thread)
            && self.processes.get(thread).is_some_and(|it| signals::are_pending(it.process))
    }

    /// Puts deferred stops back into the queue; those for which it is still too early return.
    fn take_back_deferred(&mut self) {
        for stop in self.deferred.drain(..).rev() {
            self.stops.push_front(stop);
        }
    }

    /// Waits for the next stop or output, but not for longer than this. Whether there is output to read.
    fn wait_for_event(&mut self, limit: Duration) -> Result<bool, Failure> {
        let has_printed = self.streams.wait(limit)?;
        self.read = Instant::now();
        Ok(has_printed)
    }

    /// Whether there was anything to read.
    fn read_streams(&mut self) -> Result<bool, Failure> {
        self.read = Instant::now();
        // No line comes before what the program had computed, or a time that it had read by itself, when
        // it printed it.
        self.go_on_with_clock();
        self.take_back_readings(true)?;
        self.streams.read(seconds(self.clock.now()), self.watcher)
    }

    /// Whether a thread has just begun to wait.
    fn is_falling_asleep(&mut self, thread: Pid) -> bool {
        let state = self.processes.get(thread).map(|it| it.state);
        matches!(state, Some(State::Waiting(wait)) if !wait.is_over)
    }

    fn go_on_with_clock(&mut self) {
        let is_real = self.spins || self.kernel_waits;
        self.clock.go_on(|| self.processes.cpu(), self.new_stops, is_real);
        self.new_stops = 0;
    }

    /// Whether the watcher lets it go on, if it is time to ask.
    ///
    /// # Errors
    ///
    /// `NotBelieved` if the run has cost too much, or reads another clock.
    fn may_go_on(&mut self) -> Result<bool, Failure> {
        if self.asked.elapsed() < ASK {
            return Ok(true);
        }
        self.asked = Instant::now();
        let now = seconds(self.clock.now());
        let Limits { real_seconds, stops, threads } = self.limits;
        if self.clock.real_seconds() - now > real_seconds {
            let why = format!("it took over {real_seconds} seconds longer than its clock shows");
            return Err(Failure::NotBelieved(why));
        }
        if self.all_stops > stops {
            return Err(Failure::NotBelieved(format!(
                "it was stopped for more than {stops} system calls and signals"
            )));
        }
        if threads.is_none() && self.processes.threads.len() > MOST_THREADS {
            return Err(Failure::NotBelieved(format!("it has more than {MOST_THREADS} threads")));
        }
        self.reads_its_own_clock()?;
        Ok(self.watcher.goes_on(now))
    }

    /// # Errors
    ///
    /// `NotBelieved` if the program has opened a file that tells another time.
    fn reads_its_own_clock(&self) -> Result<(), Failure> {
        let why = self.clock_files.as_ref().and_then(clock_files::Watch::seen);
        why.map_or(Ok(()), |why| Err(Failure::NotBelieved(why)))
    }

    /// Deals with a stop. Returns how the run has ended, if it has.
    fn deal_with(&mut self, thread: Pid, event: Event) -> Result<Option<Ending>, Failure> {
        self.all_stops += 1;
        self.new_stops += 1;
        self.kernel_waits = false;
        let is_end = matches!(event, Event::Exited(_) | Event::Killed(_));
        if !is_end {
            match self.processes.stopped(thread) {
                Some(it) => it.stops += 1,
                None => return Ok(None),
            }
        }
        if let Event::Started(started) = event {
            self.processes.started(started);
        }
        // Whoever starts one where that cannot be foreseen has stopped, and so has the new one.
        if self.limits.threads.is_some_and(|most| self.processes.has_more_than(most)) {
            return Ok(Some(Ending::TooManyThreads));
        }
        match event {
            Event::Call => return self.call(thread),
            Event::CallEnded => self.call_ended(thread)?,
            Event::Signal(libc::SIGSEGV) if self.reads_counter(thread)? => {
                stop::go(thread, Go::On)?;
            }
            Event::Signal(signal) => {
                signals::arrive(thread, signal, &mut self.processes)?;
                stop::go(thread, Go::OnWith(signal))?;
            }
            Event::GroupStop => {
                self.set_state(thread, State::Stopped);
                self.give_up_wait(thread)?;
                stop::go(thread, Go::Listen)?;
            }
            Event::Interrupted => {
                if let Some(it) = self.processes.get(thread)
                    && matches!(it.state, State::Stopped)
                {
                    it.state = State::Free;
                }
                stop::go(thread, Go::On)?;
            }
            Event::Started(started) => {
                if let Some(call) = Call::if_there(thread)?
                    && let Some(flags) = filter::clone_flags(call.number(), call.argument(0))
                {
                    self.processes.inherit(started, thread, flags);
                }
                self.note(started, Doing::Runs);
                stop::go(thread, Go::On)?;
            }
            Event::NewProgram(former) => self.new_program(thread, former)?,
            Event::Ending => {
                self.set_state(thread, State::Ending);
                stop::go(thread, Go::On)?;
            }
            Event::Exited(code) => return Ok(self.ended(thread, Ending::Exited(code))),
            Event::Killed(signal) => {
                let signal = Signal::try_from(signal).unwrap_or(Signal::SIGKILL);
                return Ok(self.ended(thread, Ending::Signaled(signal)));
            }
        }
        Ok(None)
    }

    /// A thread is stopped by a signal: it may not go on with the wait that this has interrupted.
    fn give_up_wait(&mut self, thread: Pid) -> Result<(), Failure> {
        if let Some(it) = self.processes.get(thread)
            && let Some(wait) = it.interrupted
            && wait.stop()?
        {
            it.interrupted = None;
        }
        Ok(())
    }

    fn ended(&mut self, thread: Pid, ending: Ending) -> Option<Ending> {
        // Its parent gets SIGCHLD.
        self.signaled = Some(Instant::now());
        self.diary.end(thread, self.clock.now());
        self.processes.remove(thread);
        (thread == self.program).then_some(ending)
    }

    fn new_program(&mut self, process: Pid, former: Pid) -> Result<(), Failure> {
        self.processes.keep_only(process, former);
        self.note(process, Doing::Runs);
        if let Some(why) = outside::program(process) {
            return Err(Failure::NotBelieved(why));
        }
        gone_is_fine(self.offer_clock(process))?;
        Ok(stop::go(process, Go::On)?)
    }

    /// A program that has just been loaded is to find its own clock where it would find that of the
    /// system.
    fn offer_clock(&mut self, process: Pid) -> Result<(), Errno> {
        let stack = Stack::of(process)?;
        let begin = stack.vdso();
        let mut own_readings = None;
        if let (Some(vdso), Some(begin)) = (&self.vdso, begin)
            && let Some(words) = stack.make_room(own_readings::LENGTH)?
        {
            vdso.replace(process, begin, words)?;
            own_readings = Some(OwnReadings::begin(process, words, &self.clock)?);
        } else {
            stack.hide_vdso()?;
        }
        self.processes.loaded(process, begin, own_readings);
        Ok(())
    }

    /// Takes back the readings that programs may make by themselves: see [`OwnReadings::take_back`].
    fn take_back_readings(&mut self, goes_on: bool) -> Result<(), Errno> {
        for (process, readings) in self.processes.all_own_readings() {
            readings.take_back(process, &mut self.clock, goes_on)?;
        }
        Ok(())
    }

    /// From now on, programs read the moment that it is.
    fn catch_up(&mut self) -> Result<(), Errno> {
        self.take_back_readings(false)?;
        self.clock.catch_up();
        Ok(())
    }

    /// If programs may make some, how long it will be until these are taken back.
    fn readings_valid_for(&mut self) -> Option<Duration> {
        let all = self.processes.all_own_readings();
        all.filter_map(|(_, readings)| readings.valid_for(&self.clock)).min()
    }

    fn set_state(&mut self, thread: Pid, state: State) {
        if let Some(it) = self.processes.get(thread) {
            it.state = state;
        }
    }

    fn note(&mut self, thread: Pid, doing: Doing) {
        if let Some(process) = self.processes.get(thread).map(|it| it.process) {
            self.diary.note(process, thread, doing, self.clock.now());
        }
    }

    /// Kills all that is left of the program.
    fn kill_all(&mut self) -> Result<(), Failure> {
        let until = Instant::now() + KILL_LIMIT;
        loop {
            for process in self.processes.ids() {
                // It may have ended.
                let _ = kill(process, Signal::SIGKILL);
            }
            stop::pending(&mut self.stops)?;
            while let Some((thread, event)) = self.stops.pop_front() {
                match event {
                    Event::Exited(_) | Event::Killed(_) => self.processes.remove(thread),
                    _ => {
                        if let Event::Started(started) = event {
                            self.processes.add_unknown(started);
                        }
                        self.processes.add_unknown(thread);
                        stop::go(thread, Go::On)?;
                    }
                }
            }
            if self.processes.threads.is_empty() {
                return Ok(());
            }
            if Instant::now() > until {
                let why = "some of its processes could not be killed";
                return Err(Failure::NotRecorded(std::io::Error::other(why)));
            }
            self.streams.wait(FIRST_LOOK)?;
        }
    }

    fn into_recording(mut self, ending: Ending) -> Recording {
        let (began, end) = (self.clock.began(), self.clock.now());
        self.clock.rest(self.processes.longest_work());
        let (jumps, efforts) = self.clock.finish();
        Recording {
            ending,
            began,
            seconds: seconds(end),
            activities: self.diary.finish(end),
            jumps,
            efforts,
        }
    }
}

/// The name of a system call.
fn name_of(number: i64) -> String {
    let name = usize::try_from(number).ok().and_then(syscalls::Sysno::new);
    name.map_or(format!("call {number}"), |name| name.name().into())
}
