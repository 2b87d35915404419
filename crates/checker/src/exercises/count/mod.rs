//! countasync and countsync: three counts that print One, wait a second and print Two. Only the
//! order of the lines tells them apart.

mod judge;
mod read;

use super::Exercise;
use crate::judging::rubric::{Criteria, Criterion, Judge};
use crate::judging::verdict::Verdict;
use crate::timeline::Size;
use judge::{
    WITHOUT_AN_EVENT_LOOP, ending, in_turn, lines, one_shared_wait, ones_before_twos, three_waits,
    time,
};
use read::Counts;

pub static COUNTASYNC: Exercise = Exercise {
    name: "countasync",
    runs: &[&[]],
    takes: 1.0,
    time_limit: TIME_LIMIT,
    rubric: &COUNTASYNC_CRITERIA,
    praise: "All three waited during the same second, and nothing blocked the thread. Next: rand, \
             where each coroutine waits at its own pace.",
    picture: PICTURE,
};

static COUNTASYNC_CRITERIA: Criteria<Vec<Counts>> = Criteria::new(&[
    ENDS,
    LINES,
    Criterion {
        id: "order",
        name: "every One comes before any Two",
        points: 2.0,
        depends_on: &[],
        judge: Judge::EachRun(ones_before_twos),
        pictured: true,
    },
    Criterion {
        id: "wait",
        name: "all three share a single one-second wait",
        points: 5.0,
        depends_on: &["order"],
        judge: Judge::EachRun(one_shared_wait),
        pictured: true,
    },
    reports(|counts| time(counts, "countasync executed in 1.00 seconds.")),
]);

pub static COUNTSYNC: Exercise = Exercise {
    name: "countsync",
    runs: &[&[]],
    takes: 3.0,
    time_limit: TIME_LIMIT,
    rubric: &COUNTSYNC_CRITERIA,
    praise: "Each sleep blocked the only thread, so the three seconds added up. Next: countasync, \
             where they overlap.",
    picture: PICTURE,
};

static COUNTSYNC_CRITERIA: Criteria<Vec<Counts>> = Criteria::new(&[
    ENDS,
    LINES,
    Criterion {
        id: "order",
        name: "strictly One, Two, One, Two, One, Two",
        points: 2.0,
        depends_on: &[],
        judge: Judge::EachRun(in_turn),
        pictured: true,
    },
    Criterion {
        id: "wait",
        name: "three one-second waits, one after another",
        points: 5.0,
        depends_on: &["order"],
        judge: Judge::EachRun(three_waits),
        pictured: true,
    },
    reports(|counts| time(counts, "countsync executed in 3.00 seconds.")),
])
.with_words(WITHOUT_AN_EVENT_LOOP);

const ENDS: Criterion<Vec<Counts>> = Criterion {
    id: "ends",
    name: "it ends by itself, with exit code 0",
    points: 1.0,
    depends_on: &[],
    judge: Judge::EachRun(ending),
    pictured: false,
};

const LINES: Criterion<Vec<Counts>> = Criterion {
    id: "lines",
    name: "it prints One and Two, three times each",
    points: 1.0,
    depends_on: &[],
    judge: Judge::EachRun(lines),
    pictured: false,
};

/// The criterion of the reported time, with the original's line.
const fn reports(judge: fn(&Counts) -> Verdict) -> Criterion<Vec<Counts>> {
    Criterion {
        id: "time",
        name: "the reported time is true, in the original's words",
        points: 1.0,
        depends_on: &[],
        judge: Judge::EachRun(judge),
        pictured: false,
    }
}

/// Seconds that a count sleeps.
const SLEEP: f64 = 1.0;

const TIME_LIMIT: f64 = 12.0;

/// Both at the same scale, to be compared.
const PICTURE: Size = Size { seconds: 3.0, ..Size::PAGE };
