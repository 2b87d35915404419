//! Records a run on the virtual clock, so that waits cost nothing.

use super::activities::{kept, waiting};
use super::bounds::Bounds;
use super::progress::{Printed, Progress};
use super::tasks::TaskEvents;
use super::{
    Job, Listener, NoRecording, STDERR_LIMIT, STDOUT_LIMIT, not_started, prepare, processes,
};
use crate::clock::ClockUsed;
use crate::protection;
use crate::recording::{Ending, Line, Recording};
use cage::limits::Limit;
use cage::{Entered, Plan};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::SigSet;
use std::io;
use std::os::fd::BorrowedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use virtual_time::{Capture, Failure, Limits, Stream, Watcher};

/// Runs the job to its end, and kills everything that is left of it. The program gets this signal
/// mask.
///
/// # Errors
///
/// If there is no recording; above all if the run cannot be believed.
pub fn record(
    job: &Job,
    cage: Option<&Entered>,
    cancel: BorrowedFd,
    mask: SigSet,
    listener: &mut impl Listener,
) -> Result<Recording, NoRecording> {
    if not_started::cannot_be_loaded(&job.command[0]) {
        return Err(NoRecording::NotBelieved(
            "it is neither an ELF program nor a script with a #! line".into(),
        ));
    }
    let progress = Progress::read_by(job, |recording| listener.progress(recording));
    let mut watch = Watch::of(progress, cage.zip(job.cage.as_ref()), cancel);
    let threads = watch.bounds.processes().map(|most| most as usize);
    let limits = Limits { threads, ..Limits::default() };
    let events = TaskEvents::new(job, cage)?;
    let mut command = Command::new(&job.command[0]);
    prepare(&mut command, job, cage, &events)?;
    protection::open_to_its_parent(&mut command);
    let record = || virtual_time::record(command, mask, limits, &mut watch);
    // Whatever a program does to it: there is still the real clock.
    let recorded = catch_unwind(AssertUnwindSafe(record))
        .unwrap_or_else(|_| Err(Failure::NotBelieved("virtual time failed unexpectedly".into())));
    let left = processes::kill_all(None, &[], processes::KILL_LIMIT);
    // First why it was stopped: that may be why it was not recorded.
    match watch.stop {
        Some(Stop::Cancelled) => return Err(io::Error::from(io::ErrorKind::Interrupted).into()),
        Some(Stop::Tampering) => return Err(NoRecording::limits_changed(left)),
        _ if watch.limits.have_changed() => return Err(NoRecording::limits_changed(left)),
        _ => {}
    }
    match recorded {
        Ok(recorded) => Ok(watch.recording(job, &recorded, &events, left)),
        Err(Failure::NotStarted(error)) => {
            Err(NoRecording::NotStarted(not_started::why(&job.command, &error).into()))
        }
        Err(Failure::NotBelieved(why) | Failure::Unsupported(why)) => {
            Err(NoRecording::NotBelieved(why.into()))
        }
        Err(Failure::NotRecorded(error)) => Err(NoRecording::NotBelieved(error.to_string().into())),
    }
}

/// Why a run was stopped.
#[derive(Clone, Copy)]
enum Stop {
    /// Nobody is waiting for this recording.
    Cancelled,
    Tampering,
    OutputLimit,
    TimeLimit,
    Limit(Limit),
}

/// Takes what the program prints, and stops it at its limits.
struct Watch<'a> {
    captures: [Capture; 2],
    /// When output came last, in seconds after the start.
    last_output: f64,
    progress: Progress<'a>,
    cancel: BorrowedFd<'a>,
    limits: protection::Limits,
    bounds: Bounds,
    stop: Option<Stop>,
}

impl<'a> Watch<'a> {
    fn of(progress: Progress<'a>, cage: Option<(&Entered, &Plan)>, cancel: BorrowedFd<'a>) -> Self {
        Self {
            captures: [
                Capture::new("standard output", STDOUT_LIMIT),
                Capture::new("standard error", STDERR_LIMIT),
            ],
            last_output: 0.0,
            progress,
            cancel,
            limits: protection::Limits::now(),
            bounds: Bounds::on_the_virtual_clock(cage),
            stop: None,
        }
    }

    fn why_stop(&mut self, at: f64) -> Option<Stop> {
        if is_closed(self.cancel) {
            Some(Stop::Cancelled)
        } else if self.limits.have_changed() {
            Some(Stop::Tampering)
        } else if self.captures[0].is_over_limit() {
            Some(Stop::OutputLimit)
        } else if self.progress.is_late(at, &self.captures) {
            Some(Stop::TimeLimit)
        } else {
            self.bounds.hit().map(Stop::Limit)
        }
    }

    fn recording(
        mut self,
        job: &Job,
        recorded: &virtual_time::Recording,
        events: &TaskEvents,
        left: Option<String>,
    ) -> Recording {
        self.progress.read(&self.captures);
        let (ending, seconds) = self.ending(recorded);
        let first_line = self.progress.first_line(&self.captures);
        // Without a line of the exercise, all of it came before.
        let from = first_line.unwrap_or(seconds);
        let (before, end) = (recorded.effort(from), recorded.effort(recorded.seconds));
        // The clock also advances while a program only reads it, which costs it less CPU time here.
        let cpu_before = recorded.running(0.0, from.min(recorded.seconds)).max(before.cpu);
        let cpu_after = recorded.running(from, recorded.seconds).max(end.cpu - before.cpu);
        let mut cut = Vec::new();
        let [stdout, stderr] = self.captures.each_mut().map(|capture| {
            capture.finish(&mut cut).into_iter().map(Line::from).collect::<Vec<_>>()
        });
        cut.extend(left);
        let printed = [&stdout, &stderr].map(|lines| lines.first().map_or(seconds, |line| line.at));
        let activities = kept(&recorded.activities, printed[0].min(printed[1]));
        Recording {
            command: job.command.clone(),
            arguments: job.arguments.clone(),
            stdout,
            stderr,
            ending,
            is_underway: false,
            seconds,
            cpu_before,
            cpu_after,
            waiting: waiting(&recorded.activities, from, self.last_output),
            clock: ClockUsed::Virtual,
            lag: end.doubt - before.doubt,
            first_try: job.first_try,
            cut,
            activities,
            tasks: events.tasks(recorded.began, seconds),
            cage: None,
            refused: None,
        }
    }

    /// How the run ended, and after how many seconds.
    fn ending(&self, recorded: &virtual_time::Recording) -> (Ending, f64) {
        let ending = match (recorded.ending, self.stop) {
            (virtual_time::Ending::Exited(code), _) => self.bounds.with_limit(Ending::Exited(code)),
            (virtual_time::Ending::Signaled(signal), _) => {
                self.bounds.with_limit(Ending::Signaled(signal.as_str().into()))
            }
            (virtual_time::Ending::TooManyThreads, _) => {
                let most = self.bounds.processes().unwrap_or_default();
                Ending::Limit(Limit::Processes(most))
            }
            (virtual_time::Ending::Stopped, Some(Stop::Limit(limit))) => Ending::Limit(limit),
            (virtual_time::Ending::WaitsForever, _) => Ending::WaitsForever,
            (virtual_time::Ending::Stopped, Some(Stop::OutputLimit)) => Ending::OutputLimit,
            // Nothing would have happened before the limit.
            (virtual_time::Ending::Stopped, _) => {
                return (Ending::TimeLimit, recorded.seconds.max(self.progress.limit()));
            }
        };
        (ending, recorded.seconds)
    }
}

impl Watcher for Watch<'_> {
    fn output(&mut self, stream: Stream, bytes: &[u8], at: f64) {
        let index = match stream {
            Stream::Output => 0,
            Stream::Error => 1,
        };
        self.captures[index].take(bytes, at);
        self.last_output = at;
    }

    fn goes_on(&mut self, at: f64) -> bool {
        self.stop = self.why_stop(at);
        self.stop.is_none()
    }
}

impl Printed for [Capture; 2] {
    fn bytes(&self) -> usize {
        self.iter().map(Capture::bytes).sum()
    }

    fn lines(&self) -> [Vec<Line>; 2] {
        self.each_ref().map(|capture| capture.lines().cloned().map(Line::from).collect())
    }
}

/// Whether the other end of this descriptor has been closed.
fn is_closed(cancel: BorrowedFd) -> bool {
    // Something is left to read there: only its end counts.
    let mut descriptors = [PollFd::new(cancel, PollFlags::empty())];
    poll(&mut descriptors, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
}
