//! The command itself: its exit codes, its limits, and what is left when it is gone.

use crate::programs::cases;
use crate::{
    Expected, MARKER, Seen, VIRTUAL_TIME, kill, new_marker, processes, virtual_time, wait_until,
};
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

#[track_caller]
fn run(arguments: &[&str]) -> Seen {
    virtual_time(arguments.iter().copied()).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn check(arguments: &[&str], lines: &[(f64, &str)], exit: i32, error: &str) {
    let errors = vec![error.to_owned()];
    let expected = Expected { errors, ..Expected::new(lines, exit) };
    expected.compare(&run(arguments)).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn its_exit_code_is_that_of_the_program() {
    for code in [0, 1, 7, 123] {
        check(&["--", "sh", "-c", &format!("exit {code}")], &[], code, "");
    }
    for (signal, code) in [("TERM", 143), ("KILL", 137), ("SEGV", 139), ("INT", 130)] {
        check(&["--", "sh", "-c", &format!("kill -{signal} $$")], &[], code, "");
    }
}

#[test]
fn a_program_that_cannot_be_started_has_exit_codes_of_its_own() {
    check(&["--", "no-such-program"], &[], 127, "virtual-time: no-such-program: ");
    check(&["--", "/no/such/program"], &[], 127, "virtual-time: /no/such/program: ");
    check(&["--", "/"], &[], 126, "virtual-time: /: ");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "echo").expect("a file");
    let name = file.to_str().expect("UTF-8");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("permissions");
    check(&["--", name], &[], 126, name);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).expect("permissions");
    fs::write(&file, "#!/no/such/interpreter\n").expect("a file");
    check(&["--", name], &[], 127, name);
}

#[test]
fn the_limit_is_on_its_own_clock() {
    let count = "i=0; while :; do echo $i; i=$((i + 1)); sleep 1; done";
    let lines = [(0.0, "0"), (1.0, "1"), (2.0, "2")];
    check(&["--limit", "2.5", "--", "sh", "-c", count], &lines, 124, "virtual-time: stopped after");
    check(
        &["--limit", "1", "--", "sh", "-c", "while :; do :; done"],
        &[],
        124,
        "stopped after 1 s",
    );
    check(&["--limit", "3", "--", "sleep", "2"], &[], 0, "");
}

#[test]
fn the_limit_on_threads_is_on_those_that_live_at_a_time() {
    let threads = |number: usize| {
        format!(
            "import threading, time
for _ in range({number}): threading.Thread(target=time.sleep, args=[1]).start()"
        )
    };
    let python = |script: &str, most| run(&["--max-threads", most, "--", "python3", "-c", script]);
    let all = python(&threads(8), "9");
    assert_eq!((all.exit, &*all.errors), (0, ""));
    let too_many = python(&threads(9), "9");
    assert_eq!(too_many.exit, 124);
    assert!(
        too_many.errors.starts_with("virtual-time: stopped: more than 9 threads"),
        "{too_many}"
    );
    let one_after_another = "import os
for _ in range(50): os.waitpid(os.fork() or os._exit(0), 0)
exit(3)";
    let turns = python(one_after_another, "9");
    assert_eq!((turns.exit, &*turns.errors), (3, ""));
}

/// Each of them would end at 128 processes.
#[test]
fn a_fork_bomb_is_stopped_at_the_limit_on_threads() {
    let doubles = "os.fork()";
    let in_sessions = "os.fork() or os.setsid()";
    let parents_end = "os.fork() and os.fork() and os._exit(0)";
    for bomb in [doubles, in_sessions, parents_end] {
        let script = format!(
            "import os, time
if os.fork(): time.sleep(5)
for _ in range(7): {bomb}
time.sleep(5)"
        );
        let stopped = "virtual-time: stopped: more than 64 threads";
        check(&["--max-threads", "64", "--", "python3", "-c", &script], &[], 124, stopped);
    }
}

/// Nor are those ever started that would be too many, even if all of these start one at the same time.
/// Seen by the number of the last process in a namespace of their own.
#[test]
fn not_even_for_a_moment_are_there_more_threads_than_the_limit() {
    let started = |script: &str| -> Option<i64> {
        let run = "\"$0\" --max-threads 64 -- python3 -c \"$1\"; cat /proc/loadavg";
        let mut command = std::process::Command::new("unshare");
        command.args(["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]);
        command.args(["sh", "-c", run, crate::VIRTUAL_TIME, script]);
        let output = command.output().expect("unshare");
        let printed = String::from_utf8(output.stdout).expect("plain text");
        printed.split_whitespace().last()?.parse().ok()
    };
    // Where no namespaces may be made, nobody can tell.
    let Some(one) = started("pass") else { return };
    let all_at_once = "import os, time
go, come = os.pipe()
for _ in range(39):
    if os.fork() == 0:
        os.close(come)
        os.read(go, 1)
        os.fork()
        time.sleep(5)
time.sleep(0.5)
os.close(come)
time.sleep(5)";
    let most = 1 + started(all_at_once).expect("it is stopped") - one;
    // It may be stopped before one of the last is started, if enough of them are about to be.
    assert!((40..=64).contains(&most), "{most}");
}

#[test]
fn a_limit_that_is_no_time_is_refused() {
    for limit in ["0", "-1", "soon", "inf", "nan"] {
        let seen = run(&[&format!("--limit={limit}"), "--", "true"]);
        assert!(seen.exit == 125 && seen.errors.contains("--limit"), "{limit}: {seen}");
    }
}

#[test]
fn what_costs_too_much_is_not_believed() {
    // 20,000 short sleeps: little time on the clock, but many stops.
    let naps = "import time\nfor _ in range(20000): time.sleep(0.000001)\nprint('end')";
    let expected =
        |reason: &str| Expected { disbelief: Some(reason.into()), ..Expected::default() };
    let check = |arguments: &[&str], reason| {
        let seen = run(arguments);
        expected(reason).compare(&seen).unwrap_or_else(|error| panic!("{error}"));
    };
    if crate::scripts::is_installed("python3") {
        check(&["--stops", "2000", "--", "python3", "-c", naps], "stopped for more than 2000");
        check(&["--real-seconds", "0.1", "--", "python3", "-c", naps], "seconds longer");
    }
}

#[test]
fn standard_error_has_times_too() {
    let seen = run(&["--", "sh", "-c", "sleep 1; echo a >&2; sleep 1; printf b >&2; sleep 1"]);
    assert!(seen.lines.is_empty() && seen.exit == 0, "{seen}");
    let errors: Vec<_> =
        seen.errors.lines().map(|line| crate::stamped(line).expect("a second")).collect();
    let expected = Expected::new(&[(1.0, "a"), (2.0, "b")], 0);
    let seen = Seen { exit: 0, lines: errors, errors: String::new() };
    expected.compare(&seen).unwrap_or_else(|error| panic!("{error}"));
}

/// More than any buffer holds: nothing is lost, and all of it comes before the sleep that follows.
#[test]
fn a_flood_is_not_lost() {
    const LINES: usize = 20_000;
    let seen = run(&["--", "sh", "-c", "seq -f %050.0f 20000; sleep 10; echo end"]);
    assert_eq!((seen.exit, seen.lines.len()), (0, LINES + 1), "{}", seen.errors);
    let mut before = 0.0;
    for (number, (second, text)) in seen.lines[..LINES].iter().enumerate() {
        assert_eq!(*text, format!("{:050}", number + 1));
        assert!(*second >= before && *second < 5.0, "line {number} at {second}");
        before = *second;
    }
    let (second, text) = &seen.lines[LINES];
    assert!(text == "end" && (*second - before - 10.0).abs() < 0.1, "{second} {text}");
}

/// Two streams, both flooded.
#[test]
fn a_flood_of_errors_is_not_lost() {
    let seen = run(&["--", "sh", "-c", "seq 20000 >&2 & seq 20000; wait; sleep 10; echo end"]);
    assert_eq!((seen.exit, seen.lines.len()), (0, 20_001));
    assert_eq!(seen.errors.lines().count(), 20_000);
}

#[test]
fn it_ends_quietly_when_nobody_reads() {
    let marker = new_marker();
    let mut command = Command::new(VIRTUAL_TIME);
    command.args(["--", "sh", "-c", "while :; do echo y; sleep 1; done"]).env(MARKER, &marker);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut output = child.stdout.take().expect("a pipe");
    output.read_exact(&mut [0; 11]).expect("the first line");
    drop(output);
    let gone = wait_until(|| processes(&marker).is_empty());
    processes(&marker).into_iter().for_each(kill);
    let output = child.wait_with_output().expect("it ends");
    assert!(gone, "it goes on, though nobody reads");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("panic"), "{errors}");
}

/// A program with children that would never end, in sessions and groups of their own.
const HYDRA: &str = "
    trap '' HUP INT TERM
    setsid sh -c 'trap \"\" HUP; while :; do :; done' &
    (trap '' TERM; while :; do sleep 0.1; done) &
    sh -c 'kill -STOP $$' &
    while :; do echo y; sleep 0.001; done";

/// Kills the command with this signal while the hydra runs. Nothing may be left.
fn kill_while_it_runs(signal: nix::sys::signal::Signal) -> std::process::ExitStatus {
    let marker = new_marker();
    let mut command = Command::new(VIRTUAL_TIME);
    command.args(["--limit", "1000000", "--", "sh", "-c", HYDRA]).env(MARKER, &marker);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    assert!(wait_until(|| processes(&marker).len() >= 5), "its children start");
    let id = nix::unistd::Pid::from_raw(child.id().cast_signed());
    nix::sys::signal::kill(id, signal).expect("it runs");
    let gone = wait_until(|| processes(&marker).is_empty());
    let left = processes(&marker);
    left.iter().for_each(|process| kill(*process));
    let status = child.wait().expect("it ends");
    assert!(gone, "10 s after {signal}, {} processes are left", left.len());
    status
}

#[test]
fn nothing_is_left_when_it_is_killed() {
    use nix::sys::signal::Signal::{SIGHUP, SIGINT, SIGKILL, SIGTERM};
    for signal in [SIGKILL, SIGTERM, SIGINT, SIGHUP] {
        let status = kill_while_it_runs(signal);
        assert_eq!(status.signal(), Some(signal as i32), "{status}");
    }
}

#[test]
fn nothing_is_left_at_the_limit() {
    let seen = run(&["--limit", "0.5", "--", "sh", "-c", HYDRA]);
    assert_eq!(seen.exit, 124, "{seen}");
}

/// The same program has the same lines at the same seconds, however busy the machine is.
#[test]
fn it_is_the_same_beside_busy_loops() {
    let mut loops: Vec<_> = (0..8)
        .map(|_| Command::new("setsid").args(["sh", "-c", "while :; do :; done"]).spawn())
        .collect::<Result<_, _>>()
        .expect("busy loops");
    let names = ["lines", "many_signals", "left_after_signal"];
    let all: Vec<_> =
        cases("sleeps").into_iter().filter(|case| names.contains(&&*case.name)).collect();
    let wrong: Vec<_> =
        (0..5).flat_map(|_| all.iter().filter_map(|case| case.check().err())).collect();
    for one in &mut loops {
        one.kill().expect("a busy loop");
        one.wait().expect("a busy loop");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
