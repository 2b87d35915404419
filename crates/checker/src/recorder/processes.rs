//! The processes of the recorded program: which they are, how they end, their CPU time, and how to
//! kill them all.
//!
//! On Linux these are all its descendants, even those that have outlived their parent or started a
//! session of their own. Elsewhere they are the program's process group.

use crate::recorder::ending_of;
use crate::recording::Ending;
use nix::errno::Errno;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::time::TimeValLike;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::io;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

/// Makes this process the parent of every descendant whose own parent has ended.
pub fn adopt_orphans() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;
    Ok(())
}

pub fn pid(id: u32) -> Pid {
    Pid::from_raw(id.try_into().expect("a process id is positive"))
}

/// What has been reaped.
#[derive(Default)]
pub struct Reaped {
    /// How the child ended, if it has.
    pub ending: Option<Ending>,
    /// Whether none was left to reap.
    pub is_all: bool,
}

/// Reaps what has ended of this process's children, `child` among them, for at most `limit`.
pub fn reap(child: Pid, limit: Duration) -> io::Result<Reaped> {
    let until = Instant::now() + limit;
    let mut reaped = Reaped::default();
    while !reaped.is_all && Instant::now() < until {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => reaped.is_all = true,
            Ok(status) if status.pid() == Some(child) => reaped.ending = ending_of(status),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(reaped)
}

/// How long it may take to kill what is left of a program.
pub const KILL_LIMIT: Duration = Duration::from_secs(5);

/// Kills and reaps every process below this one except those to `spare` and theirs; also `child`
/// and its process group. Says which are left when the limit is over.
pub fn kill_all(child: Option<Pid>, spare: &[Pid], limit: Duration) -> Option<String> {
    let until = Instant::now() + limit;
    // An error of these calls means that there is nothing to kill, or nothing to wait for.
    if let Some(child) = child {
        let _ = killpg(child, Signal::SIGKILL);
    }
    let reap = |process| waitpid(process, Some(WaitPidFlag::WNOHANG));
    let is_reaped = |process| reap(process).is_ok_and(|status| status.pid().is_some());
    let (mut deep, mut left) = (false, Vec::new());
    loop {
        let (mut found, mut reaped) = (Vec::new(), 0);
        below(spare, until, |process| {
            // At once, as the next one may be its child. Where processes start others and end, the
            // faster side wins.
            let _ = kill(process, Signal::SIGKILL);
            if is_reaped(process) {
                reaped += 1;
                return Next::Beside;
            }
            found.push(process);
            if deep { Next::Below } else { Next::Beside }
        });
        let child_is_left = child.is_some_and(|child| reap(child) == Ok(WaitStatus::StillAlive));
        if Instant::now() > until {
            // This round may have been cut short.
            return what_is_left(BTreeSet::from_iter(found.into_iter().chain(left)));
        }
        if found.is_empty() && reaped == 0 && !child_is_left {
            return None;
        }
        left = found;
        // The children of the dead become ours. Only if none has died is it time to look deeper.
        deep = reaped == 0;
        if deep {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Kills every process below this one, except `child` and those to `spare` and theirs. As long as
/// the child lives, it cleans up if this process is killed meanwhile.
pub fn kill_below(child: Pid, spare: &[Pid], limit: Duration) {
    below(spare, Instant::now() + limit, |process| {
        if process != child {
            let _ = kill(process, Signal::SIGKILL);
        }
        Next::Below
    });
}

/// Where to go on after a process has been visited.
enum Next {
    /// With its children, too.
    Below,
    /// With the others.
    Beside,
    #[cfg(target_os = "linux")]
    Stop,
}

/// What there is to say of processes that could not be killed in time.
fn what_is_left(processes: BTreeSet<Pid>) -> Option<String> {
    let (mut names, mut ended) = (Vec::new(), 0);
    for process in processes {
        match state(process) {
            Some(state) => names.extend(state),
            None => ended += 1,
        }
    }
    names.truncate(10);
    match names.is_empty() {
        false => Some(format!("could not be killed: {}", names.join(", "))),
        // They have ended, but they had started others.
        true if ended > 0 => {
            Some("could not be killed: processes that keep starting others".into())
        }
        true => None,
    }
}

/// CPU seconds of all processes below this one, the living and the dead.
pub fn cpu_seconds() -> io::Result<f64> {
    let living = platform::cpu_seconds();
    Ok(living + cpu_seconds_of_the_dead()?)
}

/// CPU seconds of all children that have been reaped, and of theirs.
fn cpu_seconds_of_the_dead() -> io::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let microseconds =
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(microseconds as f64 / 1e6)
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::*;

    pub fn children(_parent: Pid) -> Vec<Pid> {
        Vec::new()
    }

    pub fn below(_spare: &[Pid], _until: Instant, _visit: impl FnMut(Pid) -> Next) {}

    pub fn state(process: Pid) -> Option<Option<String>> {
        Some(Some(process.to_string()))
    }

    pub fn is_traced(_process: Pid) -> bool {
        false
    }

    pub fn end_of(_child: Pid) -> Option<OwnedFd> {
        None
    }

    pub fn cpu_seconds() -> f64 {
        0.0
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use super::*;
    use crate::escape::Outside;
    use procfs::process::{Process, Stat, all_processes};
    use rustix::process::PidfdFlags;
    use std::path::Path;

    /// Visits the processes below this one, except those to `spare` and theirs: parents before their
    /// children. Stops at `until`.
    pub fn below(spare: &[Pid], until: Instant, mut visit: impl FnMut(Pid) -> Next) {
        let everyone = match Path::new("/proc/thread-self/children").exists() {
            true => None,
            // A kernel without these lists: search all processes of the machine.
            false => Some(with_state(all_processes().into_iter().flatten().flatten())),
        };
        let children = |parent: Pid| match &everyone {
            None => children(parent),
            Some(everyone) => {
                let of_parent = everyone.iter().filter(|stat| stat.ppid == parent.as_raw());
                of_parent.map(|stat| Pid::from_raw(stat.pid)).collect()
            }
        };
        let mut parents = vec![Pid::this()];
        while let Some(parent) = parents.pop() {
            for child in children(parent) {
                if Instant::now() > until {
                    return;
                }
                if spare.contains(&child) {
                    continue;
                }
                match visit(child) {
                    Next::Below => parents.push(child),
                    Next::Beside => {}
                    Next::Stop => return,
                }
            }
        }
    }

    pub fn children(parent: Pid) -> Vec<Pid> {
        let tasks = Process::new(parent.as_raw()).and_then(|parent| parent.tasks());
        let tasks = tasks.into_iter().flatten().flatten();
        let ids = tasks.filter_map(|task| task.children().ok()).flatten();
        ids.filter_map(|id| Some(Pid::from_raw(id.try_into().ok()?))).collect()
    }

    const FIRST: Pid = Pid::from_raw(1);

    /// No right answer has more processes.
    pub const MOST: usize = 100;

    /// The first of the processes below this one, no more than `most`.
    pub fn first_below(most: usize) -> Vec<Process> {
        // In a namespace whose first process this is, they are all the others, which is quicker to list.
        if Pid::this() == FIRST {
            let all = all_processes().into_iter().flatten().flatten();
            return all.filter(|it| it.pid != FIRST.as_raw()).take(most).collect();
        }
        let mut found = Vec::new();
        below(&[], Instant::now() + Duration::from_secs(1), |process| {
            found.extend(Process::new(process.as_raw()));
            if found.len() < most { Next::Below } else { Next::Stop }
        });
        found
    }

    /// A process may end while it is looked at; then it is not there.
    fn with_state(processes: impl Iterator<Item = Process>) -> Vec<Stat> {
        processes.filter_map(|process| process.stat().ok()).collect()
    }

    /// Id and name of a process; `Some(None)` if it is a zombie, which only its parent can reap.
    pub fn state(process: Pid) -> Option<Option<String>> {
        let stat = Process::new(process.as_raw()).and_then(|process| process.stat()).ok()?;
        let name = format!("{} ({})", stat.pid, Outside::from(stat.comm));
        Some((stat.state != 'Z').then_some(name))
    }

    /// Whether a process is traced, but not by the tracer of this one.
    pub fn is_traced(process: Pid) -> bool {
        let is_another = |its| tracer(Pid::this()).is_some_and(|ours| ours != its);
        tracer(process).is_some_and(|its| its != 0 && is_another(its))
    }

    /// The process that traces this one. All that is known of a process would take long to read.
    fn tracer(process: Pid) -> Option<i32> {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        status.lines().find_map(|line| line.strip_prefix("TracerPid:"))?.trim().parse().ok()
    }

    /// Becomes readable when this child has ended. None where the system has no such thing.
    pub fn end_of(child: Pid) -> Option<OwnedFd> {
        let child = rustix::process::Pid::from_raw(child.as_raw())?;
        rustix::process::pidfd_open(child, PidfdFlags::empty()).ok()
    }

    /// CPU seconds of all living processes below this one, and of those that they have reaped.
    pub fn cpu_seconds() -> f64 {
        let ticks: i64 = with_state(first_below(MOST).into_iter())
            .iter()
            .map(|stat| (stat.utime + stat.stime) as i64 + stat.cutime + stat.cstime)
            .sum();
        ticks as f64 / procfs::ticks_per_second() as f64
    }
}

/// The children of this process.
pub fn children() -> Vec<Pid> {
    children_of(Pid::this())
}

#[cfg(target_os = "linux")]
pub use platform::{MOST, first_below};
use platform::{below, state};
pub use platform::{children as children_of, end_of, is_traced};
