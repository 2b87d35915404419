//! chained: a chain of two coroutines for each argument, all chains at once. It is run without
//! arguments, with numbers that it cannot know in advance, and with an argument that is not a
//! number.

mod judge;
mod read;

use super::{Argument, Exercise};
use crate::judging::rubric::{Criteria, Criterion, Judge};
use crate::timeline::Size;
use judge::{arguments, bad_argument, chaining, ending, lines, sleeps, times, together};
use read::Runs;

pub static CHAINED: Exercise = Exercise {
    name: "chained",
    runs: &[&[], &[Argument::Drawn; 4], &[Argument::Drawn, Argument::Text(BAD_ARGUMENT)]],
    takes: 11.0,
    time_limit: 45.0,
    rubric: &CRITERIA,
    praise: "Within a chain, part2 waited for part1, but no chain waited for another, so the longest \
             one set the total time. That was the last exercise: now change one, and predict what \
             happens.",
    picture: Size::PAGE,
};

static CRITERIA: Criteria<Runs> = Criteria::new(&[
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
        points: 0.5,
        depends_on: &[],
        judge: Judge::EachRun(lines),
        pictured: false,
    },
    Criterion {
        id: "arguments",
        name: "it runs a chain for each argument, or 1 2 3 if there are none",
        points: 0.5,
        depends_on: &[],
        judge: Judge::EachRun(arguments),
        pictured: false,
    },
    Criterion {
        id: "sleeps",
        name: "every sleep lasts as long as announced",
        points: 0.5,
        depends_on: &[],
        judge: Judge::EachRun(sleeps),
        pictured: true,
    },
    Criterion {
        id: "chaining",
        name: "part2 starts as soon as its own part1 has returned, and gets its result",
        points: 2.0,
        depends_on: &[],
        judge: Judge::EachRun(chaining),
        pictured: true,
    },
    Criterion {
        id: "together",
        name: "all chains start at once and overlap",
        points: 5.0,
        depends_on: &[],
        judge: Judge::EachRun(together),
        pictured: true,
    },
    Criterion {
        id: "times",
        name: "the times reported for each chain and at the end are correct",
        points: 0.5,
        depends_on: &[],
        judge: Judge::EachRun(times),
        pictured: false,
    },
    Criterion {
        id: "bad-argument",
        name: "an argument that is not a number ends it with an error before any chain starts",
        points: 0.5,
        depends_on: &[],
        judge: Judge::AllRuns(bad_argument),
        pictured: false,
    },
]);

/// The chains that run without arguments.
const DEFAULT: [i64; 3] = [1, 2, 3];

/// An argument that no program should accept as a number.
const BAD_ARGUMENT: &str = "x";
