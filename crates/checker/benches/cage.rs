//! What the cage costs, and whether a program in it slows the checks beside it: `scripts/bench-cage`.
//!
//! The checker is the one that `scripts/check` builds. All costs of a line are measured in turn, so that
//! whatever else the machine does meanwhile falls on all of them.

mod cost;
#[expect(dead_code, reason = "the tests need the rest")]
#[path = "../tests/cage/machine.rs"]
mod machine;
#[expect(dead_code, reason = "the tests need the rest")]
#[path = "../tests/runner/scripts.rs"]
mod scripts;

use cost::{Cost, cost};
use machine::{Lacks, Machine, User, copy_program};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::scope;

/// How often each cost is measured. What is printed is the middle one.
const ROUNDS: usize = 7;
/// How many checks run beside a hostile program.
const CHECKS: usize = 5;

/// Without a cage, with each of its layers alone, and with all of them.
const CAGES: [(&str, &str); 5] = [
    ("off", "--cage off"),
    ("namespaces", "--cage-without landlock,filter"),
    ("Landlock", "--cage-without namespaces,filter"),
    ("filter", "--cage-without namespaces,landlock"),
    ("all", ""),
];

/// What the cage might make slower: starting, starting others, and opening files.
const PROGRAMS: [(&str, &[&str]); 4] = [
    ("prints a line", &["IMPOSTOR", "print", "One"]),
    ("prints a line, Python", &["python3", "-c", "print('One')"]),
    ("starts 100 programs", &["sh", "-c", "for i in $(seq 100); do /bin/true; done; echo One"]),
    (
        "opens 20,000 files, Python",
        &["python3", "-c", "for i in range(20000): open('/etc/passwd').close()\nprint('One')"],
    ),
];

/// What a hostile program does beside a check. All of them end by themselves.
const HOSTILE: [(&str, &[&str]); 4] = [
    ("nobody", &[]),
    ("a fork bomb, once again as soon as it is stopped", &["IMPOSTOR", "chains", "300", "3000"]),
    ("20 chains whose parents end at once", &["IMPOSTOR", "chains", "20", "3000"]),
    (
        "40 processes that compute",
        &["sh", "-c", "for i in $(seq 40); do IMPOSTOR spin 2000 & done; wait"],
    ),
];

/// A check on this machine, which has the impostor as well.
fn check(machine: &Machine, options: &str, program: &[&str]) -> Command {
    let impostor = machine.folder().join("impostor").display().to_string();
    let mut command = Command::new(machine.checker());
    command.args(["countasync", "--format", "json", "--verbose"]).args(options.split_whitespace());
    command.arg("--").args(program.iter().map(|word| word.replace("IMPOSTOR", &impostor)));
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command.current_dir(machine.folder());
    // Without the shims of a home folder: looking behind them would be measured, too.
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", machine.folder());
    machine.on_this_machine(&mut command);
    command
}

fn finish(command: &mut Command) {
    let status = command.stdout(Stdio::null()).status().expect("the checker");
    assert_eq!(status.code(), Some(1), "it is judged: {command:?}");
}

fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// A line for each program and clock: the cost without a cage, and how many times that with one.
fn print_costs(machine: &Machine) {
    let names = CAGES.map(|(name, _)| format!("{name:>10}")).concat();
    println!("{:36}{names} |{names}", "");
    for (name, program) in PROGRAMS {
        for clock in ["virtual", "real"] {
            let mut costs = CAGES.map(|_| Vec::new());
            for _ in 0..ROUNDS {
                for ((_, cage), costs) in CAGES.iter().zip(&mut costs) {
                    let options = format!("--clock {clock} {cage}");
                    costs.push(cost(|| finish(&mut check(machine, &options, program))));
                }
            }
            let middles = |of: fn(&Cost) -> f64| {
                costs.each_ref().map(|costs| middle(costs.iter().map(of).collect()))
            };
            let cells = |middles: [f64; 5]| -> String {
                let ratios = middles[1..].iter().map(|it| format!("{:9.2}x", it / middles[0]));
                format!("{:7.0} ms{}", 1000.0 * middles[0], ratios.collect::<String>())
            };
            let (wall, cpu) = (middles(|cost| cost.wall), middles(|cost| cost.cpu));
            println!("{:36}{} |{}", format!("{name}, {clock}"), cells(wall), cells(cpu));
        }
    }
}

/// What became of a right program in real time.
#[derive(Default)]
struct Beside {
    /// By how many seconds its gap of one second was off, at most.
    error: f64,
    /// The machine's worst lag, as the checker has noted it.
    lag: f64,
    verdicts: Vec<String>,
}

impl Beside {
    fn add(&mut self, report: &[u8]) {
        let report: Value = serde_json::from_slice(report).expect("a report");
        let exercise = &report["exercises"][0];
        let attempts = exercise["attempts"].as_array().into_iter().flatten();
        for attempt in attempts {
            self.lag = self.lag.max(attempt["lag"].as_f64().unwrap_or_default());
        }
        let lines = exercise["recordings"][0]["stdout"].as_array().into_iter().flatten();
        let at: Vec<_> = lines.filter_map(|line| line["at"].as_f64()).collect();
        if let [_, _, before, after, ..] = at[..] {
            self.error = self.error.max((after - before - 1.0).abs());
        }
        self.verdicts.push(exercise["verdict"].as_str().unwrap_or("no verdict").to_owned());
    }
}

/// A line for each hostile program, in a cage and without one.
fn print_neighbours(name: &str, machine: &Machine) {
    let good = [&["IMPOSTOR"], &scripts::words(scripts::GOOD)[..]].concat();
    for (hostile, program) in HOSTILE {
        for cage in ["--cage off", ""] {
            let ended = AtomicBool::new(program.is_empty());
            let mut beside = Beside::default();
            scope(|scope| {
                scope.spawn(|| {
                    while !ended.load(Relaxed) {
                        let options = format!("--clock real --time-limit 4 {cage}");
                        let mut command = check(machine, &options, program);
                        let _ = command.stdout(Stdio::null()).status();
                    }
                });
                for _ in 0..CHECKS {
                    let mut command = check(machine, "--clock real", &good);
                    beside.add(&command.output().expect("the checker").stdout);
                }
                ended.store(true, Relaxed);
            });
            beside.verdicts.sort();
            beside.verdicts.dedup();
            println!(
                "{name:10} {hostile:50} {:10} {:6.3} {:6.3}  {}",
                if cage.is_empty() { "cage" } else { "no cage" },
                beside.error,
                beside.lag,
                beside.verdicts.join(", "),
            );
        }
    }
}

fn main() {
    let mut users = vec![("a user", User::Ordinary)];
    if rustix::process::geteuid().is_root() {
        users.insert(0, ("root", User::Root));
    }
    let machines = users.into_iter().map(|(name, user)| {
        let machine = Machine::new(user, Lacks::Nothing, "");
        let impostor = Path::new(env!("CARGO_BIN_EXE_impostor"));
        copy_program(impostor, &machine.folder().join("impostor"));
        (name, machine)
    });
    let machines: Vec<_> = machines.collect();
    for (name, machine) in &machines {
        println!(
            "A check by {name}: wall time, and CPU time. Of the cages, times that without one.\n"
        );
        print_costs(machine);
        println!();
    }
    println!(
        "A right program in real time, beside another: by how many seconds its gap of one second is \
         off, and the machine's lag.\nThe worst of {CHECKS} checks. A gap may be 0.3 s longer, and more on \
         a machine that lags.\n"
    );
    machines.iter().for_each(|(name, machine)| print_neighbours(name, machine));
}
