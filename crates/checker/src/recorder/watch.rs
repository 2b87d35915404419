//! What the recorded program does while it waits, as far as the system tells: whether its threads
//! run, are ready to run, or wait, and in which system call. Only Linux tells.

#[cfg(not(target_os = "linux"))]
mod platform {
    use crate::recorder::lag::Lag;
    use crate::recording::Waiting;

    pub struct Watch;

    impl Watch {
        pub fn new(_lag: &Lag) -> Self {
            Self
        }

        pub fn look(&mut self, _bytes: usize) -> bool {
            false
        }

        pub fn close(&mut self) {}

        pub fn verdict(&self, _bytes: usize) -> Waiting {
            Waiting::Unknown
        }
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use crate::recorder::activities::most;
    use crate::recorder::lag::Lag;
    use crate::recorder::processes::first_below;
    use crate::recording::Waiting;
    use nix::libc::{self, c_long};
    use procfs::process::{Schedstat, Syscall, Task};
    use std::time::{Duration, Instant};

    /// How soon the threads are listed again if one has run, as it may have started others. Listing
    /// them may mean examining every process of the machine.
    const LIST: Duration = Duration::from_millis(100);
    /// The same if none has run: a thread that was missed may have started others.
    const LIST_ANYWAY: Duration = Duration::from_secs(1);
    /// How many threads are watched. No solution has more, and each takes an open file.
    const THREADS: usize = 100;
    /// What was seen in a shorter time says nothing.
    const ENOUGH: Duration = Duration::from_millis(100);

    /// Looks again and again at what the program's threads do. What it sees holds until one of them
    /// runs, and the system counts that: while they wait, it need not look often.
    pub struct Watch {
        lag: Lag,
        threads: Vec<Thread>,
        /// When they were listed, and whether one of them has run since.
        listed: Option<Instant>,
        is_stale: bool,
        /// When it looked last, and what it saw.
        looked: Option<Instant>,
        doing: Doing,
        /// How many bytes had come at the last look.
        bytes: usize,
        /// What was seen until bytes last came, and what has been seen in all: after its last line,
        /// a program no longer waits for anything but its end.
        seen: Seen,
        all: Seen,
    }

    struct Thread {
        task: Task,
        /// Nothing if the system does not count.
        schedule: Option<Schedule>,
        /// The system call in which it waits.
        call: Option<c_long>,
    }

    /// For how many nanoseconds a thread has run and has waited for a core, and how often it got
    /// one. If all are the same as before, it has not run.
    #[derive(Clone, Copy, Default, PartialEq)]
    struct Schedule {
        run: u64,
        delay: u64,
        turns: u64,
    }

    /// What the program waits in.
    #[derive(Clone, Copy)]
    enum Doing {
        Sleeping,
        Polling,
        Else,
    }

    /// For how long the program was seen, and doing what.
    #[derive(Clone, Copy, Default)]
    struct Seen {
        time: Duration,
        busy: Duration,
        sleeping: Duration,
        polling: Duration,
    }

    impl Watch {
        pub fn new(lag: &Lag) -> Self {
            Self {
                lag: lag.clone(),
                threads: Vec::new(),
                listed: None,
                is_stale: true,
                looked: None,
                doing: Doing::Else,
                bytes: 0,
                seen: Seen::default(),
                all: Seen::default(),
            }
        }

        /// One look, when the program has written this many bytes. Whether a thread has run since
        /// the last one.
        pub fn look(&mut self, bytes: usize) -> bool {
            let time = self.looked.map_or(Duration::ZERO, |looked| looked.elapsed());
            self.looked = Some(Instant::now());
            let (has_run, busy) = self.update();
            self.all.add(time, busy, self.doing);
            if bytes != self.bytes {
                (self.bytes, self.seen) = (bytes, self.all);
            }
            self.is_stale |= has_run;
            let age = if self.is_stale { LIST } else { LIST_ANYWAY };
            if self.listed.is_none_or(|listed| listed.elapsed() > age) {
                self.list();
            }
            self.doing = doing(&self.threads);
            has_run
        }

        /// Whether a thread has run since the last look, and for how long a main thread ran or
        /// waited for a core: other threads of a virtual machine may compile or clean up.
        fn update(&mut self) -> (bool, Duration) {
            let (mut has_run, mut busy) = (false, 0);
            for thread in &mut self.threads {
                let before = thread.schedule;
                if !thread.update() {
                    continue;
                }
                has_run = true;
                let (Some(before), Some(now)) = (before, thread.schedule) else { continue };
                let delay = now.delay.saturating_sub(before.delay);
                self.lag.note(Duration::from_nanos(delay));
                if thread.is_main() {
                    busy = busy.max(delay + now.run.saturating_sub(before.run));
                }
            }
            (has_run, Duration::from_nanos(busy))
        }

        fn list(&mut self) {
            let is_first = self.listed.is_none();
            (self.listed, self.is_stale) = (Some(Instant::now()), false);
            let mut known = std::mem::take(&mut self.threads);
            let tasks = first_below().into_iter().flat_map(|process| process.tasks());
            for task in tasks.flatten().flatten().take(THREADS) {
                let index = known.iter().position(|thread| thread.task.tid == task.tid);
                self.threads.push(match index {
                    Some(index) => known.swap_remove(index),
                    None => Thread::new(task, is_first),
                });
            }
        }

        /// Closes what is open. There will be no more looks.
        pub fn close(&mut self) {
            self.threads.clear();
        }

        /// What the program did until the last of this many bytes came.
        pub fn verdict(&self, bytes: usize) -> Waiting {
            let seen = if bytes == self.bytes { self.seen } else { self.all };
            if seen.time < ENOUGH {
                return Waiting::Unknown;
            }
            let Seen { time, busy, sleeping, polling } = seen;
            let [time, busy, sleeping, polling] =
                [time, busy, sleeping, polling].map(|time| time.as_secs_f64());
            most(time, busy, sleeping, polling)
        }
    }

    impl Thread {
        /// A thread that has just been found. Unless this is the first look, it has started since the
        /// last one: all that the system has counted is new.
        fn new(task: Task, is_first: bool) -> Self {
            let mut thread = Self { task, schedule: None, call: None };
            thread.update();
            if !is_first {
                thread.schedule = thread.schedule.map(|_| Schedule::default());
            }
            thread
        }

        fn is_main(&self) -> bool {
            self.task.pid == self.task.tid
        }

        /// Looks at the thread again. Whether it may have run since.
        fn update(&mut self) -> bool {
            // First what is counted: if it runs after that, the next look finds it.
            let schedule = self.task.schedstat().ok().map(Schedule::from);
            let has_run = schedule.is_none() || schedule != self.schedule;
            if has_run {
                self.schedule = schedule;
                self.call = match self.task.syscall() {
                    Ok(Syscall::Blocked { syscall_number, .. }) => Some(syscall_number),
                    _ => None,
                };
            }
            has_run
        }
    }

    impl From<Schedstat> for Schedule {
        fn from(counted: Schedstat) -> Self {
            let Schedstat { sum_exec_runtime, run_delay, pcount } = counted;
            Self { run: sum_exec_runtime, delay: run_delay, turns: pcount }
        }
    }

    impl Seen {
        fn add(&mut self, time: Duration, busy: Duration, doing: Doing) {
            self.time += time;
            self.busy += busy.min(time);
            match doing {
                Doing::Sleeping => self.sleeping += time,
                Doing::Polling => self.polling += time,
                Doing::Else => {}
            }
        }
    }

    fn doing(threads: &[Thread]) -> Doing {
        let within = |calls: &'static [c_long]| {
            threads
                .iter()
                .filter(move |thread| thread.call.is_some_and(|call| calls.contains(&call)))
        };
        let sleepers: Vec<_> = within(SLEEPS).collect();
        if within(POLLS).next().is_some() {
            Doing::Polling
        } else if matches!(sleepers[..], [thread] if thread.is_main()) {
            // A thread that sleeps beside others, or beside an event loop, does not block.
            Doing::Sleeping
        } else {
            Doing::Else
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
}

pub use platform::Watch;
