//! What fills the gaps in a starter, an exercise that is left for the learner to write.

use std::panic::{Location, resume_unwind};
use std::process::exit;

/// Marks a gap where something is left to write. It says so on standard error, with its file and
/// line, and ends the program with exit code 1; in a unit test, it fails only that test.
#[macro_export]
macro_rules! not_written {
    () => {
        // In the crate that has the gap, not in this one.
        $crate::starter::not_written(cfg!(test))
    };
}

/// What [`not_written!`](crate::not_written) does. `in_test` says whether it runs in a unit test.
#[track_caller]
pub fn not_written(in_test: bool) -> ! {
    let gap = Location::caller();
    let problem = format!("not written yet: {}:{}", gap.file(), gap.line());
    eprintln!("{problem}");
    if in_test {
        // A panic without a message of its own.
        resume_unwind(Box::new(problem));
    }
    exit(1)
}
