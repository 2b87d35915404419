//! Tests on a paused clock: it jumps ahead when every task sleeps, so nothing takes real time and
//! the seconds are exact.

use super::makerandom;
use common::random;
use common::testing::unblocked;
use tokio::task::JoinSet;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn all_three_take_as_long_as_the_slowest() {
    random::seed(444);
    let start = Instant::now();
    let tasks: JoinSet<_> =
        [0, 1, 2].into_iter().map(|i| unblocked(makerandom(i, 10 - i as u64 - 1))).collect();
    // In completion order: makerandom(1), makerandom(2), makerandom(0).
    assert_eq!(tasks.join_all().await, [10, 9, 10], "their numbers");
    // Twelve waits of one second, two of two, three of three: the longest is 12, the sum 25.
    assert_eq!(start.elapsed().as_secs(), 12, "seconds of all three at the same time");
}

#[tokio::test(start_paused = true)]
async fn a_coroutine_waits_its_index_plus_one_after_each_rejected_draw() {
    // From seed 444 the draws are 4, 4, 0, 4, 7, 4, 4, 8, ...
    for (idx, threshold, waits, result) in [(0, 4, 4, 7), (1, 3, 0, 4), (2, 7, 7, 8)] {
        random::seed(444);
        let start = Instant::now();
        let call = format!("makerandom({idx}, {threshold})");
        assert_eq!(unblocked(makerandom(idx, threshold)).await, result, "the number of {call}");
        let seconds = waits * (idx as u64 + 1);
        assert_eq!(start.elapsed().as_secs(), seconds, "seconds of {call}");
    }
}
