//! What the recorded program does while it waits, as far as the system tells: whether its threads
//! run, are ready to run, or wait, and in which system call. Only Linux tells.

#[cfg(not(target_os = "linux"))]
mod platform {
    use crate::recorder::lag::Lag;
    use crate::recording::Waiting;
    use std::time::Instant;
    use virtual_time::Activity;

    pub struct Watch;

    impl Watch {
        pub fn new(_start: Instant, _lag: &Lag) -> Self {
            Self
        }

        pub fn look(&mut self, _bytes: usize) -> bool {
            false
        }

        pub fn close(&mut self) {}

        pub fn verdict(&self, _bytes: usize) -> Waiting {
            Waiting::Unknown
        }

        pub fn activities(&self) -> Vec<Activity> {
            Vec::new()
        }
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use crate::recorder::activities::{Kept, most};
    use crate::recorder::lag::Lag;
    use crate::recorder::looks::{Look, between};
    use crate::recorder::processes::{MOST, first_below};
    use crate::recording::Waiting;
    use nix::libc::{self, c_long};
    use procfs::ProcError;
    use procfs::process::{Schedstat, Syscall, Task};
    use std::time::{Duration, Instant};
    use virtual_time::{Activity, Doing};

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
        /// When the program was started.
        start: Instant,
        lag: Lag,
        threads: Vec<Thread>,
        /// When they were listed, and whether one of them has run since.
        listed: Option<Instant>,
        is_stale: bool,
        /// When it looked last, and what it saw.
        looked: Option<Instant>,
        waiting: Waiting,
        /// How many bytes had come at the last look.
        bytes: usize,
        /// What was seen until bytes last came, and what has been seen in all: after its last line,
        /// a program no longer waits for anything but its end.
        seen: Seen,
        all: Seen,
        kept: Kept,
    }

    struct Thread {
        task: Task,
        /// Nothing if the system does not count.
        schedule: Option<Schedule>,
        /// Nothing if the system does not tell.
        doing: Option<Doing>,
        /// The last look at it, if the system told.
        looked: Option<Look>,
    }

    /// For how many nanoseconds a thread has run and has waited for a core, and how often it got
    /// one. If all are the same as before, it has not run.
    #[derive(Clone, Copy, Default, PartialEq)]
    struct Schedule {
        run: u64,
        delay: u64,
        turns: u64,
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
        pub fn new(start: Instant, lag: &Lag) -> Self {
            Self {
                start,
                lag: lag.clone(),
                threads: Vec::new(),
                listed: None,
                is_stale: true,
                looked: None,
                waiting: Waiting::Unknown,
                bytes: 0,
                seen: Seen::default(),
                all: Seen::default(),
                kept: Kept::default(),
            }
        }

        /// One look, when the program has written this many bytes. Whether a thread has run since
        /// the last one.
        pub fn look(&mut self, bytes: usize) -> bool {
            let time = self.looked.map_or(Duration::ZERO, |looked| looked.elapsed());
            self.looked = Some(Instant::now());
            let (has_run, busy) = self.update();
            self.all.add(time, busy, self.waiting);
            if bytes != self.bytes {
                (self.bytes, self.seen) = (bytes, self.all);
            }
            self.is_stale |= has_run;
            let age = if self.is_stale { LIST } else { LIST_ANYWAY };
            if self.listed.is_none_or(|listed| listed.elapsed() > age) {
                self.list();
            }
            self.waiting = waiting(&self.threads);
            has_run
        }

        /// Whether a thread has run since the last look, and for how long a main thread ran or
        /// waited for a core: other threads of a virtual machine may compile or clean up.
        fn update(&mut self) -> (bool, Duration) {
            let at = self.start.elapsed().as_secs_f64();
            let (mut has_run, mut busy) = (false, 0);
            for thread in &mut self.threads {
                let before = thread.schedule;
                let ran = if thread.update() {
                    has_run = true;
                    let counted = thread.schedule.zip(before);
                    let (run, delay) = counted.map_or((0, 0), |(now, before)| now.since(before));
                    self.lag.note(Duration::from_nanos(delay));
                    run + delay
                } else {
                    0
                };
                if thread.is_main() {
                    busy = busy.max(ran);
                }
                let ran = Duration::from_nanos(ran).as_secs_f64();
                thread.did_until(at, ran).for_each(|activity| self.kept.add(activity));
            }
            (has_run, Duration::from_nanos(busy))
        }

        fn list(&mut self) {
            let is_first = self.listed.is_none();
            let at = self.start.elapsed().as_secs_f64();
            (self.listed, self.is_stale) = (Some(Instant::now()), false);
            let mut known = std::mem::take(&mut self.threads);
            let tasks = first_below(MOST).into_iter().flat_map(|process| process.tasks());
            for task in tasks.flatten().flatten().take(THREADS) {
                let index = known.iter().position(|thread| thread.task.tid == task.tid);
                self.threads.push(match index {
                    Some(index) => known.swap_remove(index),
                    None => Thread::new(task, at, is_first),
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

        /// What each thread did from the first look to the last, in seconds after the start.
        pub fn activities(&self) -> Vec<Activity> {
            self.kept.activities()
        }
    }

    impl Thread {
        /// A thread that has just been found. Unless this is the first look, it has started since the
        /// last one: all that the system has counted is new.
        fn new(task: Task, at: f64, is_first: bool) -> Self {
            let mut thread = Self { task, schedule: None, doing: None, looked: None };
            thread.update();
            thread.looked = thread.look(at);
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
                self.doing = match self.task.syscall() {
                    Ok(Syscall::Blocked { syscall_number, .. }) => Some(doing_in(syscall_number)),
                    // In no system call: it runs, waits for its memory, or has ended. `procfs` cannot
                    // read what the system says of the last two.
                    Ok(Syscall::Running) | Err(ProcError::InternalError(_)) => Some(Doing::Runs),
                    _ => None,
                };
            }
            has_run
        }

        fn look(&self, at: f64) -> Option<Look> {
            self.schedule.and(self.doing).map(|doing| Look { at, doing })
        }

        /// What it did since the last look at it, for `ran` seconds of which it ran, or waited for a
        /// core. Nothing if the system does not tell.
        fn did_until(&mut self, at: f64, ran: f64) -> impl Iterator<Item = Activity> + use<> {
            let (process, thread) = (self.task.pid, self.task.tid);
            let look = self.look(at);
            let looks = std::mem::replace(&mut self.looked, look).zip(look);
            let did = looks.map(|(before, now)| between(before, now, ran));
            did.into_iter().flatten().map(move |(doing, from, to)| Activity {
                process,
                thread,
                doing,
                from,
                to,
            })
        }
    }

    impl Schedule {
        /// For how many nanoseconds more the thread has run, and has waited for a core.
        fn since(self, before: Self) -> (u64, u64) {
            (self.run.saturating_sub(before.run), self.delay.saturating_sub(before.delay))
        }
    }

    impl From<Schedstat> for Schedule {
        fn from(counted: Schedstat) -> Self {
            let Schedstat { sum_exec_runtime, run_delay, pcount } = counted;
            Self { run: sum_exec_runtime, delay: run_delay, turns: pcount }
        }
    }

    impl Seen {
        fn add(&mut self, time: Duration, busy: Duration, waiting: Waiting) {
            self.time += time;
            self.busy += busy.min(time);
            match waiting {
                Waiting::Sleeping => self.sleeping += time,
                Waiting::Polling => self.polling += time,
                Waiting::Busy | Waiting::Unknown => {}
            }
        }
    }

    /// What the program waits in, as far as that matters.
    fn waiting(threads: &[Thread]) -> Waiting {
        let within =
            |doing| threads.iter().filter(move |thread: &&Thread| thread.doing == Some(doing));
        let sleepers: Vec<_> = within(Doing::Sleeps).collect();
        if within(Doing::Polls).next().is_some() {
            Waiting::Polling
        } else if matches!(sleepers[..], [thread] if thread.is_main()) {
            // A thread that sleeps beside others, or beside an event loop, does not block.
            Waiting::Sleeping
        } else {
            Waiting::Unknown
        }
    }

    /// What a thread does that has stopped in this system call.
    fn doing_in(call: c_long) -> Doing {
        match call {
            _ if SLEEPS.contains(&call) => Doing::Sleeps,
            _ if POLLS.contains(&call) => Doing::Polls,
            _ => Doing::Waits,
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
