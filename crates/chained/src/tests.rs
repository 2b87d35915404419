//! Tests on a paused clock: it jumps ahead when every task sleeps, so nothing takes real time and
//! the seconds are exact.

use super::{chain, part1, part2};
use common::random;
use common::testing::unblocked;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Seconds that chains with these numbers take, each as a task of its own, with seed 444.
async fn seconds(numbers: &[i64]) -> u64 {
    random::seed(444);
    let start = Instant::now();
    let chains: JoinSet<_> = numbers.iter().map(|&n| unblocked(chain(n))).collect();
    chains.join_all().await;
    start.elapsed().as_secs()
}

// The draws are 4, 4, 0, 4, 7, 4, 4, 8, ...: first each chain's part1, then each part2 in the
// order in which the part1s return.

#[tokio::test(start_paused = true)]
async fn one_chain_takes_the_sum_of_its_parts() {
    assert_eq!(seconds(&[1]).await, 4 + 4, "seconds of one chain");
}

#[tokio::test(start_paused = true)]
async fn three_chains_take_the_longest_of_their_sums() {
    // Chain 3 is the first to draw for its part2 (4), then come 1 (7) and 2 (4).
    let longest = [4 + 7, 4 + 4, 4].into_iter().max().unwrap();
    assert_eq!(seconds(&[1, 2, 3]).await, longest, "seconds of three chains at the same time");
}

#[tokio::test(start_paused = true)]
async fn no_chains_take_no_time() {
    assert_eq!(seconds(&[]).await, 0, "seconds of no chains");
}

#[tokio::test(start_paused = true)]
async fn each_part_hands_on_its_result() {
    let p1 = unblocked(part1(-3)).await;
    assert_eq!(p1, "result-3-1", "what part1(-3) returned");
    let p2 = unblocked(part2(-3, &p1)).await;
    assert_eq!(p2, "result-3-2 derived from result-3-1", "what part2 returned");
}
