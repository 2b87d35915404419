//! The proof on a paused clock: time goes on only when every task sleeps, so nothing waits, and
//! the seconds are exact.

use super::makerandom;
use common::random;
use tokio::time::Instant;
use tokio::{spawn, try_join};

#[tokio::test(start_paused = true)]
async fn all_three_take_as_long_as_the_slowest() {
    random::seed(444);
    let start = Instant::now();
    let [r1, r2, r3] = [0, 1, 2].map(|i| spawn(makerandom(i, 10 - i as u64 - 1)));
    let results = try_join!(r1, r2, r3).unwrap();
    // Twelve waits of one second, two of two, three of three: the longest is 12, the sum 25.
    assert_eq!(start.elapsed().as_secs(), 12);
    assert_eq!(results, (10, 10, 9));
}

#[tokio::test(start_paused = true)]
async fn a_coroutine_waits_its_index_plus_one_after_each_rejected_draw() {
    // From seed 444 the draws are 4, 4, 0, 4, 7, 4, 4, 8, ...
    for (idx, threshold, waits, result) in [(0, 4, 4, 7), (1, 3, 0, 4), (2, 7, 7, 8)] {
        random::seed(444);
        let start = Instant::now();
        assert_eq!(makerandom(idx, threshold).await, result);
        assert_eq!(start.elapsed().as_secs(), waits * (idx as u64 + 1), "makerandom({idx})");
    }
}
