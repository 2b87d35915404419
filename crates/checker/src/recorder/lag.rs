//! How late the machine wakes a thread that only sleeps: a measure of its load.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A thread that sleeps again and again, and notes how late it is woken.
pub struct LagMonitor {
    /// When it was woken late, and how late.
    late: Arc<Mutex<Vec<(Instant, Duration)>>>,
    stop: Arc<AtomicBool>,
}

impl LagMonitor {
    const SLEEP: Duration = Duration::from_millis(5);
    const WORTH_A_NOTE: Duration = Duration::from_millis(1);

    pub fn start() -> Self {
        let monitor = Self { late: Arc::default(), stop: Arc::default() };
        let (notes, stop) = (monitor.late.clone(), monitor.stop.clone());
        thread::spawn(move || {
            while !stop.load(Relaxed) {
                let start = Instant::now();
                thread::sleep(Self::SLEEP);
                let late = start.elapsed().saturating_sub(Self::SLEEP);
                if late > Self::WORTH_A_NOTE {
                    notes.lock().expect("nobody panics").push((Instant::now(), late));
                }
            }
        });
        monitor
    }

    /// The worst lag since this moment, in seconds.
    pub fn worst_since(&self, moment: Instant) -> f64 {
        let notes = self.late.lock().expect("nobody panics");
        let since = notes.iter().filter(|(woken, _)| *woken >= moment).map(|(_, late)| *late);
        since.max().unwrap_or_default().as_secs_f64()
    }
}

impl Drop for LagMonitor {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}
