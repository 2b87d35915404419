//! A program takes no more than its limits, and the report says which one it hit.

use crate::attack::{Attack, Look};
use crate::machine::{Lacks, Machine, User};
use crate::stage::{Stage, processes};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// A promise about a program that is stopped, and that nothing else may run beside.
const fn limit(
    name: &'static str,
    program: &'static str,
    options: &'static str,
    prepare: fn(&Stage) -> Look,
) -> Attack {
    Attack {
        options,
        depends_on_clock: true,
        alone: true,
        ..Attack::new("limits", name, program, prepare)
    }
}

pub const ALL: &[Attack] = &[
    limit("is a fork bomb", "fork_bomb.py", "", has_few_processes),
    limit(
        "is a fork bomb, with a session for each child",
        "fork_bomb_in_sessions.py",
        "",
        has_few_processes,
    ),
    limit(
        "is a fork bomb, in chains whose parents end at once",
        "fork_chains.py",
        "",
        has_few_processes,
    ),
    limit("starts 200 threads", "start_threads.py", "", |_| is_stopped("processes")),
    limit("starts 3000 processes, and waits for none", "forget_children.py", "", |stage| {
        stage.aim(&[&3000]);
        is_stopped("processes")
    }),
    limit("takes too much memory", "take_memory.py", MEMORY, |_| is_stopped("memory")),
    limit("takes too much memory, in twenty processes", "take_memory_in_many.py", MEMORY, |_| {
        is_stopped("memory")
    }),
    // It is refused.
    limit(
        "takes too much memory, in files that exist only there",
        "take_memory_in_files.py",
        MEMORY,
        |_| Box::new(|seen| !seen.has("took")),
    ),
    limit("writes a file of 1 GB", "write_large_file.py", "", |_| is_stopped("file")),
    limit("writes ten thousand small files", "write_many_files.py", "", |_| is_stopped("files")),
    limit(
        "fills its folder with files, none of which is large",
        "fill_folder.py",
        "--max-folder 50M",
        |_| is_stopped("folder"),
    ),
    limit("burns CPU time in two processes", "burn_cpu.py", "--max-cpu 1", |_| is_stopped("cpu")),
];

const MEMORY: &str = "--max-memory 100M";

/// The program was stopped at this limit.
fn is_stopped(limit: &'static str) -> Look {
    Box::new(move |seen| !seen.ending()["limit"][limit].is_null())
}

/// The program was stopped at its limit and, where the kernel asks the checker before a process is
/// started, nobody has seen many more. Elsewhere the checker may look too late for that.
fn has_few_processes(stage: &Stage) -> Look {
    let own = stage.path("submissions/mallory");
    let ended = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&ended);
    let most = thread::spawn(move || {
        let mut most = 0;
        while !is_over.load(Relaxed) {
            most = most.max(processes(&own));
            thread::sleep(Duration::from_millis(40));
        }
        most
    });
    // The checker's command line has the folder, too. On the virtual clock, those that are started at
    // the same time are counted a moment later, but each of them starts only one until then.
    let allowed = if stage.machine.has_filter() { 1 + 2 * 64 } else { usize::MAX };
    let is_stopped = is_stopped("processes");
    Box::new(move |seen| {
        ended.store(true, Relaxed);
        most.join().expect("no panic") <= allowed && is_stopped(seen)
    })
}

/// A program may forget about some of its children, on either clock.
#[test]
fn processes_that_have_ended_do_not_count() {
    for options in ["", "--cage-without namespaces"] {
        let machine = Machine::new(User::Ordinary, Lacks::Nothing, options);
        for clock in ["virtual", "real"] {
            let stage = Stage::new(&machine, "forget_children.py");
            stage.aim(&[&150]);
            let seen = stage.check(clock, "");
            let is_fine = seen.is_judged() && seen.has("has started 150");
            assert!(is_fine, "{clock} {options}: {seen}");
        }
    }
}

/// Then looks count, and a bomb is larger when they see it.
#[test]
fn where_nobody_can_be_asked_the_report_says_so() {
    for (lacks, is_said) in [(Lacks::Listener, true), (Lacks::Nothing, false)] {
        let machine = Machine::new(User::Ordinary, lacks, "");
        let stage = Stage::new(&machine, "fork_bomb.py");
        let seen = stage.check("real", "");
        assert!(!seen.ending()["limit"]["processes"].is_null(), "{seen}");
        let said = if is_said { json!(["bursts of processes in real time"]) } else { json!([]) };
        assert_eq!(seen.said_of("limits")["except"], said, "{seen}");
        let refused = stage.check("real", "--cage require").has("bursts of processes");
        assert_eq!(refused, is_said);
    }
}
