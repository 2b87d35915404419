//! A program takes no more than its limits, and the report says which one it hit.

use crate::promise::{Look, Promise};
use crate::stage::{Stage, processes};
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
) -> Promise {
    Promise { name, program, options, alone: true, prepare }
}

pub const ALL: &[Promise] = &[
    limit("has 64 processes: a fork bomb", "fork_bomb.py", "", has_few_processes),
    limit("each in a session of its own", "fork_bomb_in_sessions.py", "", has_few_processes),
    limit("in chains whose parents end at once", "fork_chains.py", "", has_few_processes),
    limit("or threads", "start_threads.py", "", |_| is_stopped("processes")),
    limit("takes little memory: in one process", "take_memory.py", MEMORY, |_| is_stopped("memory")),
    limit("in twenty", "take_memory_in_many.py", MEMORY, |_| is_stopped("memory")),
    // It is refused.
    limit("in files that are only in memory", "take_memory_in_files.py", MEMORY, |_| {
        Box::new(|seen| !seen.has("took"))
    }),
    limit("writes no large file", "write_large_file.py", "", |_| is_stopped("file")),
    limit("writes few files", "write_many_files.py", "", |_| is_stopped("files")),
    limit("that are small in all", "fill_folder.py", "", |_| is_stopped("folder")),
    limit("burns little CPU time in all", "burn_cpu.py", "--max-cpu 1", |_| is_stopped("cpu")),
];

const MEMORY: &str = "--max-memory 200M";

/// The program was stopped at this limit.
fn is_stopped(limit: &'static str) -> Look {
    Box::new(move |seen| !seen.ending()["limit"][limit].is_null())
}

/// The program was stopped at its limit, and nobody has seen more than that.
fn has_few_processes(stage: &Stage) -> Look {
    let own = stage.path("submissions/mallory");
    let ended = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&ended);
    let most = thread::spawn(move || {
        let mut most = 0;
        while !is_over.load(Relaxed) {
            most = most.max(processes(&own));
            thread::sleep(Duration::from_millis(20));
        }
        most
    });
    let is_stopped = is_stopped("processes");
    Box::new(move |seen| {
        ended.store(true, Relaxed);
        let most = most.join().expect("no panic");
        // The checker's command line has it, too. Those that start others at the same time are counted a
        // moment later, but each of them starts only one until then.
        most <= 1 + 2 * 64 && is_stopped(seen)
    })
}
