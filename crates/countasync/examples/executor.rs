//! countasync without tokio. This event loop prints what it keeps, at each turn: a queue of tasks
//! that are ready to run and a list of alarms.
//!
//! Run it in the folder of countasync with `cargo run --example executor`.

use common::timing::Stopwatch;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// The tasks that are ready to run, by their numbers.
static READY: Mutex<VecDeque<usize>> = Mutex::new(VecDeque::new());

/// When to wake a task, and its waker. The first alarm is the next to go off.
static ALARMS: Mutex<Vec<(Instant, Waker)>> = Mutex::new(Vec::new());

struct Sleep {
    due: Instant,
}

fn sleep(duration: Duration) -> Sleep {
    Sleep { due: Instant::now() + duration }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.due {
            return Poll::Ready(());
        }
        let mut alarms = ALARMS.lock().unwrap();
        alarms.push((self.due, context.waker().clone())); // without it, nobody would poll again
        alarms.sort_by_key(|(due, _)| *due);
        Poll::Pending
    }
}

/// What the waker of a task does: it puts this number in the queue.
struct TaskNumber(usize);

impl Wake for TaskNumber {
    fn wake(self: Arc<Self>) {
        READY.lock().unwrap().push_back(self.0);
    }
}

struct Task {
    name: String,
    future: Pin<Box<dyn Future<Output = ()>>>,
    waker: Waker,
}

fn spawn(tasks: &mut Vec<Task>, future: impl Future<Output = ()> + 'static) {
    let waker = Waker::from(Arc::new(TaskNumber(tasks.len())));
    waker.wake_by_ref(); // a new task is ready to run
    let name = format!("count {}", tasks.len() + 1);
    tasks.push(Task { name, future: Box::pin(future), waker });
}

/// The event loop. At each turn it runs the first task that is ready. If there is none, it waits
/// for the first alarm; if there is no alarm either, it ends.
fn run(mut tasks: Vec<Task>) {
    let start = Instant::now();
    loop {
        show(&tasks, start);
        let next = READY.lock().unwrap().pop_front();
        if let Some(number) = next {
            let Task { future, waker, .. } = &mut tasks[number];
            // Nothing to do, whatever it returns: a task comes back only if its waker is called.
            let _ = future.as_mut().poll(&mut Context::from_waker(waker));
        } else {
            let Some((due, waker)) = first_alarm() else { return };
            while let Some(left) = due.checked_duration_since(Instant::now()) {
                thread::park_timeout(left); // may return early
            }
            waker.wake();
        }
    }
}

fn first_alarm() -> Option<(Instant, Waker)> {
    let mut alarms = ALARMS.lock().unwrap();
    if alarms.is_empty() { None } else { Some(alarms.remove(0)) }
}

/// Prints the queue and the alarms, with the seconds since the start at which they are due.
fn show(tasks: &[Task], start: Instant) {
    let ready = READY.lock().unwrap();
    let ready = ready.iter().map(|number| tasks[*number].name.clone());
    let alarms = ALARMS.lock().unwrap();
    let alarms = alarms.iter().map(|(due, waker)| {
        let task = tasks.iter().find(|task| task.waker.will_wake(waker)).expect("its task");
        format!("{} at {:.0} s", task.name, (*due - start).as_secs_f64())
    });
    println!("ready: {}; alarms: {}", list(ready), list(alarms));
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { "none".into() } else { items.join(", ") }
}

async fn count() {
    println!("One");
    sleep(Duration::from_secs(1)).await;
    println!("Two");
}

fn main() {
    sigpipe::reset(); // a closed pipe ends the program, as in C

    let stopwatch = Stopwatch::start();
    let mut tasks = Vec::new();
    for _ in 0..3 {
        spawn(&mut tasks, count());
    }
    run(tasks);
    println!("executor executed in {stopwatch} seconds.");
}
