//! What is noted of tasks that do one thing after another. Each test starts itself again, with a
//! file for the events.

use std::env;
use std::fs;
use std::process::{Command, exit};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::task::yield_now;
use tokio::{spawn, time::sleep};

/// An event, without its time.
type Event = (usize, String);

/// What the program notes when it runs in a process of its own, for the test of this name.
fn text(test: &str, program: impl Future<Output = ()>) -> String {
    if env::var_os("TASK_EVENTS").is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(program);
        exit(0);
    }
    let file = NamedTempFile::new().unwrap();
    let mut again = Command::new(env::current_exe().unwrap());
    again.args(["--exact", test]).env("TASK_EVENTS", file.path());
    assert!(again.output().unwrap().status.success(), "{test}");
    fs::read_to_string(file.path()).unwrap()
}

/// The events, with their times in nanoseconds.
fn timed_events(test: &str, program: impl Future<Output = ()>) -> Vec<(u64, Event)> {
    let event = |line: &str| {
        let (at, line) = line.split_once(' ').unwrap();
        let (task, event) = line.split_once(' ').unwrap();
        (at.parse().unwrap(), (task.parse().unwrap(), event.to_owned()))
    };
    text(test, program).lines().map(event).collect()
}

/// The events of these tasks, `main` being 0.
fn events(test: &str, tasks: &[usize], program: impl Future<Output = ()>) -> Vec<Event> {
    let events = timed_events(test, program).into_iter().map(|(_, event)| event);
    events.filter(|(task, _)| tasks.contains(task)).collect()
}

fn of(task: usize, events: &[&str]) -> Vec<Event> {
    events.iter().map(|event| (task, (*event).to_owned())).collect()
}

#[test]
fn a_task_is_spawned_then_polled_until_it_is_ready() {
    let events = events("a_task_is_spawned_then_polled_until_it_is_ready", &[0, 1], async {
        spawn(async {}).await.unwrap();
    });
    let expected = [
        of(0, &["spawned", "polled"]),
        of(1, &["spawned"]),
        of(0, &["pending"]),
        of(1, &["polled", "ready"]),
        of(0, &["woken", "polled", "ready"]),
    ];
    assert_eq!(events, expected.concat());
}

#[test]
fn a_task_that_lets_others_run_is_woken_at_once() {
    let events = events("a_task_that_lets_others_run_is_woken_at_once", &[1], async {
        spawn(async { yield_now().await }).await.unwrap();
    });
    let expected = ["spawned", "polled", "pending", "woken", "polled", "ready"];
    assert_eq!(events, of(1, &expected));
}

#[test]
fn a_sleep_is_due_when_it_should_end_however_late_that_is() {
    let test = "a_sleep_is_due_when_it_should_end_however_late_that_is";
    let mut events = timed_events(test, async {
        let sleeper = spawn(sleep(Duration::from_millis(500)));
        let blocker = spawn(async { std::thread::sleep(Duration::from_secs(1)) });
        blocker.await.unwrap();
        sleeper.await.unwrap();
    });
    events.retain(|(_, (task, _))| *task == 1);
    let (at, sleeps) = events.remove(2);
    let left: u64 = sleeps.1.strip_prefix("sleeps ").unwrap().parse().unwrap();
    let rest: Vec<_> = events.iter().map(|(_, (_, event))| &**event).collect();
    assert_eq!(rest, ["spawned", "polled", "pending", "woken", "polled", "ready"]);
    assert!(left <= 500_000_000, "{left}");
    let woken = events[3].0;
    assert!(at + left + 250_000_000 < woken, "due at {}, woken only at {woken}", at + left);
}

#[test]
fn an_aborted_task_is_dropped() {
    let events = events("an_aborted_task_is_dropped", &[1, 2], async {
        let sleeper = spawn(sleep(Duration::from_secs(3600)));
        yield_now().await;
        sleeper.abort();
        assert!(sleeper.await.unwrap_err().is_cancelled());
        let never_polled = spawn(async {});
        never_polled.abort();
        assert!(never_polled.await.unwrap_err().is_cancelled());
    });
    let mut events: Vec<_> =
        events.iter().map(|(task, event)| (*task, event.split(' ').next().unwrap())).collect();
    assert_eq!(events.split_off(5), [(2, "spawned"), (2, "dropped")]);
    let first = ["spawned", "polled", "sleeps", "pending", "dropped"];
    assert_eq!(events, first.map(|event| (1, event)));
}

#[test]
fn a_panic_ends_a_poll_and_its_task() {
    let events = events("a_panic_ends_a_poll_and_its_task", &[1, 2], async {
        assert!(spawn(async { panic!("on purpose") }).await.unwrap_err().is_panic());
        spawn(async {}).await.unwrap();
    });
    let expected =
        [of(1, &["spawned", "polled", "panicked"]), of(2, &["spawned", "polled", "ready"])];
    assert_eq!(events, expected.concat());
}

#[test]
fn a_program_that_never_stops_fills_no_disk() {
    let text = text("a_program_that_never_stops_fills_no_disk", async {
        for _ in 0..10_000 {
            yield_now().await;
        }
    });
    assert_eq!(text.lines().count(), 20_001);
    assert!(text.ends_with("\nfull\n"), "{}", &text[text.len() - 100..]);
}

#[test]
fn without_a_file_it_is_tokio() {
    if env::var_os("TASK_EVENTS").is_some() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sum = async {
        let (one, two) = tokio::join!(spawn(async { 1 }), tokio::task::spawn(async { 2 }));
        one.unwrap() + two.unwrap()
    };
    assert_eq!(runtime.block_on(sum), 3);
}
