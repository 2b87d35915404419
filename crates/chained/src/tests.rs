//! The proof on a paused clock: time goes on only when every task sleeps, so nothing waits, and
//! the seconds are exact.

use super::{chain, part1, part2};
use common::random;
use tokio::spawn;
use tokio::time::Instant;

/// Seconds that chains of these numbers take, each as a task of its own, from seed 444.
async fn seconds(numbers: &[i64]) -> u64 {
    random::seed(444);
    let start = Instant::now();
    let chains: Vec<_> = numbers.iter().map(|&n| spawn(chain(n))).collect();
    for chain in chains {
        chain.await.unwrap();
    }
    start.elapsed().as_secs()
}

// The draws are 4, 4, 0, 4, 7, 4, 4, 8, ...: first each chain's part1, then each part2 in the
// order in which the part1s return.

#[tokio::test(start_paused = true)]
async fn one_chain_takes_the_sum_of_its_parts() {
    assert_eq!(seconds(&[1]).await, 4 + 4);
}

#[tokio::test(start_paused = true)]
async fn three_chains_take_the_longest_of_their_sums() {
    // Chain 3 is the first to draw for its part2 (4), then come 1 (7) and 2 (4).
    assert_eq!(seconds(&[1, 2, 3]).await, [4 + 7, 4 + 4, 4].into_iter().max().unwrap());
}

#[tokio::test(start_paused = true)]
async fn no_chains_take_no_time() {
    assert_eq!(seconds(&[]).await, 0);
}

#[tokio::test(start_paused = true)]
async fn each_part_hands_on_its_result() {
    let p1 = part1(-3).await;
    assert_eq!(p1, "result-3-1");
    assert_eq!(part2(-3, &p1).await, "result-3-2 derived from result-3-1");
}
