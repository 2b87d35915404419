//! What a blocking call does to the other tasks. This is countasync, except that its count sleeps
//! without an `await`. The three tasks can no longer take turns: three seconds, not one.
//!
//! Run it in the folder of countasync with `cargo run --example blocking`.

use common::timing::Stopwatch;
use std::thread::sleep; // the one that blocks; countasync has tokio::time::sleep
use std::time::Duration;
use tokio::task::JoinError;
use tokio::{spawn, try_join};

async fn count() {
    println!("One");
    sleep(Duration::from_secs(1)); // no await point: no other task gets the thread
    println!("Two");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), JoinError> {
    sigpipe::reset(); // a closed pipe ends the program, as in C

    let stopwatch = Stopwatch::start();
    try_join!(spawn(count()), spawn(count()), spawn(count()))?;
    println!("blocking executed in {stopwatch} seconds.");
    Ok(())
}
