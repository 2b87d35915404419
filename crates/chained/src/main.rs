//! Coroutines that await coroutines: each chain waits for its own parts, and all chains run at
//! once, so that the program takes as long as its longest chain.
//!
//! Run it in its folder with `cargo run`, or with numbers of your own: `cargo run -- 1 2 3`.

use common::{arguments, random, timing::Stopwatch};
use std::time::Duration;
use tokio::task::JoinError;
use tokio::{spawn, time::sleep};

async fn part1(n: i64) -> String {
    let i = random::randint(0, 10);
    println!("part1({n}) sleeping for {i} seconds.");
    sleep(Duration::from_secs(i)).await;
    let result = format!("result{n}-1");
    println!("Returning part1({n}) == {result}.");
    result
}

async fn part2(n: i64, arg: &str) -> String {
    let i = random::randint(0, 10);
    println!("part2({n}, '{arg}') sleeping for {i} seconds.");
    sleep(Duration::from_secs(i)).await;
    let result = format!("result{n}-2 derived from {arg}");
    println!("Returning part2({n}, '{arg}') == {result}.");
    result
}

async fn chain(n: i64) {
    let stopwatch = Stopwatch::start();
    let p1 = part1(n).await;
    let p2 = part2(n, &p1).await;
    println!("-->Chained result{n} => {p2} (took {stopwatch} seconds).");
}

// One thread, as in asyncio: the chains take turns on it, at their `await`s.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), JoinError> {
    sigpipe::reset(); // a closed pipe ends the program, as in C
    let (seed, numbers) =
        arguments::seed_and_numbers(env!("CARGO_PKG_VERSION"), include_str!("help.txt"));
    let numbers = if numbers.is_empty() { vec![1, 2, 3] } else { numbers };

    random::seed(seed.unwrap_or(444));
    let stopwatch = Stopwatch::start();
    // One task each, as with asyncio.gather; all are spawned before the first await.
    let chains: Vec<_> = numbers.into_iter().map(|n| spawn(chain(n))).collect();
    for chain in chains {
        chain.await?;
    }
    println!("Program finished in {stopwatch} seconds.");
    Ok(())
}

#[cfg(test)]
mod tests;
