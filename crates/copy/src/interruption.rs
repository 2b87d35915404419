//! Signals that stop a copy.
//!
//! A signal only leaves its number here. The copy checks for it between steps, so it always stops
//! where it knows what to clean up.

use crate::Error;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::register_usize;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether a copy has to stop. The default never stops one.
#[derive(Clone, Debug, Default)]
pub struct Interruption {
    /// The number of the last signal, or 0.
    signal: Arc<AtomicUsize>,
}

impl Interruption {
    /// Stops a copy on Ctrl-C, on SIGTERM, and when its terminal is closed.
    ///
    /// # Errors
    ///
    /// If the system does not let the process handle these signals.
    pub fn by_signals() -> io::Result<Self> {
        let interruption = Self::default();
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            register_usize(signal, Arc::clone(&interruption.signal), signal as usize)?;
        }
        Ok(interruption)
    }

    /// The number of the last signal, if one has come.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        match self.signal.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal as i32),
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        self.signal().map_or(Ok(()), |signal| Err(Error::Interrupted(signal)))
    }
}
