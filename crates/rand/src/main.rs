//! Three coroutines draw random numbers until each has one that is high enough, and wait between
//! their draws.
//!
//! Run it in its folder with `cargo run`. Each coroutine has its own color.

// Colors for a terminal, none for a file or a pipe.
use anstream::println;
use common::{arguments, colors::COLORS, random};
use std::time::Duration;
use tokio::task::JoinError;
use tokio::{spawn, time::sleep, try_join};

async fn makerandom(idx: usize, threshold: u64) -> u64 {
    let color = COLORS[idx];
    println!("{color}Initiated makerandom({idx}).");
    let mut i = random::randint(0, 10);
    while i <= threshold {
        println!("{color}makerandom({idx}) == {i} too low; retrying.");
        sleep(Duration::from_secs(idx as u64 + 1)).await;
        i = random::randint(0, 10);
    }
    println!("{color}---> Finished: makerandom({idx}) == {i}{color:#}");
    i
}

// One thread, as in asyncio: the coroutines draw in the order in which they wake.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), JoinError> {
    sigpipe::reset(); // a closed pipe ends the program, as in C
    let seed = arguments::seed(env!("CARGO_PKG_VERSION"), include_str!("help.txt"));

    random::seed(seed.unwrap_or(444));
    // One task each, as with asyncio.gather; try_join! waits for all, and keeps their order.
    let [r1, r2, r3] = [0, 1, 2].map(|i| spawn(makerandom(i, 10 - i as u64 - 1)));
    let (r1, r2, r3) = try_join!(r1, r2, r3)?;
    println!();
    println!("r1: {r1}, r2: {r2}, r3: {r3}");
    Ok(())
}

#[cfg(test)]
mod tests;
