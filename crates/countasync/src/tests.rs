//! Tests on a paused clock: it jumps ahead when every task sleeps, so nothing takes real time and
//! the seconds are exact.

use super::count;
use common::testing::unblocked;
use tokio::task::JoinSet;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn one_count_takes_a_second() {
    let start = Instant::now();
    unblocked(count()).await;
    assert_eq!(start.elapsed().as_secs(), 1, "seconds from One to Two");
}

#[tokio::test(start_paused = true)]
async fn three_counts_take_a_second_together() {
    let start = Instant::now();
    let counts: JoinSet<_> = [count(), count(), count()].into_iter().map(unblocked).collect();
    counts.join_all().await;
    assert_eq!(start.elapsed().as_secs(), 1, "seconds of three counts at the same time");
}

#[tokio::test(start_paused = true)]
async fn three_counts_one_after_the_other_take_three() {
    let start = Instant::now();
    for _ in 0..3 {
        unblocked(count()).await;
    }
    assert_eq!(start.elapsed().as_secs(), 3, "seconds of three counts, one after another");
}
