//! The clock of the program. It advances with the CPU time that it uses, and jumps over its
//! waits.

use crate::run::Effort;
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};
use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::io;
use std::time::{Duration, Instant, SystemTime};

/// Nanoseconds since the start of the program, on its own clock.
pub type Moment = i64;
pub const SECOND: i64 = 1_000_000_000;

/// CPU time that a stop costs the program, in nanoseconds, as measured.
const STOP: i64 = 2_500;
/// The CPU clock of a process that is running may lag behind by a tick of the kernel, and then catch up
/// at once: at most this many nanoseconds of CPU time are carried over, to be counted later.
const TICK: i64 = 10_000_000;
/// When a program has read an old time by itself and then printed something, it goes on from there: it is
/// told a time that is earlier than that of the clock by this many nanoseconds at most, until its next
/// wait. Otherwise, of two deadlines that it sets around that line, the second would be milliseconds
/// later than it should be, and tasks would wake in another order.
const BEHIND: i64 = 5_000_000;
/// Two readings in a row differ by this, in nanoseconds, as they do on a real clock.
pub const READING: i64 = 50;
/// A thread that reads the clock this often without a wait, and uses fewer CPU nanoseconds than
/// this for each reading, is waiting for the clock to advance.
const READINGS: u32 = 5_000;
const WORK: i64 = 5_000 + STOP;

/// A thread's readings in a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Readings {
    number: u32,
    /// How much CPU time had been used by the first of them, in nanoseconds.
    since: i64,
}

impl Readings {
    /// Counts some more, when the program has used this much CPU time. Whether the thread waits by
    /// reading the clock, if it has read it often enough to tell.
    pub fn count(&mut self, more: u32, cpu: i64) -> Option<bool> {
        if self.number == 0 {
            self.since = cpu;
        }
        self.number += more;
        if self.number < READINGS {
            return None;
        }
        let spins = cpu - self.since < WORK * i64::from(READINGS);
        *self = Self::default();
        Some(spins)
    }
}

/// The clocks of the system that tell the time. The others count CPU time, which is real.
pub const TELL_TIME: [i32; 9] = [
    nix::libc::CLOCK_REALTIME,
    nix::libc::CLOCK_MONOTONIC,
    nix::libc::CLOCK_MONOTONIC_RAW,
    nix::libc::CLOCK_REALTIME_COARSE,
    nix::libc::CLOCK_MONOTONIC_COARSE,
    nix::libc::CLOCK_BOOTTIME,
    nix::libc::CLOCK_REALTIME_ALARM,
    nix::libc::CLOCK_BOOTTIME_ALARM,
    nix::libc::CLOCK_TAI,
];

pub struct Clock {
    now: Moment,
    /// How much earlier the time is that the program is told, in nanoseconds: see [`BEHIND`].
    behind: i64,
    /// CPU nanoseconds of the program, without what its stops cost.
    work: i64,
    /// When the last jump ended.
    awake: Moment,
    /// What the program had done by the beginning of each jump.
    efforts: Vec<Effort>,
    /// What each clock of the system showed at the start, in nanoseconds.
    starts: [i64; TELL_TIME.len()],
    started: Instant,
    /// Up to when, in real time and in CPU nanoseconds of the program, it has advanced.
    real: Instant,
    cpu: i64,
    /// CPU nanoseconds by which it has yet to advance, as less real time had passed.
    left: i64,
    /// The jumps so far, and the nanoseconds of all of them.
    jumps: Vec<(Moment, Moment)>,
}

impl Clock {
    /// The program begins now, having used this much CPU time, in nanoseconds.
    pub fn begin(cpu: i64) -> Self {
        let starts = TELL_TIME.map(|clock| {
            let reading = clock_gettime(ClockId::from_raw(clock));
            reading.map_or(0, |reading| reading.num_nanoseconds())
        });
        let now = Instant::now();
        Self {
            now: 0,
            behind: 0,
            starts,
            started: now,
            real: now,
            cpu,
            work: 0,
            awake: 0,
            efforts: Vec::new(),
            left: 0,
            jumps: Vec::new(),
        }
    }

    /// CPU nanoseconds that the program has used.
    pub fn cpu(&self) -> i64 {
        self.cpu
    }

    pub fn now(&self) -> Moment {
        self.now
    }

    /// The moment that the program is told.
    pub fn told(&self) -> Moment {
        self.now - self.behind
    }

    /// From now on, it is told the moment that it is.
    pub fn catch_up(&mut self) {
        self.behind = 0;
    }

    /// Advances with the program: `cpu` gives its CPU time so far, in nanoseconds, and `stops`
    /// is how often it was stopped since the last call. It is never faster than real time, and as fast
    /// if `is_real`.
    pub fn go_on(&mut self, cpu: impl FnOnce() -> i64, stops: u32, is_real: bool) {
        // The interval of real time includes that of CPU time, even if this thread loses its core
        // in between.
        let begin = Instant::now();
        let cpu = cpu();
        let real = i64::try_from(self.real.elapsed().as_nanos()).unwrap_or(i64::MAX);
        let used = (cpu - self.cpu - STOP * i64::from(stops)).max(0);
        self.work += used;
        let due = self.left.saturating_add(used);
        let step = if is_real { real } else { real.min(due) };
        self.left = due.saturating_sub(step).clamp(0, TICK);
        self.now = self.now.saturating_add(step);
        (self.real, self.cpu) = (begin, cpu);
    }

    /// Jumps over a wait. Since the last jump, no process has worked for longer than `longest`, in CPU
    /// nanoseconds.
    pub fn jump(&mut self, to: Moment, longest: i64) {
        self.catch_up();
        self.left = 0;
        if to > self.now {
            self.rest(longest);
            self.jumps.push((self.now, to));
            (self.now, self.awake) = (to, to);
        }
    }

    /// Notes what the program has done by now.
    pub fn rest(&mut self, longest: i64) {
        let doubt = (self.now - self.awake - longest).max(0);
        let before = self.efforts.last().map_or(0.0, |effort| effort.doubt);
        self.efforts.push(Effort {
            at: seconds(self.now),
            cpu: seconds(self.work),
            doubt: before + seconds(doubt),
        });
    }

    /// The jumps, and the efforts.
    pub fn finish(self) -> (Vec<(f64, f64)>, Vec<Effort>) {
        let in_seconds = |(from, to)| (seconds(from), seconds(to));
        (self.jumps.into_iter().map(in_seconds).collect(), self.efforts)
    }

    /// The program has read this moment by itself. `goes_on` if it is told the next one from there.
    pub fn reach(&mut self, moment: Moment, goes_on: bool) {
        self.now = self.now.max(moment);
        let since = self.now - moment;
        self.behind = if goes_on { since.min(BEHIND) } else { since.min(self.behind) };
    }

    /// The moment of a reading, which is later than that of the one before.
    pub fn tick(&mut self) -> Moment {
        self.now = self.now.saturating_add(READING);
        self.told()
    }

    /// What this clock of the system shows the program, in nanoseconds.
    pub fn read(&mut self, clock: i32) -> Option<i64> {
        let start = self.start_of(clock)?;
        Some(start.saturating_add(self.tick()))
    }

    /// The moment at which this clock of the system will show this number of nanoseconds.
    pub fn moment(&self, clock: i32, nanoseconds: i64) -> Option<Moment> {
        Some(nanoseconds.saturating_sub(self.start_of(clock)?))
    }

    /// What `CLOCK_REALTIME` showed at the start: the time since 1970.
    pub fn began(&self) -> Duration {
        let nanoseconds = self.start_of(nix::libc::CLOCK_REALTIME).unwrap_or_default();
        Duration::from_nanos(nanoseconds.try_into().unwrap_or_default())
    }

    /// What this clock of the system showed at the start, in nanoseconds.
    pub fn start_of(&self, clock: i32) -> Option<i64> {
        let index = TELL_TIME.iter().position(|known| *known == clock)?;
        Some(self.starts[index])
    }

    /// Real seconds since the start.
    pub fn real_seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

/// The real time as the kernel notes it for new files, which may lag behind its clocks: so a file is
/// created in memory to find out.
pub fn of_files() -> SystemTime {
    let file = memfd_create("time", MemfdFlags::CLOEXEC).map(File::from);
    let time = file.map_err(io::Error::from).and_then(|file| file.metadata()?.modified());
    time.unwrap_or_else(|_| SystemTime::now())
}

/// Nanoseconds in seconds.
pub fn seconds(moment: Moment) -> f64 {
    moment as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_advances_with_cpu_time_and_jumps() {
        let mut clock = Clock::begin(1_000_000);
        std::thread::sleep(Duration::from_millis(2));
        clock.go_on(|| 1_500_000, 0, false);
        assert_eq!(clock.now(), 500_000);
        clock.jump(3_000_000_000, 200_000);
        clock.go_on(|| 1_500_000, 10, false);
        assert_eq!(clock.now(), 3_000_000_000);
        let (jumps, efforts) = clock.finish();
        assert_eq!(jumps, [(0.0005, 3.0)]);
        // Half a millisecond of work, of which more than one process has done some.
        assert_eq!(efforts, [Effort { at: 0.0005, cpu: 0.0005, doubt: 0.0003 }]);
    }

    #[test]
    fn cpu_time_that_is_seen_late_is_not_lost() {
        let mut clock = Clock::begin(0);
        let pause = || std::thread::sleep(Duration::from_millis(2));
        for cpu in [0, 4_000_000, 4_000_000, 8_000_000, 8_000_000, 8_000_000] {
            pause();
            clock.go_on(|| cpu, 0, false);
        }
        assert_eq!(clock.now(), 8_000_000);
    }

    #[test]
    fn the_program_is_told_a_time_that_goes_on_from_what_it_has_read() {
        let mut clock = Clock::begin(0);
        std::thread::sleep(Duration::from_millis(5));
        clock.go_on(|| 4_000_000, 0, false);
        clock.reach(1_000_000, true);
        assert_eq!((clock.now(), clock.told()), (4_000_000, 1_000_000));
        assert_eq!(clock.tick(), 1_000_000 + READING);
        clock.reach(3_000_000, false);
        assert_eq!(clock.told(), 3_000_000, "nor is it told an earlier one");
        clock.catch_up();
        assert_eq!(clock.told(), clock.now());
        std::thread::sleep(Duration::from_millis(17));
        clock.go_on(|| 20_000_000, 0, false);
        clock.reach(5_000_000, true);
        assert_eq!(clock.told(), clock.now() - BEHIND, "but not as far behind as that");
    }

    #[test]
    fn a_thread_that_only_reads_the_clock_is_waiting() {
        let spins = |nanoseconds_between: i64| {
            let mut readings = Readings::default();
            (0..10_000).find_map(|index| readings.count(1, index * nanoseconds_between))
                == Some(true)
        };
        assert!(spins(300));
        assert!(!spins(13_000));
    }

    #[test]
    fn it_is_never_faster_than_real_time() {
        let mut clock = Clock::begin(0);
        clock.go_on(|| i64::MAX / 2, 0, false);
        assert!(clock.now() < 1_000_000_000);
    }
}
