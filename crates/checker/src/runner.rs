//! Starts recorders, one per run, all side by side, and collects what they recorded.

use crate::recorder::{Job, processes, record};
use crate::recording::Recording;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a recorder may take beyond the time limit of its job. Only a recorder that the program
/// has stopped takes longer.
const GRACE: Duration = Duration::from_secs(20);

/// Runs jobs, each in a recorder of its own: another process of the checker's executable.
pub struct Runner {
    /// The checker's executable.
    pub checker: PathBuf,
    /// Called at the start and whenever a run has ended: how many have ended, out of how many.
    pub progress: Box<dyn Fn(usize, usize) + Sync>,
}

/// Why there is no recording.
#[derive(Clone, Debug)]
pub enum NoRecording {
    /// The program could not be started, for this reason.
    NotStarted(String),
    /// The checker could not record it, for this reason.
    NotRecorded(String),
}

impl From<io::Error> for NoRecording {
    fn from(error: io::Error) -> Self {
        Self::NotRecorded(error.to_string())
    }
}

impl Runner {
    /// Records all jobs side by side. The results are in the order of the jobs.
    pub fn record_all(&self, jobs: &[Job]) -> Vec<Result<Recording, NoRecording>> {
        let ended = AtomicUsize::new(0);
        (self.progress)(0, jobs.len());
        // A program can kill its recorder. Then its processes become our children, and are killed
        // here.
        let adopts = processes::adopt_orphans().is_ok();
        let recordings: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = jobs
                .iter()
                .map(|job| {
                    let ended = &ended;
                    scope.spawn(move || {
                        let recording = self.record_job(job);
                        (self.progress)(ended.fetch_add(1, Relaxed) + 1, jobs.len());
                        recording
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let is_lost =
            |recording: &Result<_, _>| matches!(recording, Err(NoRecording::NotRecorded(_)));
        if adopts && recordings.iter().any(is_lost) {
            let _ = processes::kill_all(None);
        }
        recordings
    }

    /// Records one job.
    ///
    /// # Errors
    ///
    /// If there is no recording.
    pub fn record(&self, job: &Job) -> Result<Recording, NoRecording> {
        self.record_all(std::slice::from_ref(job)).remove(0)
    }

    fn record_job(&self, job: &Job) -> Result<Recording, NoRecording> {
        let mut recorder = Command::new(&self.checker)
            .arg("record")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        // Held open until the end: if the checker ends early, the recorder sees that it is closed.
        let mut stdin = recorder.stdin.take().expect("stdin is a pipe");
        let line = serde_json::to_string(job).map_err(io::Error::from)? + "\n";
        stdin.write_all(line.as_bytes())?;
        let mut stdout = recorder.stdout.take().expect("stdout is a pipe");
        let (sender, answer) = mpsc::channel();
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = sender.send(stdout.read_to_end(&mut text).map(|_| text));
        });
        let patience = Duration::from_secs_f64(job.limits.total) + GRACE;
        let Ok(text) = answer.recv_timeout(patience) else {
            recorder.kill()?;
            recorder.wait()?;
            return Err(NoRecording::NotRecorded("the recorder did not answer".into()));
        };
        let text = text?;
        let output = recorder.wait_with_output()?;
        drop(stdin);
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            return Err(NoRecording::NotRecorded(match reason.trim() {
                "" => format!("the recorder ended early: {}", output.status),
                reason => reason.to_owned(),
            }));
        }
        let recording: Result<Recording, String> =
            serde_json::from_slice(&text).map_err(io::Error::from)?;
        recording.map_err(NoRecording::NotStarted)
    }
}

/// The other side: reads a job from standard input, records it, and prints the recording, or why
/// the program could not be started. Stops when standard input is closed.
///
/// # Errors
///
/// If there is no job, or it cannot be recorded.
pub fn record_for_runner() -> io::Result<()> {
    // Detach from the user's terminal: Ctrl-C is for the checker, which then closes standard input.
    nix::unistd::setsid()?;
    let stdin = io::stdin();
    let mut line = String::new();
    stdin.read_line(&mut line)?;
    let recording = record(&serde_json::from_str(&line)?, stdin.as_fd())?;
    serde_json::to_writer(io::stdout().lock(), &recording)?;
    Ok(())
}
