//! Three counts, each of which blocks: they come one after another and take three seconds.
//!
//! Run it in its folder with `cargo run`, and compare it with countasync.

use common::{arguments, timing::Stopwatch};
use std::thread::sleep;
use std::time::Duration;

fn count() {
    println!("One");
    sleep(Duration::from_secs(1));
    println!("Two");
}

fn main() {
    sigpipe::reset(); // a closed pipe ends the program, as in C
    arguments::nothing(env!("CARGO_PKG_VERSION"), include_str!("help.txt"));

    let stopwatch = Stopwatch::start();
    for _ in 0..3 {
        count();
    }
    println!("countsync executed in {stopwatch} seconds.");
}
