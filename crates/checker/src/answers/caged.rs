//! Builds a stranger's package in a cage: building it runs code that it brings along. The checker's
//! executable is started once more, to enter the cage and run cargo there.

use crate::caging::Caging;
use crate::runner::own_program;
use cage::Plan;
use cage::limits::Limits;
use serde::{Deserialize, Serialize};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A compiler takes more than the answer to an exercise.
const LIMITS: Limits = Limits {
    processes: 1000,
    memory: 8 << 30,
    file: 1 << 30,
    folder: 1 << 30,
    files: 10_000,
    cpu: 900,
};

/// What to run, and in which cage.
#[derive(Serialize, Deserialize)]
struct Order {
    plan: Plan,
    command: Vec<String>,
}

/// The command that runs cargo in a cage with these arguments, what to write to its standard input,
/// and the folders that it can build in.
///
/// # Errors
///
/// One line, if something has to be done first.
pub fn command(
    caging: &Caging,
    arguments: &[&str],
    manifest: &Path,
) -> Result<(Command, Vec<u8>, Vec<PathBuf>), String> {
    let manifest = manifest.display().to_string();
    let words = [&["cargo"], arguments, &["--manifest-path", &manifest]].concat();
    let command: Vec<_> = words.into_iter().map(str::to_owned).collect();
    let plan = Plan { limits: LIMITS, ..caging.plan(&command, &[]) };
    if let Some(missing) = plan.missing {
        return Err(missing);
    }
    let built = plan.write.clone();
    let order = serde_json::to_vec(&Order { plan, command }).map_err(|error| error.to_string())?;
    let mut command = Command::new(own_program()?);
    command.arg0("checker").arg("build");
    Ok((command, order, built))
}

/// What that command does: reads from standard input what to run, runs it, and returns its exit
/// code.
///
/// # Errors
///
/// If it cannot be run.
pub fn build_for_checker() -> io::Result<i32> {
    let Order { plan, command } = serde_json::from_reader(io::stdin().lock())?;
    let cage = plan.enter()?;
    let Some((program, arguments)) = command.split_first() else { return Ok(2) };
    let mut command = Command::new(program);
    cage.confine(&mut command)?;
    let status = command.args(arguments).stdin(Stdio::null()).status()?;
    Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default()))
}
