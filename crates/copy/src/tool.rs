//! Runs git and cargo, and stops them when the copy is interrupted.

use crate::{Error, Interruption};
use rustix::process::{Pid, Signal, kill_process};
use std::io::ErrorKind;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// How often to check for signals while a tool is running.
const POLL: Duration = Duration::from_millis(10);

/// What a tool prints, and how it ends.
pub(crate) fn output(command: &mut Command, interruption: &Interruption) -> Result<Output, Error> {
    let tool = command.get_program().display().to_string();
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => {
            Error::Refused(format!("{tool}: not found; it is needed to copy an exercise"))
        }
        _ => Error::Refused(format!("{tool}: {error}")),
    };

    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(failed)?;
    let process = Pid::from_child(&child);
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    loop {
        let ended = receiver.recv_timeout(POLL);
        // Check this first: Ctrl-C ends the tool as well, and its failure then means nothing.
        if let Err(interrupted) = interruption.check() {
            if ended.is_err() {
                let _ = kill_process(process, Signal::TERM);
            }
            return Err(interrupted);
        }
        if let Ok(output) = ended {
            return output.map_err(failed);
        }
    }
}
