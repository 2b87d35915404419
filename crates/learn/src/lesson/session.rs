//! The learner's loop through all exercises: what is checked, shown and pressed in the terminal.

use super::check::{Finding, check};
use super::course::{self, Unit};
use super::folder::Folder;
use super::introduction::{Introduction, Then, run};
use super::progress::{Progress, State};
use super::view;
use super::writing::{Instead, Writing};
use crate::predict::Run;
use cage::regular_file;
use checker::answers::Program;
use checker::escape::visible;
use checker::report::human::Look;
use checker::watch_loop::{self, Check, ENTER, Key, Link, Next, Prompt};
use std::io::ErrorKind;
use std::mem;
use std::path::PathBuf;

/// What a check finds out.
pub enum Outcome {
    /// How the original ran, or why it did not.
    Original(Result<Run, String>),
    /// What the learner has written, or why that cannot be found out.
    Finding(Box<Result<Finding, String>>),
}

/// The loop, and where the learner is in it.
pub struct Session {
    folder: Folder,
    units: Vec<Unit>,
    /// The index of the exercise.
    at: usize,
    stage: Stage,
    /// What a key did, or what went wrong: a few sentences.
    says: String,
    /// Whether a key has asked for the next check: what it said is about that one.
    is_asked_for: bool,
}

/// What the learner does with an exercise.
enum Stage {
    /// Predicts what it will do, and sees it run.
    Predicts(Introduction),
    Writes(Box<Writing>),
    /// Nothing: all are solved.
    Done,
}

impl Session {
    /// Goes on where the learner stopped.
    ///
    /// # Errors
    ///
    /// One line, if the progress cannot be read.
    pub fn new(folder: Folder, units: Vec<Unit>) -> Result<Self, String> {
        let progress = folder.progress.read()?;
        let names = course::names(&units);
        let at = names.iter().position(|name| progress.at() == Some(name)).unwrap_or(0);
        let says = folder.progress.not_understood(&names)?;
        let mut session = Self { folder, units, at, stage: Stage::Done, says, is_asked_for: true };
        session.go(at);
        Ok(session)
    }

    /// Without a terminal: looks once at what the learner has written. Returns what there is to see,
    /// and the exit code.
    ///
    /// # Errors
    ///
    /// One line, if there is nothing to look at.
    pub fn once(&mut self, look: Look) -> Result<(String, u8), String> {
        self.stage = Stage::Writes(Box::default());
        if let Some(check) = watch_loop::Session::check(self) {
            let outcome = check(&Link::default());
            watch_loop::Session::checked(self, outcome);
        }
        let summary = match &self.stage {
            Stage::Writes(writing) => writing.summary(),
            Stage::Predicts(_) | Stage::Done => None,
        };
        match summary {
            Some(summary) => Ok((watch_loop::Session::text(self, look), summary.exit_code())),
            None => Err(self.says.trim_end().to_owned()),
        }
    }

    fn unit(&self) -> &Unit {
        &self.units[self.at]
    }

    fn name(&self) -> &'static str {
        self.unit().exercise.name
    }

    /// What is kept about an exercise.
    fn state(&self, name: &str) -> State {
        self.progress().state(name)
    }

    fn progress(&self) -> Progress {
        // What cannot be read now could be read at the start.
        self.folder.progress.read().unwrap_or_default()
    }

    fn change(&mut self, change: impl FnOnce(&mut Progress)) {
        if let Err(problem) = self.folder.progress.change(change) {
            self.says += &format!("{problem}\n");
        }
    }

    fn change_state(&mut self, change: impl FnOnce(&mut State)) {
        let name = self.name();
        self.change(|progress| {
            let mut state = progress.state(name);
            change(&mut state);
            progress.set(name, state);
        });
    }

    /// Goes to an exercise.
    fn go(&mut self, at: usize) {
        self.at = at;
        let name = self.name();
        self.change(|progress| progress.set_at(name));
        self.stage = Stage::Writes(Box::default());
        if self.state(name).seen {
            return;
        }
        match Introduction::new(&self.folder.repository.folder, name) {
            Ok(introduction) => self.stage = Stage::Predicts(introduction),
            Err(problem) => self.says += &format!("{problem}\n"),
        }
    }

    /// Goes to the next exercise that is not solved, if there is one.
    fn go_on(&mut self) -> Next {
        let count = self.units.len();
        let is_open = |at: &usize| !self.state(self.units[*at].exercise.name).is_solved();
        match (self.at..self.at + count).map(|at| at % count).find(is_open) {
            Some(at) if at == self.at => {
                let name = self.name();
                self.says =
                    format!("{name} is not solved yet: n goes on once it has full marks.\n");
                Next::Redraw
            }
            Some(at) => {
                self.go(at);
                Next::Check
            }
            None => {
                self.stage = Stage::Done;
                Next::Check
            }
        }
    }

    fn begin_to_write(&mut self) -> Next {
        self.change_state(|state| state.seen = true);
        self.stage = Stage::Writes(Box::default());
        Next::Check
    }

    fn reset(&mut self) -> Next {
        match self.folder.reset(self.name()) {
            Ok(Some(kept)) => {
                self.says =
                    format!("The starter is back. Your program is kept in {}.\n", kept.display());
            }
            Ok(None) => self.says = "The starter is back.\n".into(),
            Err(problem) => self.says = format!("{problem}\n"),
        }
        self.stage = Stage::Writes(Box::default());
        Next::Check
    }

    fn found(&mut self, finding: Finding) {
        let earned = finding.graded.earned();
        self.change_state(|state| state.best = state.best.max(earned));
        if let Stage::Writes(writing) = &mut self.stage {
            writing.found(finding);
        }
    }

    fn press_in_writing(&mut self, key: char) -> Next {
        let Stage::Writes(writing) = &mut self.stage else { return Next::Redraw };
        match (writing.instead, key) {
            (Instead::Reset, 'y') => return self.reset(),
            (Instead::Reset, _) => writing.instead = Instead::Nothing,
            (Instead::List, digit @ '1'..='9') => {
                self.go(digit as usize - '1' as usize);
                return Next::Check;
            }
            (_, ENTER) => return Next::Check,
            (_, 'h') => writing.hint(),
            (_, 'p') => writing.show(Instead::Picture),
            (_, 'l') => writing.show(Instead::List),
            (_, 'r') => writing.show(Instead::Reset),
            (_, 'n') => return self.go_on(),
            _ => {}
        }
        Next::Redraw
    }

    /// The keys of the exercises to which a learner can go.
    fn exercises(&self) -> Vec<Key> {
        let progress = self.progress();
        let units = ('1'..='9').zip(&self.units);
        let begun = units.filter(|(_, unit)| progress.state(unit.exercise.name).begun);
        begun.map(|(key, unit)| Key { key, word: unit.exercise.name }).collect()
    }

    fn list(&self) -> String {
        view::list(&course::names(&self.units), &self.progress())
    }
}

impl watch_loop::Session for Session {
    type Outcome = Outcome;

    fn files(&self) -> Vec<PathBuf> {
        match self.stage {
            Stage::Writes(_) => {
                let package = self.folder.package(self.name());
                let program = Program::of_package(self.unit().exercise, &package);
                let mut files = program.sources().unwrap_or_default();
                files.push(self.folder.manifest());
                files
            }
            Stage::Predicts(_) | Stage::Done => Vec::new(),
        }
    }

    fn check(&mut self) -> Option<Check<Outcome>> {
        if !mem::take(&mut self.is_asked_for) {
            self.says.clear();
        }
        let exercise = self.unit().exercise;
        match &mut self.stage {
            Stage::Predicts(introduction) if introduction.runs() => {
                let package = self.folder.original(exercise.name);
                Some(Box::new(move |link| Outcome::Original(run(exercise, &package, link))))
            }
            Stage::Predicts(_) | Stage::Done => None,
            Stage::Writes(writing) => {
                if let Err(problem) = self.folder.begin(exercise.name) {
                    self.says = format!("{problem}\n");
                    return None;
                }
                let program = self.folder.program(exercise.name);
                match regular_file::open(&program) {
                    // Cargo would wait for what never comes, too.
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        **writing = Writing::default();
                        self.says = format!("{}: {error}\n", program.display());
                        return None;
                    }
                    _ => writing.begin(&program),
                }
                self.change_state(|state| state.begun = true);
                let package = self.folder.package(exercise.name);
                let check = move |link: &Link| check(exercise, &package, link);
                Some(Box::new(move |link| Outcome::Finding(Box::new(check(link)))))
            }
        }
    }

    fn checked(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Original(run) => {
                if let Stage::Predicts(introduction) = &mut self.stage {
                    introduction.has_run(run);
                }
            }
            Outcome::Finding(finding) => match *finding {
                Ok(finding) => self.found(finding),
                Err(problem) => self.says = format!("{problem}\n"),
            },
        }
    }

    fn text(&self, look: Look) -> String {
        let unit = self.unit();
        let name = unit.exercise.name;
        let heading = |program| view::heading(name, self.at + 1, self.units.len(), program);
        let text = match &self.stage {
            Stage::Predicts(introduction) => heading(None) + &introduction.text(unit, look),
            Stage::Writes(writing) if writing.instead == Instead::List => self.list(),
            Stage::Writes(writing) => {
                let program = self.folder.program(name);
                heading(Some(&program)) + &writing.text(unit, &self.folder, look)
            }
            Stage::Done => view::end(&self.folder.repository.folder, look) + "\n" + &self.list(),
        };
        match self.says.is_empty() {
            true => text,
            false => {
                let says = self.says.lines().map(|line| visible(line.as_bytes()) + "\n");
                format!("{text}\n{}", says.collect::<String>())
            }
        }
    }

    fn prompt(&self) -> Prompt {
        let (words, mut keys) = match &self.stage {
            Stage::Predicts(introduction) => introduction.prompt(),
            Stage::Writes(writing) if writing.instead == Instead::List => {
                let back = Key { key: 'l', word: "back" };
                ("go to".into(), self.exercises().into_iter().chain([back]).collect())
            }
            Stage::Writes(writing) => writing.prompt(),
            Stage::Done => ("go back to".into(), self.exercises()),
        };
        keys.push(Key { key: 'q', word: "quit" });
        Prompt { words, keys }
    }

    fn press(&mut self, key: char) -> Next {
        self.says.clear();
        let next = match (&mut self.stage, key) {
            (_, 'q') => Next::Quit,
            (Stage::Predicts(introduction), _) => match introduction.press(key) {
                Then::Shows => Next::Redraw,
                Then::Runs => Next::Check,
                Then::Writes => self.begin_to_write(),
            },
            (Stage::Writes(_), _) => self.press_in_writing(key),
            (Stage::Done, _) => {
                self.go(key as usize - '1' as usize);
                Next::Check
            }
        };
        self.is_asked_for = next == Next::Check;
        next
    }

    fn exit_code(&self) -> u8 {
        0
    }
}
