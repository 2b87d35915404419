//! Coroutines that await coroutines: each chain waits for its own parts, and all chains run at
//! once, so that the program takes as long as its longest chain.
//!
//! Yours to write: a comment at each gap says what must happen there, and `cargo run` names the
//! next gap. Or run it with numbers of your own: `cargo run -- 1 2 3`.

// Needed only while there are gaps: delete this line when the last one is filled.
#![allow(dead_code, unused_imports, unused_variables)]

use common::{arguments, random, timing::Stopwatch};
use std::time::Duration;
use tokio::task::JoinError;
use tokio::{spawn, time::sleep};

async fn part1(n: i64) -> String {
    // Draw a random number of seconds, 0 to 10, and print it:
    //     part1(1) sleeping for 4 seconds.
    // Let the others run for that long. Then print the result, and return it:
    //     Returning part1(1) == result1-1.
    common::not_written!()
}

async fn part2(n: i64, arg: &str) -> String {
    // The same, with what part1 returned:
    //     part2(1, 'result1-1') sleeping for 7 seconds.
    //     Returning part2(1, 'result1-1') == result1-2 derived from result1-1.
    common::not_written!()
}

// Already written: it awaits your two coroutines.
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
        arguments::seed_and_numbers(env!("CARGO_PKG_VERSION"), include_str!("../src/help.txt"));
    let numbers = if numbers.is_empty() { vec![1, 2, 3] } else { numbers };

    random::seed(seed.unwrap_or(444));

    // To begin with, one chain after another: 23 seconds. Replace these lines: run all of them at
    // the same time, each as a task of its own, started in the order of the numbers. When all have
    // ended, print how many seconds that took:
    //     Program finished in 11.00 seconds.
    for n in numbers {
        chain(n).await;
    }
    common::not_written!()
}

#[cfg(test)]
#[path = "../src/tests.rs"]
mod tests;
