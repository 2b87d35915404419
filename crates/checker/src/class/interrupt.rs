//! Ends a run early: Ctrl-C and the like.

use super::pool::Event;
use crate::report::shown;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{self, Write};
use std::sync::Once;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

/// The exit code of a run that was stopped.
pub const EXIT_CODE: u8 = 130;

/// How long the run may take to end by itself. Whoever stops it should not have to wait for more than
/// a second.
const PATIENCE: Duration = Duration::from_millis(900);

/// From now on, the first signal to end is sent as an event; soon afterwards, this process ends.
///
/// # Errors
///
/// If the system refuses.
pub fn send(events: Sender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            let _ = events.send(Event::Interrupted);
            thread::sleep(PATIENCE);
            say_how_to_go_on(false);
            std::process::exit(EXIT_CODE.into());
        }
    });
    Ok(())
}

/// Says, once, with which command the run goes on, and whether what is finished has been written for
/// the teacher.
pub fn say_how_to_go_on(is_written: bool) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let words: Vec<_> =
            std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        let but = if is_written { "" } else { ", but is not in grades.csv yet" };
        let _ = writeln!(
            io::stderr(),
            "checker: stopped; what is finished is kept{but}. To continue:\n  {}",
            shown(&words)
        );
    });
}
