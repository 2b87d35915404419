//! The classic mistakes of countasync and countsync: which criteria they lose, and what they are
//! called, by both clocks.

use crate::{Call, GOOD, by_both_clocks, mistakes, side_by_side};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// An exercise, the script that is played, and the mistake of each criterion that fails.
type Played = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const ALL: &[Played] = &[
    ("countasync", GOOD, &[]),
    (
        "countsync",
        "print One sleep 1000 print Two print One sleep 1000 print Two
         print One sleep 1000 print Two print-time countsync",
        &[],
    ),
    (
        "countasync",
        "print One sleep 1000 print Two print One sleep 1000 print Two
         print One sleep 1000 print Two print-time countasync",
        &[("order", "blocking-sleep")],
    ),
    (
        "countasync",
        "print One poll 1000 print Two print One poll 1000 print Two
         print One poll 1000 print Two print-time countasync",
        &[("order", "awaited-one-after-the-other")],
    ),
    (
        "countasync",
        "print One print One poll 1000 print Two print Two
         print One poll 1000 print Two print-time countasync",
        &[("order", "one-gather-after-another")],
    ),
    (
        "countasync",
        "print One spin 1000 print Two print One spin 1000 print Two
         print One spin 1000 print Two print-time countasync",
        &[("order", "burning-cpu")],
    ),
    (
        "countasync",
        "print One print One print One print Two print Two print Two
         print-time countasync",
        &[("wait", "no-wait")],
    ),
    (
        "countasync",
        "print One print One print One poll 2000 print Two print Two print Two
         print-time countasync",
        &[("wait", "other-sleep")],
    ),
    (
        "countasync",
        "poll 1000 print One print One print One print Two print Two print Two
         print-time countasync",
        &[("wait", "held-back-output"), ("time", "held-back-output")],
    ),
    (
        "countasync",
        "print One print One print One poll 1000 print Two print Two print Two
         print 'countasync executed in 9.00 seconds.'",
        &[("time", "untrue-time")],
    ),
    (
        "countasync",
        "print One print One print One poll 1000 print Two print Two print Two
         print 'countasync executed in 1763862000.00 seconds.'",
        &[("time", "start-not-subtracted")],
    ),
    (
        "countasync",
        "print One print One print One poll 1000 print Two print Two print Two
         print-time countasync exit 1",
        &[("ends", "failing-exit-code")],
    ),
    (
        "countasync",
        "print One print One print One poll 1000 print Two print Two print Two
         print-time countasync poll 1000000",
        &[("ends", "never-ends")],
    ),
    (
        "countasync",
        "print One print One print-error 'Error: nobody is there' exit 1",
        &[("ends", "crash"), ("lines", "crash"), ("time", "no-reported-time")],
    ),
    ("countasync", "poll 1000", &[("lines", "nothing-printed")]),
    (
        "countasync",
        "print-error 'coroutine count was never awaited'
         print-time countasync",
        &[("lines", "never-awaited")],
    ),
    (
        "countasync",
        "print-error One print-error One print-error One poll 1000
         print-error Two print-error Two print-error Two
         print-error 'countasync executed in 1.00 seconds.'",
        &[("lines", "printed-to-standard-error")],
    ),
    (
        "countsync",
        "print One print One print One poll 1000 print Two print Two print Two
         print-time countsync",
        &[("order", "overlapping")],
    ),
    (
        "countsync",
        "print One spin 1000 print Two print One spin 1000 print Two
         print One spin 1000 print Two print-time countsync",
        &[("wait", "burning-cpu")],
    ),
    (
        "countsync",
        "print One print Two print One print Two print One print Two
         print-time countsync",
        &[("wait", "no-wait")],
    ),
    (
        "countsync",
        "poll 3000 print One print Two print One print Two print One print Two
         print-time countsync",
        &[("wait", "held-back-output"), ("time", "held-back-output")],
    ),
];

#[test]
fn each_is_named_where_it_shows_and_nowhere_else() {
    let judged = AtomicUsize::new(0);
    side_by_side(&by_both_clocks(ALL), |((exercise, script, expected), clock)| {
        // The others get enough time even on a busy machine.
        let limit = if expected.contains(&("ends", "never-ends")) { 6 } else { 60 };
        let call = Call::new(&format!(
            "{exercise} --format json --verbose --clock {clock} --time-limit {limit}"
        ));
        let answer = call.impostor(script).answer();
        let report = answer.json();
        let exercise = &report["exercises"][0];
        let recording = &exercise["recordings"][0];
        let seconds = |what: &str| recording[what].as_f64().expect("seconds");
        if recording["clock"] == "real" {
            assert_eq!(*clock, "real", "{script}: {}", exercise["clocks"]);
            // A busy machine may not give it the CPU time that it wants to burn.
            let is_starved =
                script.contains("spin") && seconds("cpu_after") < 0.5 * seconds("seconds");
            if is_starved || report["verdict"] == "inconclusive" {
                return;
            }
            judged.fetch_add(1, Relaxed);
        }
        let expected: BTreeMap<_, _> = expected.iter().copied().collect();
        assert_eq!(mistakes(exercise), expected, "{script}, {clock}: {:#}", exercise["criteria"]);
        assert_eq!(answer.code, i32::from(!expected.is_empty()), "{script}, {clock}");
    });
    let judged = judged.into_inner();
    assert!(
        judged * 2 > ALL.len(),
        "the machine is too busy: only {judged} of {} were judged",
        ALL.len()
    );
}
