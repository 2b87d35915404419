//! Runs cargo.

use crate::escape::visible;
use crate::recorder::processes;
use crate::runner::Stop;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

/// How packages are built.
pub struct Builder<'a> {
    /// Ends a build early.
    pub stop: Stop,
    /// Takes each line of cargo's errors, which are for the user to read.
    pub says: &'a (dyn Fn(&str) + Sync),
}

impl Builder<'_> {
    /// It goes on to the end, and cargo's errors go to standard error.
    #[must_use]
    pub fn aloud() -> Self {
        Self { stop: Stop::default(), says: &say }
    }

    /// What cargo prints with these arguments, the first of which is its command.
    pub(super) fn cargo(&self, arguments: &[&str], manifest: &Path) -> Result<String, String> {
        let cannot_run = |error: io::Error| format!("cannot run cargo: {error}");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        // What cargo has started is ours to kill if it does not do so itself. If the system cannot do
        // that, there is nobody to adopt.
        let _ = processes::adopt_orphans();
        let others = processes::children();
        let mut child = Command::new(cargo)
            .args(arguments)
            .arg("--manifest-path")
            .arg(manifest)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(cannot_run)?;
        let mut stdout = child.stdout.take().expect("stdout is a pipe");
        let stderr = child.stderr.take().expect("stderr is a pipe");
        let child = Arc::new(Mutex::new(Some(child)));
        self.stop.when_stopped({
            let child = Arc::clone(&child);
            move || {
                if let Some(child) = child.lock().expect("no panic").as_mut() {
                    // It may have ended by itself.
                    let _ = child.kill();
                }
            }
        });
        let mut output = Vec::new();
        let read = thread::scope(|scope| {
            scope.spawn(|| {
                for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                    (self.says)(&visible(&line));
                }
            });
            stdout.read_to_end(&mut output)
        });
        let mut child = child.lock().expect("no panic").take().expect("it is taken once");
        let status = child.wait().map_err(cannot_run)?;
        read.map_err(cannot_run)?;
        let command = arguments[0];
        if self.stop.is_stopped() {
            // The compilers that it had started.
            processes::kill_all(None, &others, processes::KILL_LIMIT);
            return Err(format!("cargo {command} was stopped"));
        }
        if !status.success() {
            return Err(format!("cargo {command} failed in {}", manifest.display()));
        }
        Ok(String::from_utf8_lossy(&output).into_owned())
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stderr(), "cargo: {line}");
}
