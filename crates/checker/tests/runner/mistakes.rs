//! The classic mistakes of countasync and countsync: which criteria they lose, and what they are
//! called, on both clocks.

use crate::scripts::ALL;
use crate::{Call, mistakes, on_both_clocks, side_by_side};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[test]
fn each_is_named_where_it_shows_and_nowhere_else() {
    let judged = AtomicUsize::new(0);
    side_by_side(&on_both_clocks(ALL), |((exercise, script, expected), clock)| {
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
        let burns_cpu = script.contains("spin");
        if recording["clock"] == "real" {
            // Work takes real time on the virtual clock, too: too much of it on a busy machine.
            assert!(*clock == "real" || burns_cpu, "{script}: {}", exercise["clocks"]);
            // A busy machine may not give it the CPU time that it wants to burn.
            let is_starved = burns_cpu && seconds("cpu_after") < 0.5 * seconds("seconds");
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
