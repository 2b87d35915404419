//! The pictures in the READMEs show what the programs print: the same rows, the same events in the
//! same order and second as in the recorded transcripts. `scripts/pictures` redraws them.

use anstream::adapter::strip_str;
use assert_cmd::Command;
use common::testing::without_times;
use std::fs;
use std::path::Path;
use std::thread;
use tests::{exercises, path, text};

/// The events of a picture, in the order of their numbers: number, second and line.
fn events(picture: &str) -> Vec<(usize, u64, String)> {
    let mut events: Vec<_> = between(picture, "<title>", "</title>")
        .map(|title| {
            let (number, rest) = title.strip_prefix("line ").unwrap().split_once(" at ").unwrap();
            let (second, line) = rest.split_once(" s: ").unwrap();
            let second: f64 = second.parse().unwrap();
            (number.parse().unwrap(), second.round() as u64, without_times(line))
        })
        .collect();
    events.sort();
    events
}

fn rows(picture: &str) -> Vec<String> {
    between(picture, "class=\"label\"", "</text>")
        .map(|text| text.split('>').nth(1).unwrap().trim().to_owned())
        .collect()
}

fn between<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = String> + 'a {
    text.split(begin).skip(1).map(move |rest| {
        let text = rest.split(end).next().unwrap().trim();
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    })
}

/// The lines of a transcript that a picture shows, with their numbers; blank ones are not shown.
fn lines(transcript: &str) -> Vec<(usize, String)> {
    let lines = transcript.lines().enumerate().filter(|(_, line)| !line.is_empty());
    lines.map(|(index, line)| (index + 1, without_times(&strip_str(line).to_string()))).collect()
}

#[test]
fn every_exercise_has_a_picture_of_its_transcript() {
    let exercises = exercises();
    assert!(exercises.len() >= 4, "{exercises:?}");
    for name in exercises {
        let events = events(&text(&format!("crates/{name}/timeline.svg")));
        assert!(events.is_sorted_by_key(|(_, second, _)| *second), "{name}: {events:?}");
        let shown: Vec<_> = events.into_iter().map(|(number, _, line)| (number, line)).collect();
        let transcript = text(&format!("crates/{name}/tests/transcripts/default.txt"));
        assert_eq!(shown, lines(&transcript), "lines in the picture of {name}");
    }
}

/// Asserts that the picture shows these rows, and the transcript's lines in these seconds.
fn shows(picture: &str, expected_rows: &[&str], transcript: &str, seconds: &[u64]) {
    let svg = text(picture);
    assert_eq!(rows(&svg), expected_rows, "rows of {picture}");
    assert_eq!(transcript.lines().count(), seconds.len(), "a second for each line");
    let expected: Vec<_> = lines(transcript)
        .into_iter()
        .map(|(number, line)| (number, seconds[number - 1], line))
        .collect();
    assert_eq!(events(&svg), expected, "events of {picture}");
}

const COUNTS: [&str; 5] = ["count 1", "count 2", "count 3", "main", "the thread"];

#[test]
fn countasync() {
    let transcript = text("crates/countasync/tests/transcripts/default.txt");
    shows("crates/countasync/timeline.svg", &COUNTS, &transcript, &[0, 0, 0, 1, 1, 1, 1]);
}

#[test]
fn blocking() {
    let transcript = text("crates/countsync/tests/transcripts/default.txt");
    let transcript = transcript.replace("countsync", "blocking");
    shows("crates/countasync/blocking.svg", &COUNTS, &transcript, &[0, 1, 1, 2, 2, 3, 3]);
}

#[test]
fn executor() {
    let transcript = text("crates/countasync/tests/transcripts/executor.txt");
    let seconds = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    shows("crates/countasync/executor.svg", &COUNTS, &transcript, &seconds);
}

#[test]
fn sockets() {
    let rows = ["fetch 1", "fetch 2", "fetch 3", "fetch 4", "fetch 5", "fetch 6", "main"];
    let transcript = text("crates/countasync/tests/transcripts/sockets.txt");
    let seconds = [0, 0, 0, 1, 2, 3, 3, 3, 6, 6, 7, 7, 9, 9];
    shows("crates/countasync/sockets.svg", &rows, &transcript, &seconds);
}

#[test]
fn countsync() {
    let transcript = text("crates/countsync/tests/transcripts/default.txt");
    shows("crates/countsync/timeline.svg", &COUNTS, &transcript, &[0, 1, 1, 2, 2, 3, 3]);
}

#[test]
fn rand() {
    let rows = ["makerandom(0)", "makerandom(1)", "makerandom(2)", "main", "the thread"];
    let transcript = text("crates/rand/tests/transcripts/default.txt");
    let seconds = [0, 0, 0, 0, 0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12, 12, 12];
    shows("crates/rand/timeline.svg", &rows, &transcript, &seconds);
}

#[test]
fn chained() {
    let rows = ["chain 1", "chain 2", "chain 3", "main", "the thread"];
    let transcript = text("crates/chained/tests/transcripts/default.txt");
    let seconds = [0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 8, 8, 11, 11, 11];
    shows("crates/chained/timeline.svg", &rows, &transcript, &seconds);
}

#[test]
fn the_two_counts_have_the_same_scale() {
    let scale = |name: &str| {
        let svg = text(&format!("crates/{name}.svg"));
        let labels = between(&svg, "class=\"second\"", "</text>").collect::<Vec<_>>();
        assert!(labels.last().unwrap().ends_with("\n3 s"), "{name}: {labels:?}");
        // The labels with where they are, but for the height.
        labels
            .iter()
            .map(|label| label.replace(" y=", "\n").lines().next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let countsync = scale("countsync/timeline");
    assert_eq!(countsync.len(), 4, "{countsync:?}");
    assert_eq!(scale("countasync/timeline"), countsync);
    assert_eq!(scale("countasync/blocking"), countsync);
}

#[test]
fn the_pictures_say_who_has_the_thread() {
    let taken = "The thread is taken by count 1 from 0 s to 1 s, then taken by count 2 from 1 s to 2 \
                 s, then taken by count 3 from 2 s to 3 s.";
    for (picture, words) in [
        ("countasync/timeline", "The thread is asleep almost all the time."),
        ("rand/timeline", "The thread is asleep almost all the time."),
        ("chained/timeline", "The thread is asleep almost all the time."),
        ("countasync/blocking", taken),
        ("countsync/timeline", taken),
    ] {
        let svg = text(&format!("crates/{picture}.svg"));
        assert!(svg.contains(words), "{picture}: no {words:?}");
        // In countsync no count has been called before its turn.
        let wants = svg.contains("wants to run");
        assert_eq!(wants, picture == "countasync/blocking", "{picture}");
    }
}

/// What `scripts/timeline` prints.
fn timeline(arguments: &[&str]) -> String {
    let mut timeline = Command::new(path("scripts/timeline"));
    let output = timeline.args(arguments).current_dir(path(".")).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_the_instrument_notes_is_what_the_tracer_sees() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["countasync", "rand", "chained"] {
        Command::new(env!("CARGO"))
            .args(["build", "-q", "--bin", name])
            .current_dir(path("."))
            .assert()
            .success();
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../debug").join(name);
        // Times in it are rounded to a tenth of a second.
        let picture = |file: &str, command: &[&str]| {
            let svg = folder.path().join(format!("{name}-{file}.svg"));
            let options = [name, "--clock", "virtual", "--svg", svg.to_str().unwrap()];
            timeline(&[&options[..], command].concat());
            fs::read_to_string(svg).unwrap()
        };
        let seen = picture("seen", &["--", program.to_str().unwrap()]);
        assert_eq!(picture("noted", &[]), seen, "{name}");
    }
}

// The tracer sees nothing in real time, and never that a task has been spawned.
#[test]
fn the_instrument_knows_who_has_the_thread_on_both_clocks() {
    let draw = |arguments: &str| timeline(&arguments.split(' ').collect::<Vec<_>>());
    for clock in ["virtual", "real"] {
        let picture = draw(&format!("countasync --example blocking --clock {clock}"));
        for words in ["the thread  █count 1", "count 3     ···", "wants to run", "Two┤"] {
            assert!(picture.contains(words), "{clock}: no {words:?} in {picture}");
        }
    }
    thread::scope(|scope| {
        for name in ["countasync", "rand", "chained"] {
            scope.spawn(move || {
                let picture = draw(&format!("{name} --clock real"));
                assert!(picture.contains("the thread"), "{picture}");
            });
        }
    });
}

#[test]
fn every_exercise_that_spawns_tasks_has_an_instrument() {
    let manifest = text("crates/instrument/Cargo.toml");
    for name in exercises() {
        let program = format!("crates/{name}/src/main.rs");
        if text(&program).contains("spawn(") {
            let path = program.replace("crates", "..");
            let expected = format!("name = \"instrumented-{name}\"\npath = \"{path}\"\n");
            assert!(manifest.contains(&expected), "crates/instrument/Cargo.toml: no {expected}");
        }
    }
}
