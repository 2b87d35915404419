//! The proof on a paused clock: time goes on only when every task sleeps, so nothing waits, and
//! the seconds are exact.

use super::count;
use std::time::Duration;
use tokio::time::Instant;
use tokio::{spawn, try_join};

#[tokio::test(start_paused = true)]
async fn one_count_takes_a_second() {
    let start = Instant::now();
    count().await;
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn three_counts_take_a_second_together() {
    let start = Instant::now();
    try_join!(spawn(count()), spawn(count()), spawn(count())).unwrap();
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn three_counts_one_after_the_other_take_three() {
    let start = Instant::now();
    for _ in 0..3 {
        count().await;
    }
    assert!(start.elapsed() >= Duration::from_secs(3));
}
