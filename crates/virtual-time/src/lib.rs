//! Runs a program on a clock of its own. While one of its threads runs, the clock advances with the
//! CPU time that the program uses; when all of them wait, the clock jumps to the next deadline. A
//! program that sleeps for three seconds ends in a few milliseconds, yet measures three seconds.
//!
//! What the program prints is timestamped by its own clock, and handed to a [`Watcher`]. A run is
//! believed only if it is closed: every wait is known, and none is for anything outside.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod engine;
mod output;
mod run;
mod terminal;

pub use output::{Capture, Line};
pub use run::{
    Activity, Doing, Effort, Ending, Failure, Limits, Recording, Stream, Watcher, record,
};
pub use terminal::pseudo_terminal;
