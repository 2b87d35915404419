//! How much memory the checker's own processes take at a time, without the programs that they run.

use crate::checks::{CHECKER, LONGEST};
use crate::spent;
use nix::unistd::Pid;
use procfs::process::all_processes;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// The most that was seen while a class was graded, in MB: memory that is a process's own, not what it
/// shares with others, such as its program.
pub fn peak(folder: &Path, into: &Path) -> f64 {
    let mut command = Command::new(CHECKER);
    // The least work for a learner: what counts is how many there are.
    command.arg("countasync").arg("--class").arg(folder).arg("--into").arg(into);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let (mut peak, mut last) = (0, Instant::now());
    spent::run(&mut command, LONGEST, |checker| {
        if last.elapsed() > LOOK {
            peak = peak.max(now(checker));
            last = Instant::now();
        }
    });
    peak as f64 / 1024.0
}

/// Kilobytes of the checker and of all below it that are the same program.
fn now(checker: Pid) -> u64 {
    let mut ours = BTreeSet::from([checker.as_raw()]);
    let mut sum = 0;
    // Ordered by id: usually, parents come first.
    for process in all_processes().into_iter().flatten().flatten() {
        let is_ours = process.pid == checker.as_raw() || {
            let parent = process.stat().map_or(0, |stat| stat.ppid);
            let is_checker = || {
                process.cmdline().is_ok_and(|words| words.first().is_some_and(|it| it == "checker"))
            };
            ours.contains(&parent) && is_checker()
        };
        if is_ours {
            ours.insert(process.pid);
            sum += process.status().ok().and_then(|status| status.rssanon).unwrap_or_default();
        }
    }
    sum
}
