//! Three counts, each of which blocks: they come one after another and take three seconds.
//!
//! Yours to write: a comment at each gap says what must happen there, and `cargo run` names the
//! next gap.

// Needed only while there are gaps: delete this line when the last one is filled.
#![allow(dead_code, unused_imports, unused_variables)]

use common::{arguments, timing::Stopwatch};
use std::thread::sleep;
use std::time::Duration;

fn count() {
    // Print One, block for a second, and print Two.
    common::not_written!()
}

fn main() {
    sigpipe::reset(); // a closed pipe ends the program, as in C
    arguments::nothing(env!("CARGO_PKG_VERSION"), include_str!("../src/help.txt"));

    // To begin with, two counts. Replace these lines: run three, one after another, and print how
    // many seconds that took:
    //     countsync executed in 3.00 seconds.
    count();
    count();
    common::not_written!()
}
