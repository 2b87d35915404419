//! Single keys from the terminal, without waiting for the enter key.

use super::Event;
use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
use nix::sys::termios::{
    LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
};
use nix::unistd::read;
use std::io;
use std::sync::mpsc::Sender;
use std::thread;

/// What Ctrl-D sends.
const END: char = '\x04';

/// The terminal, set to give each key at once and to show none. Restored when this is dropped.
pub struct RawTerminal {
    /// As it was.
    before: Termios,
}

impl RawTerminal {
    /// Sets the terminal.
    ///
    /// # Errors
    ///
    /// If standard input is not a terminal.
    pub fn open() -> io::Result<Self> {
        let terminal = Self { before: tcgetattr(io::stdin())? };
        terminal.enter()?;
        Ok(terminal)
    }

    /// Sets it once more, after someone else had it.
    pub fn enter(&self) -> io::Result<()> {
        let mut raw = self.before.clone();
        // Ctrl-C and Ctrl-Z still send signals, and a line feed still begins a line.
        raw.local_flags -= LocalFlags::ICANON | LocalFlags::ECHO;
        raw.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        raw.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        set(&raw)
    }

    /// Stops this process, as Ctrl-Z does, with the terminal as it was before. Returns when the
    /// process is continued.
    pub fn suspend(&self) -> io::Result<()> {
        set(&self.before)?;
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: no code runs on the signal, and the handler that is put back was in use before.
        unsafe {
            let handler = sigaction(Signal::SIGTSTP, &default)?;
            raise(Signal::SIGTSTP)?;
            sigaction(Signal::SIGTSTP, &handler)?;
        }
        self.enter()
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        // There is nothing else to try.
        let _ = set(&self.before);
    }
}

/// A signal can interrupt it: a process in the background is stopped for trying, and tries again in
/// the foreground.
fn set(termios: &Termios) -> io::Result<()> {
    loop {
        match tcsetattr(io::stdin(), SetArg::TCSANOW, termios) {
            Err(Errno::EINTR) => {}
            done => return Ok(done?),
        }
    }
}

/// Sends each key as an event from now on.
pub fn send<Outcome: Send + 'static>(events: Sender<Event<Outcome>>) {
    thread::spawn(move || {
        let mut bytes = [0; 256];
        loop {
            match read(io::stdin(), &mut bytes) {
                Ok(0) => break,
                Ok(length) => {
                    for key in keys(&bytes[..length]) {
                        let _ = events.send(match key {
                            END => Event::NoMoreKeys,
                            key => Event::Key(key),
                        });
                    }
                }
                Err(Errno::EINTR) => {}
                Err(_) => break,
            }
        }
        let _ = events.send(Event::NoMoreKeys);
    });
}

/// The characters that these bytes stand for. Arrows and other keys without a character send an
/// escape and more: they stand for none.
fn keys(bytes: &[u8]) -> impl Iterator<Item = char> {
    let text = if bytes.starts_with(b"\x1b") { "" } else { str::from_utf8(bytes).unwrap_or("") };
    text.chars().map(|key| if key == '\r' { super::ENTER } else { key })
}
