//! Programs that start processes faster than they can be looked at. They have a test binary to
//! themselves, as they leave next to nothing of the machine to others. They end after some seconds,
//! whatever the checker does.
#![cfg(target_os = "linux")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How many chains run side by side, and for how many milliseconds.
const CHAINS: &str = "30";
const MILLISECONDS: &str = "15000";

/// The checker, which grades this program.
fn checker(time_limit: &str, clock: &str, program: &Path) -> Command {
    let mut checker = Command::new(env!("CARGO_BIN_EXE_checker"));
    // In a cage, there would soon be too many processes.
    checker.args(["countasync", "--cage", "off", "--format", "json", "--clock", clock]);
    checker.args(["--time-limit", time_limit, "--"]);
    checker.arg(program).args(["print", "One", "chains", CHAINS, MILLISECONDS, "sleep", "1000000"]);
    checker
}

/// How many processes of this name there are, zombies included.
fn number(name: &str) -> usize {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = all.filter_map(|entry| fs::read_to_string(entry.path().join("comm")).ok());
    names.filter(|found| found.trim_end() == name).count()
}

#[test]
fn chains_of_processes_are_reaped_as_they_end_and_end_when_they_are_killed() {
    // Its name identifies it even as a zombie.
    let folder = tempfile::tempdir().expect("a folder");
    let name = format!("link{}", std::process::id());
    let program = folder.path().join(&name);
    fs::copy(env!("CARGO_BIN_EXE_impostor"), &program).expect("a copy");
    let links = || number(&name);

    let mut run =
        checker("4", "real", &program).stdout(Stdio::piped()).spawn().expect("the checker");
    let (mut most, start) = (0, Instant::now());
    while run.try_wait().expect("it is ours").is_none() {
        most = most.max(links());
        sleep(Duration::from_millis(100));
    }
    let took = start.elapsed();
    let output = run.wait_with_output().expect("it is ours");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let ends = &report["exercises"][0]["criteria"][0]["reason"]["mistake"];
    assert_eq!(ends, "never-ends", "{report:#}");
    assert_eq!(links(), 0);
    assert!(most < 5000, "{most} processes");
    assert!(took < Duration::from_secs(14), "{took:?}");

    for clock in ["real", "virtual"] {
        let mut run = checker("60", clock, &program).spawn().expect("the checker");
        sleep(Duration::from_secs(2));
        assert!(links() > 0, "{clock}");
        run.kill().expect("it is ours");
        run.wait().expect("it is ours");
        let killed = Instant::now();
        while links() > 0 {
            assert!(killed.elapsed() < Duration::from_secs(10), "{clock}: {} are left", links());
            sleep(Duration::from_millis(100));
        }
    }
}
