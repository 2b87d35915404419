//! A right answer in Rust, without tokio: three threads, one second.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

fn count() {
    println!("One");
    sleep(Duration::from_secs(1));
    println!("Two");
}

fn main() {
    let begin = Instant::now();
    scope(|scope| {
        for _ in 0..3 {
            scope.spawn(count);
        }
    });
    println!("countasync executed in {:.2} seconds.", begin.elapsed().as_secs_f64());
}
