//! Three coroutines count to two at the same time: it takes one second, not three.
//!
//! Run it in its folder with `cargo run`, and compare it with countsync.

use common::{arguments, timing::Stopwatch};
use std::time::Duration;
use tokio::task::JoinError;
use tokio::{spawn, time::sleep, try_join};

async fn count() {
    println!("One");
    sleep(Duration::from_secs(1)).await;
    println!("Two");
}

// One thread, as in asyncio: the three counts take turns on it, at their `await`s.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), JoinError> {
    sigpipe::reset(); // a closed pipe ends the program, as in C
    arguments::nothing(env!("CARGO_PKG_VERSION"), include_str!("help.txt"));

    let stopwatch = Stopwatch::start();
    // One task each, as with asyncio.gather: tasks resume in the order in which they wake.
    try_join!(spawn(count()), spawn(count()), spawn(count()))?;
    println!("countasync executed in {stopwatch} seconds.");
    Ok(())
}

#[cfg(test)]
mod tests;
