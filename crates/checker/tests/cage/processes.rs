//! A program reaches no process outside, leaves none behind, and gets no privileges.

use crate::files::nothing_is_told;
use crate::promise::{Look, Promise};
use crate::stage::{Bystander, processes};
use std::fs;

pub const ALL: &[Promise] = &[
    Promise::new("kills no process", "signal_others.py", |stage| {
        let mut bystander = stage.bystander();
        stage.aim(&[&format!("{} SIGKILL", bystander.id())]);
        Box::new(move |_| bystander.is_alive())
    }),
    Promise::new("does not kill its recorder", "signal_parent.py", |stage| {
        stage.aim(&[&"SIGKILL"]);
        is_judged()
    }),
    Promise::new("does not stop its recorder", "signal_parent.py", |stage| {
        stage.aim(&[&"SIGSTOP"]);
        is_judged()
    }),
    Promise::new("traces no process", "trace_others.py", |stage| {
        let mut bystander = stage.bystander();
        stage.aim(&[&bystander.id()]);
        Box::new(move |_| bystander.is_alive())
    }),
    Promise::new("does not trace its recorder", "trace_parent.py", |stage| {
        stage.aim(&[]);
        is_judged()
    }),
    Promise::new("reads no environment of a process", "read_files.py", |stage| {
        let bystander = stage.bystander();
        stage.aim(&[&format!("/proc/{}/environ", bystander.id())]);
        let look = nothing_is_told(stage);
        Box::new(move |seen| {
            drop(bystander);
            look(seen)
        })
    }),
    Promise::new("limits no process", "limit_others.py", |stage| {
        let bystander = stage.bystander();
        stage.aim(&[&bystander.id()]);
        let before = settings(&bystander);
        Box::new(move |_| settings(&bystander) == before)
    }),
    Promise::new("does not limit its recorder", "limit_parent.py", |stage| {
        stage.aim(&[]);
        is_judged()
    }),
    Promise::new("opens nothing that its recorder has open", "forge_answer.py", |stage| {
        stage.aim(&[]);
        is_judged()
    }),
    Promise::new("leaves no process behind", "outlive.py", |stage| {
        stage.aim(&[]);
        let own = stage.path("submissions/mallory");
        Box::new(move |_| processes(&own) == 0)
    }),
    Promise::new("leaves no shared memory behind", "leave_shared_memory.py", |stage| {
        let key = rand::random_range(1..i32::MAX);
        stage.aim(&[&key]);
        Box::new(move |_| {
            let all = fs::read_to_string("/proc/sysvipc/shm").expect("Linux has it");
            let keys = all.lines().filter_map(|line| line.split_whitespace().next());
            let is_left = keys.filter(|found| *found == key.to_string()).count() > 0;
            if is_left {
                let removed = std::process::Command::new("ipcrm").args(["-M", &key.to_string()]).status();
                assert!(removed.expect("ipcrm, of util-linux").success());
            }
            !is_left
        })
    }),
    Promise::new("makes no namespaces", "make_namespaces.py", |stage| {
        stage.aim(&[]);
        Box::new(|seen| !seen.has("has namespaces of its own"))
    }),
];

/// The program ended by itself, and was judged by what it printed.
fn is_judged() -> Look {
    Box::new(|seen| seen.is_judged())
}

/// What others can change about a process: its limits, its processors, its turns.
fn settings(process: &Bystander) -> [String; 3] {
    let read = |file: &str| {
        let path = format!("/proc/{}/{file}", process.id());
        fs::read_to_string(path).expect("it is running")
    };
    let processors = read("status");
    let processors = processors.lines().find(|line| line.starts_with("Cpus_allowed:"));
    let scheduling = read("stat");
    // Its priority and its niceness, and how it is scheduled.
    let fields: Vec<_> = scheduling.split_whitespace().collect();
    [
        read("limits"),
        processors.expect("Linux says so").to_owned(),
        format!("{} {} {}", fields[17], fields[18], fields[40]),
    ]
}
