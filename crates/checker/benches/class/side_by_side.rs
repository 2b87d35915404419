//! Does the same with many things, several at a time.

use std::sync::Mutex;
use std::thread;

/// Does this with all things, so many at a time, and says how far it has come. What it returns is in
/// the order of the things.
pub fn side_by_side<T: Send, R: Send>(
    shown: &str,
    at_a_time: usize,
    things: Vec<T>,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let count = things.len();
    let waiting = Mutex::new(things.into_iter().enumerate());
    let done = Mutex::new(Vec::new());
    let next = || waiting.lock().expect("no panic").next();
    thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                while let Some((index, thing)) = next() {
                    let result = work(thing);
                    let mut done = done.lock().expect("no panic");
                    done.push((index, result));
                    if done.len() % 30 == 0 || done.len() == count {
                        eprintln!("{shown}: {} of {count}", done.len());
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no panic");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
