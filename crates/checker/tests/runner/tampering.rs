//! Programs that attack their recorder or the checker, without a cage that keeps them from it: it does
//! not help them, and the report says what they did. A checker that is killed leaves nothing behind.

use crate::{
    Answer, CHECKER, Call, GOOD, IMPOSTOR, mistakes, on_both_clocks, processes, side_by_side,
    wait_until, write_file,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

/// The judged programs of this run of the checker.
pub fn programs(marker: &str) -> Vec<i32> {
    let is_program = |id: &i32| status(*id, "Name:").is_some_and(|name| name == "impostor");
    processes(marker).into_iter().filter(is_program).collect()
}

/// The recorders of these programs.
pub fn recorders(programs: &[i32]) -> Vec<i32> {
    let parents = programs.iter().filter_map(|id| status(*id, "PPid:")?.parse().ok());
    parents.filter(|parent| !programs.contains(parent)).collect()
}

/// What the system says of a process.
fn status(id: i32, key: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(key))?;
    Some(value.trim().to_owned())
}

/// Judged once, with no points, and for what it did.
#[track_caller]
fn assert_tampering(answer: &Answer, seen: &str) {
    let report = answer.json();
    let exercise = &report["exercises"][0];
    assert_eq!((answer.code, &report["earned"]), (1, &json!(0.0)), "{report:#}");
    assert_eq!(mistakes(exercise), [("ends", "tampered-with-the-recorder")].into());
    let ends = &exercise["criteria"][0]["reason"]["seen"];
    assert!(ends.as_str().is_some_and(|text| text.contains(seen)), "{ends}");
    assert_eq!(exercise["attempts"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_program_that_stops_or_kills_its_recorder_is_judged_for_that_at_once() {
    let all = [
        ("spawn 'new-session sleep 1000000' signal-recorder SIGKILL sleep 1000000", "was killed"),
        ("spawn 'new-session sleep 1000000' signal-recorder SIGSTOP sleep 1000000", "was stopped"),
        ("signal-recorder SIGSTOP sleep 200 signal-recorder SIGCONT sleep 1000000", "was stopped"),
    ];
    side_by_side(&on_both_clocks(&all), |((script, seen), clock)| {
        let start = Instant::now();
        let call = Call::new(&format!("countasync --cage off --format json --clock {clock}"));
        let answer = call.impostor(script).answer();
        assert_tampering(&answer, seen);
        assert!(start.elapsed() < Duration::from_secs(60), "{script}");
    });
}

/// Without /proc, nothing would be seen of what the program does, nor could its processes be found.
#[test]
#[cfg(target_os = "linux")]
fn a_program_that_limits_its_recorder_is_judged_for_that() {
    let all = [
        ("limit recorder sleep 1000000", "the recorder's resource limits were changed"),
        ("limit checker sleep 1000000", "the checker's resource limits were changed"),
        // Even if it ends right after that.
        ("limit recorder", "the recorder's resource limits were changed"),
        ("limit checker", "the checker's resource limits were changed"),
    ];
    side_by_side(&on_both_clocks(&all), |((script, seen), clock)| {
        let script = format!("spawn 'new-session sleep 1000000' {script}");
        let call = Call::new(&format!("countasync --cage off --format json --clock {clock}"));
        let answer = call.impostor(&script).answer();
        assert_tampering(&answer, seen);
    });
}

/// What the report says of four answers, all of which play this script. On the virtual clock, they take
/// turns: others may have run before a recorder has its.
fn four_that_play(script: &str) -> Vec<Value> {
    let answers = tempfile::tempdir().expect("a folder");
    for name in ["countasync", "countsync", "rand", "chained"] {
        let path = answers.path().join(name).with_extension("sh");
        write_file(&path, &format!("exec {IMPOSTOR} {script}\n"));
    }
    let mut call = Call::new("--cage off --format json --dir");
    call.command.arg(answers.path());
    let report = call.answer().json();
    report["exercises"].as_array().expect("exercises").clone()
}

#[test]
#[cfg(target_os = "linux")]
fn a_recorder_that_was_limited_before_its_turn_says_so() {
    let exercises = four_that_play("limit-others");
    let is_limited = |exercise: &&Value| {
        exercise["criteria"][0]["reason"]["seen"] == "the recorder's resource limits were changed"
    };
    // The first one may have ended before any other began.
    assert!(exercises.iter().filter(is_limited).count() >= 3, "{exercises:#?}");
}

#[test]
fn no_signal_ends_a_recorder_before_its_turn() {
    for exercise in four_that_play("signal-others SIGTERM") {
        assert_eq!(exercise["problem"], Value::Null, "{exercise:#}");
    }
}

/// Only SIGKILL and SIGSTOP cannot be blocked.
#[test]
fn other_signals_do_not_reach_a_recorder() {
    let signals = ["SIGTERM", "SIGINT", "SIGHUP", "SIGSEGV", "SIGABRT", "SIGTSTP", "SIGCHLD"];
    let attacks: Vec<_> = signals.iter().map(|name| format!("signal-recorder {name}")).collect();
    let script = format!("{} {GOOD}", attacks.join(" "));
    side_by_side(&["auto", "real"], |clock| {
        let call = Call::new(&format!("countasync --cage off --clock {clock}"));
        let answer = call.impostor(&script).answer();
        assert_eq!(answer.code, 0, "{clock}: {}{}", answer.stdout, answer.stderr);
    });
}

#[test]
fn neither_recorder_nor_checker_can_be_traced_or_written_to() {
    let attacks = "trace recorder open recorder mem open recorder fd/1 open recorder fd/0
                   open checker mem open checker fd/1";
    let denied = |what: &str| format!("opened {what}: Some(PermissionDenied)");
    side_by_side(&["auto", "real"], |clock| {
        let call =
            Call::new(&format!("countasync --cage off --format json --verbose --clock {clock}"));
        let report = call.impostor(&format!("{attacks} {GOOD}")).answer().json();
        let lines = report["exercises"][0]["recordings"][0]["stdout"].as_array().expect("lines");
        let texts: Vec<_> = lines.iter().map(|line| line["text"].as_str().expect("text")).collect();
        assert_eq!(
            texts[..6],
            [
                "traced: Err(EPERM)",
                &denied("mem of recorder"),
                &denied("fd/1 of recorder"),
                &denied("fd/0 of recorder"),
                &denied("mem of checker"),
                &denied("fd/1 of checker"),
            ],
            "{clock}"
        );
    });
}

/// What is done to a recorder, and whether that was possible.
type Attack<'a> = &'a (dyn Fn(i32) -> bool + Sync);

/// What a program cannot do, root can: this test, if root runs it.
#[test]
fn a_recorder_that_is_traced_or_answers_with_a_forgery_was_tampered_with() {
    let forged = r#"{"Ok":{}}"#;
    let forge = |recorder| fs::write(format!("/proc/{recorder}/fd/1"), forged).is_ok();
    let trace = |recorder| {
        let options = nix::sys::ptrace::Options::empty();
        nix::sys::ptrace::seize(Pid::from_raw(recorder), options).is_ok()
    };
    let attacks: [(&str, &str, Attack); 3] = [
        ("was traced", "real", &trace),
        ("forged", "real", &forge),
        // Here, the recorder asks the checker, and must not wait for an answer in vain.
        ("forged", "virtual", &forge),
    ];
    side_by_side(&attacks, |(seen, clock, attack)| {
        let call = Call::new(&format!("countasync --cage off --format json --clock {clock}"));
        let call = call.impostor(if *clock == "real" {
            "print One sleep 3000"
        } else {
            "print One spin 3000"
        });
        let marker = call.marker.clone();
        std::thread::scope(|scope| {
            let answer = scope.spawn(|| call.answer());
            wait_until("the program runs", || programs(&marker).len() == 1);
            let may = attack(recorders(&programs(&marker))[0]);
            let answer = answer.join().expect("it answers");
            if may {
                assert_tampering(&answer, seen);
            } else {
                eprintln!("not tried: only root may attack a recorder");
            }
        });
    });
}

/// The wait is a little off: in real time, the run is tried again, with a recorder that starts from the old image.
#[test]
fn a_checker_whose_file_is_replaced_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("checker");
    // By another process: the child of another test may hold a file open that this one writes, and
    // the system starts no program that is open for writing.
    let copied = std::process::Command::new("cp").arg(CHECKER).arg(&copy).status();
    assert!(copied.expect("cp").success());
    let script = "print One print One print One poll 1800 print Two print Two print Two
                  print-time countasync";
    let mut call = Call::new("countasync --format json");
    call.command = assert_cmd::Command::new(&copy);
    call.command.args(["countasync", "--cage", "off", "--format", "json", "--clock", "real"]);
    call.command.args(["--", crate::IMPOSTOR, "replace"]);
    call.command.arg(&copy).args(script.split_whitespace());
    call.command.env(crate::MARKER, &call.marker);
    let answer = call.answer();
    let report = answer.json();
    let exercise = &report["exercises"][0];
    assert_eq!(exercise["problem"], json!(null), "{report:#}");
    let attempts = exercise["attempts"].as_array().expect("attempts");
    assert!(attempts.len() >= 2, "{report:#}");
    // A busy machine may be too late to tell, each time.
    if attempts.last().is_some_and(|last| last["inconclusive"] == json!([])) {
        assert_eq!(mistakes(exercise).get("wait"), Some(&"other-sleep"), "{report:#}");
    }
}

/// A call that does not end by its time limit.
fn start(clock: &str, script: &str) -> (std::process::Child, String) {
    let call = Call::new(&format!("countasync --cage off --time-limit 600 --clock {clock}"))
        .impostor(script);
    let mut checker = std::process::Command::new(call.command.get_program());
    checker.args(call.command.get_args()).env(crate::MARKER, &call.marker);
    (checker.spawn().expect("the checker"), call.marker)
}

#[test]
fn a_checker_that_is_killed_leaves_no_process_behind() {
    let signals = [Signal::SIGKILL, Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
    // On the virtual clock, only work takes time.
    let waits = |clock: &str| if clock == "real" { "sleep 1000000" } else { "spin 1000000" };
    side_by_side(&on_both_clocks(&signals), |&(&signal, clock)| {
        let wait = waits(clock);
        let (mut checker, marker) = start(
            clock,
            &format!(
                "block-signal SIGINT block-signal SIGTERM block-signal SIGHUP
                 print One spawn 'new-session print One {wait}' {wait}"
            ),
        );
        wait_until("the program and its child run", || programs(&marker).len() == 2);
        let recorders = recorders(&programs(&marker));
        kill(Pid::from_raw(checker.id().try_into().expect("an id")), signal).expect("it is there");
        let ended = checker.wait().expect("it is ours");
        assert_eq!(ended.signal(), Some(signal as i32), "{ended}");
        wait_until("no process is left", || processes(&marker).is_empty());
        wait_until("no recorder is left", || {
            recorders.iter().all(|id| status(*id, "Name:").is_none())
        });
    });
}

#[test]
fn a_program_that_stops_its_recorder_and_kills_the_checker_ends() {
    for clock in ["auto", "real"] {
        // A checker that is stopped does not notice in time that its recorder is.
        let script = "signal-checker SIGSTOP signal-recorder SIGSTOP signal-checker SIGKILL \
                      sleep 1000000";
        let (mut checker, marker) = start(clock, script);
        let ended = checker.wait().expect("it is ours");
        assert_eq!(ended.signal(), Some(9), "{ended}");
        wait_until("no process is left", || processes(&marker).is_empty());
    }
}
