//! Shell scripts, and the programs that they start.

use crate::{Expected, check_all, real_time, virtual_time};
use std::process::{Command, Stdio};

/// A script: its shell, its text, its lines, each with its time in seconds, and its exit code.
type Script = (&'static str, &'static str, &'static [(f64, &'static str)], i32);

const SCRIPTS: &[Script] = &[
    ("sh", "sleep 1; echo a; sleep 1 & wait; echo b", &[(1.0, "a"), (2.0, "b")], 0),
    ("sh", "sleep 60; echo one minute later", &[(60.0, "one minute later")], 0),
    ("sh", "echo now; sleep 100000; echo then", &[(0.0, "now"), (100_000.0, "then")], 0),
    (
        "sh",
        "(sleep 1; echo b) & echo a; (sleep 2; echo c) & wait; echo d; exit 3",
        &[(0.0, "a"), (1.0, "b"), (2.0, "c"), (2.0, "d")],
        3,
    ),
    ("sh", "timeout 2 sleep 5; echo $?", &[(2.0, "124")], 0),
    ("sh", "timeout 5 sleep 2; echo $?", &[(2.0, "0")], 0),
    ("sh", "timeout -s KILL 1.5 sleep 5; echo $?", &[(1.5, "137")], 0),
    (
        "sh",
        "timeout -k 1 1 sh -c 'trap \"echo no\" TERM; sleep 3; sleep 9'; echo $?",
        &[(1.0, "no"), (2.0, "137")],
        0,
    ),
    ("sh", "sleep 5 & sleep 1; kill $!; wait $!; echo $?", &[(1.0, "143")], 0),
    ("sh", "kill -9 $$", &[], 137),
    (
        "sh",
        "(sleep 1; echo a; sleep 1; echo b) | while read x; do echo got $x; done; echo end",
        &[(1.0, "got a"), (2.0, "got b"), (2.0, "end")],
        0,
    ),
    ("sh", "sleep 1 | sleep 2 | sleep 0.5; echo end", &[(2.0, "end")], 0),
    (
        "sh",
        "yes | head -3; sleep 1; echo end",
        &[(0.0, "y"), (0.0, "y"), (0.0, "y"), (1.0, "end")],
        0,
    ),
    ("sh", "x=$(sleep 1; echo deep); echo $x; exec sleep 1", &[(1.0, "deep")], 0),
    (
        "sh",
        "sh -c 'sh -c \"sleep 1; echo c\"; sleep 1; echo b'; sleep 1; echo a",
        &[(1.0, "c"), (2.0, "b"), (3.0, "a")],
        0,
    ),
    (
        "sh",
        "start=$(date +%s%N); sleep 10; end=$(date +%s%N); echo $(((end - start) / 1000000000))",
        &[(10.0, "10")],
        0,
    ),
    ("sh", "sleep 0.25; sleep 0.25; sleep 0.25; sleep 0.25; echo end", &[(1.0, "end")], 0),
    // The tracer's own is shorter.
    ("sh", "cat /proc/self/timerslack_ns", &[(0.0, "50000")], 0),
    (
        "sh",
        "trap 'echo trapped' USR1; (sleep 1; kill -USR1 $$) & sleep 2; echo slept",
        &[(2.0, "trapped"), (2.0, "slept")],
        0,
    ),
    ("sh", "trap 'echo bye' EXIT; sleep 1; exit 4", &[(1.0, "bye")], 4),
    (
        "sh",
        "(sleep 1; kill -STOP $$; sleep 1; kill -CONT $$) & sleep 1.5; echo slept; wait",
        &[(2.0, "slept")],
        0,
    ),
    ("sh", "setsid sh -c 'sleep 1000; echo never' & sleep 1; echo end", &[(1.0, "end")], 0),
    ("sh", "nohup sleep 1000 >/dev/null 2>&1 & sleep 1; echo end", &[(1.0, "end")], 0),
    ("sh", "cat; echo end of input", &[(0.0, "end of input")], 0),
    ("sh", "no-such-program; echo $?", &[(0.0, "127")], 0),
    (
        "bash",
        "wait -n <(sleep 1) 2>/dev/null; read -t 1 x < <(sleep 5); echo $?",
        &[(1.0, "142")],
        0,
    ),
    (
        "bash",
        "read -t 1 x < <(sleep 5); echo $?; read -t 3 y < <(sleep 1; echo b); echo $? $y",
        &[(1.0, "142"), (2.0, "0 b")],
        0,
    ),
    (
        "bash",
        "trap 'echo trapped' USR1; (sleep 1; kill -USR1 $$) & sleep 2 & wait $!; echo $?; wait",
        &[(1.0, "trapped"), (1.0, "138")],
        0,
    ),
    (
        "bash",
        "sleep 2 & sleep 1 & wait -n; echo one; wait; echo two",
        &[(1.0, "one"), (2.0, "two")],
        0,
    ),
    ("bash", "SECONDS=0; sleep 2; echo $SECONDS", &[(2.0, "2")], 0),
    (
        "bash",
        "a=$EPOCHREALTIME; sleep 1.5; b=$EPOCHREALTIME; echo $(( (${b/.} - ${a/.}) / 100000 ))",
        &[(1.5, "15")],
        0,
    ),
    (
        "bash",
        "coproc { while read x; do sleep 1; echo $x!; done; }; echo a >&${COPROC[1]}; \
              read y <&${COPROC[0]}; echo $y; kill $COPROC_PID",
        &[(1.0, "a!")],
        0,
    ),
    (
        "bash",
        "for i in 1 2 3; do (sleep $i; echo $i) & done; wait",
        &[(1.0, "1"), (2.0, "2"), (3.0, "3")],
        0,
    ),
    (
        "bash",
        "set -m; sleep 3 & sleep 1; kill -STOP %1; sleep 1; kill -CONT %1; wait %1; echo $?",
        &[(3.0, "0")],
        0,
    ),
    (
        "perl",
        "$| = 1; $SIG{ALRM} = sub { print \"ring\\n\" }; alarm 2; sleep 5; print \"end\\n\"; \
              select undef, undef, undef, 0.5; print \"half\\n\"",
        &[(2.0, "ring"), (2.0, "end"), (2.5, "half")],
        0,
    ),
];

/// Whether there is such a program. If not, what needs it is not tested.
pub fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    let is_installed = command.status().is_ok_and(|status| status.success());
    if !is_installed {
        println!("not tested: {program} is not installed");
    }
    is_installed
}

fn words((shell, text, ..): &Script) -> Vec<String> {
    let option = if *shell == "perl" { "-e" } else { "-c" };
    [shell, option, text].map(str::to_owned).to_vec()
}

fn scripts() -> Vec<Script> {
    let missing: Vec<_> =
        ["bash", "perl"].into_iter().filter(|shell| !is_installed(shell)).collect();
    SCRIPTS.iter().copied().filter(|script| !missing.contains(&script.0)).collect()
}

#[test]
fn scripts_run_on_their_own_clock() {
    check_all(
        &scripts(),
        4,
        |script| script.1.into(),
        |script| {
            // They start many programs, each of which takes its time.
            let expected = Expected { tolerance: 0.1, ..Expected::new(script.2, script.3) };
            let arguments = ["--limit", "200000", "--"].map(str::to_owned).into_iter();
            expected.compare(&virtual_time(arguments.chain(words(script)))?)
        },
    );
}

#[test]
#[ignore = "takes as long as the scripts say"]
fn scripts_in_real_time() {
    let mut scripts = scripts();
    scripts.retain(|script| script.2.iter().all(|line| line.0 < 15.0));
    check_all(
        &scripts,
        24,
        |script| script.1.into(),
        |script| real_time::check(&words(script), &Expected::new(script.2, script.3)),
    );
}

/// A tracer of its own.
#[test]
fn strace_is_not_believed() {
    if is_installed("strace") {
        let words = ["--", "strace", "-f", "-o", "/dev/null", "sleep", "1"];
        let expected = Expected { disbelief: Some("trace".into()), ..Expected::default() };
        let seen = virtual_time(words).expect("it ends");
        expected.compare(&seen).unwrap_or_else(|error| panic!("{error}"));
    }
}
