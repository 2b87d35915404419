//! Starts recorders, one a run, all side by side, and collects what they recorded.

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

/// How long a recorder may take beyond the time limit of its job. Only one that the program has
/// stopped takes longer.
const GRACE: Duration = Duration::from_secs(20);

/// Runs jobs, each in a recorder of its own: another process of the checker's own program.
pub struct Runner {
    /// The checker's program.
    pub checker: PathBuf,
    /// Told how many of how many runs have ended, again and again.
    pub progress: Box<dyn Fn(usize, usize) + Sync>,
}

impl Runner {
    /// Records all jobs side by side, in their order.
    pub fn record_all(&self, jobs: &[Job]) -> Vec<io::Result<Recording>> {
        let ended = AtomicUsize::new(0);
        (self.progress)(0, jobs.len());
        // A program can kill its recorder. Then its processes become ours, and end here.
        let adopts = processes::adopt_orphans().is_ok();
        let recordings: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = jobs
                .iter()
                .map(|job| {
                    let ended = &ended;
                    scope.spawn(move || {
                        let recording = self.record(job);
                        (self.progress)(ended.fetch_add(1, Relaxed) + 1, jobs.len());
                        recording
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        if adopts && recordings.iter().any(Result::is_err) {
            let _ = processes::kill_all(None);
        }
        recordings
    }

    fn record(&self, job: &Job) -> io::Result<Recording> {
        let mut recorder = Command::new(&self.checker)
            .arg("record")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        // Held open until the end: when the checker ends early, the recorder sees it closed.
        let mut stdin = recorder.stdin.take().expect("stdin is a pipe");
        stdin.write_all(format!("{}\n", serde_json::to_string(job)?).as_bytes())?;
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
            return Err(io::Error::other("its recorder did not answer"));
        };
        let text = text?;
        let output = recorder.wait_with_output()?;
        drop(stdin);
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(match reason.trim() {
                "" => format!("its recorder ended early, by {}", output.status),
                reason => reason.to_owned(),
            }));
        }
        Ok(serde_json::from_slice(&text)?)
    }
}

/// The other side: reads a job from standard input, records it, and prints the recording. Stops
/// when standard input is closed.
///
/// # Errors
///
/// If there is no job, or it cannot be recorded.
pub fn record_for_runner() -> io::Result<()> {
    // Away from the user's terminal: Ctrl-C is for the checker, which closes standard input.
    nix::unistd::setsid()?;
    let stdin = io::stdin();
    let mut line = String::new();
    stdin.read_line(&mut line)?;
    let recording = record(&serde_json::from_str(&line)?, stdin.as_fd())?;
    serde_json::to_writer(io::stdout().lock(), &recording)?;
    Ok(())
}
