//! Stands in for tokio, and notes what happens to each task. A program needs no change for it: it
//! is built with this crate under the name `tokio`, which re-exports all of tokio except what it
//! wraps: `spawn`, `sleep`, and the runtime of `#[tokio::main]`. Tasks that are started in other
//! ways, such as in a `JoinSet`, are not noted.
//!
//! Each event is a line in the file that the environment variable `TASK_EVENTS` names: when it
//! happened, in nanoseconds since 1970, the number of the task, and what happened to it. Task 0 is
//! `main`; the others count from 1, in the order in which they were spawned.
//!
//! ```text
//! 1764354370000021500 1 spawned
//! 1764354370000051200 1 polled
//! 1764354370000082300 1 sleeps 999974000    its sleep is due in this many nanoseconds
//! 1764354370000085900 1 pending
//! 1764354371001153700 1 woken
//! 1764354371001161000 1 polled
//! 1764354371001190400 1 ready
//! ```
//!
//! Instead of `ready`, a task ends with `panicked`, or with `dropped` if it was aborted. A last line
//! `full` means that there were too many events to note all of them.

pub use real::*;

use real::task::JoinHandle;
use std::cell::Cell;
use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{SystemTime, UNIX_EPOCH};

/// A program that never stops must not fill the disk.
const MOST_EVENTS: usize = 20_000;

/// Where the events go, if anywhere.
static FILE: LazyLock<Option<File>> = LazyLock::new(|| {
    let path = std::env::var_os("TASK_EVENTS")?;
    OpenOptions::new().append(true).open(path).ok()
});

fn note(task: usize, event: impl Display) {
    static EVENTS: AtomicUsize = AtomicUsize::new(0);
    let Some(mut file) = FILE.as_ref() else { return };
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let line = match EVENTS.fetch_add(1, Relaxed) {
        ..MOST_EVENTS => format!("{} {task} {event}\n", now()),
        MOST_EVENTS => "full\n".into(),
        _ => return,
    };
    // At once, as the program may be killed at any moment. If it fails, the program goes on.
    let _ = file.write_all(line.as_bytes());
}

thread_local! {
    /// The task that is being polled.
    static CURRENT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The future of a task.
struct Task<F> {
    number: usize,
    future: Pin<Box<F>>,
    /// What it means if the future is dropped now.
    if_dropped: Option<&'static str>,
}

impl<F: Future> Task<F> {
    fn new(number: usize, future: F) -> Self {
        note(number, "spawned");
        Self { number, future: Box::pin(future), if_dropped: Some("dropped") }
    }
}

impl<F: Future> Future for Task<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<F::Output> {
        let waker = NotedWaker { task: self.number, waker: context.waker().clone() };
        note(self.number, "polled");
        self.if_dropped = Some("panicked");
        CURRENT.set(Some(self.number));
        let polled = self.future.as_mut().poll(&mut Context::from_waker(&Arc::new(waker).into()));
        CURRENT.set(None);
        self.if_dropped = polled.is_pending().then_some("dropped");
        note(self.number, if polled.is_pending() { "pending" } else { "ready" });
        polled
    }
}

impl<F> Drop for Task<F> {
    fn drop(&mut self) {
        if let Some(event) = self.if_dropped {
            CURRENT.set(None);
            note(self.number, event);
        }
    }
}

/// Notes that a task is woken, and wakes it.
struct NotedWaker {
    task: usize,
    waker: Waker,
}

impl Wake for NotedWaker {
    fn wake(self: Arc<Self>) {
        note(self.task, "woken");
        self.waker.wake_by_ref();
    }
}

/// `tokio::spawn`.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    static SPAWNED: AtomicUsize = AtomicUsize::new(0);
    real::spawn(Task::new(SPAWNED.fetch_add(1, Relaxed) + 1, future))
}

/// `tokio::task`, with this `spawn`.
pub mod task {
    pub use crate::spawn;
    pub use real::task::*;
}

/// `tokio::time`, with a sleep that is noted.
pub mod time {
    use super::*;
    pub use real::time::*;

    /// `tokio::time::sleep`.
    pub fn sleep(duration: Duration) -> Sleep {
        Sleep(Box::pin(real::time::sleep(duration)))
    }

    /// `tokio::time::Sleep`. Each poll that leaves it pending is noted.
    pub struct Sleep(Pin<Box<real::time::Sleep>>);

    impl Future for Sleep {
        type Output = ();

        fn poll(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<()> {
            let polled = self.0.as_mut().poll(context);
            if let (Poll::Pending, Some(task)) = (polled, CURRENT.get()) {
                let left = self.0.deadline().saturating_duration_since(Instant::now());
                note(task, format_args!("sleeps {}", left.as_nanos()));
            }
            polled
        }
    }
}

/// `tokio::runtime`, with a runtime whose `main` is noted.
pub mod runtime {
    use super::*;
    pub use real::runtime::*;

    /// As much of `tokio::runtime::Builder` as `#[tokio::main(flavor = "current_thread")]` uses.
    pub struct Builder(real::runtime::Builder);

    impl Builder {
        pub fn new_current_thread() -> Self {
            Self(real::runtime::Builder::new_current_thread())
        }

        pub fn enable_all(&mut self) -> &mut Self {
            self.0.enable_all();
            self
        }

        pub fn build(&mut self) -> std::io::Result<Runtime> {
            self.0.build().map(Runtime)
        }
    }

    /// As much of `tokio::runtime::Runtime`.
    pub struct Runtime(real::runtime::Runtime);

    impl Runtime {
        /// As in tokio; the future is task 0.
        pub fn block_on<F: Future>(&self, future: F) -> F::Output {
            self.0.block_on(Task::new(0, future))
        }
    }
}
