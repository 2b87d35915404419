//! Python's `random.seed` and `random.randint`: the same numbers for the same seed.
//!
//! The generator is MT19937 from the crate `rand_mt`. Two steps are CPython's own: how a seed
//! becomes the generator's key (`random_seed` in `Modules/_randommodule.c`), and how its bits
//! become a number in a range (`_randbelow_with_getrandbits` in `Lib/random.py`).
//!
//! As in Python, there is one generator for the whole program. It belongs to its thread, and the
//! exercises have only one.

use rand_mt::Mt;
use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

thread_local! {
    // Without a seed the numbers differ from run to run, as in Python. The standard library's only
    // source of randomness is the keys of its hash maps.
    static GENERATOR: RefCell<Mt> = RefCell::new(generator(RandomState::new().hash_one(0)));
}

/// Starts the sequence of random numbers that belongs to `n`.
pub fn seed(n: u64) {
    GENERATOR.set(generator(n));
}

/// Draws a random number from `low` to `high`, both included.
///
/// ```
/// use common::random::{randint, seed};
///
/// seed(444);
/// assert_eq!([(); 10].map(|()| randint(0, 10)), [4, 4, 0, 4, 7, 4, 4, 8, 10, 7]);
/// ```
///
/// # Panics
///
/// If `high` is less than `low`, or the range holds more than `u32::MAX` numbers.
#[must_use]
pub fn randint(low: u64, high: u64) -> u64 {
    assert!(low <= high, "randint({low}, {high}): there is no number in this range");
    let count = u32::try_from((high - low).saturating_add(1))
        .unwrap_or_else(|_| panic!("randint({low}, {high}): more than u32::MAX numbers"));
    let bits = u32::BITS - count.leading_zeros();
    GENERATOR.with_borrow_mut(|generator| {
        loop {
            let drawn = generator.next_u32() >> (u32::BITS - bits);
            if drawn < count {
                return low + u64::from(drawn);
            }
        }
    })
}

/// The key is the seed's 32-bit words, least significant first, without leading zeros.
fn generator(n: u64) -> Mt {
    let key = [n as u32, (n >> 32) as u32];
    Mt::new_with_key(if key[1] == 0 { &key[..1] } else { &key[..] }.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGES: [(u64, u64); 4] = [(0, 10), (1, 6), (0, 7), (5, 5)];

    /// Recorded from CPython 3.11: twelve draws from each of `RANGES`, reseeded for each.
    const CPYTHON: [(u64, [[u64; 12]; 4]); 5] = [
        (
            0,
            [
                [6, 6, 0, 4, 8, 7, 6, 4, 7, 5, 9, 3],
                [4, 4, 1, 3, 5, 4, 4, 3, 4, 3, 5, 2],
                [6, 6, 0, 4, 7, 6, 4, 7, 5, 3, 2, 4],
                [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
            ],
        ),
        (
            1,
            [
                [2, 9, 1, 4, 1, 7, 7, 7, 10, 6, 3, 1],
                [2, 5, 1, 3, 1, 4, 4, 4, 6, 4, 2, 1],
                [2, 1, 4, 1, 7, 7, 7, 6, 3, 1, 7, 0],
                [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
            ],
        ),
        (
            444,
            [
                [4, 4, 0, 4, 7, 4, 4, 8, 10, 7, 8, 4],
                [3, 3, 1, 3, 4, 3, 3, 6, 5, 6, 4, 5],
                [4, 4, 0, 4, 7, 4, 4, 7, 4, 7, 1, 6],
                [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
            ],
        ),
        (
            1 << 32,
            [
                [1, 5, 6, 0, 0, 9, 5, 8, 7, 0, 2, 1],
                [1, 3, 4, 1, 1, 5, 3, 5, 4, 1, 2, 1],
                [1, 5, 6, 0, 0, 5, 7, 0, 2, 1, 6, 5],
                [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
            ],
        ),
        (
            u64::MAX,
            [
                [0, 3, 5, 9, 3, 7, 9, 1, 5, 0, 3, 8],
                [1, 2, 3, 5, 2, 4, 5, 1, 3, 6, 6, 6],
                [0, 3, 5, 3, 7, 1, 5, 0, 3, 7, 1, 5],
                [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
            ],
        ),
    ];

    #[test]
    fn draws_are_those_of_cpython() {
        for (n, expected) in CPYTHON {
            for ((low, high), expected) in RANGES.into_iter().zip(expected) {
                seed(n);
                let drawn = [(); 12].map(|()| randint(low, high));
                assert_eq!(drawn, expected, "seed {n}, randint({low}, {high})");
            }
        }
    }

    #[test]
    fn without_a_seed_two_runs_differ() {
        let run = || std::thread::spawn(|| [(); 12].map(|()| randint(0, 1000))).join().unwrap();
        assert_ne!(run(), run());
    }

    #[test]
    #[should_panic(expected = "randint(6, 5): there is no number in this range")]
    fn an_empty_range_is_an_error() {
        let _ = randint(6, 5);
    }
}
