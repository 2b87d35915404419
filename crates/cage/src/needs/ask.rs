//! Asks one of the user's programs something. It may never answer, or without end: a learner can put
//! a pipe or a link to a device where it looks.

use crate::limits::limit_memory;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A busy machine may take some seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of an answer. Cargo says a few thousand about each dependency.
const LONGEST: u64 = 16 << 20;
/// How much memory each of its processes may take, in bytes.
const MEMORY: u64 = 1 << 30;

/// What the program prints, if it succeeds in time. Its error messages are dropped.
pub fn ask(command: &mut Command) -> Option<Vec<u8>> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    limit_memory(command, MEMORY);
    let mut child = command.spawn().ok()?;
    let stdout = child.stdout.take()?;
    let (sender, answer) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // If there is more, the program ends when it prints it, and has not succeeded.
        let read = stdout.take(LONGEST).read_to_end(&mut bytes).map(|_| bytes);
        // By now, perhaps nobody waits for it.
        let _ = sender.send(read);
    });
    let answer = answer.recv_timeout(PATIENCE);
    if answer.is_err() {
        let _ = child.kill();
    }
    let has_succeeded = child.wait().ok()?.success();
    answer.ok()?.ok().filter(|_| has_succeeded)
}
