//! A program reaches no process outside, leaves none behind, and gets no privileges.

use crate::attack::{Attack, Look};
use crate::files::nothing_is_told;
use crate::stage::{Bystander, Stage, processes};
use std::fs;

/// Processes are traced by the checker on the virtual clock.
const fn attack(name: &'static str, program: &'static str, prepare: fn(&Stage) -> Look) -> Attack {
    Attack { depends_on_clock: true, ..Attack::new("processes", name, program, prepare) }
}

pub const ALL: &[Attack] = &[
    attack("kills another process", "signal_others.py", |stage| {
        let mut bystander = stage.bystander();
        stage.aim(&[&format!("{} SIGKILL", bystander.id())]);
        Box::new(move |_| bystander.is_alive())
    }),
    attack("kills its recorder", "signal_parent.py", |stage| {
        stage.aim(&[&"SIGKILL"]);
        is_judged()
    }),
    attack("stops its recorder", "signal_parent.py", |stage| {
        stage.aim(&[&"SIGSTOP"]);
        is_judged()
    }),
    attack("traces another process", "trace_others.py", |stage| {
        let mut bystander = stage.bystander();
        stage.aim(&[&bystander.id()]);
        Box::new(move |_| bystander.is_alive())
    }),
    attack("traces its recorder", "trace_parent.py", |stage| {
        stage.aim(&[]);
        is_judged()
    }),
    attack("reads another process's environment", "read_files.py", |stage| {
        let bystander = stage.bystander();
        stage.aim(&[&format!("/proc/{}/environ", bystander.id())]);
        let look = nothing_is_told(stage);
        Box::new(move |seen| {
            drop(bystander);
            look(seen)
        })
    }),
    attack("reads another process's command line", "read_files.py", |stage| {
        let bystander = stage.bystander();
        stage.aim(&[&format!("/proc/{}/cmdline", bystander.id())]);
        let look = nothing_is_told(stage);
        Box::new(move |seen| {
            drop(bystander);
            look(seen)
        })
    }),
    attack("limits and slows another process", "limit_others.py", |stage| {
        let bystander = stage.bystander();
        stage.aim(&[&bystander.id()]);
        let before = settings(&bystander);
        Box::new(move |_| settings(&bystander) == before)
    }),
    attack("limits its recorder", "limit_parent.py", |stage| {
        stage.aim(&[]);
        is_judged()
    }),
    attack("writes to what its recorder has open", "forge_answer.py", |stage| {
        stage.aim(&[]);
        is_judged()
    }),
    attack("leaves processes behind", "outlive.py", |stage| {
        stage.aim(&[]);
        let own = stage.path("submissions/mallory");
        Box::new(move |_| processes(&own) == 0)
    }),
    attack("leaves shared memory behind", "leave_shared_memory.py", |stage| {
        let key = rand::random_range(1..i32::MAX);
        stage.aim(&[&key]);
        Box::new(move |_| {
            let all = fs::read_to_string("/proc/sysvipc/shm").expect("Linux has it");
            let keys = all.lines().filter_map(|line| line.split_whitespace().next());
            let is_left = keys.filter(|found| *found == key.to_string()).count() > 0;
            if is_left {
                let removed =
                    std::process::Command::new("ipcrm").args(["-M", &key.to_string()]).status();
                assert!(removed.expect("ipcrm, of util-linux").success());
            }
            !is_left
        })
    }),
    attack("becomes root in namespaces of its own", "make_namespaces.py", |stage| {
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
