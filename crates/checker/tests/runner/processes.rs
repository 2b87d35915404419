//! The processes of one run, found by a variable in their environment.

use std::thread;
use std::time::{Duration, Instant};

/// An environment variable that every process of one run of the checker has, with a value that no
/// other run has.
pub const MARKER: &str = "CHECKER_TEST_RUN";

/// Ids of the processes of this run of the checker: the judged programs, and if this user may know,
/// the checker and its recorders. Empty where there is no `/proc`.
pub fn processes(marker: &str) -> Vec<i32> {
    let variable = format!("{MARKER}={marker}");
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id| {
            let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            environment.split(|&byte| byte == 0).any(|entry| entry == variable.as_bytes())
        })
        .collect()
}

/// How long to wait for anything: a machine that is busy may first have to build a program.
pub const LIMIT: Duration = Duration::from_secs(300);

/// Waits for this.
#[track_caller]
pub fn wait_until(what: &str, is_true: impl Fn() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !is_true() {
        assert!(Instant::now() < deadline, "not so in time: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
