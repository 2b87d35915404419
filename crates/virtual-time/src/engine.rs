//! Traces a program and keeps its clock. One thread does all of it: it deals with one stop after the
//! other, and when every thread of the program waits, it jumps to the next deadline.

mod auxiliary;
mod clock;
mod counter;
mod descriptors;
mod diary;
mod filter;
mod memory;
mod outside;
mod processes;
mod quiescence;
mod readings;
mod signals;
mod start;
mod stop;
mod streams;
mod timers;
mod waits;

use crate::run::{Doing, Ending, Failure, Limits, Recording, Watcher};
use clock::{Clock, Moment, Readings, seconds};
use counter::Counter;
use diary::Diary;
use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace;
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, kill, sigaction,
};
use nix::unistd::Pid;
use processes::{Processes, State};
use quiescence::Sleeper;
use std::collections::VecDeque;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};
use stop::{Call, Event, Go, gone_is_fine};
use streams::Streams;
use timers::DescriptorTimers;
use waits::{Decoded, End};

/// A thread whose deadline has passed while others run is woken when it is this late, in
/// nanoseconds. Until then, the one that was woken before may do its work and wait again: so the
/// order at one instant is always the same.
const OVERDUE: Moment = 1_000_000;
/// How late the end of a wait comes, in nanoseconds, as it does by a real clock: the kernel allows
/// itself so much, see `timerslack_ns` in proc_pid_timerslack_ns(5). So three waits are a little longer
/// than one of the same length.
const SLACK: Moment = 50_000;
/// How long the tracer waits for the next stop before it looks whether all threads are asleep.
const FIRST_LOOK: Duration = Duration::from_micros(50);
const LAST_LOOK: Duration = Duration::from_millis(2);
/// How long a thread is held that waits for no time, in real time.
const HOLD: Duration = Duration::from_millis(1);
/// How long output may lie unread while threads stop, in real time.
const READ: Duration = Duration::from_millis(1);
/// How long a signal may take to arrive, in real time.
const SIGNAL: Duration = Duration::from_millis(1);
/// How long all must have been asleep before it is said that nothing will wake them, in real time.
const SETTLED: Duration = Duration::from_millis(30);
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
    let (program, child) = start::start(command, mask)?;
    // The stops of its threads are signals to this one, which wait until they are asked for.
    let mask = SigSet::from(Signal::SIGCHLD).thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    let reporting = Reporting::start()?;
    let mut engine = Engine::new(program, streams.with_error(child)?, limits, watcher);
    let ending = engine.run();
    let ending = engine.kill_all().and(ending);
    drop(reporting);
    mask.thread_set_mask()?;
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
    diary: Diary,
    streams: Streams,
    limits: Limits,
    watcher: &'a mut dyn Watcher,
    /// When the program was started, by the clock of its files.
    start: SystemTime,
    /// Stops that have not been dealt with.
    stops: VecDeque<(Pid, Event)>,
    /// Stops that wait until a signal has arrived elsewhere.
    deferred: Vec<(Pid, Event)>,
    /// When a signal was last sent to a process.
    signaled: Option<Instant>,
    /// How many there were, and how many since the clock last went on.
    all_stops: u64,
    new_stops: u32,
    refused: outside::Refused,
    /// What was open when the program started, besides what it prints to.
    inherited: outside::Inherited,
    /// Threads that nothing known will wake, and since when in real time.
    settling: Option<(Vec<Sleeper>, Instant)>,
    /// How many threads are held.
    held: usize,
    /// Whether the clock goes on with real time: a thread waits by reading it again and again, or the
    /// kernel waits on the program's behalf.
    is_real: bool,
    /// Whether it may have connections by TCP.
    has_connections: bool,
    /// How many waits there were.
    waits: u64,
    /// When the watcher was last asked, and the output last read.
    asked: Instant,
    read: Instant,
}

impl<'a> Engine<'a> {
    fn new(program: Pid, streams: Streams, limits: Limits, watcher: &'a mut dyn Watcher) -> Self {
        let mut processes = Processes::default();
        processes.add(program, program);
        Self {
            program,
            processes,
            clock: Clock::start(),
            descriptor_timers: DescriptorTimers::default(),
            counter: Counter::new(),
            diary: Diary::default(),
            streams,
            limits,
            watcher,
            start: SystemTime::now(),
            // It was stopped when it had been loaded.
            stops: VecDeque::from([(program, Event::NewProgram(program))]),
            deferred: Vec::new(),
            signaled: None,
            all_stops: 0,
            new_stops: 0,
            refused: outside::Refused::new(),
            inherited: outside::Inherited::new(),
            settling: None,
            held: 0,
            is_real: false,
            has_connections: false,
            waits: 0,
            asked: Instant::now(),
            read: Instant::now(),
        }
    }

    fn run(&mut self) -> Result<Ending, Failure> {
        self.begin();
        // How long to wait for the next event before a look at the threads.
        let mut patience = Duration::ZERO;
        loop {
            let has_come = !patience.is_zero() && self.streams.wait(patience)?;
            stop::pending(&mut self.stops)?;
            if self.stops.is_empty() {
                self.go_on_with_clock();
            }
            if has_come || self.read.elapsed() > READ {
                self.read_streams()?;
            }
            if !self.may_go_on()? {
                return Ok(Ending::Stopped);
            }
            if self.held > 0 {
                self.let_go(HOLD)?;
            }
            self.take_back_deferred();
            if !self.stops.is_empty() {
                patience = FIRST_LOOK;
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
                    if self.is_falling_asleep(thread) {
                        patience = Duration::ZERO;
                    }
                }
                self.wake_overdue()?;
            } else if has_come || !self.deferred.is_empty() {
                patience = FIRST_LOOK;
            } else if let Some(sleepers) = quiescence::all_asleep(&self.processes)
                && self.nothing_has_come()?
            {
                if !self.let_go(Duration::ZERO)?
                    && let Some(ending) = self.all_are_asleep(&sleepers)?
                {
                    return Ok(ending);
                }
                patience = FIRST_LOOK;
            } else {
                self.wake_overdue()?;
                patience = (2 * patience).clamp(FIRST_LOOK, LAST_LOOK);
            }
        }
    }

    /// Whether a thread that goes on now may take a signal that the kernel has meant for another one:
    /// all that leave a stop look for signals to their process.
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

    fn read_streams(&mut self) -> Result<(), Failure> {
        self.read = Instant::now();
        self.streams.read(seconds(self.clock.now()), self.watcher)
    }

    /// Whether a thread has just begun to wait.
    fn is_falling_asleep(&mut self, thread: Pid) -> bool {
        let state = self.processes.get(thread).map(|it| it.state);
        matches!(state, Some(State::Waiting(wait)) if !wait.is_over)
    }

    /// The program is loaded, and its clock begins.
    fn begin(&mut self) {
        let cpu = self.processes.cpu();
        self.clock.begin(cpu);
        self.start = SystemTime::now();
        self.inherited = outside::open_at_the_start(self.program);
    }

    fn go_on_with_clock(&mut self) {
        let cpu = self.processes.cpu();
        self.clock.go_on(cpu, self.new_stops, self.is_real);
        self.new_stops = 0;
    }

    /// Whether the watcher lets it go on, if it is time to ask.
    ///
    /// # Errors
    ///
    /// `NotBelieved` if the run has cost too much.
    fn may_go_on(&mut self) -> Result<bool, Failure> {
        if self.asked.elapsed() < ASK {
            return Ok(true);
        }
        self.asked = Instant::now();
        let now = seconds(self.clock.now());
        let Limits { real_seconds, stops } = self.limits;
        if self.clock.real_seconds() - now > real_seconds {
            let why = format!("it took {real_seconds} seconds longer than its clock shows");
            return Err(Failure::NotBelieved(why));
        }
        if self.all_stops > stops {
            return Err(Failure::NotBelieved(format!("it was stopped more than {stops} times")));
        }
        if self.processes.threads.len() > MOST_THREADS {
            return Err(Failure::NotBelieved(format!("it has more than {MOST_THREADS} threads")));
        }
        Ok(self.watcher.goes_on(now))
    }

    /// Whether it is still as it was before the last look at its threads.
    fn nothing_has_come(&mut self) -> Result<bool, Failure> {
        stop::pending(&mut self.stops)?;
        Ok(self.stops.is_empty())
    }

    /// Deals with a stop. Returns how the run has ended, if it has.
    fn deal_with(&mut self, thread: Pid, event: Event) -> Result<Option<Ending>, Failure> {
        self.all_stops += 1;
        self.new_stops += 1;
        let is_end = matches!(event, Event::Exited(_) | Event::Killed(_));
        if !is_end {
            match self.processes.add_unknown(thread) {
                Some(it) => it.stops += 1,
                None => return Ok(None),
            }
        }
        match event {
            Event::Call => self.call(thread)?,
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
                self.processes.add_unknown(started);
                self.processes.inherit(started, thread);
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
        {
            match wait.stop() {
                Ok(true) => it.interrupted = None,
                Ok(false) | Err(Errno::ESRCH) => {}
                Err(error) => return Err(error.into()),
            }
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
        match auxiliary::hide_vdso(process) {
            Err(Errno::ESRCH) => {}
            vdso => self.processes.set_vdso(process, vdso?),
        }
        Ok(stop::go(process, Go::On)?)
    }

    /// A thread is about to enter a call that the filter reports.
    fn call(&mut self, thread: Pid) -> Result<(), Failure> {
        let call = match Call::of(thread) {
            Err(Errno::ESRCH) => return Ok(()),
            call => call?,
        };
        // The most frequent call is not asked for: it is hardly ever made by 32-bit code only.
        if call.number() != libc::SYS_clock_gettime
            && call.number() != -1
            && ptrace::getevent(thread) == Ok(filter::FOREIGN.into())
        {
            let why = "it makes a system call of another architecture than x86-64";
            return Err(Failure::NotBelieved(why.into()));
        }
        match self.begin_call(call)? {
            Some(go) => Ok(stop::go(thread, go)?),
            None => Ok(()),
        }
    }

    /// How the thread goes on, unless it is held.
    fn begin_call(&mut self, call: Call) -> Result<Option<Go>, Failure> {
        let Some(it) = self.processes.get(call.thread) else { return Ok(Some(Go::On)) };
        let (process, interrupted) = (it.process, it.interrupted.take());
        if readings::answer(&call, &mut self.clock)? {
            self.is_real |= it.readings.count(self.clock.now());
            return Ok(Some(Go::On));
        }
        if call.number() == libc::SYS_io_uring_setup {
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
        match waits::decode(&call, &self.clock, self.waits) {
            Decoded::Wait(wait) => {
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
            Decoded::NoTime => {
                // The kernel would sleep until a moment by the real clock.
                if matches!(call.number(), libc::SYS_nanosleep | libc::SYS_clock_nanosleep) {
                    call.answer(Ok(0))?;
                }
                Ok(self.hold(call.thread))
            }
            Decoded::NotAWait => {
                let is_looked_at = readings::is_completed(call.number())
                    || call.number() == libc::SYS_timer_create
                    || outside::shows_at_the_end(call.number());
                if !is_looked_at {
                    return Ok(Some(Go::On));
                }
                self.set_state(call.thread, State::Calling(call));
                Ok(Some(Go::ToEndOfCall))
            }
        }
    }

    /// A thread that waits for no time is held, if others have been active since it last did so: else
    /// it may run again and again before one of them gets a lock that it has let go.
    fn hold(&mut self, thread: Pid) -> Option<Go> {
        let (all, it) = (self.all_stops, self.processes.get(thread)?);
        let (own_before, all_before) = std::mem::replace(&mut it.yielded, (it.stops, all));
        let is_alone = all - all_before == it.stops - own_before;
        if is_alone {
            return Some(Go::On);
        }
        it.state = State::Held(Instant::now());
        self.held += 1;
        None
    }

    /// Lets threads go that have been held for longer than this. Whether there were any.
    fn let_go(&mut self, limit: Duration) -> Result<bool, Failure> {
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
    fn call_ended(&mut self, thread: Pid) -> Result<(), Failure> {
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
                let mut call = match Call::of(thread) {
                    Err(Errno::ESRCH) => return Ok(()),
                    call => call?,
                };
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
    fn reads_counter(&mut self, thread: Pid) -> Result<bool, Failure> {
        let address = match self.counter.answer(thread, self.clock.now()) {
            Ok(Some(address)) => address,
            Ok(None) | Err(Errno::ESRCH) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let vdso = self.processes.vdso_of(thread);
        let Some(it) = self.processes.get(thread) else { return Ok(true) };
        it.counter_readings += 1;
        let why = if vdso.is_some_and(|vdso| auxiliary::is_in_vdso(address, vdso)) {
            "it has found the kernel's own library (vDSO), which reads the real clock"
        } else if it.counter_readings > counter::MOST {
            "it waits by the processor's time stamp counter"
        } else {
            return Ok(true);
        };
        Err(Failure::NotBelieved(why.into()))
    }

    /// All threads are asleep: the clock jumps to the next deadline. Returns how the run has ended if
    /// there is none.
    fn all_are_asleep(&mut self, sleepers: &[Sleeper]) -> Result<Option<Ending>, Failure> {
        for sleeper in sleepers {
            if let Some(why) = self.look_at(sleeper) {
                return if self.is_settled(sleepers) {
                    Err(Failure::NotBelieved(why))
                } else {
                    Ok(None)
                };
            }
        }
        if self.has_connections {
            // The kernel has timers of its own, of some milliseconds, to collect what is sent.
            if outside::has_sent(self.program, &self.processes) {
                self.is_real = true;
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
            let settled = self.is_settled(sleepers);
            return if settled { self.nobody_wakes(sleepers).map(Some) } else { Ok(None) };
        };
        let late = if timer == Some(deadline) || descriptor == Some(deadline) { 0 } else { SLACK };
        let to = self.clock.now().max(deadline.saturating_add(late));
        self.read_streams()?;
        if !self.watcher.goes_on(seconds(to)) {
            return Ok(Some(Ending::Stopped));
        }
        self.clock.jump(to);
        self.is_real = false;
        for it in self.processes.threads.values_mut() {
            (it.readings, it.counter_readings) = (Readings::default(), 0);
        }
        // Timers first: a signal interrupts a sleep that ends at the same instant.
        if timer == Some(deadline) {
            self.expire_timers()?;
        } else if descriptor == Some(deadline) {
            self.descriptor_timers.expire(to)?;
        } else if let Some((_, thread)) = wait {
            self.wake(thread)?;
        }
        Ok(None)
    }

    /// Whether they have been asleep for a while, in real time: threads may sleep for a moment in any
    /// call, and the kernel may have something on its way to them.
    fn is_settled(&mut self, sleepers: &[Sleeper]) -> bool {
        match &self.settling {
            Some((before, since)) if before == sleepers => since.elapsed() > SETTLED,
            _ => {
                self.settling = Some((sleepers.to_vec(), Instant::now()));
                false
            }
        }
    }

    /// Notes what a sleeper waits for. Returns why the run is not believed if that is not known, or
    /// outside.
    fn look_at(&mut self, sleeper: &Sleeper) -> Option<String> {
        let it = self.processes.get(sleeper.thread)?;
        let (process, state) = (it.process, it.state);
        let has_run = std::mem::replace(&mut it.runs, sleeper.runs) != sleeper.runs;
        let doing = match (state, sleeper.call) {
            (State::Waiting(wait), _) => wait.doing,
            (_, Some((number, arguments))) => match quiescence::known_wait(number, &arguments) {
                Some(doing) => doing,
                None => return Some(quiescence::unknown_wait(number)),
            },
            (_, None) => Doing::Waits,
        };
        if has_run {
            self.note(sleeper.thread, Doing::Runs);
        }
        self.note(sleeper.thread, doing);
        outside::waited_for(sleeper, process, &self.processes, &self.inherited)
    }

    /// All are asleep, and there is no deadline.
    fn nobody_wakes(&mut self, sleepers: &[Sleeper]) -> Result<Ending, Failure> {
        for sleeper in sleepers {
            let Some(process) = self.processes.get(sleeper.thread).map(|it| it.process) else {
                continue;
            };
            if outside::waits_for_connections(sleeper, process) {
                let why = "it waits for connections, which may come from outside";
                return Err(Failure::NotBelieved(why.into()));
            }
        }
        Ok(Ending::WaitsForEver)
    }

    /// Wakes what should have been woken while others were running.
    fn wake_overdue(&mut self) -> Result<(), Failure> {
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
            self.descriptor_timers.expire(now)?;
        }
        Ok(())
    }

    /// The deadline of a thread has come.
    fn wake(&mut self, thread: Pid) -> Result<(), Failure> {
        if let Some(it) = self.processes.get(thread)
            && let State::Waiting(wait) = &mut it.state
        {
            wait.is_over = true;
            gone_is_fine(ptrace::interrupt(thread))?;
        }
        Ok(())
    }

    fn expire_timers(&mut self) -> Result<(), Failure> {
        self.signaled = Some(Instant::now());
        let now = self.clock.now();
        for (process, timers) in self.processes.all_timers() {
            timers.expire(process, now)?;
        }
        Ok(())
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

    fn into_recording(self, ending: Ending) -> Recording {
        let end = self.clock.now();
        let jumps = self.clock.into_jumps();
        Recording {
            ending,
            seconds: seconds(end),
            activities: self.diary.finish(end),
            jumps: jumps.into_iter().map(|(from, to)| (seconds(from), seconds(to))).collect(),
        }
    }
}

/// The name of a system call.
fn name_of(number: i64) -> String {
    let name = usize::try_from(number).ok().and_then(syscalls::Sysno::new);
    name.map_or(format!("call {number}"), |name| name.name().into())
}
