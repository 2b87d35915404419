//! What a program that is built with the crate `instrument` notes of its tasks: see there.

use super::Job;
use crate::recording::{Poll, Task};
use cage::Entered;
use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::time::Duration;
use tempfile::NamedTempFile;

/// Names the file to the program.
const VARIABLE: &str = "TASK_EVENTS";

/// How many bytes of it are read at most: more than an instrument writes.
const LIMIT: u64 = 1 << 21;

/// The file to which the program writes the events, if that is asked for.
pub struct TaskEvents(Option<NamedTempFile>);

impl TaskEvents {
    /// In a cage, the file is in the program's private folder, as it can write to no other.
    pub fn new(job: &Job, cage: Option<&Entered>) -> io::Result<Self> {
        let new = || match cage {
            Some(cage) => NamedTempFile::new_in(cage.private_folder()),
            None => NamedTempFile::new(),
        };
        Ok(Self(job.tasks.then(new).transpose()?))
    }

    /// Tells the program about the file.
    pub fn hand_to(&self, command: &mut Command) {
        match &self.0 {
            Some(file) => command.env(VARIABLE, file.path()),
            None => command.env_remove(VARIABLE),
        };
    }

    /// The tasks of a program that began at this time since 1970, and took this many seconds.
    pub fn tasks(&self, began: Duration, seconds: f64) -> Vec<Task> {
        let Some(file) = &self.0 else { return Vec::new() };
        match text(file) {
            Ok(text) => tasks(&String::from_utf8_lossy(&text), began, seconds),
            Err(_) => Vec::new(),
        }
    }
}

/// What has been written to the file. Its name may stand for something else by now, such as a pipe
/// that would never end.
fn text(file: &NamedTempFile) -> io::Result<Vec<u8>> {
    let file = file.as_file();
    let mut text = vec![0; file.metadata()?.len().min(LIMIT) as usize];
    let mut length = 0;
    loop {
        match file.read_at(&mut text[length..], length as u64) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    text.truncate(length);
    Ok(text)
}

fn tasks(text: &str, began: Duration, seconds: f64) -> Vec<Task> {
    let mut tasks: BTreeMap<usize, Task> = BTreeMap::new();
    for line in text.lines() {
        // A part of the events would tell a wrong story.
        if line == "full" {
            return Vec::new();
        }
        // The last line may have been cut off.
        let Some((at, number, event)) = event(line) else { continue };
        let at = (i128::from(at) - began.as_nanos() as i128) as f64 / 1e9;
        let new = Task { spawned: at, polls: Vec::new(), done: None, dropped: None };
        let task = tasks.entry(number).or_insert(new);
        if event == Event::Polled {
            task.polls.push(Poll { from: at, to: seconds, again: None });
        }
        let mut none = Poll { from: at, to: at, again: None };
        let poll = task.polls.last_mut().unwrap_or(&mut none);
        let mut wants_again = |at: f64| poll.again = Some(poll.again.map_or(at, |it| it.min(at)));
        match event {
            Event::Woken => wants_again(at),
            Event::Sleeps { nanoseconds } => wants_again(at + nanoseconds as f64 / 1e9),
            Event::Pending => poll.to = at,
            Event::Ready => (poll.to, task.done) = (at, Some(at)),
            Event::Panicked => (poll.to, task.dropped) = (at, Some(at)),
            Event::Dropped => task.dropped = Some(at),
            Event::Spawned | Event::Polled => {}
        }
    }
    tasks.into_values().collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Spawned,
    Polled,
    Sleeps { nanoseconds: u64 },
    Pending,
    Ready,
    Panicked,
    Woken,
    Dropped,
}

/// When it was, in nanoseconds since 1970, the number of the task, and what happened to it.
fn event(line: &str) -> Option<(u64, usize, Event)> {
    let words: Vec<_> = line.split(' ').collect();
    let (at, number, words) = (words.first()?, words.get(1)?, words.get(2..)?);
    let event = match words {
        ["spawned"] => Event::Spawned,
        ["polled"] => Event::Polled,
        ["sleeps", nanoseconds] => Event::Sleeps { nanoseconds: nanoseconds.parse().ok()? },
        ["pending"] => Event::Pending,
        ["ready"] => Event::Ready,
        ["panicked"] => Event::Panicked,
        ["woken"] => Event::Woken,
        ["dropped"] => Event::Dropped,
        _ => return None,
    };
    Some((at.parse().ok()?, number.parse().ok()?, event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use std::sync::mpsc;
    use std::{fs, thread};

    /// The tasks of a program that began at 100 s, and ended 9 s later; events are at seconds after
    /// its start.
    fn tasks_of(events: &[(f64, &str)]) -> Vec<Task> {
        let line = |(at, event): &(f64, &str)| {
            let at = Duration::from_secs(100) + Duration::from_secs_f64(*at);
            format!("{} {event}\n", at.as_nanos())
        };
        let text: String = events.iter().map(line).collect();
        tasks(&text, Duration::from_secs(100), 9.0)
    }

    fn poll(from: f64, to: f64, again: Option<f64>) -> Poll {
        Poll { from, to, again }
    }

    #[test]
    fn a_task_wants_to_be_polled_again_when_it_is_woken_or_its_sleep_is_due() {
        let seen = tasks_of(&[
            (0.5, "1 spawned"),
            (0.75, "2 spawned"),
            (1.0, "1 polled"),
            (1.0, "1 sleeps 2000000000"),
            (1.0, "1 sleeps 1000000000"),
            (1.25, "1 pending"),
            (1.25, "2 polled"),
            (4.0, "2 ready"),
            (4.0, "1 woken"),
            (4.0, "1 polled"),
            (4.25, "1 pending"),
            (4.5, "1 woken"),
            (4.75, "1 woken"),
            (5.0, "1 polled"),
            (5.25, "1 ready"),
        ]);
        let polls =
            vec![poll(1.0, 1.25, Some(2.0)), poll(4.0, 4.25, Some(4.5)), poll(5.0, 5.25, None)];
        let first = Task { spawned: 0.5, polls, done: Some(5.25), dropped: None };
        let polls = vec![poll(1.25, 4.0, None)];
        let second = Task { spawned: 0.75, polls, done: Some(4.0), dropped: None };
        assert_eq!(seen, [first, second]);
    }

    #[test]
    fn a_task_may_end_without_a_result_or_not_at_all() {
        let seen = tasks_of(&[
            (1.0, "1 spawned"),
            (1.0, "2 spawned"),
            (1.0, "3 spawned"),
            (2.0, "1 polled"),
            (3.0, "1 panicked"),
            (3.0, "2 dropped"),
            (3.0, "3 polled"),
        ]);
        let task = |polls, dropped| Task { spawned: 1.0, polls, done: None, dropped };
        assert_eq!(
            seen,
            [
                task(vec![poll(2.0, 3.0, None)], Some(3.0)),
                task(vec![], Some(3.0)),
                task(vec![poll(3.0, 9.0, None)], None)
            ]
        );
    }

    #[test]
    fn what_was_cut_off_is_left_out_but_a_part_of_too_many_events_is_no_story() {
        let spawned = [(1.0, "1 spawned"), (2.0, "1 pol")];
        assert_eq!(tasks_of(&spawned).len(), 1);
        assert_eq!(tasks("100000000000 1 spawned\nfull\n", Duration::from_secs(100), 9.0), []);
        let no_time = format!("{} 1 polled", i128::MIN);
        let invalid = ["\n", "1", "1 ", "x 1 polled", "1 x polled", "1 1 sleeps x", "1 1 polled x"];
        for text in invalid.into_iter().chain([&*no_time]) {
            assert_eq!(tasks(text, Duration::from_secs(100), 9.0), [], "{text}");
        }
    }

    #[test]
    fn a_pipe_in_place_of_the_file_stops_nobody() {
        let file = NamedTempFile::new().expect("a file");
        fs::write(&file, "100000000000 1 spawned\n").expect("it can be written");
        fs::remove_file(&file).expect("it can be removed");
        mkfifo(file.path(), Mode::S_IRWXU).expect("a pipe");
        let (sender, read) = mpsc::channel();
        thread::spawn(move || {
            let events = TaskEvents(Some(file));
            sender.send(events.tasks(Duration::from_secs(100), 9.0)).expect("it is awaited");
        });
        let tasks = read.recv_timeout(Duration::from_secs(60)).expect("it does not wait");
        assert_eq!(tasks.len(), 1, "what was written before");
    }
}
