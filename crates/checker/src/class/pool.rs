//! The workers of a pass, as the run sees them: who is at work on what, and what becomes of it.

use super::worker::{ARGUMENT, Order, Reply, Setup};
use crate::runner::own_program;
#[cfg(target_os = "linux")]
use procfs::Current;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

/// How long a worker may take for one order: three builds and all runs, up to their limits.
const LONGEST: Duration = Duration::from_secs(3600);
/// How long workers may take to end before they are killed.
const END: Duration = Duration::from_millis(600);
/// In real time, programs should not start all at once: how long to wait at least for the next.
const LEAST_PAUSE: Duration = Duration::from_millis(30);
/// And at most, if the machine is never idle.
const MOST_PAUSE: Duration = Duration::from_millis(1000);

/// What happens to a run.
pub enum Event {
    /// A worker has said something.
    Said(usize, Box<Reply>),
    /// A worker has closed its standard output.
    Ended(usize),
    /// Somebody wants the run to end.
    Interrupted,
}

/// What became of an order.
pub enum Done {
    Reply(Order, Box<Reply>),
    /// Its worker has ended, in this way.
    Lost(Order, String),
}

/// How many workers there are, and how soon they start.
#[derive(Clone, Copy)]
pub struct Size {
    pub workers: usize,
    /// If they wait more than they work: no order is given while this many cores are busy.
    pub cores: Option<usize>,
}

/// The workers of a pass. They end with it.
pub struct Pool {
    setup: String,
    size: Size,
    events: Sender<Event>,
    workers: BTreeMap<usize, Worker>,
    started: usize,
    /// When the last order was given.
    last: Option<Instant>,
}

struct Worker {
    child: Child,
    /// Closed when it is to end.
    stdin: Option<ChildStdin>,
    is_ready: bool,
    /// What it is at work on, and since when.
    order: Option<(Order, Instant)>,
}

impl Pool {
    /// # Errors
    ///
    /// One line, if what workers are told cannot be written down: a path is not text.
    pub fn new(setup: &Setup, size: Size, events: Sender<Event>) -> Result<Self, String> {
        let setup = serde_json::to_string(setup).map_err(|error| error.to_string())?;
        Ok(Self { setup, size, events, workers: BTreeMap::new(), started: 0, last: None })
    }

    /// Whether an order could be given now.
    pub fn has_room(&self) -> bool {
        let busy = self.workers.values().filter(|worker| worker.order.is_some()).count();
        busy < self.size.workers && self.is_calm()
    }

    /// Whether somebody is at work.
    pub fn is_busy(&self) -> bool {
        self.workers.values().any(|worker| worker.order.is_some())
    }

    /// Whether the machine has a core to spare, as far as it tells.
    fn is_calm(&self) -> bool {
        let Some((cores, last)) = self.size.cores.zip(self.last) else { return true };
        let pause = last.elapsed();
        let is_idle = || runnable().is_none_or(|runnable| runnable <= cores);
        pause > MOST_PAUSE || pause > LEAST_PAUSE && is_idle()
    }

    /// Gives an order to a worker that has none, or to a new one.
    ///
    /// # Errors
    ///
    /// One line, if no worker can be started.
    pub fn give(&mut self, order: Order) -> Result<(), String> {
        let idle = self.workers.iter().find(|(_, worker)| worker.order.is_none());
        let id = match idle {
            Some((id, _)) => *id,
            None => self.start().map_err(|error| format!("cannot start a worker: {error}"))?,
        };
        self.last = Some(Instant::now());
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.order = Some((order, Instant::now()));
            worker.send_order();
        }
        Ok(())
    }

    fn start(&mut self) -> io::Result<usize> {
        let program = own_program().map_err(io::Error::other)?;
        let mut child = Command::new(program)
            .arg0("checker")
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Cargo's warnings about a learner's package, or why the worker fails.
            .stderr(Stdio::null())
            .spawn()?;
        self.started += 1;
        let id = self.started;
        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        send(id, child.stdout.take().expect("stdout is a pipe"), self.events.clone());
        // If nobody reads it, the worker has ended, which is an event.
        let _ = writeln!(stdin, "{}", self.setup);
        let worker = Worker { child, stdin: Some(stdin), is_ready: false, order: None };
        self.workers.insert(id, worker);
        Ok(id)
    }

    /// Takes what a worker has said.
    ///
    /// # Errors
    ///
    /// One line, if no worker can do anything.
    pub fn said(&mut self, id: usize, reply: Box<Reply>) -> Result<Option<Done>, String> {
        let Some(worker) = self.workers.get_mut(&id) else { return Ok(None) };
        match *reply {
            Reply::Ready => {
                worker.is_ready = true;
                worker.send_order();
                Ok(None)
            }
            Reply::Failed(problem) => Err(problem),
            _ => Ok(worker.order.take().map(|(order, _)| Done::Reply(order, reply))),
        }
    }

    /// Takes note that a worker has ended.
    pub fn ended(&mut self, id: usize) -> Option<Done> {
        let mut worker = self.workers.remove(&id)?;
        // It may have closed its output only.
        let _ = worker.child.kill();
        let how = worker.child.wait().map_or_else(|error| error.to_string(), how_ended);
        worker.order.map(|(order, _)| Done::Lost(order, how))
    }

    /// Kills workers that do not get on: they end then.
    pub fn kill_stuck(&mut self) {
        for worker in self.workers.values_mut() {
            if worker.order.as_ref().is_some_and(|(_, since)| since.elapsed() > LONGEST) {
                let _ = worker.child.kill();
            }
        }
    }
}

impl Worker {
    /// Sends its order, once it can be given one.
    fn send_order(&mut self) {
        let Some((order, stdin)) = self.order.as_ref().map(|it| &it.0).zip(self.stdin.as_mut())
        else {
            return;
        };
        if self.is_ready
            && let Ok(line) = serde_json::to_string(order)
        {
            // If nobody reads it, the worker has ended, which is an event.
            let _ = writeln!(stdin, "{line}");
        }
    }
}

/// All workers end; what they are at work on is lost.
impl Drop for Pool {
    fn drop(&mut self) {
        for worker in self.workers.values_mut() {
            worker.stdin = None;
        }
        let until = Instant::now() + END;
        let mut workers: Vec<_> = std::mem::take(&mut self.workers).into_values().collect();
        while !workers.is_empty() && Instant::now() < until {
            workers.retain_mut(|worker| matches!(worker.child.try_wait(), Ok(None)));
            thread::sleep(Duration::from_millis(5));
        }
        for mut worker in workers {
            let _ = worker.child.kill();
            let _ = worker.child.wait();
        }
    }
}

/// Sends what a worker says, in a thread of its own.
fn send(id: usize, stdout: ChildStdout, events: Sender<Event>) {
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let Ok(reply) = serde_json::from_str(&line) else { break };
            if events.send(Event::Said(id, reply)).is_err() {
                return;
            }
        }
        let _ = events.send(Event::Ended(id));
    });
}

fn how_ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}

/// How many threads run or want to, on the whole machine, besides the one that asks. None where the
/// system does not tell.
#[cfg(target_os = "linux")]
fn runnable() -> Option<usize> {
    let all = procfs::LoadAverage::current().ok()?.cur as usize;
    Some(all.saturating_sub(1))
}

#[cfg(not(target_os = "linux"))]
fn runnable() -> Option<usize> {
    None
}
