//! The signals that a terminal program has to obey, as events.

use super::Event;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::{Handle, Signals};
use std::io;
use std::sync::mpsc::Sender;
use std::thread;

/// Signals are sent until this is dropped.
pub struct Sending(Handle);

/// Sends each signal as an event from now on.
pub fn send<Outcome: Send + 'static>(events: &Sender<Event<Outcome>>) -> io::Result<Sending> {
    let mut signals = Signals::new([SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH])?;
    let sending = Sending(signals.handle());
    let events = events.clone();
    thread::spawn(move || {
        for signal in signals.forever() {
            let _ = events.send(Event::Signal(signal));
        }
    });
    Ok(sending)
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.close();
    }
}
