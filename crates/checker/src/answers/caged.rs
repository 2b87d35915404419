//! Builds a stranger's package in a cage: building it runs code that it brings along. The checker's
//! executable is started once more, to enter the cage and run cargo there. It is to cargo what a
//! recorder is to a program: it keeps it to its limits, and when it ends, nothing is left running.

use super::idle::{self, Idle};
use crate::caging::Caging;
use crate::protection;
use crate::recorder::bounds::Bounds;
use crate::recorder::processes;
use crate::recording::Ending;
use crate::runner::{own_program, read_line};
use cage::limits::Limits;
use cage::{Entered, Plan};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow};
use serde::{Deserialize, Serialize};
use std::fs::FileType;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A compiler takes more than the answer to an exercise.
const LIMITS: Limits = Limits {
    processes: 256,
    memory: 4 << 30,
    file: 1 << 30,
    folder: 1 << 30,
    files: 10_000,
    added: 4 << 30,
    added_files: 100_000,
    cpu: 900,
};

/// How long a build may take, in seconds.
const SECONDS: u64 = 300;

/// How soon there is another look at a build.
const LOOK: Duration = Duration::from_millis(20);
/// How long it may reap at a time.
const REAP_LIMIT: Duration = Duration::from_millis(200);

/// What to run, in which cage, and for how many seconds.
#[derive(Serialize, Deserialize)]
struct Order {
    plan: Plan,
    command: Vec<String>,
    seconds: u64,
}

/// A build that can be started.
pub struct Build {
    pub command: Command,
    /// What to write to its standard input, which has to stay open: the build ends with it.
    pub order: Vec<u8>,
    /// The folder where cargo builds.
    pub target: PathBuf,
}

/// The command that runs cargo in a cage with these arguments, where it may read these folders, too. It
/// builds in this target folder, or else where cargo is told to.
///
/// # Errors
///
/// One line, if something has to be done first.
pub fn command(
    caging: &Caging,
    arguments: &[&str],
    manifest: &Path,
    folders: &[PathBuf],
    target: Option<&Path>,
) -> Result<Build, String> {
    let manifest = manifest.display().to_string();
    let words = [&["cargo"], arguments, &["--manifest-path", &manifest]].concat();
    let command: Vec<_> = words.into_iter().map(str::to_owned).collect();
    let plan = Plan { limits: LIMITS, ..caging.plan_with_target(&command, folders, target) };
    if let Some(missing) = plan.missing {
        return Err(missing);
    }
    // A cage has one folder to build in, or none if it could not be made.
    let [target] = &plan.write[..] else {
        return Err(format!("there is no folder in which {manifest} could be built"));
    };
    let target = target.clone();
    if let Some(pipe) = pipe_in(&target) {
        return Err(format!("{} is no file: remove it", pipe.display()));
    }
    let order = Order { plan, command, seconds: SECONDS };
    let order = serde_json::to_string(&order).map_err(|error| error.to_string())? + "\n";
    let mut command = Command::new(own_program()?);
    // Cargo reads settings in the folder where it runs and above; without namespaces, it would fail
    // where it finds some that it may not read.
    command.arg0("checker").arg("build").current_dir("/");
    Ok(Build { command, order: order.into(), target })
}

/// A pipe or the like where cargo keeps what it has built: cargo would wait for a writer. A build
/// script can leave one.
fn pipe_in(target: &Path) -> Option<PathBuf> {
    let folders = ["debug", "debug/examples", "debug/deps"].map(|name| target.join(name));
    let entries = folders.iter().filter_map(|folder| folder.read_dir().ok()).flatten().flatten();
    let is_regular = |kind: FileType| kind.is_file() || kind.is_dir() || kind.is_symlink();
    let mut others = entries.filter(|entry| entry.file_type().is_ok_and(|it| !is_regular(it)));
    others.next().map(|entry| entry.path())
}

/// How a build has ended, from what it printed: its last line. None if it did not get that far.
pub fn ending(printed: &[u8]) -> Option<Ending> {
    let last = printed.rsplit(|byte| *byte == b'\n').find(|line| !line.is_empty())?;
    serde_json::from_slice(last).ok()
}

/// Why a build was stopped, if it did not end by itself.
pub fn why_stopped(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Limit(limit) => Some(format!("building was stopped: {limit}")),
        Ending::TimeLimit => Some(format!("building took longer than {} minutes", SECONDS / 60)),
        Ending::WaitsForever => {
            Some(format!("building was stopped: nothing in it happened for {} s", idle::SECONDS))
        }
        _ => None,
    }
}

/// What that command does: reads from standard input what to run, runs it until it ends or standard
/// input is closed, and prints how it ended as its last line.
///
/// # Errors
///
/// If it cannot be run.
pub fn build_for_checker() -> io::Result<()> {
    protection::close_to_root();
    protection::continue_when_parent_ends()?;
    let stdin = io::stdin();
    let order: Order = serde_json::from_slice(&read_line(stdin.as_fd())?)?;
    let plan = order.plan.clone();
    // From here on, this may be another process: the first one in the cage.
    let cage = plan.enter()?;
    let ending = build(&order, &cage, stdin.as_fd())?;
    // After whatever was cut off.
    let line = format!("\n{}\n", serde_json::to_string(&ending)?);
    io::stdout().write_all(line.as_bytes())
}

/// Builds, and kills whatever is left. Ends early when the other end of `cancel` is closed.
fn build(order: &Order, cage: &Entered, cancel: BorrowedFd) -> io::Result<Ending> {
    processes::adopt_orphans()?;
    // No signal of a build script ends this process, but for those that cannot be blocked.
    let mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    let not_for_people = || io::Error::other("build is not for people");
    let (program, arguments) = order.command.split_first().ok_or_else(not_for_people)?;
    let mut command = Command::new(program);
    let mut bounds = Bounds::in_real_time(Some((cage, &order.plan)), &mut command)?;
    cage.confine(&mut command)?;
    command.args(arguments).stdin(Stdio::null()).process_group(0);
    let until = Instant::now() + Duration::from_secs(order.seconds);
    let mut idle = Idle::new();
    // Cargo gets the user's signal mask.
    let own_mask = mask.thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    let child = command.spawn();
    own_mask.thread_set_mask()?;
    let child = processes::pid(child?.id());
    let ending = bounds.has_started().and_then(|()| {
        let end = processes::end_of(child);
        loop {
            let mut descriptors = vec![PollFd::new(cancel, PollFlags::empty())];
            let readable = [end.as_ref().map(AsFd::as_fd), bounds.news()];
            let readable = readable.into_iter().flatten();
            descriptors.extend(readable.map(|it| PollFd::new(it, PollFlags::POLLIN)));
            match poll(&mut descriptors, PollTimeout::try_from(LOOK).expect("a short time")) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => break Err(error.into()),
            }
            if descriptors[0].any() == Some(true) {
                break Err(io::ErrorKind::Interrupted.into());
            }
            if let Some(ending) = processes::reap(child, REAP_LIMIT)?.ending {
                break Ok(bounds.with_limit(ending));
            }
            if let Some(limit) = bounds.hit() {
                break Ok(Ending::Limit(limit));
            }
            if Instant::now() > until {
                break Ok(Ending::TimeLimit);
            }
            if idle.is_hung(LIMITS.processes as usize) {
                break Ok(Ending::WaitsForever);
            }
        }
    });
    let left = processes::kill_all(Some(child), &[], processes::KILL_LIMIT);
    cage.remove_set_user_id_programs();
    left.map_or(ending, |left| Err(io::Error::other(left)))
}
