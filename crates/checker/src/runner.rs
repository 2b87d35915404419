//! Starts recorders, one per run, has them record, and collects what they recorded.

mod starter;
mod stop;
mod turns;

pub use stop::Stop;

use crate::answers::build_for_checker;
use crate::caging::refused;
use crate::clock::Clock;
use crate::escape::Outside;
use crate::protection::{self, Limits};
use crate::recorder::lag::Lag;
use crate::recorder::{Job, Listener, NoRecording, processes, progress, record};
use crate::recording::Recording;
use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use starter::{Ordered, Started, start_all, start_ordered};
use std::io::{self, BufRead, BufReader, IsTerminal, PipeReader, PipeWriter, Write};
use std::num::NonZero;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;
use std::time::{Duration, Instant};
use turns::{Turn, Turns};

/// How long a recorder may take beyond its job.
const GRACE: Duration = Duration::from_secs(20);
/// How long its answer may take, once it has ended.
const ANSWER: Duration = Duration::from_secs(30);
/// How often the checker looks at what it is not told: whether a recorder is traced, and its own
/// limits.
const LOOK: Duration = Duration::from_millis(250);

/// Runs jobs, each in a recorder of its own: another process of the checker's executable.
pub struct Runner {
    /// The checker's executable.
    pub checker: PathBuf,
    /// Called at the start and whenever a run has ended: how many have ended, out of how many.
    pub progress: Box<dyn Fn(usize, usize) + Sync>,
    /// Ends recordings early. What is recorded is lost then, and nothing is left running.
    pub stop: Stop,
    /// Gets, again and again, what the programs of live jobs have done so far. What finds no room in
    /// it is dropped.
    pub live: Option<SyncSender<Recording>>,
    /// How many programs run on the virtual clock at a time.
    pub at_once: usize,
}

impl Runner {
    /// A runner that runs everything to its end, and tells nobody until then. It has all cores.
    #[must_use]
    pub fn new(checker: PathBuf) -> Self {
        Self {
            checker,
            progress: Box::new(|_, _| {}),
            stop: Stop::default(),
            live: None,
            at_once: cores(),
        }
    }

    /// Records all jobs, those in real time side by side. The results are in the order of the jobs.
    /// When the runner is stopped, it kills all programs and returns.
    pub fn record_all(&self, jobs: &[Job]) -> Vec<Result<Recording, NoRecording>> {
        let ended = AtomicUsize::new(0);
        (self.progress)(0, jobs.len());
        // A program can kill its recorder: then its processes become the checker's. If the system
        // cannot do that, there is nobody to adopt.
        let _ = processes::adopt_orphans();
        let others = processes::children();
        // As they are before any program runs.
        let limits = Limits::now();
        let mut spare = others.clone();
        // No program runs before the last recorder is closed to it.
        let recorders: Vec<_> = match self.stop.is_stopped() {
            true => jobs.iter().map(|_| Err(stopped())).collect(),
            false => start_all(&self.checker, jobs).into_iter().map(Recorder::of).collect(),
        };
        spare.extend(recorders.iter().flatten().map(|recorder| recorder.id));
        let turns = Turns::new(self.at_once);
        let record = |recorder: io::Result<Recorder>, job: &Job, turn: Option<Turn>| {
            let mut recorder = recorder?;
            recorder
                .record(job, turn, &limits, &self.stop, self.live.clone())
                .map_err(|problem| recorder.kill(problem, &spare, job))
        };
        let standstills = Lag::default();
        let (running, end) = mpsc::channel::<()>();
        let recorded: Vec<_> = thread::scope(|scope| {
            let _ends_with_the_scope = running;
            // On the virtual clock, nobody asks how late the machine is.
            if jobs.iter().any(|job| job.clock != Clock::Virtual) {
                scope.spawn(|| standstills.note_standstills(end));
            }
            let threads: Vec<_> = recorders
                .into_iter()
                .zip(jobs)
                .map(|(recorder, job)| {
                    let (ended, record, turns) = (&ended, &record, &turns);
                    scope.spawn(move || {
                        let turn = (job.clock != Clock::Real).then(|| turns.take());
                        let start = Instant::now();
                        let recording = record(recorder, job, turn);
                        let end = Instant::now();
                        (self.progress)(ended.fetch_add(1, Relaxed) + 1, jobs.len());
                        (recording, start, end)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        // A recorder that cannot kill them all in time has said so; here is another chance.
        processes::kill_all(None, &others, processes::KILL_LIMIT);
        // A standstill is noted when it is over, which may be after the end of a run.
        let with_standstills = |(mut recording, start, end): (Result<Recording, _>, _, _)| {
            if let Ok(recording) = &mut recording
                && !recording.clock.is_virtual()
            {
                recording.lag = recording.lag.max(standstills.worst_between(start, end));
            }
            recording
        };
        recorded.into_iter().map(with_standstills).collect()
    }

    /// Records one job.
    ///
    /// # Errors
    ///
    /// If there is no recording.
    pub fn record(&self, job: &Job) -> Result<Recording, NoRecording> {
        self.record_all(std::slice::from_ref(job)).remove(0)
    }
}

/// How many cores this process may use.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// A recorder that has been started.
struct Recorder {
    id: Pid,
    /// Held open until it has answered: when the checker ends early, the recorder sees it closed.
    stdin: Option<PipeWriter>,
    /// What it says.
    answers: Option<PipeReader>,
}

impl Recorder {
    fn of(started: io::Result<Started>) -> io::Result<Self> {
        let Started { id, stdin, stdout } = started?;
        Ok(Self { id, stdin: Some(stdin), answers: Some(stdout) })
    }

    /// Has it record its job. `limits` are those of the checker.
    fn record(
        &mut self,
        job: &Job,
        turn: Option<Turn>,
        limits: &Limits,
        stop: &Stop,
        live: Option<SyncSender<Recording>>,
    ) -> Result<Recording, NoRecording> {
        let Some((answers, mut stdin)) = self.answers.take().zip(self.stdin.take()) else {
            return Err(NoRecording::NotRecorded("its recorder did not start".into()));
        };
        // The program cannot know it, so it cannot answer for its recorder.
        let secret = format!("{:032x}", rand::random::<u128>());
        let order = format!("{GO_ON}\n{secret}\n");
        // If nobody reads it, the recorder has ended, which shows below.
        let _ = stdin.write_all(order.as_bytes());
        let answer = answer(answers, secret, turn, live, stdin, job.exercise.clone());
        let patience = job.longest() + GRACE;
        let code = self.wait(Instant::now() + patience, limits, stop, job)?;
        match answer.recv_timeout(ANSWER) {
            Ok(recording) => recording.map(|recording| with_refused(recording, job)),
            Err(_) if code != 0 => {
                let why = format!("its recorder ended early, with exit code {code}");
                Err(NoRecording::NotRecorded(why.into()))
            }
            Err(_) => Err(NoRecording::Tampered("the recorder's answer was forged".into())),
        }
    }

    /// The recorder's exit code, as soon as it has ended. `limits` are those of the checker.
    fn wait(
        &self,
        until: Instant,
        limits: &Limits,
        stop: &Stop,
        job: &Job,
    ) -> Result<i32, NoRecording> {
        let (sender, changes) = mpsc::channel();
        send_changes(self.id, sender.clone());
        stop.when_stopped(move || {
            // It has ended before.
            let _ = sender.send(Change::Stopped);
        });
        loop {
            match changes.recv_timeout(LOOK) {
                Ok(Change::Stopped) => return Err(stopped().into()),
                // Even if it has ended: a run on the virtual clock is over before the next look.
                _ if limits.have_changed() => {
                    return Err(NoRecording::Tampered(
                        "the checker's resource limits were changed".into(),
                    ));
                }
                Ok(Change::Of(WaitStatus::Exited(_, code))) => return Ok(code),
                // Nothing in the cage's namespaces sees the recorder: this machine has done it.
                Ok(Change::Of(WaitStatus::Signaled(_, Signal::SIGKILL, _)))
                    if has_namespaces(job) =>
                {
                    let why = "its recorder was killed: perhaps the machine is short of memory";
                    return Err(NoRecording::NotRecorded(why.into()));
                }
                // The only signal that others can end a recorder with: it blocks the rest.
                Ok(Change::Of(WaitStatus::Signaled(_, Signal::SIGKILL, _))) => {
                    return Err(NoRecording::Tampered("the recorder was killed".into()));
                }
                Ok(Change::Of(WaitStatus::Signaled(_, signal, _))) => {
                    let why = format!("its recorder ended early, by {signal}");
                    return Err(NoRecording::NotRecorded(why.into()));
                }
                Ok(Change::Of(WaitStatus::Stopped(..) | WaitStatus::Continued(_)))
                    if has_namespaces(job) =>
                {
                    let why = "its recorder was stopped from outside of the cage";
                    return Err(NoRecording::NotRecorded(why.into()));
                }
                Ok(Change::Of(WaitStatus::Stopped(..) | WaitStatus::Continued(_))) => {
                    return Err(NoRecording::Tampered("the recorder was stopped".into()));
                }
                Ok(Change::Gone) => {
                    return Err(NoRecording::NotRecorded("its recorder is not there".into()));
                }
                _ if processes::is_traced(self.id) => {
                    return Err(NoRecording::Tampered("the recorder was traced".into()));
                }
                _ if Instant::now() > until => {
                    return Err(NoRecording::NotRecorded("its recorder did not answer".into()));
                }
                _ => {}
            }
        }
    }

    /// Kills the recorder and what it leaves behind, which becomes the checker's. Adds to the
    /// problem what is still there then.
    fn kill(&self, problem: NoRecording, spare: &[Pid], job: &Job) -> NoRecording {
        let spare: Vec<_> = spare.iter().copied().filter(|id| *id != self.id).collect();
        // The program first: it must not kill the checker once the recorder can no longer clean up.
        processes::kill_below(self.id, &spare, processes::KILL_LIMIT);
        let left = processes::kill_all(Some(self.id), &spare, processes::KILL_LIMIT);
        if job.cage.is_some() {
            cage::remove_private_folder_of(self.id.as_raw().cast_unsigned());
        }
        let Some(left) = left else { return problem };
        let and_left = |text: Outside| Outside::from(format!("{text}; {left}"));
        match problem {
            NoRecording::NotStarted(why) => NoRecording::NotStarted(and_left(why)),
            NoRecording::NotRecorded(why) => NoRecording::NotRecorded(and_left(why)),
            NoRecording::Tampered(how) => NoRecording::Tampered(and_left(how)),
            NoRecording::NotBelieved(why) => NoRecording::NotBelieved(and_left(why)),
        }
    }
}

/// Whether the program of a job sees no process but its own.
fn has_namespaces(job: &Job) -> bool {
    job.cage.as_ref().is_some_and(|cage| cage.layers.namespaces)
}

/// The recording, with what its error messages show that the cage refused it: that can only be seen
/// from outside.
fn with_refused(recording: Recording, job: &Job) -> Recording {
    let start = job.start.as_deref().unwrap_or(Path::new("."));
    let refused = job.cage.as_ref().and_then(|plan| refused(&recording, plan, start));
    Recording { refused, ..recording }
}

/// The next line, without its line feed, and nothing of what follows it.
pub(crate) fn read_line(from: BorrowedFd) -> io::Result<Vec<u8>> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while nix::unistd::read(from, &mut byte)? > 0 && byte != *b"\n" {
        line.extend(byte);
    }
    Ok(line)
}

/// What a recorder is told once no program can reach into any of them.
const GO_ON: &str = "go on";

/// What a recorder says of its job, as a line of JSON that begins with the secret.
#[derive(Serialize, Deserialize)]
enum Said {
    /// What a live program has done so far.
    SoFar(Recording),
    /// What is to be read of what the program has printed so far: the answer is a line of JSON.
    Read(Recording),
    /// The program starts again, in real time.
    InRealTime,
    /// The last line.
    Done(Result<Recording, NoRecording>),
}

/// Reads lines up to the last one, in a thread of its own: passes on what the program has done so
/// far, reads for the recorder, then sends the answer. Gives back its turn as soon as it needs none.
/// If a line does not have the secret, there is no answer, and the recorder is told to end.
fn answer(
    answers: PipeReader,
    secret: String,
    mut turn: Option<Turn>,
    live: Option<SyncSender<Recording>>,
    mut stdin: PipeWriter,
    exercise: String,
) -> Receiver<Result<Recording, NoRecording>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let (mut lines, mut line) = (BufReader::new(answers), Vec::new());
        // Nobody waits for what cannot be sent.
        while lines.read_until(b'\n', &mut line).is_ok() {
            match serde_json::from_slice::<(String, Said)>(&line) {
                Ok((echo, Said::SoFar(recording))) if secret == echo => {
                    if let Some(live) = &live {
                        let _ = live.try_send(recording);
                    }
                }
                Ok((echo, Said::Read(recording))) if secret == echo => {
                    let read = progress::read(&exercise, &recording);
                    // If nobody reads it, the recorder has ended.
                    let _ = serde_json::to_string(&read).map(|read| writeln!(stdin, "{read}"));
                }
                Ok((echo, Said::InRealTime)) if secret == echo => drop(turn.take()),
                Ok((echo, Said::Done(answer))) if secret == echo => {
                    let _ = sender.send(answer);
                    return;
                }
                _ => return,
            }
            line.clear();
        }
    });
    receiver
}

/// What happens to a recorder.
enum Change {
    Of(WaitStatus),
    /// It is no child any more.
    Gone,
    /// Nobody wants its recording any more.
    Stopped,
}

fn stopped() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "it was stopped")
}

/// Waits for a child in a thread of its own: says when it is stopped or continued, and how it ends.
fn send_changes(child: Pid, sender: Sender<Change>) {
    thread::spawn(move || {
        let flags = WaitPidFlag::WUNTRACED | WaitPidFlag::WCONTINUED;
        loop {
            let change = match waitpid(child, Some(flags)) {
                Ok(status) => Change::Of(status),
                Err(Errno::EINTR) => continue,
                Err(_) => Change::Gone,
            };
            let is_last = matches!(change, Change::Gone);
            if sender.send(change).is_err() || is_last {
                return;
            }
        }
    });
}

/// The program that is running, even if another has been put in its place.
///
/// # Errors
///
/// If the system cannot tell.
pub fn own_program() -> Result<PathBuf, String> {
    if cfg!(target_os = "linux") {
        return Ok("/proc/self/exe".into());
    }
    std::env::current_exe()
        .map_err(|error| format!("cannot find the checker's own program: {error}"))
}

/// What a program that has a [`Runner`] does first: closes itself to others and, if it was started
/// as one of its own recorders, records, or if it was started to build, builds. Returns whether it
/// was started as either.
///
/// # Errors
///
/// If the system refuses, or it was not a runner that started the recorder.
pub fn begin() -> io::Result<bool> {
    protection::close_this_process()?;
    protection::hear_of_children();
    if std::env::args_os().skip(1).eq(["build"]) && !io::stdin().is_terminal() {
        build_for_checker()?;
        return Ok(true);
    }
    let is_recorder = std::env::args_os().skip(1).eq(["record"]);
    if is_recorder {
        record_for_runner()?;
    }
    Ok(is_recorder)
}

/// The other side: starts what has been ordered. Each recorder records its job, and prints the
/// recording, or why there is none. It stops when standard input is closed.
fn record_for_runner() -> io::Result<()> {
    let Some(Ordered { job, base, before }) = start_ordered()? else { return Ok(()) };
    let stdin = io::stdin();
    if read_line(stdin.as_fd())? != GO_ON.as_bytes() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut checker = Checker { stdin: stdin.as_fd(), secret: String::new() };
    let recording =
        base.and_then(|base| record(&job, base.as_ref(), &before, stdin.as_fd(), &mut checker));
    let _ = checker.say(Said::Done(recording));
    Ok(())
}

/// The checker, as a recorder sees it. What cannot be written is for one that has ended.
struct Checker<'a> {
    stdin: BorrowedFd<'a>,
    secret: String,
}

impl Checker<'_> {
    fn say(&mut self, said: Said) -> io::Result<()> {
        // Read only now: until the last program is loaded, a copy of this process may be open to
        // others.
        if self.secret.is_empty() {
            self.secret = String::from_utf8_lossy(&read_line(self.stdin)?).into_owned();
        }
        let line = serde_json::to_string(&(&self.secret, said))? + "\n";
        io::stdout().write_all(line.as_bytes())
    }
}

impl Listener for Checker<'_> {
    fn so_far(&mut self, recording: Recording) {
        let _ = self.say(Said::SoFar(recording));
    }

    fn starts_in_real_time(&mut self) {
        let _ = self.say(Said::InRealTime);
    }

    fn progress(&mut self, recording: Recording) -> Option<(f64, f64)> {
        self.say(Said::Read(recording)).ok()?;
        serde_json::from_slice(&read_line(self.stdin).ok()?).ok()?
    }
}
