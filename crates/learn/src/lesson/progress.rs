//! How far the learner has got, as a text that people read and edit, too. A line that is not
//! understood stays where it is.

use checker::judging::rubric::POINTS;

/// What is known about one exercise.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct State {
    /// Whether its starter has been copied.
    pub begun: bool,
    /// Whether the learner has seen it run, solved, before writing it.
    pub seen: bool,
    /// The most points that it has earned.
    pub best: f64,
}

impl State {
    #[must_use]
    pub fn is_solved(self) -> bool {
        self.best >= POINTS
    }

    /// In words, as they are in the file.
    #[must_use]
    pub fn words(self) -> String {
        let mut words = Vec::new();
        if self.is_solved() {
            words.push("solved".into());
        } else if self.begun {
            words.push("begun".into());
        } else {
            words.push("not begun".into());
        }
        if self.begun && !self.is_solved() {
            words.push(format!("best {} of {POINTS}", self.best));
        }
        if self.seen {
            words.push("seen".into());
        }
        words.join(", ")
    }

    fn of_words(words: &str) -> Option<Self> {
        let mut state = Self::default();
        for word in words.split(',').map(str::trim) {
            match word {
                "not begun" => {}
                "begun" => state.begun = true,
                "seen" => state.seen = true,
                "solved" => state = Self { begun: true, best: POINTS, ..state },
                _ => {
                    let best = word.strip_prefix("best ")?;
                    let best = best.strip_suffix(&format!(" of {POINTS}"))?.parse().ok()?;
                    state.best = Some(best).filter(|best| (0.0..=POINTS).contains(best))?;
                }
            }
        }
        Some(state)
    }
}

/// The text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    lines: Vec<String>,
}

const HEADER: &str = "# How far you have got with scripts/learn. You may edit this file.";

/// One line of the text.
enum Line<'a> {
    Nothing,
    At(&'a str),
    Exercise(&'a str, State),
    NotUnderstood,
}

impl Progress {
    /// Nothing has been begun.
    #[must_use]
    pub fn new(exercises: &[&str]) -> Self {
        let mut progress = Self { lines: vec![HEADER.into(), String::new()] };
        for exercise in exercises {
            progress.set(exercise, State::default());
        }
        progress
    }

    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self { lines: text.lines().map(Into::into).collect() }
    }

    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// The exercise that the learner was at.
    #[must_use]
    pub fn at(&self) -> Option<&str> {
        self.lines.iter().find_map(|text| match line(text) {
            Line::At(exercise) => Some(exercise),
            _ => None,
        })
    }

    pub fn set_at(&mut self, exercise: &str) {
        self.replace(format!("at: {exercise}"), |line| matches!(line, Line::At(_)));
    }

    #[must_use]
    pub fn state(&self, exercise: &str) -> State {
        let state = self.lines.iter().find_map(|text| match line(text) {
            Line::Exercise(name, state) if name == exercise => Some(state),
            _ => None,
        });
        state.unwrap_or_default()
    }

    pub fn set(&mut self, exercise: &str, state: State) {
        let new = format!("{exercise}: {}", state.words());
        self.replace(new, |line| matches!(line, Line::Exercise(name, _) if *name == exercise));
    }

    /// The numbers of the lines that are not understood, each with its text.
    pub fn not_understood(&self, exercises: &[&str]) -> impl Iterator<Item = (usize, &str)> {
        let is_known = |line: Line| match line {
            Line::Nothing => true,
            Line::At(name) | Line::Exercise(name, _) => exercises.contains(&name),
            Line::NotUnderstood => false,
        };
        let lines = self.lines.iter().enumerate();
        lines
            .filter(move |(_, text)| !is_known(line(text)))
            .map(|(index, text)| (index + 1, &**text))
    }

    /// Puts a line in the place of the first that fits, or at the end.
    fn replace(&mut self, new: String, fits: impl Fn(&Line) -> bool) {
        match self.lines.iter_mut().find(|text| fits(&line(text))) {
            Some(old) => *old = new,
            None => self.lines.push(new),
        }
    }
}

fn line(text: &str) -> Line<'_> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return Line::Nothing;
    }
    let Some((name, words)) = text.split_once(':') else { return Line::NotUnderstood };
    let (name, words) = (name.trim(), words.trim());
    match (name, State::of_words(words)) {
        ("at", _) => Line::At(words),
        (_, Some(state)) => Line::Exercise(name, state),
        (_, None) => Line::NotUnderstood,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["countsync", "countasync"];

    #[test]
    fn what_was_written_is_read_again() {
        let mut progress = Progress::new(&NAMES);
        progress.set_at("countasync");
        progress.set("countsync", State { begun: true, seen: true, best: 10.0 });
        progress.set("countasync", State { begun: true, seen: false, best: 4.5 });
        let text = format!(
            "{HEADER}\n\ncountsync: solved, seen\ncountasync: begun, best 4.5 of 10\nat: countasync\n"
        );
        assert_eq!(progress.text(), text);
        assert_eq!(Progress::of_text(&text), progress);
        assert_eq!(progress.at(), Some("countasync"));
        let read = Progress::of_text(&text);
        assert_eq!(read.state("countsync"), State { begun: true, seen: true, best: 10.0 });
        assert_eq!(read.state("countasync"), State { begun: true, seen: false, best: 4.5 });
        assert_eq!(progress.not_understood(&NAMES).count(), 0);
    }

    #[test]
    fn a_line_that_is_not_understood_is_named_and_kept() {
        let text = "countsync solved\ncountasync: best 11 of 10\nrandom: begun\n";
        let mut progress = Progress::of_text(text);
        let lines: Vec<_> = progress.not_understood(&NAMES).map(|(number, _)| number).collect();
        assert_eq!(lines, [1, 2, 3]);
        progress.set("countasync", State { begun: true, ..State::default() });
        assert_eq!(progress.text(), text.to_owned() + "countasync: begun, best 0 of 10\n");
    }
}
