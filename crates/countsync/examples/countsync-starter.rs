//! Three counts, each of which blocks: they come one after the other and take three seconds.
//!
//! Yours to write: each gap says what must happen. Run it with `cargo run`.

// For as long as there are gaps: delete this line with the last one.
#![allow(dead_code, unused_imports, unused_variables)]

use common::{arguments, timing::Stopwatch};
use std::thread::sleep;
use std::time::Duration;

fn count() {
    // Print One, block for a second, and print Two.
    common::starter::not_written()
}

fn main() {
    sigpipe::reset(); // a reader that goes away ends the program, as it does in C
    arguments::nothing(env!("CARGO_PKG_VERSION"), include_str!("../src/help.txt"));

    // Run count three times, one after the other. Then print the seconds that this took:
    //     countsync executed in 3.00 seconds.
    common::starter::not_written()
}
