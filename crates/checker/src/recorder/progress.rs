//! How far a run has come, as its exercise reads it: the time limits follow from that.
//!
//! Reading compiles patterns, which takes longer than to start a program. On the virtual clock, the
//! checker reads for the recorder: it has compiled them for an earlier run.

use super::Job;
use crate::clock::ClockUsed;
use crate::exercises;
use crate::recording::{Ending, Line, Recording, Waiting};
use std::time::Instant;

/// What the program has printed so far.
pub trait Printed {
    /// How many bytes.
    fn bytes(&self) -> usize;

    /// The lines of both outputs.
    fn lines(&self) -> [Vec<Line>; 2];
}

pub struct Progress<'a> {
    job: &'a Job,
    reads: Box<dyn FnMut(Recording) -> Option<(f64, f64)> + 'a>,
    /// When the first line of the exercise came, in seconds after the start; the first of all, if
    /// there is no exercise.
    first_line: Option<f64>,
    /// The seconds that the lines announce.
    announced: f64,
    /// How many bytes have been read, and when it is time to read again.
    bytes: usize,
    next: Instant,
}

/// When the first line of this exercise came, in seconds after the start, and how many seconds the
/// lines announce; the first line of all, if there is no exercise.
pub fn read(exercise: &str, recording: &Recording) -> Option<(f64, f64)> {
    match exercises::find(exercise) {
        Some(exercise) => exercise.rubric.progress(recording),
        None => recording.first_line().map(|at| (at, 0.0)),
    }
}

impl<'a> Progress<'a> {
    pub fn of(job: &'a Job) -> Self {
        Self::read_by(job, |recording| read(&job.exercise, &recording))
    }

    /// The same, as this reads it.
    pub fn read_by(job: &'a Job, reads: impl FnMut(Recording) -> Option<(f64, f64)> + 'a) -> Self {
        let reads = Box::new(reads);
        Self { job, reads, first_line: None, announced: 0.0, bytes: 0, next: Instant::now() }
    }

    /// When the first line of the exercise came, if it has come.
    pub fn first_line(&mut self, printed: &impl Printed) -> Option<f64> {
        if self.first_line.is_none() && Instant::now() >= self.next {
            self.read(printed);
        }
        self.first_line
    }

    /// Whether the run takes too long.
    pub fn is_late(&mut self, seconds: f64, printed: &impl Printed) -> bool {
        // Until then, it has time left whenever its first line came.
        if seconds > self.job.limits.rest {
            self.first_line(printed);
        }
        if seconds <= self.limit() {
            return false;
        }
        // Lines that have come meanwhile may announce more.
        self.read(printed);
        seconds > self.limit()
    }

    /// How long the run may take, as far as is known so far.
    pub fn limit(&self) -> f64 {
        let limits = self.job.limits;
        let limit = match self.first_line {
            None => limits.first_line,
            Some(at) => at + (limits.rest + self.announced).min(limits.most),
        };
        limit.min(limits.total)
    }

    /// Reads what has been printed since the last time.
    pub fn read(&mut self, printed: &impl Printed) {
        let bytes = printed.bytes();
        if bytes == self.bytes {
            return;
        }
        self.bytes = bytes;
        let start = Instant::now();
        if let Some((first_line, announced)) = (self.reads)(so_far(self.job, printed)) {
            (self.first_line, self.announced) = (Some(first_line), announced);
        }
        // Reading thousands of lines takes a while: at most a tenth of the time goes into it.
        self.next = Instant::now() + 9 * start.elapsed();
    }
}

/// A recording of what has been printed so far. What else the program has done is left out.
pub fn so_far(job: &Job, printed: &impl Printed) -> Recording {
    let [stdout, stderr] = printed.lines();
    Recording {
        command: job.command.clone(),
        arguments: job.arguments.clone(),
        stdout,
        stderr,
        ending: Ending::TimeLimit,
        is_underway: true,
        seconds: 0.0,
        cpu_before: 0.0,
        cpu_after: 0.0,
        waiting: Waiting::Unknown,
        clock: ClockUsed::Virtual,
        lag: 0.0,
        first_try: job.first_try,
        cut: Vec::new(),
        activities: Vec::new(),
        tasks: Vec::new(),
        cage: None,
        refused: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::recorder::TimeLimits;

    fn job(exercise: &str) -> Job {
        let limits = TimeLimits { first_line: 90.0, rest: 12.0, most: 300.0, total: 390.0 };
        let (exercise, command) = (exercise.into(), vec!["chained".into()]);
        let (arguments, clock) = (vec![], Clock::Real);
        Job {
            start: None,
            exercise,
            command,
            arguments,
            limits,
            clock,
            first_try: true,
            live: false,
            tasks: false,
            cage: None,
        }
    }

    #[test]
    fn what_the_lines_announce_counts_but_not_without_end() {
        let job = job("chained");
        let mut progress = Progress::of(&job);
        assert_eq!(progress.limit(), 90.0);
        progress.first_line = Some(2.0);
        for (announced, limit) in [(0.0, 14.0), (50.0, 64.0), (1e9, 302.0), (f64::INFINITY, 302.0)]
        {
            progress.announced = announced;
            assert_eq!(progress.limit(), limit);
        }
    }

    #[test]
    fn without_an_exercise_the_first_line_of_all_counts() {
        struct One;
        impl Printed for One {
            fn bytes(&self) -> usize {
                4
            }

            fn lines(&self) -> [Vec<Line>; 2] {
                [vec![], vec![Line { at: 2.0, bytes: b"One".to_vec() }]]
            }
        }
        let job = job("");
        let mut progress = Progress::of(&job);
        assert_eq!((progress.first_line(&One), progress.limit()), (Some(2.0), 14.0));
    }
}
