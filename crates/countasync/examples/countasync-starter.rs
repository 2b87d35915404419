//! Three coroutines count to two at the same time: it takes one second, not three.
//!
//! Yours to write: a comment at each gap says what must happen there, and `cargo run` names the
//! next gap.

// Needed only while there are gaps: delete this line when the last one is filled.
#![allow(dead_code, unused_imports, unused_variables)]

use common::{arguments, timing::Stopwatch};
use std::time::Duration;
use tokio::task::JoinError;
use tokio::{spawn, time::sleep, try_join};

async fn count() {
    // Print One, let the other counts run for a second, and print Two.
    common::not_written!()
}

// One thread, as in asyncio: the three counts take turns on it, at their `await`s.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), JoinError> {
    sigpipe::reset(); // a closed pipe ends the program, as in C
    arguments::nothing(env!("CARGO_PKG_VERSION"), include_str!("../src/help.txt"));

    // To begin with, one count after another: three seconds. Replace these lines: run all three at
    // the same time, each as a task of its own. When all have ended, print how many seconds that
    // took:
    //     countasync executed in 1.00 seconds.
    for _ in 0..3 {
        count().await;
    }
    common::not_written!()
}

#[cfg(test)]
#[path = "../src/tests.rs"]
mod tests;
