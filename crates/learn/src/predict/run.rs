//! What a run did, as far as questions ask.

use super::{Choice, Claim, Question};
use checker::exercises::Exercise;
use checker::judging::gap::{Gap, Machine, compare};
use checker::recording::Recording;
use checker::timeline::{Timeline, rounded};

/// Rows that end within this many seconds end together.
const TOGETHER: f64 = 0.05;

/// What a run did, as far as questions ask.
#[derive(Clone, Debug)]
pub struct Run {
    pub timeline: Timeline,
    /// Seconds from the first line to the end of the program.
    pub seconds: f64,
    /// How late the machine may have been.
    machine: Machine,
}

impl Run {
    /// A run of an exercise, or of a changed one.
    #[must_use]
    pub fn new(exercise: &Exercise, recording: &Recording) -> Self {
        let first = recording.stdout.first().or(recording.stderr.first());
        Self {
            timeline: exercise.rubric.timeline(recording),
            seconds: recording.seconds - first.map_or(0.0, |line| line.at),
            machine: Machine { lag: recording.lag, first_try: false },
        }
    }

    /// Whether what an option claims is true.
    #[must_use]
    pub fn is_true(&self, claim: &Claim) -> bool {
        match claim {
            Claim::Line { number, text, at } => self
                .line(*number)
                .is_some_and(|(came, line)| line.starts_with(text) && self.is_at(came, *at)),
            Claim::Seconds(seconds) => self.is_at(self.seconds, *seconds),
            Claim::Last(rows) => self.last() == *rows,
        }
    }

    /// The option that is true of the run; if none is, what would have been. `None` if the question
    /// is about a line that there is not.
    #[must_use]
    pub fn answer(&self, question: &Question) -> Option<Choice> {
        let mut options = question.options.iter();
        if let Some(option) = options.find(|option| self.is_true(&option.claim)) {
            return Some(option.clone());
        }
        let (words, claim) = match &question.options.first()?.claim {
            Claim::Line { number, .. } => {
                let (at, text) = self.line(*number)?;
                let claim = Claim::Line { number: *number, text: text.into(), at };
                (format!("{text}, after {} s", rounded(at)), claim)
            }
            Claim::Seconds(_) => {
                (format!("{} s", rounded(self.seconds)), Claim::Seconds(self.seconds))
            }
            Claim::Last(_) => (self.labels(&self.last()), Claim::Last(self.last())),
        };
        Some(Choice { words, claim, why_not: None })
    }

    /// The rows with these numbers, by their labels.
    fn labels(&self, rows: &[usize]) -> String {
        let label = |row: &usize| Some(&*self.timeline.rows.get(row.checked_sub(1)?)?.label);
        let labels: Vec<_> = rows.iter().filter_map(label).collect();
        match &labels[..] {
            [] => "none".into(),
            [label] => (*label).into(),
            [labels @ .., last] => format!("{} and {last}", labels.join(", ")),
        }
    }

    /// When the line with this number, or the last one, came, and its text.
    fn line(&self, number: Option<usize>) -> Option<(f64, &str)> {
        let lines = &self.timeline.lines;
        let (at, text) = match number {
            Some(number) => lines.get(number.checked_sub(1)?),
            None => lines.last(),
        }?;
        Some((*at, text))
    }

    /// The numbers of the rows that ended last.
    fn last(&self) -> Vec<usize> {
        let rows = (1..).zip(&self.timeline.rows);
        let ended = rows.filter_map(|(number, row)| Some((number, row.ended?)));
        let last = ended.clone().map(|(_, at)| at).fold(0.0, f64::max);
        let is_last = |(_, at): &(usize, f64)| last - at <= TOGETHER + self.machine.lag;
        ended.filter(is_last).map(|(number, _)| number).collect()
    }

    fn is_at(&self, seconds: f64, claimed: f64) -> bool {
        !matches!(compare(seconds, claimed..=claimed, self.machine), Gap::Wrong(_))
    }
}
