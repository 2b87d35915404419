//! How late the machine is: a measure of its load.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Less than this is not worth a note.
const WORTH_A_NOTE: Duration = Duration::from_millis(1);

/// Notes of what was late, shared by those who take them.
#[derive(Clone, Default)]
pub struct Lag {
    /// When it was noted, and how late it was.
    notes: Arc<Mutex<Vec<(Instant, Duration)>>>,
}

impl Lag {
    /// Notes that something was this late, just now.
    pub fn note(&self, late: Duration) {
        if late >= WORTH_A_NOTE {
            self.notes.lock().expect("nobody panics").push((Instant::now(), late));
        }
    }

    /// The worst lag since this moment, in seconds.
    pub fn worst_since(&self, moment: Instant) -> f64 {
        let notes = self.notes.lock().expect("nobody panics");
        let since = notes.iter().filter(|(noted, _)| *noted >= moment).map(|(_, late)| *late);
        since.max().unwrap_or_default().as_secs_f64()
    }
}
