//! Tells a build that hangs, as if a build script slept, from one that works, or that the machine
//! lets wait.

#[cfg(target_os = "linux")]
use crate::recorder::processes::first_below;
use std::time::{Duration, Instant};

/// How often there is a look.
const LOOK: Duration = Duration::from_secs(1);
/// For how many seconds nothing has to happen.
pub const SECONDS: u32 = 60;

/// Each process of a build, and the CPU time that it has used.
type Seen = Vec<(i32, u64)>;

/// Whether a build has been doing anything.
pub struct Idle {
    last_look: Instant,
    seen: Option<Seen>,
    /// In how many looks on end nothing had happened. They are counted, as a clock may go on while the
    /// machine sleeps.
    looks: u32,
}

impl Idle {
    pub fn new() -> Self {
        Self { last_look: Instant::now(), seen: None, looks: 0 }
    }

    /// Whether the build hangs. `most` bounds how many of its processes are looked at.
    pub fn is_hung(&mut self, most: usize) -> bool {
        if self.last_look.elapsed() < LOOK {
            return false;
        }
        self.last_look = Instant::now();
        self.note(waiting(most))
    }

    /// Notes what was seen; none if something is at work.
    fn note(&mut self, seen: Option<Seen>) -> bool {
        let is_same = seen.is_some() && seen == self.seen;
        self.looks = if is_same { self.looks + 1 } else { 0 };
        self.seen = seen;
        self.looks >= SECONDS
    }
}

/// The processes below this one, if all of them wait for something that is not the machine. Cargo
/// alone may wait for its lock, which another cargo holds.
#[cfg(target_os = "linux")]
fn waiting(most: usize) -> Option<Seen> {
    let mut seen = Vec::new();
    for process in first_below(most) {
        for task in process.tasks().ok()? {
            // It runs, wants to, or waits for a disk.
            if matches!(task.ok()?.stat().ok()?.state, 'R' | 'D') {
                return None;
            }
        }
        let stat = process.stat().ok()?;
        seen.push((stat.pid, stat.utime + stat.stime));
    }
    (seen.len() > 1).then_some(seen)
}

#[cfg(not(target_os = "linux"))]
fn waiting(_most: usize) -> Option<Seen> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_hangs_if_nothing_in_it_does_anything_for_a_minute() {
        let asleep = || Some(vec![(1, 100), (2, 7)]);
        let mut idle = Idle::new();
        // The first look has nothing to compare with.
        assert!((0..SECONDS).all(|_| !idle.note(asleep())));
        assert!(idle.note(asleep()));
        for at_work in [None, Some(vec![(1, 100), (2, 8)]), Some(vec![(1, 100), (3, 7)])] {
            let mut idle = Idle::new();
            assert!((0..SECONDS).all(|_| !idle.note(asleep())));
            assert!(!idle.note(at_work));
            assert!((0..SECONDS).all(|_| !idle.note(asleep())), "it counts from the start again");
            assert!(idle.note(asleep()));
        }
    }
}
