//! The processes of one run, found by a variable in their environment.

use std::ffi::OsString;
use std::thread;
use std::time::{Duration, Instant};

/// A variable that every process of one run of the checker gets: `PATH`, with a folder at its end that
/// is not there. Of those that programs in a cage get, it is the only one that they do not heed.
pub fn mark(marker: &str) -> (&'static str, OsString) {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(end_of_path(marker));
    ("PATH", path)
}

fn end_of_path(marker: &str) -> String {
    format!(":/checker-test-run/{marker}")
}

/// Ids of the processes of this run of the checker: the judged programs, and if this user may know,
/// the checker and its recorders. Empty where there is no `/proc`.
pub fn processes(marker: &str) -> Vec<i32> {
    let end = end_of_path(marker).into_bytes();
    let is_marked = |entry: &[u8]| entry.starts_with(b"PATH=") && entry.ends_with(&end);
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id| {
            let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            environment.split(|&byte| byte == 0).any(is_marked)
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
