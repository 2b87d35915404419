//! Builds a program with cargo, just as its author would by hand.

use checker::runner::Stop;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// How often to look whether a build has ended or has to end.
const LOOK: Duration = Duration::from_millis(20);

/// Why there is no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotBuilt {
    /// It does not compile.
    Errors {
        /// The first error as the compiler words it, with escape codes for color.
        first: String,
        /// Its number, such as E0425, if it has one.
        code: Option<String>,
        /// The line that it is about, in which file.
        at: Option<(PathBuf, usize)>,
        /// How many more there are.
        more: usize,
    },
    /// cargo itself failed, for this reason.
    Cargo(String),
    /// It was stopped.
    Stopped,
}

/// Builds the program with the name of the package in a folder, and returns where it is.
///
/// # Errors
///
/// If it cannot be built, or was stopped.
pub fn build(package: &Path, name: &str, stop: &Stop) -> Result<PathBuf, NotBuilt> {
    let cargo = |problem: &io::Error| NotBuilt::Cargo(format!("cannot run cargo: {problem}"));
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build
        .args(["build", "--quiet", "--message-format=json-diagnostic-rendered-ansi", "--bin", name])
        .current_dir(package)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // So that it can be ended together with the compilers that it starts.
        .process_group(0);
    let mut child = build.spawn().map_err(|error| cargo(&error))?;
    let stdout = read(child.stdout.take());
    let stderr = read(child.stderr.take());
    let succeeded = wait(&mut child, stop).map_err(|error| cargo(&error))?;
    let Some(succeeded) = succeeded else { return Err(NotBuilt::Stopped) };
    let [stdout, stderr] = [stdout, stderr].map(|text| text.join().unwrap_or_default());
    let messages: Vec<Value> =
        stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if !succeeded {
        return Err(errors(&messages).unwrap_or(NotBuilt::Cargo(stderr)));
    }
    let program = messages
        .iter()
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| message["executable"].as_str());
    program.map(Into::into).ok_or_else(|| NotBuilt::Cargo(format!("cargo built no program {name}")))
}

/// Whether it succeeded, or nothing if it was stopped.
fn wait(child: &mut Child, stop: &Stop) -> io::Result<Option<bool>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if stop.is_stopped() {
            let group = Pid::from_child(child);
            // Fails if it has just ended.
            let _ = kill_process_group(group, Signal::KILL);
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}

/// Reads a pipe to its end, in a thread of its own.
fn read(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// What the compiler says, if it has found errors.
fn errors(messages: &[Value]) -> Option<NotBuilt> {
    let diagnostics = messages.iter().map(|message| &message["message"]);
    // Those without a place only sum up: "aborting due to 2 previous errors".
    let mut errors = diagnostics.filter(|diagnostic| {
        let has_place = diagnostic["spans"].as_array().is_some_and(|spans| !spans.is_empty());
        diagnostic["level"] == "error" && has_place
    });
    let first = errors.next()?;
    let spans = first["spans"].as_array().into_iter().flatten();
    let at = spans.clone().find(|span| span["is_primary"] == true).and_then(|span| {
        let line = usize::try_from(span["line_start"].as_u64()?).ok()?;
        Some((span["file_name"].as_str()?.into(), line))
    });
    let code = first["code"]["code"].as_str().map(Into::into);
    let first = first["rendered"].as_str().unwrap_or_default().trim_end().to_owned();
    Some(NotBuilt::Errors { first, code, at, more: errors.count() })
}
