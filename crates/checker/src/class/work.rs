//! Grades one submission: unpacks it, finds its answers, builds and grades them.
//!
//! That takes up to three passes. The first is on the virtual clock. What needs real time is put off
//! to the second, where many learners wait side by side. What the machine was too busy for then is
//! tried again in the last one, alone.

use super::learner::{self, FORMAT, Learner, Pending};
use crate::answers::{self, INTERPRETERS, Program};
use crate::clock::Clock;
use crate::exercises::Exercise;
use crate::grade::{
    Graded, Outcome, Settings, Summary, TAMPERED, grade_again, grade_once, is_to_be_confirmed,
};
use crate::judging::verdict::NotPassed;
use crate::report::json::{self, Passed};
use crate::report::picture::pictures;
use crate::runner::Runner;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use submissions::{Found, Submission};

/// How much of the machine a learner has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pass {
    /// As many learners at a time as there are cores.
    First,
    /// What is still to be done, in real time: many learners at a time.
    Second,
    /// The same, one after the other.
    Last,
}

/// Grades submissions, one after the other.
pub struct Grader {
    pub exercises: Vec<&'static Exercise>,
    pub settings: Settings,
    pub runner: Runner,
    /// Where submissions are unpacked.
    pub scratch: PathBuf,
    /// All that grades depend on besides what was submitted, as text.
    pub asked: String,
}

/// An answer that was found.
struct Taken {
    /// Relative to the submission.
    file: String,
    note: Option<String>,
    answer: answers::Answer,
}

impl Grader {
    /// The hash of a submission and of how it is graded.
    pub fn content(&self, submitted: &str) -> String {
        hex(&Sha256::digest(format!("{submitted}\n{}", self.asked)))
    }

    /// Where a submission is unpacked.
    pub fn folder(&self, submission: &Submission) -> PathBuf {
        self.scratch.join(&submission.submitter.key)
    }

    /// Grades a submission in the first pass.
    pub fn grade(&self, submission: &Submission) -> Learner {
        let folder = self.folder(submission);
        let submitter = submission.submitter.clone();
        let unpacked = match remove(&folder).and_then(|()| submission.unpack(&folder)) {
            Ok(unpacked) => unpacked,
            Err(problem) => return Learner::not_graded(submitter, problem),
        };
        let content = self.content(&unpacked.content);
        let clock = match self.settings.clock {
            Clock::Auto => Clock::Virtual,
            clock => clock,
        };
        let found = self.find(&folder, |_| true);
        let taken = found.iter().filter_map(|(_, taken)| taken.as_ref().ok());
        let ways = taken.map(|taken| (&taken.answer, self.settings(clock, &content, taken)));
        let mut graded = grade_once(&ways.collect::<Vec<_>>(), &self.runner).into_iter();
        let answers = found.iter().filter_map(|(exercise, taken)| match taken {
            Ok(taken) => Some(self.first(taken, &graded.next()?)),
            Err(why) => Some(not_taken(exercise, why.clone())),
        });
        let answers = answers.collect();
        let notes = unpacked.notes;
        let asked = String::new();
        Learner { format: FORMAT, submitter, content, asked, answers, notes, problem: None }
    }

    /// Does what is still to be done for a learner. If the submission is no longer the same, it is
    /// graded from the start.
    pub fn go_on(&self, submission: &Submission, learner: Learner, pass: Pass) -> Learner {
        let folder = self.folder(submission);
        if !folder.is_dir() {
            let unpacked = submission.unpack(&folder);
            let is_same = |content: String| self.content(&content) == learner.content;
            if !unpacked.is_ok_and(|unpacked| is_same(unpacked.content)) {
                return self.grade(submission);
            }
        }
        let pending = |exercise: &Exercise| {
            let answer = learner.answers.iter().find(|answer| answer.exercise == exercise.name);
            answer.and_then(|answer| answer.pending.as_ref())
        };
        let found = self.find(&folder, |exercise| pending(exercise).is_some());
        let taken: Vec<_> = found.into_iter().filter_map(|(_, taken)| taken.ok()).collect();
        let way = |taken: &Taken| match pending(taken.answer.exercise) {
            Some(Pending::RealTime { .. } | Pending::Confirm) => Clock::Real,
            _ => self.settings.clock,
        };
        let ways = taken
            .iter()
            .map(|taken| (&taken.answer, self.settings(way(taken), &learner.content, taken)));
        let ways: Vec<_> = ways.collect();
        let graded = match pass {
            Pass::Last => {
                let again =
                    |it: &(&answers::Answer, Settings)| grade_again(it.0, &self.runner, &it.1);
                ways.iter().map(again).collect()
            }
            _ => grade_once(&ways, &self.runner),
        };
        let mut learner = learner.clone();
        for (taken, graded) in taken.iter().zip(graded) {
            let name = taken.answer.exercise.name;
            let Some(answer) = learner.answers.iter_mut().find(|it| it.exercise == name) else {
                continue;
            };
            *answer = self.next(answer.clone(), taken, &graded, pass);
            // There is no later pass.
            if pass == Pass::Last && answer.pending == Some(Pending::Confirm) {
                let way = self.settings(Clock::Real, &learner.content, taken);
                let real = grade_again(&taken.answer, &self.runner, &way);
                *answer = self.next(answer.clone(), taken, &real, pass);
            }
        }
        learner
    }

    /// How the runs of an answer are made on this clock. They get the same arguments each time.
    fn settings(&self, clock: Clock, content: &str, taken: &Taken) -> Settings {
        let seed = Sha256::digest(format!("{content} {}", taken.answer.exercise.name));
        Settings { clock, seed: Some(seed.into()), ..self.settings.clone() }
    }

    /// The answers in a submission to the exercises that are wanted, built; or why there is none.
    fn find(
        &self,
        folder: &Path,
        is_wanted: impl Fn(&Exercise) -> bool,
    ) -> Vec<(&'static Exercise, Result<Taken, learner::Graded>)> {
        let names: Vec<_> = self.exercises.iter().map(|exercise| exercise.name).collect();
        let endings = INTERPRETERS.map(|(ending, _)| ending);
        let found = submissions::find(folder, &names, &endings);
        let found = self.exercises.iter().copied().zip(found);
        let wanted = found.filter(|(exercise, _)| is_wanted(exercise));
        wanted.map(|(exercise, found)| (exercise, self.take(exercise, folder, found))).collect()
    }

    fn take(
        &self,
        exercise: &'static Exercise,
        submission: &Path,
        found: Found,
    ) -> Result<Taken, learner::Graded> {
        let (path, note, program) = match found {
            Found::Not(why) => return Err(learner::Graded::Missing(why)),
            Found::Several(why) => return Err(learner::Graded::Unclear(why)),
            Found::File { path, note } => {
                let program = Program::of_file(exercise, &submission.join(&path));
                (path, note, program)
            }
            Found::Package { folder, binary, note } => {
                let package = submission.join(&folder);
                let caging = self.settings.caging.as_ref();
                let program = Program::of_binary(exercise, submission, &package, &binary, caging);
                (folder, note, program)
            }
        };
        let answer = program.build_in_silence(&self.runner.stop, self.settings.caging.as_ref());
        Ok(Taken { file: path.display().to_string(), note, answer })
    }

    /// An answer after the first pass.
    fn first(&self, taken: &Taken, graded: &Graded) -> learner::Answer {
        learner::Answer {
            exercise: graded.exercise.name.into(),
            file: Some(taken.file.clone()),
            notes: taken.note.iter().cloned().collect(),
            graded: learner::Graded::Report(Box::new(json::Exercise::new(graded, false))),
            pictures: pictures(graded),
            pending: self.pending(graded),
        }
    }

    /// What is still to be done for an answer that was graded on the clock that was asked for.
    fn pending(&self, graded: &Graded) -> Option<Pending> {
        match &graded.outcome {
            Outcome::NotBelieved(why) => (self.settings.clock == Clock::Auto)
                .then(|| Pending::RealTime { because: why.to_string() }),
            _ if graded.summary() == Summary::Inconclusive => Some(Pending::Again),
            // Something else on this machine may have killed the recorder.
            _ if is_tampering(graded) => Some(Pending::Again),
            _ if self.settings.confirm && is_to_be_confirmed(graded) => Some(Pending::Confirm),
            _ => None,
        }
    }

    /// An answer after a later pass, in which it was graded like this.
    fn next(
        &self,
        before: learner::Answer,
        taken: &Taken,
        graded: &Graded,
        pass: Pass,
    ) -> learner::Answer {
        let learner::Graded::Report(report) = &before.graded else { return before };
        let mut next = self.first(taken, graded);
        let learner::Graded::Report(new) = &mut next.graded else { return before };
        let is_unsure = graded.summary() == Summary::Inconclusive || is_tampering(graded);
        let is_open = is_unsure && pass != Pass::Last;
        // Where the virtual clock could not be used, nothing was judged.
        let earlier = report.attempts.iter().filter(|_| report.problem.is_none());
        let attempts: Vec<_> = earlier.chain(&new.attempts).cloned().collect();
        new.attempts.clone_from(&attempts);
        match &before.pending {
            Some(Pending::RealTime { because }) => {
                for clock in new.clocks.iter_mut().filter(|clock| clock.clock == "real") {
                    clock.because.get_or_insert_with(|| because.clone());
                }
                next.pending = before.pending.filter(|_| is_open);
            }
            Some(Pending::Confirm) => {
                let agrees = new.problem.is_none() && not_passed(report) == not_passed(new);
                if is_open || agrees {
                    let confirmed = (!is_open).then_some(true);
                    let kept = json::Exercise { attempts, confirmed, ..(**report).clone() };
                    let graded = learner::Graded::Report(Box::new(kept));
                    let pending = before.pending.filter(|_| is_open);
                    return learner::Answer { graded, pending, ..before };
                }
                new.confirmed = Some(false);
                next.pending = None;
            }
            // The runs alone have not told, either.
            _ if pass == Pass::Last && next.pending == Some(Pending::Again) => next.pending = None,
            _ => {}
        }
        next
    }
}

/// Removes what is there of an earlier try.
fn remove(folder: &Path) -> Result<(), String> {
    let made = || fs::create_dir_all(folder.parent().unwrap_or(folder));
    let removed = if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) };
    removed.and_then(|()| made()).map_err(|error| format!("{}: {error}", folder.display()))
}

fn not_taken(exercise: &Exercise, graded: learner::Graded) -> learner::Answer {
    learner::Answer {
        exercise: exercise.name.into(),
        file: None,
        notes: Vec::new(),
        graded,
        pictures: Vec::new(),
        pending: None,
    }
}

/// Whether a program seems to have interfered with its recorder.
fn is_tampering(graded: &Graded) -> bool {
    matches!(graded.first_mistake(), Some((_, NotPassed::Failed(it))) if it.mistake.id == TAMPERED.id)
}

/// The criteria that were not passed, each with what was wrong.
fn not_passed(report: &json::Exercise) -> Vec<(&str, Passed, Option<&str>)> {
    let criteria = report.criteria.iter().filter(|one| one.verdict != Passed::Passed);
    criteria
        .map(|one| (&*one.id, one.verdict, one.reason.as_ref().map(|it| &*it.mistake)))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
