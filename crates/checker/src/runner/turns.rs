//! Programs on the virtual clock take turns: they do not wait, so a core is best given to one at a
//! time. Those that run in real time mostly wait, and may do so side by side.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// How long to wait for a turn: whoever takes longer than this may not be using its core.
const LONGEST: Duration = Duration::from_secs(3);

/// How many may run at a time.
#[derive(Clone)]
pub struct Turns(Arc<Shared>);

struct Shared {
    most: usize,
    taken: Mutex<usize>,
    is_given_back: Condvar,
}

/// Is given back when it is dropped.
pub struct Turn(Arc<Shared>);

impl Turns {
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Shared { most, taken: Mutex::new(0), is_given_back: Condvar::new() }))
    }

    /// Waits for a turn, but not for ever.
    pub fn take(&self) -> Turn {
        let Shared { most, is_given_back, .. } = &*self.0;
        let waited =
            is_given_back.wait_timeout_while(self.0.taken(), LONGEST, |taken| *taken >= *most);
        let (mut taken, _) = waited.expect("no panic while it is locked");
        *taken += 1;
        Turn(Arc::clone(&self.0))
    }
}

impl Shared {
    fn taken(&self) -> MutexGuard<'_, usize> {
        self.taken.lock().expect("no panic while it is locked")
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.taken() -= 1;
        self.0.is_given_back.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::thread;

    #[test]
    fn no_more_than_that_run_at_a_time() {
        let turns = Turns::new(2);
        let (first, _second) = (turns.take(), turns.take());
        let (sender, third) = channel();
        thread::spawn(move || sender.send(turns.take()));
        third.recv_timeout(Duration::from_millis(50)).err().expect("it is not its turn");
        drop(first);
        third.recv_timeout(LONGEST).expect("it is its turn");
    }
}
