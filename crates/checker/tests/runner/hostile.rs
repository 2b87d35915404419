//! Hostile programs: none of them hangs, crashes or fools the checker, and none is left running, on
//! either clock.

use crate::{Call, mistakes, on_both_clocks, side_by_side};
use serde_json::{Value, json};

struct Hostile {
    name: &'static str,
    script: &'static str,
    /// How it ends: always in one of these ways.
    endings: Vec<Value>,
    /// What the criterion `ends` says: a mistake, or nothing if it passes.
    ends: Option<&'static str>,
    /// What the criterion `lines` says.
    lines: Option<&'static str>,
    /// What the recording says is missing from it.
    cut: &'static [&'static str],
}

/// A program that is still running when its time is up, or that is found to wait forever on the
/// virtual clock.
fn endless(name: &'static str, script: &'static str, lines: &'static str) -> Hostile {
    let endings = vec![json!("time-limit"), json!("waits-forever")];
    Hostile { name, script, endings, ends: Some("never-ends"), lines: Some(lines), cut: &[] }
}

/// A program that prints more than any solution.
fn flood(
    name: &'static str,
    script: &'static str,
    lines: &'static str,
    cut: &'static [&'static str],
) -> Hostile {
    let (endings, ends) = (vec![json!("output-limit")], Some("too-much-output"));
    Hostile { name, script, endings, ends, lines: Some(lines), cut }
}

/// A program that ends by itself.
fn ending(
    name: &'static str,
    script: &'static str,
    ending: Value,
    ends: Option<&'static str>,
    lines: &'static str,
) -> Hostile {
    Hostile { name, script, endings: vec![ending], ends, lines: Some(lines), cut: &[] }
}

/// XML has no U+FFFE, and U+202E turns what follows it around.
#[test]
fn nothing_that_it_prints_spoils_its_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let svg = folder.path().join("picture.svg");
    let mut call = Call::new("timeline --svg");
    call.command.arg(&svg);
    let lines = "print 'a\u{fffe}\u{202e}: b\u{ffff}' ";
    let answer = call.impostor(&lines.repeat(2)).answer();
    let picture = std::fs::read_to_string(svg).expect("it is written");
    let shown = [r"a\u{fffe}\u{202e}", r"b\u{ffff}"].map(|text| picture.contains(text));
    assert_eq!(shown, [true, true], "{picture}{}", answer.stderr);
    let hidden = ['\u{fffe}', '\u{ffff}', '\u{202e}'];
    assert!(!picture.contains(hidden), "{picture}");
}

#[test]
fn none_hangs_crashes_or_fools_the_checker() {
    let all = [
        endless("silent forever", "sleep 1000000", "nothing-printed"),
        endless("busy forever", "spin 1000000", "nothing-printed"),
        endless("silent after its first line", "print One poll 1000000", "never-ends"),
        endless("stops itself", "print One signal SIGSTOP", "never-ends"),
        endless("asks not to be ended", "block-signal SIGTERM sleep 1000000", "nothing-printed"),
        endless(
            "its child is in another session",
            "spawn 'new-session block-signal SIGHUP sleep 1000000' print One sleep 1000000",
            "never-ends",
        ),
        Hostile {
            cut: &["standard error after its first 65536 bytes"],
            ..endless("floods standard error", "flood-stderr error", "nothing-printed")
        },
        endless("goes on without output", "print One close-stdout sleep 1000000", "never-ends"),
        flood(
            "floods standard output",
            "flood-stdout One",
            "too-much-output",
            &["standard output after its first 5000 lines"],
        ),
        flood(
            "one endless line",
            "flood-line One",
            "other-lines",
            &[
                "lines of standard output after their first 4096 bytes",
                "standard output after its first 1048576 bytes",
            ],
        ),
        ending(
            "its child holds standard output",
            "spawn 'sleep 1000000' print One",
            json!({"exited": 0}),
            None,
            "other-lines",
        ),
        ending(
            "its child outlives it in another session",
            "spawn 'new-session sleep 1000000' sleep 300 print One",
            json!({"exited": 0}),
            None,
            "other-lines",
        ),
        ending(
            "is not UTF-8",
            "bytes ff00c3280a print One",
            json!({"exited": 0}),
            None,
            "other-lines",
        ),
        ending(
            "has escape codes",
            "bytes 1b5d303b7469746c65071b5b324a9b33316dc29b33316d0d0a",
            json!({"exited": 0}),
            None,
            "other-lines",
        ),
        ending(
            "closes standard output",
            "print One close-stdout print Two",
            json!({"exited": 0}),
            None,
            "other-lines",
        ),
        ending("reads", "read-stdin", json!({"exited": 0}), None, "other-lines"),
        ending(
            "dies by a signal",
            "print One signal SIGABRT",
            json!({"signaled": "SIGABRT"}),
            Some("crash"),
            "crash",
        ),
        ending(
            "ends itself as the checker would",
            "print One signal SIGKILL",
            json!({"signaled": "SIGKILL"}),
            Some("crash"),
            "crash",
        ),
        ending(
            "prints a report",
            "print 'countasync 10/10' print '  passed   it ends by itself, with exit code 0'
             print 'total 10/10' print '{\"verdict\":\"full-marks\",\"earned\":5}' exit 0",
            json!({"exited": 0}),
            None,
            "other-lines",
        ),
    ];
    side_by_side(&on_both_clocks(&all), |(hostile, clock)| {
        // Those that end by themselves get enough time even on a busy machine.
        let limit = if hostile.ends == Some("never-ends") { 2 } else { 60 };
        let call = Call::new(&format!(
            "countasync --format json --verbose --clock {clock} --time-limit {limit}"
        ));
        let answer = call.impostor(hostile.script).answer();
        let report = answer.json();
        let exercise = &report["exercises"][0];
        let mistakes = mistakes(exercise);
        // Work takes real time on either clock: too much of it on a busy machine.
        let works = ["spin", "flood-stderr"].iter().any(|step| hostile.script.contains(step));
        let used = &exercise["clocks"][0];
        assert!(
            *clock == "real" || used["clock"] == "virtual" || works,
            "{}: {used}",
            hostile.name
        );
        let ending = &exercise["recordings"][0]["ending"];
        assert!(hostile.endings.contains(ending), "{}, {clock}: {ending}", hostile.name);
        assert_eq!(
            (answer.code, mistakes.get("ends").copied(), mistakes.get("lines").copied()),
            (1, hostile.ends, hostile.lines),
            "{}, {clock}: {:#}",
            hostile.name,
            exercise["criteria"]
        );
        let all_cut = exercise["recordings"][0]["cut"].as_array().expect("a list");
        for cut in hostile.cut {
            assert!(all_cut.contains(&json!(cut)), "{}, {clock}: {all_cut:?}", hostile.name);
        }
        assert_ne!(report["earned"], report["possible"], "{}", hostile.name);
        assert!(!answer.stdout.contains(|c: char| c.is_control() && c != '\n'), "{}", hostile.name);
    });
}
