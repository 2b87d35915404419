//! Runs a program whose clock is its own. While a thread of it runs, the clock goes on with the CPU
//! time that it uses; when all of them wait, the clock jumps to the next deadline. A program that
//! sleeps three seconds ends in a few milliseconds, and measures three seconds itself.
//!
//! What the program prints is stamped with its own clock, and is handed to a [`Watcher`]. A run is
//! believed only as long as it is closed: every wait is known, and nobody outside is waited for.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod engine;
mod output;
mod run;
mod terminal;

pub use output::{Capture, Line};
pub use run::{Activity, Doing, Ending, Failure, Limits, Recording, Stream, Watcher, record};
pub use terminal::pseudo_terminal;
