//! The recorders of a run are started by one process, and their cages start from the same base: no
//! program gets anything of either.

use crate::tampering::{programs, recorders};
use crate::{CHECKER, Call, wait_until, write_file};
use cage::Layers;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

/// How often the checker runs an answer to this exercise.
const RUNS_OF_CHAINED: usize = 3;

#[test]
fn what_starts_the_recorders_is_gone_before_a_program_runs() {
    let call = Call::new("chained --cage off --clock real --time-limit 600");
    let call = call.impostor("sleep 1000000");
    let mut checker = Command::new(CHECKER);
    checker.args(call.command.get_args()).env(crate::MARKER, &call.marker);
    let mut checker = checker.spawn().expect("the checker");
    wait_until("a program runs", || !programs(&call.marker).is_empty());
    let of_checker = children(checker.id());
    wait_until("all programs run", || programs(&call.marker).len() == RUNS_OF_CHAINED);
    let mut recorders = recorders(&programs(&call.marker));
    recorders.sort_unstable();
    kill(Pid::from_raw(checker.id().cast_signed()), Signal::SIGKILL).expect("it is there");
    checker.wait().expect("it is ours");
    assert_eq!(of_checker, recorders);
}

/// The processes that this one has started, in order.
fn children(id: u32) -> Vec<i32> {
    let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|it| fs::read_to_string(it.path().join("children")).ok());
    let ids: String = lists.collect();
    let mut ids: Vec<_> = ids.split_whitespace().filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids
}

/// What each run of a shell script in the cage prints.
fn printed(options: &str, script: &str) -> Vec<Vec<String>> {
    let mut call = Call::new(&format!("chained --format json --verbose --clock real {options}"));
    call.command.args(["--", "sh", "-c", script]);
    let report = call.answer().json();
    let recordings = report["exercises"][0]["recordings"].as_array().cloned().unwrap_or_default();
    assert_eq!(recordings.len(), RUNS_OF_CHAINED, "{report:#}");
    for run in &recordings {
        assert_eq!(run["ending"]["exited"], 0, "{run:#}");
    }
    let text = |line: &Value| line["text"].as_str().expect("text").to_owned();
    let lines = |run: &Value| run["stdout"].as_array().expect("lines").iter().map(text).collect();
    recordings.iter().map(lines).collect()
}

#[test]
fn runs_side_by_side_share_nothing_that_they_may_change() {
    if !Layers::offered().namespaces {
        return;
    }
    let script = "name=$(cat /proc/sys/kernel/random/uuid)
        for at in / /etc /dev /dev/pts /usr /dev/shm /tmp; do
            touch ${at%/}/$name 2>/dev/null && echo changes $at
        done
        sleep 1
        ls / /etc /dev /dev/pts /usr /dev/shm /tmp > /tmp/names
        grep -c '^........-....-....-....-............$' /tmp/names
        ls -1 /dev/pts
        set -- /proc/[0-9]*
        echo $#";
    // No pipeline: a child that ends can interrupt the start of the next one in a cage.
    for options in ["", "--cage-without landlock,filter"] {
        for run in printed(options, script) {
            let [shared, private, names, terminal, multiplexer, processes] = &run[..] else {
                panic!("{options}: {run:?}")
            };
            assert_eq!([&**shared, private], ["changes /dev/shm", "changes /tmp"], "{options}");
            assert_eq!([&**names, terminal, multiplexer], ["2", "0", "ptmx"], "{options}");
            // The recorder and the shell.
            assert_eq!(processes, "2", "{options}");
        }
    }
}

/// A name would be seen by all in the same network. The kernel gives one to a socket that sends with
/// SO_PASSCRED (16) or SO_PASSPIDFD (76).
#[test]
fn a_pair_of_sockets_gets_no_name() {
    let script = r#"perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_SEQPACKET, 0) or die;
        sub say_whether { print $_[0] ? "done\n" : $!{EACCES} ? "refused\n" : "$!\n" }
        say_whether(bind(A, pack_sockaddr_un("\0name")));
        say_whether(setsockopt(A, SOL_SOCKET, $_, 1)) for 16, 76;
        send(A, "text", 0) or die;
        print getsockname(A) eq pack("S", AF_UNIX) ? "no name" : "a name"'"#;
    for options in ["", "--cage-without namespaces"] {
        for run in printed(options, script) {
            assert_eq!(run, ["refused", "refused", "refused", "no name"], "{options}");
        }
    }
}

/// They have nothing to reach each other with in there.
#[test]
fn only_programs_that_can_name_nothing_share_namespaces() {
    let offered = Layers::offered();
    if !offered.namespaces || !offered.filter {
        return;
    }
    for kind in ["net", "ipc"] {
        let link = format!("/proc/self/ns/{kind}");
        let outside = fs::read_link(&link).expect("a namespace");
        let outside = outside.to_str().expect("text");
        for (options, number) in [
            ("", 1),
            ("--allow-loopback", RUNS_OF_CHAINED),
            ("--cage-without filter", RUNS_OF_CHAINED),
        ] {
            let namespaces: BTreeSet<_> =
                printed(options, &format!("readlink {link}")).into_iter().flatten().collect();
            assert!(!namespaces.contains(outside), "{options}: {namespaces:?}");
            assert_eq!(namespaces.len(), number, "{options}: {namespaces:?}");
        }
    }
}

/// There are not many for all cages together, and each run needs one to begin.
#[test]
fn no_program_takes_all_pseudo_terminals() {
    if !Layers::offered().namespaces {
        return;
    }
    let script = r#"python3 -c '
import os
opened = 0
try:
    while opened < 100:
        os.openpty()
        opened += 1
except OSError: pass
print(opened)'"#;
    for run in printed("", script) {
        assert_eq!(run, ["31"], "one is where it prints");
    }
}

/// The kernel counts them for all programs of a user together.
#[test]
fn a_program_starts_while_others_pass_on_descriptors() {
    let script = "import array, os, socket, sys
pairs = [socket.socketpair() for _ in range(3)]
for one, _ in pairs:
    one.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0] * 250))])
print('sent', flush=True)
sys.stdin.read()";
    let mut other = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut sent = [0; 5];
    other.stdout.as_mut().expect("a pipe").read_exact(&mut sent).expect("it has sent them");
    for run in printed("", "echo started") {
        assert_eq!(run, ["started"]);
    }
    drop(other.stdin.take());
    assert!(other.wait().expect("it ends").success());
}

/// Nothing can be added to the folders that all cages have a copy of.
#[test]
fn what_may_be_read_may_be_where_all_cages_have_the_same() {
    let files = ["/etc/hostname", "/etc/login.defs", "/etc/shells", "/etc/fstab"];
    let found = files.iter().find(|file| Path::new(file).is_file()).expect("a file of the system");
    let expected = fs::read_to_string(found).expect("text");
    for options in ["", "--cage-without namespaces"] {
        for run in printed(&format!("--allow-read {found} {options}"), &format!("cat {found}")) {
            let first = run.first().map(String::as_str);
            assert_eq!(first, expected.lines().next(), "{options}: {run:?}");
        }
    }
}

/// Or from one that its user may not enter, such as root's home.
#[test]
fn answers_are_checked_from_a_folder_that_is_gone() {
    let [here, answers] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    write_file(&answers.path().join("countasync.sh"), "echo One");
    for cage in ["auto", "off"] {
        let gone = here.path().join(cage);
        fs::create_dir(&gone).expect("a new folder");
        let mut checker = Command::new("sh");
        checker.args(["-c", "rmdir \"$PWD\" && exec \"$0\" \"$@\"", CHECKER, "countasync"]);
        checker.args(["--format", "json", "--cage", cage, "--dir"]).arg(answers.path());
        let output = checker.current_dir(gone).output().expect("a shell");
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        assert_eq!(report["exercises"][0]["problem"], Value::Null, "{report:#}");
    }
}
