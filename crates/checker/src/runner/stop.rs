//! Ends work early.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

/// Ends work on other threads early. A clone is the same stop; a default one has not been set yet.
///
/// ```
/// use checker::runner::Stop;
///
/// let stop = Stop::default();
/// let same = stop.clone();
/// assert!(!same.is_stopped());
/// stop.stop();
/// assert!(same.is_stopped());
/// ```
#[derive(Clone, Default)]
pub struct Stop(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_stopped: bool,
    is_before_end: bool,
    /// What to do then.
    actions: Vec<Box<dyn FnOnce() + Send>>,
}

impl Stop {
    /// One that is set before this process ends, even by Ctrl-C: what it stops need not hear of that
    /// from the terminal.
    #[must_use]
    pub fn before_end() -> Self {
        let stop = Self::default();
        stop.state().is_before_end = true;
        stop
    }

    #[must_use]
    pub fn is_before_end(&self) -> bool {
        self.state().is_before_end
    }

    /// Ends the work, now and for good. Does not wait for its end.
    pub fn stop(&self) {
        let mut state = self.state();
        state.is_stopped = true;
        let actions = std::mem::take(&mut state.actions);
        drop(state);
        for action in actions {
            action();
        }
    }

    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.state().is_stopped
    }

    /// Does this when the work is to end, or at once if that has been said.
    pub fn when_stopped(&self, action: impl FnOnce() + Send + 'static) {
        let mut state = self.state();
        if state.is_stopped {
            drop(state);
            action();
        } else {
            state.actions.push(Box::new(action));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no panic while it is locked")
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Stop({})", self.is_stopped())
    }
}
