//! What the impostor plays: the counts, right and with the classic mistakes. The benchmark of the
//! clocks runs them, too.

/// A good countasync.
pub const GOOD: &str = "print One print One print One poll 1000 print Two print Two print Two
                    print-time countasync";

/// An exercise, the script that is played, and the mistake of each criterion that fails.
pub type Played = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

pub const ALL: &[Played] = &[
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

/// The words of a script, as in a shell: separated by spaces, or in single quotes.
pub fn words(script: &str) -> Vec<&str> {
    let parts = script.split('\'').enumerate();
    parts
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .collect()
}
