//! What something costs that starts processes and waits for them.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::time::Instant;

/// Seconds.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    pub wall: f64,
    /// Of a process and all that it has waited for.
    pub cpu: f64,
}

/// What this costs; it waits for all processes that it starts.
pub fn cost(run: impl FnOnce()) -> Cost {
    let (start, before) = (Instant::now(), cpu());
    run();
    Cost { wall: start.elapsed().as_secs_f64(), cpu: cpu() - before }
}

fn cpu() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("it is ours to ask");
    (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6
}
