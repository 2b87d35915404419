//! A right answer in Rust: three counts, three seconds.

use std::thread::sleep;
use std::time::{Duration, Instant};

fn main() {
    let begin = Instant::now();
    for _ in 0..3 {
        println!("One");
        sleep(Duration::from_secs(1));
        println!("Two");
    }
    println!("countsync executed in {:.2} seconds.", begin.elapsed().as_secs_f64());
}
