//! rand: three coroutines, each of which draws numbers until one is above its threshold, and waits
//! index + 1 seconds after each one that is not. It is run twice.

mod judge;
mod read;

use super::Exercise;
use crate::judging::rubric::{Criteria, Criterion, Judge};
use crate::timeline::Size;
use judge::{colors, ending, lines, overlap, pauses, repeatable, results, starts, thresholds};
use read::Run;

pub static RAND: Exercise = Exercise {
    name: "rand",
    runs: &[&[], &[]],
    takes: 12.0,
    // A correct program that is not seeded takes longer about once in a million runs: the chance of
    // 150 draws below 10 is 6e-7.
    time_limit: 150.0,
    rubric: &CRITERIA,
    praise: "Each coroutine waited at its own pace while the others waited, so the slowest one set \
             the total time. Next: chained, where coroutines await coroutines.",
    picture: Size::PAGE,
};

static CRITERIA: Criteria<Vec<Run>> = Criteria::new(&[
    Criterion {
        id: "ends",
        name: "it ends by itself, with exit code 0",
        points: 0.5,
        depends_on: &[],
        judge: Judge::EachRun(ending),
        pictured: false,
    },
    Criterion {
        id: "lines",
        name: "it prints the original's lines, and no others",
        points: 1.0,
        depends_on: &[],
        judge: Judge::EachRun(lines),
        pictured: false,
    },
    Criterion {
        id: "starts",
        name: "all three coroutines start before any has waited",
        points: 1.0,
        depends_on: &[],
        judge: Judge::EachRun(starts),
        pictured: true,
    },
    Criterion {
        id: "waits",
        name: "coroutines 0, 1 and 2 wait 1, 2 and 3 seconds after each number that is too low",
        points: 0.5,
        depends_on: &[],
        judge: Judge::EachRun(pauses),
        pictured: true,
    },
    Criterion {
        id: "threshold",
        name: "they reject numbers up to 9, 8 and 7, and stop at the first higher number",
        points: 0.5,
        depends_on: &[],
        judge: Judge::EachRun(thresholds),
        pictured: false,
    },
    Criterion {
        id: "overlap",
        name: "the coroutines wait at the same time",
        points: 5.0,
        depends_on: &["starts"],
        judge: Judge::EachRun(overlap),
        pictured: true,
    },
    Criterion {
        id: "results",
        name: "the last line reports each coroutine's own number, in order",
        points: 0.5,
        depends_on: &[],
        judge: Judge::EachRun(results),
        pictured: false,
    },
    Criterion {
        id: "colors",
        name: "each coroutine has its own color, reset at its end",
        points: 0.5,
        depends_on: &[],
        judge: Judge::EachRun(colors),
        pictured: false,
    },
    Criterion {
        id: "repeatable",
        name: "two runs draw the same numbers",
        points: 0.5,
        depends_on: &[],
        judge: Judge::AllRuns(|runs| repeatable(runs)),
        pictured: false,
    },
]);

const COROUTINES: usize = 3;

/// The highest number that coroutine `index` rejects.
fn threshold(index: usize) -> i64 {
    9 - index as i64
}

/// Seconds that coroutine `index` waits after a rejected number.
fn pause(index: usize) -> f64 {
    index as f64 + 1.0
}
