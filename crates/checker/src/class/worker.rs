//! A worker: another process of the checker, which grades one learner after the other, as it is told
//! on standard input. If a submission makes it fail, that costs nobody else their grade.

use super::class_file::Asked;
use super::grades_folder::locked;
use super::learner::Learner;
use super::work::{Grader, Pass};
use crate::exercises;
use crate::grade::Settings;
use crate::runner::{Runner, Stop, own_program};
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;
use submissions::{Class, Limits, Submission};

/// The argument that starts a worker.
pub const ARGUMENT: &str = "grade-worker";

/// How long it may take to end what is going on when nobody wants it any more.
const END: Duration = Duration::from_secs(10);

/// What a worker is told first.
#[derive(Serialize, Deserialize)]
pub struct Setup {
    pub submissions: PathBuf,
    pub scratch: PathBuf,
    /// What it locks as long as it lives.
    pub lock: PathBuf,
    pub settings: Settings,
    pub asked: Asked,
}

/// What a worker is to do.
#[derive(Clone, Serialize, Deserialize)]
pub struct Order {
    pub key: String,
    pub pass: Pass,
    /// In the first pass: the content of a result that stands if it is still the same.
    pub stands: Option<String>,
    /// In later passes: the result so far.
    pub learner: Option<Box<Learner>>,
}

/// What a worker says.
#[derive(Serialize, Deserialize)]
pub enum Reply {
    /// It can be given orders.
    Ready,
    /// It cannot work at all, for this reason.
    Failed(String),
    /// The result that was there stands.
    Stands,
    /// There is nothing to grade, for this reason.
    NotGraded(String),
    Graded(Box<Learner>),
}

/// Whether this process was started as a worker.
#[must_use]
pub fn is_asked() -> bool {
    std::env::args_os().skip(1).eq([ARGUMENT]) && !io::stdin().is_terminal()
}

/// Does what it is told on standard input until that is closed.
///
/// # Errors
///
/// One line, if nobody can be told.
pub fn work() -> Result<(), String> {
    let no_longer = |error: io::Error| error.to_string();
    // Away from the user's terminal: Ctrl-C is for the run, which closes standard input.
    nix::unistd::setsid().map_err(|error| no_longer(error.into()))?;
    let stop = Stop::before_end();
    let orders = lines_until_stopped(stop.clone());
    let Ok(setup) = orders.recv() else { return Ok(()) };
    let worker = serde_json::from_str(&setup)
        .map_err(|_| "grade-worker is not for people: it is how the checker grades a class".into())
        .and_then(|setup| Worker::new(setup, stop.clone()));
    let worker = match worker {
        Ok(worker) => worker,
        Err(problem) => return say(&Reply::Failed(problem)).map_err(no_longer),
    };
    say(&Reply::Ready).map_err(no_longer)?;
    for order in orders {
        let order = serde_json::from_str(&order).map_err(|error| error.to_string())?;
        let reply = worker.obey(order);
        if stop.is_stopped() {
            break;
        }
        say(&reply).map_err(no_longer)?;
    }
    Ok(())
}

/// The lines of standard input, read in a thread of its own. When it is closed, nobody wants anything
/// any more.
fn lines_until_stopped(stop: Stop) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
        drop(sender);
        stop.stop();
        thread::sleep(END);
        std::process::exit(1);
    });
    lines
}

/// Says something as a line of JSON.
fn say(reply: &Reply) -> io::Result<()> {
    let line = serde_json::to_string(reply)? + "\n";
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

struct Worker {
    class: Class,
    grader: Grader,
    /// Locked as long as this process lives.
    _lock: Option<fs::File>,
}

impl Worker {
    fn new(setup: Setup, stop: Stop) -> Result<Self, String> {
        let lock = locked(&setup.lock, FlockOperation::NonBlockingLockShared)
            .map_err(|error| format!("{}: {error}", setup.lock.display()))?;
        let exercises = setup.asked.exercises.iter().map(|name| exercises::find(name));
        let grader = Grader {
            exercises: exercises.collect::<Option<_>>().ok_or("there is no such exercise")?,
            settings: setup.settings,
            // There are as many workers as programs are to run at a time.
            runner: Runner { stop, at_once: 1, ..Runner::new(own_program()?) },
            scratch: setup.scratch,
            asked: serde_json::to_string(&setup.asked).map_err(|error| error.to_string())?,
        };
        let names: Vec<_> = exercises::ALL.iter().map(|exercise| exercise.name).collect();
        let class = Class::open_for(&setup.submissions, &names, Limits::default())?;
        Ok(Self { class, grader, _lock: lock })
    }

    fn obey(&self, order: Order) -> Reply {
        let Some(submission) = self.submission(&order.key) else {
            return Reply::NotGraded("it is no longer among the submissions".into());
        };
        if let Some(content) = &order.stands
            && submission.content().is_ok_and(|now| self.grader.content(&now) == *content)
        {
            return Reply::Stands;
        }
        let learner = match order.learner {
            Some(learner) => self.grader.go_on(submission, *learner, order.pass),
            None => self.grader.grade(submission),
        };
        // What is not needed in a later pass; the run removes the rest at its end.
        if !learner.is_pending() {
            let _ = self.grader.forget(submission);
        }
        Reply::Graded(Box::new(self.grader.shown(submission, learner)))
    }

    fn submission(&self, key: &str) -> Option<&Submission> {
        self.class.submissions.iter().find(|submission| submission.submitter.key == key)
    }
}
