//! The processes of the recorded program: how they end, their CPU time, the system calls in which
//! they wait, and how to kill them all.
//!
//! On Linux these are all its descendants, even those that have outlived their parent or started a
//! session of their own. Elsewhere they are the program's process group.

use crate::recorder::ending_of;
use crate::recorder::lag::Lag;
use crate::recording::{Ending, Waiting};
use nix::errno::Errno;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::time::TimeValLike;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::{BTreeSet, HashMap};
use std::io;
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

    pub fn cpu_seconds() -> f64 {
        0.0
    }

    pub struct Watch;

    impl Watch {
        pub fn new(_lag: &Lag) -> Self {
            Self
        }

        pub fn look(&mut self, _bytes: usize) {}

        pub fn verdict(&self) -> Waiting {
            Waiting::Unknown
        }
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use super::*;
    use crate::escape::Outside;
    use nix::libc::{self, c_long};
    use procfs::process::{Process, Stat, all_processes};
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

    /// The first of the processes below this one: no solution has more.
    fn first_below() -> Vec<Process> {
        let mut found = Vec::new();
        below(&[], Instant::now() + Duration::from_secs(1), |process| {
            found.extend(Process::new(process.as_raw()));
            if found.len() < 100 { Next::Below } else { Next::Stop }
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
        let tracer = |process: Process| process.status().map(|status| status.tracerpid);
        let of_process = Process::new(process.as_raw()).and_then(tracer);
        let of_this = Process::myself().and_then(tracer);
        of_process.is_ok_and(|tracer| tracer != 0 && of_this.is_ok_and(|other| other != tracer))
    }

    /// CPU seconds of all living processes below this one, and of those that they have reaped.
    pub fn cpu_seconds() -> f64 {
        let ticks: i64 = with_state(first_below().into_iter())
            .iter()
            .map(|stat| (stat.utime + stat.stime) as i64 + stat.cutime + stat.cstime)
            .sum();
        ticks as f64 / procfs::ticks_per_second() as f64
    }

    /// Looks again and again at what the program's threads do: run, or wait in a system call. Notes
    /// how long they have waited for a core to run on.
    pub struct Watch {
        lag: Lag,
        /// For how long each thread has waited for a core, in nanoseconds, by its id.
        delays: HashMap<i32, u64>,
        processes: Vec<Process>,
        found: Option<Instant>,
        /// How many bytes had come at the last look.
        bytes: usize,
        /// What was seen until bytes last came, and what has been seen in all: after its last line,
        /// a program no longer waits for anything but its end.
        seen: Looks,
        recent: Looks,
    }

    /// How many looks there were, and in how many of them the program was seen doing what.
    #[derive(Clone, Copy, Default)]
    struct Looks {
        all: u32,
        busy: u32,
        sleeping: u32,
        polling: u32,
    }

    impl Watch {
        pub fn new(lag: &Lag) -> Self {
            let (processes, delays, found) = (Vec::new(), HashMap::new(), None);
            let (bytes, seen, recent) = (0, Looks::default(), Looks::default());
            Self { lag: lag.clone(), delays, processes, found, bytes, seen, recent }
        }

        /// One look, when the program has written this many bytes.
        pub fn look(&mut self, bytes: usize) {
            if bytes != self.bytes {
                (self.bytes, self.seen) = (bytes, self.recent);
            }
            // Finding them may mean examining every process of the machine.
            if self.found.is_none_or(|found| found.elapsed() > Duration::from_millis(100)) {
                self.processes = first_below();
                self.found = Some(Instant::now());
            }
            let tasks: Vec<_> = self
                .processes
                .iter()
                .flat_map(|process| process.tasks().into_iter().flatten().flatten())
                .collect();
            // Only main threads: other threads of a virtual machine may compile or clean up.
            let is_busy = tasks.iter().any(|task| {
                task.pid == task.tid && task.stat().is_ok_and(|stat| stat.state == 'R')
            });
            for task in &tasks {
                let delay = task.schedstat().map_or(0, |schedule| schedule.run_delay);
                // A thread that is new has waited since the last look.
                let new = if self.recent.all == 0 { delay } else { 0 };
                let before = self.delays.insert(task.tid, delay).unwrap_or(new);
                self.lag.note(Duration::from_nanos(delay.saturating_sub(before)));
            }
            let calls: Vec<_> = tasks
                .iter()
                .filter_map(|task| Some((task, system_call(task.pid, task.tid)?)))
                .collect();
            self.recent.all += 1;
            self.recent.busy += u32::from(is_busy);
            let polls = calls.iter().any(|(_, call)| POLLS.contains(call));
            let sleepers: Vec<_> = calls
                .iter()
                .filter(|(_, call)| SLEEPS.contains(call))
                .map(|(task, _)| task)
                .collect();
            // A thread that sleeps beside others, or beside an event loop, does not block.
            let blocks = matches!(sleepers[..], [task] if task.pid == task.tid) && !polls;
            self.recent.sleeping += u32::from(blocks);
            self.recent.polling += u32::from(polls);
        }

        pub fn verdict(&self) -> Waiting {
            let Looks { all, busy, sleeping, polling } = self.seen;
            let most = |count: u32| all >= 5 && count * 2 > all;
            // 25 looks take half a second: starting takes a moment of work.
            if all >= 25 && busy * 5 > all * 4 {
                Waiting::Busy
            } else if most(sleeping) {
                Waiting::Sleeping
            } else if most(polling) {
                Waiting::Polling
            } else {
                Waiting::Unknown
            }
        }
    }

    // The older ones of these calls do not exist on newer architectures.
    const SLEEPS: &[c_long] = &[libc::SYS_nanosleep, libc::SYS_clock_nanosleep];
    const POLLS: &[c_long] = &[
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_select,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait,
        libc::SYS_pselect6,
        libc::SYS_ppoll,
        libc::SYS_epoll_pwait,
        libc::SYS_epoll_pwait2,
    ];

    fn system_call(process: i32, thread: i32) -> Option<c_long> {
        let file = format!("/proc/{process}/task/{thread}/syscall");
        std::fs::read_to_string(file).ok()?.split(' ').next()?.parse().ok()
    }
}

/// The children of this process.
pub fn children() -> Vec<Pid> {
    platform::children(Pid::this())
}

pub use platform::{Watch, is_traced};
use platform::{below, state};
