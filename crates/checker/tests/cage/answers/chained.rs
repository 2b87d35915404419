//! A right answer in Rust, without tokio: a chain of two waits per argument, in a thread of its own.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

fn part(call: String, result: String, seconds: u64) -> String {
    println!("{call} sleeping for {seconds} seconds.");
    sleep(Duration::from_secs(seconds));
    println!("Returning {call} == {result}.");
    result
}

fn chain(n: u64) {
    let begin = Instant::now();
    let first = part(format!("part1({n})"), format!("result{n}-1"), n % 3);
    let result = format!("result{n}-2 derived from {first}");
    let second = part(format!("part2({n}, '{first}')"), result, 1 + n % 2);
    let took = begin.elapsed().as_secs_f64();
    println!("-->Chained result{n} => {second} (took {took:.2} seconds).");
}

fn main() {
    let words = std::env::args().skip(1);
    let mut numbers: Vec<u64> = words.map(|word| word.parse().expect("a number")).collect();
    if numbers.is_empty() {
        numbers = vec![1, 2, 3];
    }
    let begin = Instant::now();
    scope(|scope| {
        for n in numbers {
            scope.spawn(move || chain(n));
        }
    });
    println!("Program finished in {:.2} seconds.", begin.elapsed().as_secs_f64());
}
