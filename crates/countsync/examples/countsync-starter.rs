//! Three counts, each of which blocks: they come one after the other and take three seconds.
//!
//! Yours to write: a comment at each gap says what must happen there, and `cargo run` names the
//! next one.

// Needed only while there are gaps: delete this line with the last one.
#![allow(dead_code, unused_imports, unused_variables)]

use common::{arguments, timing::Stopwatch};
use std::thread::sleep;
use std::time::Duration;

fn count() {
    // Print One, block for a second, and print Two.
    common::not_written!()
}

fn main() {
    sigpipe::reset(); // a reader that goes away ends the program, as in C
    arguments::nothing(env!("CARGO_PKG_VERSION"), include_str!("../src/help.txt"));

    // Two counts, for a start. In place of these lines, run three, one after the other, and print
    // the seconds that this took:
    //     countsync executed in 3.00 seconds.
    count();
    count();
    common::not_written!()
}
