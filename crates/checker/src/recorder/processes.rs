//! The processes of the recorded program: how they end, their CPU time, the system calls in which
//! they wait, and how to kill them all.
//!
//! On Linux these are all its descendants, even those that have outlived their parent or started a
//! session of their own. Elsewhere they are the program's process group.

use crate::recorder::ending_of;
use crate::recording::{Ending, Waiting};
use nix::errno::Errno;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::time::TimeValLike;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// Makes this process the parent of every descendant whose own parent has ended.
pub fn adopt_orphans() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;
    Ok(())
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(id.try_into().expect("a process id is positive"))
}

/// How the child ended, if it has.
pub fn ending(child: u32) -> io::Result<Option<Ending>> {
    match waitpid(pid(child), Some(WaitPidFlag::WNOHANG)) {
        Ok(status) => Ok(ending_of(status)),
        Err(Errno::EINTR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Kills and reaps every descendant of this process, and the child's process group. False if some
/// did not die.
pub fn kill_all(child: Option<u32>) -> io::Result<bool> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        // An error means that there is nothing to kill, or nothing yet.
        if let Some(child) = child {
            let _ = killpg(pid(child), Signal::SIGKILL);
        }
        for descendant in descendants() {
            let _ = kill(descendant, Signal::SIGKILL);
        }
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(status) if status.pid().is_some() => {}
                Err(Errno::ECHILD) => return Ok(true),
                Ok(_) | Err(Errno::EINTR) => break,
                Err(error) => return Err(error.into()),
            }
        }
        if Instant::now() > deadline {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// CPU seconds of all children that have been reaped, and of the descendants that they reaped.
pub fn cpu_seconds_of_the_dead() -> io::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let microseconds =
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(microseconds as f64 / 1e6)
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::*;

    pub fn descendants() -> Vec<Pid> {
        Vec::new()
    }

    pub fn cpu_seconds() -> f64 {
        0.0
    }

    #[derive(Default)]
    pub struct Watch;

    impl Watch {
        pub fn look(&mut self, _printing: bool) {}

        pub fn verdict(&self) -> Waiting {
            Waiting::Unknown
        }
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use super::*;
    use nix::libc::{self, c_long};
    use procfs::process::{Process, Stat, all_processes};
    use std::path::Path;

    /// Every process below this one, with its state.
    fn below() -> Vec<(Process, Stat)> {
        let everyone = match Path::new("/proc/thread-self/children").exists() {
            true => None,
            // A kernel without these lists: search all processes of the machine.
            false => Some(with_state(all_processes().into_iter().flatten().flatten())),
        };
        let children = |parent: &Process| match &everyone {
            None => with_state(children(parent)),
            Some(everyone) => {
                let of_parent = everyone.iter().filter(|(_, stat)| stat.ppid == parent.pid);
                with_state(of_parent.filter_map(|(process, _)| Process::new(process.pid).ok()))
            }
        };
        let mut found = Vec::new();
        let mut next = Process::myself().map(|this| children(&this)).unwrap_or_default();
        while let Some((process, stat)) = next.pop() {
            next.extend(children(&process));
            found.push((process, stat));
        }
        found
    }

    /// Leaves out processes that end while they are examined.
    fn with_state(processes: impl Iterator<Item = Process>) -> Vec<(Process, Stat)> {
        processes.filter_map(|process| process.stat().ok().map(|stat| (process, stat))).collect()
    }

    fn children(parent: &Process) -> impl Iterator<Item = Process> {
        let tasks = parent.tasks().into_iter().flatten().flatten();
        tasks
            .filter_map(|task| task.children().ok())
            .flatten()
            .filter_map(|id| Process::new(id.try_into().ok()?).ok())
    }

    pub fn descendants() -> Vec<Pid> {
        below().iter().map(|(_, stat)| Pid::from_raw(stat.pid)).collect()
    }

    /// CPU seconds of all living descendants, and of those that they have reaped.
    pub fn cpu_seconds() -> f64 {
        let ticks: i64 = below()
            .iter()
            .map(|(_, stat)| (stat.utime + stat.stime) as i64 + stat.cutime + stat.cstime)
            .sum();
        ticks as f64 / procfs::ticks_per_second() as f64
    }

    /// Samples what the program's threads do: run, or wait in a system call.
    #[derive(Default)]
    pub struct Watch {
        processes: Vec<Process>,
        found: Option<Instant>,
        looks: u32,
        busy: u32,
        sleeping: u32,
        polling: u32,
    }

    impl Watch {
        /// Takes one sample, if the program is `printing`: what it does before its first line, such
        /// as compiling, does not count.
        pub fn look(&mut self, printing: bool) {
            if !printing {
                return;
            }
            // Finding them may mean examining every process of the machine.
            if self.found.is_none_or(|found| found.elapsed() > Duration::from_millis(500)) {
                self.processes = below().into_iter().map(|(process, _)| process).collect();
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
            let calls: Vec<_> =
                tasks.iter().filter_map(|task| system_call(task.pid, task.tid)).collect();
            self.looks += 1;
            self.busy += u32::from(is_busy);
            self.sleeping += u32::from(calls.iter().any(|call| SLEEPS.contains(call)));
            self.polling += u32::from(calls.iter().any(|call| POLLS.contains(call)));
        }

        pub fn verdict(&self) -> Waiting {
            let most = |count: u32| self.looks >= 5 && count * 2 > self.looks;
            // 25 looks take half a second: starting and ending take a moment of work.
            if self.looks >= 25 && self.busy * 5 > self.looks * 4 {
                Waiting::Busy
            } else if most(self.sleeping) {
                Waiting::Sleeping
            } else if most(self.polling) {
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

use platform::descendants;
pub use platform::{Watch, cpu_seconds};
