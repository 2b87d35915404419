//! What a countasync or countsync program printed: its Ones and Twos, and the time that it reports.

use super::SLEEP;
use crate::judging::regex;
use crate::judging::reported::{Reported, reported};
use crate::judging::rubric::ReadRun;
use crate::judging::transcript::{TextLine, Transcript};
use crate::judging::verdict::Doubt;
use crate::recording::Recording;
use crate::timeline::{Mark, Row, Timeline, Wait};
use regex::Regex;
use std::sync::LazyLock;

/// One run.
pub struct Counts {
    pub transcript: Transcript,
    /// Its Ones and Twos, in order.
    pub words: Vec<CountWord>,
    /// The last line that reports a time, and its index.
    pub reported: Option<(usize, Reported)>,
}

/// A line that says One or Two.
pub struct CountWord {
    pub line: usize,
    /// Seconds after the first line.
    pub at: f64,
    pub word: Word,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Word {
    One,
    Two,
}

/// The line that reports the time, in the original's words.
pub static ELAPSED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^.*\S executed in +-?\d+([.,]\d+)?(e-?\d+)? seconds\.?$"));

/// The original's words; with punctuation around them; with anything around them.
static EXACTLY: LazyLock<[Regex; 2]> = LazyLock::new(|| [regex("^One$"), regex("^Two$")]);
static ALONE: LazyLock<[Regex; 2]> =
    LazyLock::new(|| [regex(r"(?i)^\W*one\W*$"), regex(r"(?i)^\W*two\W*$")]);
static LABELLED: LazyLock<[Regex; 2]> =
    LazyLock::new(|| [regex(r"(?i)^[\W\d]*one\W*$"), regex(r"(?i)^[\W\d]*two\W*$")]);
static AROUND: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [regex(r"(?i)(^|[^a-z])one([^a-z]|$)"), regex(r"(?i)(^|[^a-z])two([^a-z]|$)")]
});

static NUMBER: LazyLock<Regex> = LazyLock::new(|| regex(r"\d[\d.,:]*"));

/// The word that a line is, exactly as in the original.
pub fn exact_word(text: &str) -> Option<Word> {
    word(text, &EXACTLY)
}

fn word(text: &str, patterns: &[Regex; 2]) -> Option<Word> {
    match (patterns[0].is_match(text), patterns[1].is_match(text)) {
        (true, false) => Some(Word::One),
        (false, true) => Some(Word::Two),
        _ => None,
    }
}

/// The line that reports the time: in the original's words, or else the last that has a duration.
fn read_reported(transcript: &Transcript) -> Option<(usize, Reported)> {
    let lines = || transcript.lines.iter().enumerate().rev();
    let read = |(index, line): (usize, &TextLine)| Some((index, reported(&line.message)?));
    let original = lines().filter(|(_, line)| ELAPSED.is_match(&line.text)).find_map(read);
    original.or_else(|| {
        lines().filter(|(_, line)| word(&line.message, &AROUND).is_none()).find_map(read)
    })
}

/// The Ones and Twos, read in the first way that finds three of each; or else in any.
fn read_words(transcript: &Transcript, reported: Option<usize>) -> Vec<CountWord> {
    let with = |patterns: &[Regex; 2]| {
        read_with(transcript, reported, |line| word(&line.message, patterns))
    };
    let mut readings = vec![with(&ALONE), with(&LABELLED), with(&AROUND)];
    let first = |text: &str| text.split_whitespace().next().unwrap_or("").to_owned();
    let last = |text: &str| text.split_whitespace().last().unwrap_or("").to_owned();
    let whole = |text: &str| NUMBER.replace_all(text, "").trim().to_lowercase();
    let last_word = |text: &str| last(&whole(text));
    let keys: [&dyn Fn(&str) -> String; 4] = [&whole, &last_word, &last, &first];
    readings.extend(keys.iter().filter_map(|key| repeated(transcript, reported, key)));
    let is_complete = |words: &&Vec<CountWord>| {
        let ones = words.iter().filter(|one| one.word == Word::One).count();
        (ones, words.len()) == (3, 6)
    };
    let found = readings.iter().position(|words| is_complete(&words));
    let default = if readings[0].len() >= 6 { 0 } else { 2 };
    readings.swap_remove(found.unwrap_or(default))
}

fn read_with(
    transcript: &Transcript,
    reported: Option<usize>,
    word: impl Fn(&TextLine) -> Option<Word>,
) -> Vec<CountWord> {
    let lines = transcript.lines.iter().enumerate();
    lines
        .filter(|(line, _)| Some(*line) != reported)
        .filter_map(|(line, text)| Some(CountWord { line, at: text.at, word: word(text)? }))
        .collect()
}

/// Two keys of lines that come three times each stand for One and Two, in the order in which they
/// first appear: "Uno" and "Dos", "start" and "end".
fn repeated(
    transcript: &Transcript,
    reported: Option<usize>,
    key: &dyn Fn(&str) -> String,
) -> Option<Vec<CountWord>> {
    let lines = transcript.lines.iter().enumerate();
    let keys: Vec<_> = lines
        .filter(|(line, _)| Some(*line) != reported)
        .map(|(_, line)| key(&line.message))
        .filter(|key| !key.is_empty())
        .collect();
    let mut found: Vec<&String> = Vec::new();
    for key in &keys {
        if keys.iter().filter(|other| *other == key).count() == 3 && !found.contains(&key) {
            found.push(key);
        }
    }
    let [one, two] = found[..] else { return None };
    Some(read_with(transcript, reported, |line| match key(&line.message) {
        key if key == *one => Some(Word::One),
        key if key == *two => Some(Word::Two),
        _ => None,
    }))
}

impl ReadRun for Counts {
    fn read(recording: &Recording) -> Self {
        let mut transcript = Transcript::of(recording, |text| word(text, &AROUND).is_some());
        let reported = read_reported(&transcript);
        let words = read_words(&transcript, reported.map(|(index, _)| index));
        transcript.reported = reported.map(|(_, reported)| reported.seconds);
        Self { transcript, words, reported }
    }

    fn doubt(&self, _: &str) -> Option<Doubt> {
        None
    }

    fn first_line(&self) -> Option<f64> {
        let line = self.words.first()?.line;
        Some(self.transcript.recorded_lines()[line].at)
    }

    fn timeline(&self) -> Timeline {
        let of = |wanted| self.words.iter().filter(move |one| one.word == wanted);
        let mark =
            |word: &CountWord, text: &str| Mark { at: word.at, line: word.line, text: text.into() };
        let mut twos = of(Word::Two);
        let rows = of(Word::One).zip(1..).map(|(one, number)| {
            let two = twos.next();
            let to = two.map_or(Wait::OPEN, |two| two.at);
            let two_mark = two.map(|two| mark(two, "Two"));
            Row {
                label: format!("count {number}"),
                waits: vec![Wait { from: one.at, to, due: Some(one.at + SLEEP) }],
                marks: [mark(one, "One")].into_iter().chain(two_mark).collect(),
                ended: two.map(|two| two.at),
                ..Row::default()
            }
        });
        Timeline::new(rows.collect(), &self.transcript)
    }
}

impl Counts {
    /// The seconds at which the Ones, or the Twos, came.
    pub fn times(&self, wanted: Word) -> Vec<f64> {
        self.words.iter().filter(|one| one.word == wanted).map(|one| one.at).collect()
    }

    /// The seconds of the first One and the first Two, of the second ones, and so on: the count
    /// that starts first also ends first.
    pub fn pairs(&self) -> Vec<(f64, f64)> {
        self.times(Word::One).into_iter().zip(self.times(Word::Two)).collect()
    }

    /// How many counts started before any of them ended, group by group: 3 for three together, 1 1
    /// 1 for one after another. `None` if the words come in any other order.
    pub fn groups(&self) -> Option<Vec<usize>> {
        let mut groups = Vec::new();
        let mut words = self.words.iter().map(|one| one.word).peekable();
        while words.peek().is_some() {
            let mut take = |wanted| std::iter::from_fn(|| words.next_if_eq(&wanted)).count();
            let (ones, twos) = (take(Word::One), take(Word::Two));
            if ones != twos {
                return None;
            }
            groups.push(ones);
        }
        Some(groups)
    }
}
