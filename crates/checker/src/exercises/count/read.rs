//! What a countasync or countsync program printed: its Ones and Twos, and the time that it reports.

use crate::judging::regex;
use crate::judging::reported::{Reported, reported};
use crate::judging::rubric::ReadRun;
use crate::judging::transcript::{TextLine, Transcript};
use crate::judging::verdict::Doubt;
use crate::recording::Recording;
use crate::timeline::{Mark, Row, Timeline};
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
static AROUND: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [regex(r"(?i)(^|[^a-z])one([^a-z]|$)"), regex(r"(?i)(^|[^a-z])two([^a-z]|$)")]
});

static NUMBER: LazyLock<Regex> = LazyLock::new(|| regex(r"\d[\d.,:]*"));
static LAST_WORD: LazyLock<Regex> = LazyLock::new(|| regex(r"\p{L}+\W*$"));

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

/// Two texts that come three times each stand for One and Two, in the order in which they first
/// appear: "Uno" and "Dos", "start" and "end". Numbers and what is before the last word may differ.
fn repeated_words(transcript: &Transcript, reported: Option<usize>) -> Vec<CountWord> {
    let texts: Vec<_> = transcript
        .lines
        .iter()
        .map(|line| NUMBER.replace_all(&line.message, "").trim().to_lowercase())
        .collect();
    let last_word = |text: &String| LAST_WORD.find(text).map_or("", |it| it.as_str()).to_owned();
    let last_words: Vec<_> = texts.iter().map(last_word).collect();
    let last_token = |line: &TextLine| line.message.split_whitespace().last().unwrap_or("").into();
    let last_tokens: Vec<String> = transcript.lines.iter().map(last_token).collect();
    let three_times = |texts: &[String]| {
        let mut found: Vec<String> = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let count = texts.iter().filter(|other| *other == text).count();
            if count == 3 && !text.is_empty() && Some(index) != reported && !found.contains(text) {
                found.push(text.clone());
            }
        }
        <[String; 2]>::try_from(found).ok()
    };
    let read = |texts: &[String], [one, two]: [String; 2]| -> Vec<_> {
        let words = texts.iter().zip(&transcript.lines).enumerate();
        words
            .filter_map(|(line, (text, TextLine { at, .. }))| {
                let word = match text {
                    _ if *text == one => Word::One,
                    _ if *text == two => Word::Two,
                    _ => return None,
                };
                Some(CountWord { line, at: *at, word })
            })
            .collect()
    };
    let texts = [texts, last_words, last_tokens].into_iter();
    let mut readings = texts.filter_map(|texts| Some(read(&texts, three_times(&texts)?)));
    readings.next().unwrap_or_default()
}

impl ReadRun for Counts {
    fn read(recording: &Recording) -> Self {
        let mut transcript = Transcript::of(recording, |text| word(text, &AROUND).is_some());
        let lines = transcript.lines.iter().enumerate();
        let reported = lines
            .rev()
            .filter(|(_, line)| {
                ELAPSED.is_match(&line.text) || word(&line.message, &AROUND).is_none()
            })
            .find_map(|(index, line)| Some((index, reported(&line.message)?)));
        let words = |patterns: &[Regex; 2]| -> Vec<_> {
            let lines = transcript.lines.iter().enumerate();
            lines
                .filter(|(index, _)| Some(*index) != reported.map(|(index, _)| index))
                .filter_map(|(line, text)| {
                    let word = word(&text.message, patterns)?;
                    Some(CountWord { line, at: text.at, word })
                })
                .collect()
        };
        // Other lines are searched for One and Two only if there are not enough lines with just
        // those words: "One down, two to go" may be chatter.
        let alone = words(&ALONE);
        let around = words(&AROUND);
        let words = match (alone.len() >= 6, around.is_empty()) {
            (true, _) => alone,
            (false, false) => around,
            (false, true) => repeated_words(&transcript, reported.map(|(index, _)| index)),
        };
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
            let mut row = Row {
                label: format!("count {number}"),
                waits: Vec::new(),
                marks: vec![mark(one, "One")],
            };
            if let Some(two) = twos.next() {
                row.waits.push((one.at, two.at));
                row.marks.push(mark(two, "Two"));
            }
            row
        });
        Timeline::new(rows.collect(), &self.transcript.lines)
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
