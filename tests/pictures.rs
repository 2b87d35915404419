//! The pictures in the READMEs show what the programs print: the same rows, the same events in the
//! same order and second as in the recorded transcripts. `scripts/pictures` draws them anew.

use anstream::adapter::strip_str;
use common::testing::without_times;
use tests::text;

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

/// Asserts that the picture shows these rows, and the transcript's lines in these seconds.
fn shows(picture: &str, expected_rows: &[&str], transcript: &str, seconds: &[u64]) {
    let svg = text(picture);
    assert_eq!(rows(&svg), expected_rows, "rows of {picture}");
    assert_eq!(transcript.lines().count(), seconds.len(), "a second for each line");
    let expected: Vec<_> = transcript
        .lines()
        .zip(seconds)
        .enumerate()
        .filter(|(_, (line, _))| !line.is_empty())
        .map(|(index, (line, second))| {
            (index + 1, *second, without_times(&strip_str(line).to_string()))
        })
        .collect();
    assert_eq!(events(&svg), expected, "events of {picture}");
}

const COUNTS: [&str; 4] = ["count 1", "count 2", "count 3", "main"];

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
fn countsync() {
    let transcript = text("crates/countsync/tests/transcripts/default.txt");
    shows("crates/countsync/timeline.svg", &COUNTS, &transcript, &[0, 1, 1, 2, 2, 3, 3]);
}

#[test]
fn rand() {
    let rows = ["makerandom(0)", "makerandom(1)", "makerandom(2)", "main"];
    let transcript = text("crates/rand/tests/transcripts/default.txt");
    let seconds = [0, 0, 0, 0, 0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12, 12, 12];
    shows("crates/rand/timeline.svg", &rows, &transcript, &seconds);
}

#[test]
fn chained() {
    let rows = ["chain 1", "chain 2", "chain 3", "main"];
    let transcript = text("crates/chained/tests/transcripts/default.txt");
    let seconds = [0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 8, 8, 11, 11, 11];
    shows("crates/chained/timeline.svg", &rows, &transcript, &seconds);
}

#[test]
fn the_two_counts_have_the_same_scale() {
    for name in ["countasync/timeline", "countasync/blocking", "countsync/timeline"] {
        let svg = text(&format!("crates/{name}.svg"));
        assert!(
            svg.contains("3 s\n</text>") || svg.contains("3 s</text>"),
            "{name} ends elsewhere"
        );
    }
}
