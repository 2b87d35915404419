//! Stands in for tokio, and notes what happens to each task: when it is spawned, polled and woken,
//! what each poll returns, and when its sleep is due.
//!
//! A program needs no change for it. It is built with this crate under the name `tokio`, which
//! passes on everything of tokio, but for what it wraps: `spawn`, `sleep`, and the runtime that
//! `#[tokio::main]` makes. Tasks that are started in other ways are not noted.
//!
//! Each event is a line in the file that the environment variable `TASK_EVENTS` names, written right
//! away: when it was, in nanoseconds since 1970, the number of the task, and what happened to it.
//! Task 0 is `main`; the others count from 1, in the order in which they were spawned.
//!
//! ```text
//! 1764354370000051200 1 polled
//! 1764354370000082300 1 sleeps 999974000    its sleep is due in so many nanoseconds
//! 1764354370000085900 1 pending
//! 1764354371001153700 1 woken
//! 1764354371001161000 1 polled
//! 1764354371001190400 1 ready
//! ```
//!
//! The others are `spawned`; `panicked`, in a poll; and `dropped`, if the task was aborted. A program
//! whose events are too many to be noted ends them with `full`.

pub use real::*;

use real::task::JoinHandle;
use std::cell::Cell;
use std::fmt::{Display, Write as _};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
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
    let mut line = match EVENTS.fetch_add(1, Relaxed) {
        ..MOST_EVENTS => String::new(),
        MOST_EVENTS => "full\n".into(),
        _ => return,
    };
    if line.is_empty() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let _ = writeln!(line, "{} {task} {event}", now.as_nanos());
    }
    // In one piece, and without a buffer: the program may be killed at any moment. The program comes
    // first: whether this works is not its concern.
    let _ = file.write_all(line.as_bytes());
}

thread_local! {
    /// The task that is being polled.
    static CURRENT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// A future that is a task of its own.
struct Task<F> {
    number: usize,
    future: Pin<Box<F>>,
    is_over: bool,
}

impl<F: Future> Task<F> {
    fn new(number: usize, future: F) -> Self {
        note(number, "spawned");
        Self { number, future: Box::pin(future), is_over: false }
    }
}

impl<F: Future> Future for Task<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<F::Output> {
        let waker = context.waker().clone();
        let waker = Waker::from(Arc::new(NotedWaker { task: self.number, waker }));
        self.is_over = true; // unless it returns that it is not
        let mut turn = Turn::begin(self.number);
        let polled = self.future.as_mut().poll(&mut Context::from_waker(&waker));
        turn.ends = if polled.is_ready() { "ready" } else { "pending" };
        self.is_over = polled.is_ready();
        polled
    }
}

impl<F> Drop for Task<F> {
    fn drop(&mut self) {
        if !self.is_over {
            note(self.number, "dropped");
        }
    }
}

/// One poll, noted at its beginning and at its end, even if that is a panic.
struct Turn {
    task: usize,
    ends: &'static str,
}

impl Turn {
    fn begin(task: usize) -> Self {
        note(task, "polled");
        CURRENT.set(Some(task));
        Self { task, ends: "panicked" }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        CURRENT.set(None);
        note(self.task, self.ends);
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

pub mod task {
    pub use crate::spawn;
    pub use real::task::*;
}

pub mod time {
    use super::*;
    pub use real::time::*;

    /// `tokio::time::sleep`.
    pub fn sleep(duration: Duration) -> Sleep {
        Sleep(Box::pin(real::time::sleep(duration)))
    }

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

    pub struct Runtime(real::runtime::Runtime);

    impl Runtime {
        pub fn block_on<F: Future>(&self, future: F) -> F::Output {
            self.0.block_on(Task::new(0, future))
        }
    }
}
