//! How late the machine wakes a thread that only sleeps: the measure of its load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// A thread that sleeps again and again, and remembers by how much it was woken too late.
pub struct LagMonitor {
    worst_nanoseconds: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl LagMonitor {
    const SLEEP: Duration = Duration::from_millis(5);

    pub fn start() -> Self {
        let monitor = Self { worst_nanoseconds: Arc::default(), stop: Arc::default() };
        let (worst, stop) = (monitor.worst_nanoseconds.clone(), monitor.stop.clone());
        thread::spawn(move || {
            while !stop.load(Relaxed) {
                let start = Instant::now();
                thread::sleep(Self::SLEEP);
                let late = start.elapsed().saturating_sub(Self::SLEEP);
                worst.fetch_max(late.as_nanos().try_into().unwrap_or(u64::MAX), Relaxed);
            }
        });
        monitor
    }

    /// Forgets the past: from here on it counts.
    pub fn forget(&self) {
        self.worst_nanoseconds.store(0, Relaxed);
    }

    /// The worst lag since the start or `forget`, in seconds.
    pub fn worst(&self) -> f64 {
        Duration::from_nanos(self.worst_nanoseconds.load(Relaxed)).as_secs_f64()
    }
}

impl Drop for LagMonitor {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}
