//! Three coroutines draw random numbers until each has one that is high enough, and wait between
//! their draws.
//!
//! Yours to write: a comment at each gap says what must happen there, and `cargo run` names the
//! next gap.

// Needed only while there are gaps: delete this line when the last one is filled.
#![allow(dead_code, unused_imports, unused_variables)]

// Colors for a terminal, none for a file or a pipe.
use anstream::println;
use common::{arguments, colors::COLORS, random};
use std::time::Duration;
use tokio::task::JoinError;
use tokio::{spawn, time::sleep, try_join};

async fn makerandom(idx: usize, threshold: u64) -> u64 {
    // Print, in the color of this index:
    //     Initiated makerandom(0).
    // Draw a random number from 0 to 10. As long as it is not above the threshold, say so in the
    // same color, let the others run for idx + 1 seconds, and draw again:
    //     makerandom(0) == 4 too low; retrying.
    // Finally, print the number, reset the color, and return the number:
    //     ---> Finished: makerandom(0) == 10
    common::not_written!()
}

// One thread, as in asyncio: the coroutines draw in the order in which they wake.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), JoinError> {
    sigpipe::reset(); // a closed pipe ends the program, as in C
    let seed = arguments::seed(env!("CARGO_PKG_VERSION"), include_str!("../src/help.txt"));

    random::seed(seed.unwrap_or(444));

    // To begin with, one coroutine after another: 23 seconds. Replace these lines: run all three at
    // the same time, each as a task of its own. When all have ended, print an empty line, then what
    // they returned:
    //     r1: 10, r2: 10, r3: 9
    makerandom(0, 9).await;
    makerandom(1, 8).await;
    makerandom(2, 7).await;
    common::not_written!()
}

#[cfg(test)]
#[path = "../src/tests.rs"]
mod tests;
