//! Runs one program and records it. A recorder is a process of its own: every process that the
//! program leaves behind becomes the recorder's child, so it can be killed and its CPU time
//! counted.

mod activities;
pub(crate) mod bounds;
pub(crate) mod lag;
mod live;
#[cfg(target_os = "linux")]
mod looks;
mod not_started;
pub(crate) mod processes;
pub(crate) mod progress;
mod reader;
mod tasks;
mod virtual_clock;
mod wait;
mod watch;

use crate::clock::{Clock, ClockUsed};
use crate::escape::Outside;
use crate::protection::Limits;
use crate::recording::{Ending, Recording};
use bounds::Bounds;
use cage::{Base, Entered, Plan};
use lag::Lag;
use live::Live;
use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::sys::wait::WaitStatus;
use progress::{Printed, Progress, so_far};
use reader::Reader;
use serde::{Deserialize, Serialize};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, io};
use tasks::TaskEvents;
use virtual_time::{Capture, pseudo_terminal};
use wait::Wait;
use watch::Watch;

/// What to run, and for how long.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The name of the exercise that the program answers.
    pub exercise: String,
    /// The program and its own arguments.
    pub command: Vec<String>,
    /// The folder to start it in, if not the checker's.
    pub start: Option<PathBuf>,
    /// The arguments of this run, after those of the command.
    pub arguments: Vec<String>,
    pub limits: TimeLimits,
    pub clock: Clock,
    /// Whether the program can be run again if this run leaves room for doubt.
    pub first_try: bool,
    /// Whether to tell again and again what it has done so far. Only in real time.
    pub live: bool,
    /// Whether the program notes its tasks, to record them.
    pub tasks: bool,
    /// What it may do in its cage; without this, it runs without one.
    pub cage: Option<Plan>,
}

impl Job {
    /// How long it may take: on the virtual clock, and then again in real time.
    #[must_use]
    pub fn longest(&self) -> Duration {
        let real = self.limits.total;
        let virtual_clock = self.limits.total + virtual_time::Limits::default().real_seconds;
        Duration::from_secs_f64(match self.clock {
            Clock::Real => real,
            Clock::Virtual => virtual_clock,
            Clock::Auto => virtual_clock + real,
        })
    }
}

/// Why there is no recording.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum NoRecording {
    /// The program could not be started, for this reason.
    NotStarted(Outside),
    /// The checker could not record it, for this reason.
    NotRecorded(Outside),
    /// The program interfered with its recorder, in this way.
    Tampered(Outside),
    /// The virtual clock cannot be used for it, for this reason.
    NotBelieved(Outside),
}

impl NoRecording {
    #[must_use]
    pub fn why(&self) -> &Outside {
        let (Self::NotStarted(why)
        | Self::NotRecorded(why)
        | Self::Tampered(why)
        | Self::NotBelieved(why)) = self;
        why
    }

    /// The program changed the limits of its recorder. `left` is what could not be killed.
    fn limits_changed(left: Option<String>) -> Self {
        let left = left.map_or(String::new(), |left| format!("; {left}"));
        Self::Tampered(format!("the recorder's resource limits were changed{left}").into())
    }
}

impl From<Errno> for NoRecording {
    fn from(error: Errno) -> Self {
        io::Error::from(error).into()
    }
}

impl From<io::Error> for NoRecording {
    fn from(error: io::Error) -> Self {
        Self::NotRecorded(error.to_string().into())
    }
}

/// How long a run may take, in seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TimeLimits {
    /// From the start to the first line of the exercise.
    pub first_line: f64,
    /// From that line to the end, besides what the lines announce.
    pub rest: f64,
    /// From that line to the end, whatever the lines announce.
    pub most: f64,
    /// From the start to the end.
    pub total: f64,
}

/// Who waits for a recording.
pub trait Listener {
    /// Takes what a live program has done so far.
    fn so_far(&mut self, recording: Recording);

    /// Hears that the program could not be recorded on the virtual clock, and starts again.
    fn starts_in_real_time(&mut self);

    /// Reads how far a run has come.
    fn progress(&mut self, recording: Recording) -> Option<(f64, f64)>;
}

/// Bytes of standard output after which a program is stopped. A solution prints a few hundred.
const STDOUT_LIMIT: usize = 1 << 20;
/// Bytes of standard error that are kept.
const STDERR_LIMIT: usize = 1 << 16;
/// The machine's lag counts from this long before the first line on.
const BEFORE_FIRST_LINE: Duration = Duration::from_millis(500);
/// How long the recorder may reap at a time. If there is much to reap, others need the cores, too.
const REAP_LIMIT: Duration = Duration::from_millis(200);

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

/// Goes to the folder in which the program of this job is started.
///
/// # Errors
///
/// If it cannot be started there.
pub fn go_to_start(job: &Job) -> Result<(), NoRecording> {
    let Some(start) = &job.start else { return Ok(()) };
    env::set_current_dir(start).map_err(|error| {
        let why = format!("it cannot be started in {}: {error}", start.display());
        NoRecording::NotStarted(why.into())
    })
}

/// Whether the program of this job can be started in this folder, as far as that shows outside of
/// the cage.
///
/// # Errors
///
/// Why it cannot.
pub fn can_start(job: &Job) -> Result<(), NoRecording> {
    if let Some(file) = not_started::missing_script(&job.command) {
        return Err(NoRecording::NotStarted(format!("there is no file {file}").into()));
    }
    let kept_out = job.cage.as_ref().and_then(|plan| not_started::kept_out(&job.command, plan));
    kept_out.map_or(Ok(()), |why| Err(NoRecording::NotStarted(why.into())))
}

/// A recorder, as it was before any program ran: others of the same answer may run sooner than its own.
pub struct Before {
    /// The user's signal mask.
    mask: SigSet,
    limits: Limits,
}

impl Before {
    /// From now on, no signal ends this process, but for those that cannot be blocked. Threads that are
    /// started later block them, too.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn begin() -> io::Result<Self> {
        let mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
        Ok(Self { mask, limits: Limits::now() })
    }
}

/// Runs the job to its end on the clock that it asks for, kills everything that is left of it, and
/// returns what happened, or why the program could not be started. Its cage starts from `base`. Ends
/// early when the other end of `cancel` is closed. If the job is live, the listener gets what has
/// happened so far, about ten times a second, as soon as the program is loaded.
///
/// # Errors
///
/// If the recorder itself cannot do its work.
pub fn record(
    job: &Job,
    base: Option<&Base>,
    before: &Before,
    cancel: BorrowedFd,
    listener: &mut impl Listener,
) -> Result<Recording, NoRecording> {
    // The program of another job may have changed them, and this one would get them.
    if before.limits.have_changed() {
        return Err(NoRecording::limits_changed(None));
    }
    go_to_start(job)?;
    let enter = |plan: Plan| match base {
        Some(base) => plan.enter_from(base),
        None => plan.enter(),
    };
    let cage = job.cage.clone().map(enter).transpose()?;
    let cage = cage.as_ref();
    processes::adopt_orphans()?;
    let recording = record_by_clock(job, cage, cancel, before.mask, listener);
    if let Some(cage) = cage {
        cage.remove_set_user_id_programs();
    }
    // It may have changed them last, or be why the recorder could not do its work.
    if before.limits.have_changed() {
        let left = processes::kill_all(None, &[], processes::KILL_LIMIT);
        return Err(NoRecording::limits_changed(left));
    }
    recording.map(|recording| Recording { cage: cage.map(Entered::held), ..recording })
}

fn record_by_clock(
    job: &Job,
    cage: Option<&Entered>,
    cancel: BorrowedFd,
    mask: SigSet,
    listener: &mut impl Listener,
) -> Result<Recording, NoRecording> {
    if job.clock == Clock::Real {
        return record_in_real_time(job, cage, cancel, mask, None, listener);
    }
    match virtual_clock::record(job, cage, cancel, mask, listener) {
        // All of it has been killed. It starts again.
        Err(NoRecording::NotBelieved(why)) if job.clock == Clock::Auto => {
            cage.map(Entered::clear).transpose()?;
            listener.starts_in_real_time();
            record_in_real_time(job, cage, cancel, mask, Some(why), listener)
        }
        recording => recording,
    }
}

/// Records the job in real time; `because` says why not on the virtual clock, if that was tried.
fn record_in_real_time(
    job: &Job,
    cage: Option<&Entered>,
    cancel: BorrowedFd,
    mask: SigSet,
    because: Option<Outside>,
    listener: &mut impl Listener,
) -> Result<Recording, NoRecording> {
    if cage.is_some() && not_started::goes_to_a_shell(&job.command[0]) {
        let error = io::Error::from_raw_os_error(Errno::ENOEXEC as i32);
        return Err(NoRecording::NotStarted(not_started::why(&job.command, &error).into()));
    }
    let (terminal, child_side) = pseudo_terminal()?;
    let cpu_earlier = processes::cpu_seconds()?;
    let events = TaskEvents::new(job, cage)?;
    let mut command = Command::new(&job.command[0]);
    let mut bounds = Bounds::in_real_time(cage.zip(job.cage.as_ref()), &mut command)?;
    prepare(&mut command, job, cage, &events)?;
    command.stdout(child_side).stderr(Stdio::piped());
    let limits = Limits::now();
    let lag = Lag::default();
    let start = Instant::now();
    let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // The program gets the user's signal mask. The recorder's does not change, even for a moment: what
    // was sent to it would arrive.
    // SAFETY: between fork and exec, this makes one system call and allocates nothing.
    unsafe { command.pre_exec(move || Ok(mask.thread_set_mask()?)) };
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            return Err(NoRecording::NotStarted(not_started::why(&job.command, &error).into()));
        }
    };
    let id = processes::pid(child.id());
    // The command holds the other copy of the terminal's child side.
    drop(command);
    let stderr = OwnedFd::from(child.stderr.take().expect("stderr is a pipe"));
    let captures = [
        Capture::new("standard output", STDOUT_LIMIT),
        Capture::new("standard error", STDERR_LIMIT),
    ];
    bounds.has_started()?;
    let reader = Reader::start([terminal, stderr], captures, start, &lag)?;

    let mut wait = Wait::new(cancel, id);
    let mut watch = Watch::new(start, &lag);
    let mut progress = Progress::of(job);
    let mut live = Live::new(job, |so_far| listener.so_far(so_far));
    let mut cpu_before = None;
    let mut all_are_reaped = true;
    let ending = loop {
        if wait.wait(&reader, bounds.news())? {
            watch.close();
            processes::kill_all(Some(id), &[], 10 * processes::KILL_LIMIT);
            return Err(io::Error::from(io::ErrorKind::Interrupted).into());
        }
        if limits.have_changed() {
            watch.close();
            let left = processes::kill_all(Some(id), &[], processes::KILL_LIMIT);
            return Err(NoRecording::limits_changed(left));
        }
        let first_line = progress.first_line(&reader);
        if cpu_before.is_none() && first_line.is_some() {
            cpu_before = Some(processes::cpu_seconds()? - cpu_earlier);
        }
        // A program that starts processes faster than they can be reaped is not waiting.
        let is_watched = first_line.is_some() && all_are_reaped;
        // Before the program is reaped: what the system has counted goes with it.
        let does_something = is_watched && watch.look(reader.bytes());
        let reaped = processes::reap(id, REAP_LIMIT)?;
        if let Some(ending) = reaped.ending {
            break bounds.with_limit(ending);
        }
        if let Some(limit) = bounds.hit() {
            break Ending::Limit(limit);
        }
        if reader.is_over_limit() {
            break Ending::OutputLimit;
        }
        if progress.is_late(start.elapsed().as_secs_f64(), &reader) {
            break Ending::TimeLimit;
        }
        live.tell(|| {
            let seconds = start.elapsed().as_secs_f64();
            let (activities, tasks) = (watch.activities(), events.tasks(began, seconds));
            Recording { seconds, activities, tasks, ..so_far(job, &reader) }
        });
        all_are_reaped = reaped.is_all;
        wait.has_looked(does_something || !all_are_reaped);
    };
    let seconds = start.elapsed().as_secs_f64();
    watch.close();

    // First kill, then read to the end: then nobody is left to hold the terminal open.
    let left = processes::kill_all(Some(id), &[], processes::KILL_LIMIT);
    reader.wait_for_end();
    // What made the first line late counts, too, and what made the last one late.
    let first_line = Duration::from_secs_f64(progress.first_line(&reader).unwrap_or_default());
    let since = start + first_line.saturating_sub(BEFORE_FIRST_LINE);
    let lag = lag.worst_between(since, Instant::now());
    let waiting = watch.verdict(reader.bytes());
    let mut cut = Vec::new();
    let [stdout, stderr] = reader.finish(&mut cut);
    cut.extend(left);
    let cpu = processes::cpu_seconds()? - cpu_earlier;
    let cpu_before = cpu_before.unwrap_or(cpu).min(cpu);
    Ok(Recording {
        command: job.command.clone(),
        arguments: job.arguments.clone(),
        stdout,
        stderr,
        ending,
        is_underway: false,
        seconds,
        cpu_before,
        cpu_after: cpu - cpu_before,
        waiting,
        clock: ClockUsed::Real { because },
        lag,
        first_try: job.first_try,
        cut,
        activities: watch.activities(),
        tasks: events.tasks(began, seconds),
        cage: None,
        refused: None,
    })
}

/// Gives the program of this command all its arguments, its cage, and nothing to read.
fn prepare(
    command: &mut Command,
    job: &Job,
    cage: Option<&Entered>,
    events: &TaskEvents,
) -> io::Result<()> {
    if let Some(cage) = cage {
        cage.confine(command)?;
    }
    command
        .args(&job.command[1..])
        .args(&job.arguments)
        .stdin(Stdio::null())
        .env("TERM", "xterm-256color")
        .process_group(0);
    for name in CLEANED {
        command.env_remove(name);
    }
    events.hand_to(command);
    Ok(())
}

pub(crate) fn ending_of(status: WaitStatus) -> Option<Ending> {
    match status {
        WaitStatus::Exited(_, code) => Some(Ending::Exited(code)),
        WaitStatus::Signaled(_, signal, _) => Some(Ending::Signaled(signal.as_str().into())),
        _ => None,
    }
}
