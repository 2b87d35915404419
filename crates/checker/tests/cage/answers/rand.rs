//! A right answer in Rust, without tokio: three threads, each at its own pace.

use std::thread::{sleep, spawn};
use std::time::Duration;

const DRAWS: [&[u8]; 3] = [&[4, 10], &[4, 7, 9], &[0, 8]];
const COLORS: [u8; 3] = [36, 91, 35];

fn makerandom(index: u8) -> u8 {
    let (color, mut draws) = (COLORS[usize::from(index)], DRAWS[usize::from(index)].iter());
    println!("\x1b[{color}mInitiated makerandom({index}).");
    loop {
        let number = *draws.next().expect("the last one is high enough");
        if number > 9 - index {
            println!("\x1b[{color}m---> Finished: makerandom({index}) == {number}\x1b[0m");
            return number;
        }
        println!("\x1b[{color}mmakerandom({index}) == {number} too low; retrying.");
        sleep(Duration::from_secs(u64::from(index) + 1));
    }
}

fn main() {
    let threads = [0, 1, 2].map(|index| spawn(move || makerandom(index)));
    let [first, second, third] = threads.map(|thread| thread.join().expect("no panic"));
    println!("\nr1: {first}, r2: {second}, r3: {third}");
}
