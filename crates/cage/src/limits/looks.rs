//! Looks again and again at how much of the machine a program takes: for limits that the kernel
//! does not enforce on all processes together, or enforces without saying so.

use super::added::Added;
use super::memory;
use super::open::Open;
use super::walk::{Found, Walk};
use super::{Limit, Limits};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::statvfs::statvfs;
use nix::sys::time::TimeValLike;
use procfs::process::{Process, Stat, StatFlags};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How soon there is another look. Until then, a program can fill some 100 MB of memory.
const SOON: Duration = Duration::from_millis(20);
/// How soon if looks take long.
const LATER: Duration = Duration::from_millis(50);
/// The time until the next look is this many times what a look takes, within these bounds.
const SHARE: u32 = 100;

/// Processes that have ended, but that nobody has waited for. They take next to nothing, so a program
/// may forget about some. Many more than that are a program that never stops.
pub const MOST_ENDED: usize = 1000;

/// What counts as CPU time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CpuTime {
    All,
    /// Only what the program computes itself: tracing makes what the system does for it take
    /// longer.
    User,
}

/// Looks at the descendants of this process.
pub struct Looks {
    limits: Limits,
    folder: PathBuf,
    counts: CpuTime,
    /// CPU seconds of the children that had been reaped before.
    before: f64,
    /// The same, with what the system did for them.
    all_before: f64,
    lost: Lost,
    added: Added,
    next: Instant,
}

/// CPU time of processes that have ended while their parent ignores that: the system counts it for
/// nobody. It shows as less than there was before.
#[derive(Default)]
struct Lost {
    /// The most that was seen, and what was seen last, without what had been lost by then.
    most: f64,
    last: f64,
    lost: f64,
}

impl Lost {
    /// Adds what was lost to the CPU seconds that are seen now. Whoever has ended between a look at
    /// its parent and one at itself is missing only this once.
    fn add_to(&mut self, now: f64) -> f64 {
        let most = now.max(self.last);
        self.lost += (self.most - most).max(0.0);
        (self.most, self.last) = (most, now);
        most + self.lost
    }
}

impl Looks {
    /// Begins before the program is started. `folder` is its private folder; `others` are those
    /// outside that it may write to.
    #[must_use]
    pub fn new(limits: Limits, folder: PathBuf, others: &[PathBuf], counts: CpuTime) -> Self {
        let before = cpu_of_reaped(counts);
        let all_before = cpu_of_reaped(CpuTime::All);
        let (lost, added) = (Lost::default(), Added::new(others));
        let next = Instant::now() + SOON;
        Self { limits, folder, counts, before, all_before, lost, added, next }
    }

    /// How many processes have to be listed to see whether there are more than `most` processes and
    /// threads: some of those listed may have ended.
    #[must_use]
    pub fn enough(most: u32) -> usize {
        MOST_ENDED + most as usize + 1
    }

    /// Looks, if it is time to. Returns the limit that the program has hit, if any. `below` lists
    /// descendants of this process, no more than the number that it is given.
    pub fn look(&mut self, below: impl FnOnce(usize) -> Vec<Process>) -> Option<Limit> {
        let start = Instant::now();
        if start < self.next {
            return None;
        }
        let processes = below(Self::enough(self.limits.processes)).into_iter();
        // One may have ended.
        let with_stat = |process: Process| process.stat().ok().map(|stat| (process, stat));
        let processes: Vec<_> = processes.filter_map(with_stat).collect();
        // First the quick ones: soon, those that are too many may have ended.
        let hit = self.of_processes(&processes).or_else(|| {
            let living: Vec<_> = processes.into_iter().map(by_a_living_thread).collect();
            let open = Open::by(&living);
            let memory = self.limits.memory;
            let is_over = memory::is_more_than(memory, &living, &open);
            is_over.then_some(Limit::Memory(memory)).or_else(|| self.of_folder(&open))
        });
        let hit = hit.or_else(|| self.added.look(&self.limits));
        self.next = Instant::now() + (start.elapsed() * SHARE).clamp(SOON, LATER);
        hit
    }

    /// Looks at the files that the program has left: it may have ended because of a limit.
    #[must_use]
    pub fn look_at_the_end(&self) -> Option<Limit> {
        self.of_folder(&Open::default()).or_else(|| self.added.look_at_the_end(&self.limits))
    }

    /// How much of the CPU time that it may take those have taken that have been reaped: the kernel may
    /// have ended one for it.
    #[must_use]
    pub fn part_of_cpu_time(&self) -> f64 {
        (cpu_of_reaped(CpuTime::All) - self.all_before) / f64::from(self.limits.cpu)
    }

    fn of_processes(&mut self, processes: &[(Process, Stat)]) -> Option<Limit> {
        let (mut count, mut cpu) = (Count::default(), cpu_of_reaped(self.counts) - self.before);
        for (_, stat) in processes {
            count.add(stat);
            let ticks = match self.counts {
                CpuTime::All => (stat.utime + stat.stime).cast_signed() + stat.cutime + stat.cstime,
                CpuTime::User => stat.utime.cast_signed() + stat.cutime,
            };
            cpu += ticks as f64 / procfs::ticks_per_second() as f64;
        }
        let cpu = self.lost.add_to(cpu);
        let Limits { processes: most, cpu: seconds, .. } = self.limits;
        let all = processes.iter().map(|(process, _)| process);
        if count.is_more_than(most) && threads(all) > most.into() {
            return Some(Limit::Processes(most));
        }
        (cpu > f64::from(seconds)).then_some(Limit::Cpu(seconds))
    }

    fn of_folder(&self, open: &Open) -> Option<Limit> {
        let Limits { file, folder, files, .. } = self.limits;
        let system = statvfs(&self.folder).ok()?;
        let block = system.fragment_size();
        // If it has a file system of its own, as large as the limit and one block, the kernel counts.
        let has_its_own = system.blocks() * block < folder + 2 * block;
        if has_its_own {
            if system.blocks_free() == 0 {
                return Some(Limit::Folder(folder));
            }
            if system.files() > 0 && system.files_free() == 0 {
                return Some(Limit::Files(files));
            }
            if (system.blocks() - system.blocks_free()) * block <= file {
                return None;
            }
        }
        let (mut number, mut bytes) = (0, 0);
        if !has_its_own {
            let device = self.folder.metadata().map(|folder| folder.dev()).ok()?;
            bytes = open.removed_on(device);
        }
        for found in Walk::of(&self.folder) {
            if bytes > folder {
                return Some(Limit::Folder(folder));
            }
            number += 1;
            if (number > files || matches!(found, Found::TooDeep)) && !has_its_own {
                return Some(Limit::Files(files));
            }
            let Found::There(metadata) = found else { continue };
            // The kernel lets it grow by one byte more.
            if metadata.is_file() && metadata.len() > file {
                return Some(Limit::File(file));
            }
            bytes += metadata.blocks() * 512;
        }
        (bytes > folder).then_some(Limit::Folder(folder))
    }
}

/// The same process, seen by a thread that lives, if its main thread has ended before the others: what a
/// process holds is seen by none that has ended.
fn by_a_living_thread((process, stat): (Process, Stat)) -> Process {
    if stat.num_threads <= 1 || !matches!(stat.state, 'Z' | 'X') {
        return process;
    }
    let mut tasks = process.tasks().into_iter().flatten().flatten();
    let lives = |stat: Stat| !matches!(stat.state, 'Z' | 'X');
    let living = tasks.find(|task| task.stat().is_ok_and(lives));
    living.and_then(|task| Process::new(task.tid).ok()).unwrap_or(process)
}

/// How many threads of these processes live. If too many of them have ended, that is more than any
/// limit.
#[must_use]
pub fn threads<'a>(processes: impl IntoIterator<Item = &'a Process>) -> u64 {
    let (mut count, mut threads) = (Count::default(), 0);
    for process in processes {
        let Ok(stat) = process.stat() else { continue };
        count.add(&stat);
        threads += living(process, &stat);
    }
    if count.ended > MOST_ENDED { u64::MAX } else { threads }
}

/// How many threads of this process live.
fn living(process: &Process, stat: &Stat) -> u64 {
    if stat.num_threads <= 1 {
        return u64::from(!has_ended(stat));
    }
    let tasks = process.tasks().into_iter().flatten().flatten();
    tasks.filter(|task| task.stat().is_ok_and(|stat| !has_ended(&stat))).count() as u64
}

/// Whether a thread has ended, even if it is still there: others may have been told already.
pub fn has_ended(stat: &Stat) -> bool {
    stat.flags & StatFlags::PF_EXITING.bits() != 0
}

/// Counts processes and threads, in the same way on both clocks.
#[derive(Default)]
struct Count {
    /// Those that live.
    threads: u64,
    /// Processes that have ended, but have not been reaped.
    ended: usize,
}

impl Count {
    fn add(&mut self, process: &Stat) {
        let threads = process.num_threads.max(1).cast_unsigned();
        let main_has_ended = matches!(process.state, 'Z' | 'X');
        self.threads += threads - u64::from(main_has_ended);
        // Its other threads may live on.
        self.ended += usize::from(main_has_ended && threads == 1);
    }

    fn is_more_than(&self, most: u32) -> bool {
        self.threads > u64::from(most) || self.ended > MOST_ENDED
    }
}

/// CPU seconds of all children that have been reaped, and of theirs.
fn cpu_of_reaped(counts: CpuTime) -> f64 {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else { return 0.0 };
    let time = match counts {
        CpuTime::All => usage.user_time() + usage.system_time(),
        CpuTime::User => usage.user_time(),
    };
    time.num_microseconds() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::os::unix::fs::symlink;
    use std::process::Command;
    use tempfile::{TempDir, tempdir};

    fn just_begun(limits: Limits) -> (Looks, TempDir) {
        let folder = tempdir().expect("a folder");
        (Looks::new(limits, folder.path().into(), &[], CpuTime::All), folder)
    }

    /// It is time for the first look.
    fn looks(limits: Limits) -> (Looks, TempDir) {
        let (looks, folder) = just_begun(limits);
        (Looks { next: Instant::now(), ..looks }, folder)
    }

    fn me(_enough: usize) -> Vec<Process> {
        vec![Process::myself().expect("/proc")]
    }

    #[test]
    fn what_is_within_the_limits_is_fine() {
        let (mut looks, folder) = looks(Limits::default());
        fs::write(folder.path().join("file"), "text").expect("a file");
        assert_eq!(looks.look(me), None);
        assert_eq!(looks.look_at_the_end(), None);
    }

    #[test]
    fn processes_hit_limits_on_memory_cpu_time_and_threads() {
        let hit = |limits| looks(limits).0.look(me);
        let default = Limits::default();
        assert_eq!(hit(Limits { memory: 1 << 10, ..default }), Some(Limit::Memory(1 << 10)));
        assert_eq!(hit(Limits { processes: 0, ..default }), Some(Limit::Processes(0)));
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(50) {}
        assert_eq!(hit(Limits { cpu: 0, ..default }), Some(Limit::Cpu(0)));
    }

    #[test]
    fn processes_that_have_ended_count_only_if_they_are_very_many() {
        let mut child = Command::new("true").spawn().expect("it is there");
        let ended = Process::new(child.id().cast_signed()).expect("nobody has waited for it");
        while ended.stat().expect("it is there").state != 'Z' {}
        let all = |number| (0..number).map(|_| Process::new(ended.pid).expect("there")).collect();
        let none = Limits { processes: 0, ..Limits::default() };
        assert_eq!(looks(none).0.look(|_| all(MOST_ENDED)), None);
        assert_eq!(looks(none).0.look(|_| all(MOST_ENDED + 1)), Some(Limit::Processes(0)));
        assert_eq!((threads(&all(2)), threads(&all(MOST_ENDED + 1))), (0, u64::MAX));
        child.wait().expect("it is ours");
    }

    #[test]
    fn threads_count_even_if_the_main_one_has_ended() {
        let mut stat = Process::myself().and_then(|me| me.stat()).expect("/proc");
        (stat.state, stat.num_threads) = ('Z', 65);
        let mut count = Count::default();
        count.add(&stat);
        assert_eq!((count.threads, count.ended), (64, 0));
        assert!(count.is_more_than(63) && !count.is_more_than(64));
    }

    #[test]
    fn looks_are_some_time_apart() {
        let none = Limits { processes: 0, ..Limits::default() };
        let (mut looks, _folder) = looks(none);
        assert_eq!(looks.look(me), Some(Limit::Processes(0)));
        assert_eq!(looks.look(me), None, "it is too soon");
        let (mut looks, _folder) = just_begun(none);
        looks.next -= SOON;
        assert_eq!(looks.look(me), Some(Limit::Processes(0)), "the first one is as far away");
    }

    #[test]
    fn the_private_folder_has_limits() {
        let (looks, folder) =
            looks(Limits { file: 4 << 20, folder: 8 << 20, files: 4, ..Limits::default() });
        let make = |name: &str, bytes: usize| {
            fs::write(folder.path().join(name), vec![1; bytes]).expect("a file");
        };
        make("one", 3 << 20);
        make("other", 3 << 20);
        symlink("/usr", folder.path().join("elsewhere")).expect("a link");
        assert_eq!(looks.look_at_the_end(), None, "what a link leads to does not count");
        make("third", 3 << 20);
        assert_eq!(looks.look_at_the_end(), Some(Limit::Folder(8 << 20)));
        make("third", 0);
        make("other", 4 << 20);
        assert_eq!(looks.look_at_the_end(), None, "exactly the limit");
        make("other", (4 << 20) + 1);
        assert_eq!(looks.look_at_the_end(), Some(Limit::File(4 << 20)));
        make("other", 0);
        make("fifth", 0);
        assert_eq!(looks.look_at_the_end(), Some(Limit::Files(4)));
    }

    #[test]
    fn a_sparse_file_takes_what_it_holds() {
        let (looks, folder) = looks(Limits { folder: 8 << 20, ..Limits::default() });
        let file = File::create(folder.path().join("sparse")).expect("a file");
        file.set_len(60 << 20).expect("its length");
        assert_eq!(looks.look_at_the_end(), None);
    }
}
