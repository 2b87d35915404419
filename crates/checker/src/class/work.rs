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
    Graded, Outcome, Settings, TAMPERED, grade_again, grade_once, is_to_be_confirmed,
};
use crate::judging::verdict::NotPassed;
use crate::recording::{Ending, Recording};
use crate::relative::Relative;
use crate::report::json::{self, Passed};
use crate::report::picture::pictures;
use crate::runner::Runner;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use submissions::{Found, Submission, Unpacked};

/// How much of the machine a learner has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pass {
    /// As many learners at a time as keep all cores busy.
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

/// What is kept of a submission from one pass to the next, in a folder of the scratch folder that is
/// named after its key: the files, and the answers as they were built.
const SUBMISSION: &str = "submission";
const ANSWERS: &str = "answers.json";

/// An answer that was found, and built if it can be.
#[derive(Serialize, Deserialize)]
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

    /// Where a submission is while it is graded.
    fn room(&self, submission: &Submission) -> PathBuf {
        self.scratch.join(&submission.submitter.key)
    }

    /// Removes what is kept of a submission for later passes.
    ///
    /// # Errors
    ///
    /// One line, if that cannot be done.
    pub fn forget(&self, submission: &Submission) -> Result<(), String> {
        let room = self.room(submission);
        match fs::remove_dir_all(&room) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(format!("{}: {error}", room.display()))
            }
            _ => Ok(()),
        }
    }

    /// Where a submission is unpacked.
    fn folder(&self, submission: &Submission) -> PathBuf {
        self.room(submission).join(SUBMISSION)
    }

    /// The result without the path of that folder, which cargo names, and why something failed.
    pub fn shown(&self, submission: &Submission, learner: Learner) -> Learner {
        Relative::to(&self.folder(submission)).all(learner)
    }

    fn unpack(&self, submission: &Submission) -> Result<Unpacked, String> {
        self.forget(submission)?;
        let room = self.room(submission);
        fs::create_dir_all(&room).map_err(|error| format!("{}: {error}", room.display()))?;
        submission.unpack(&self.folder(submission))
    }

    /// Keeps answers for later passes. What cannot be kept is built again.
    fn keep(&self, submission: &Submission, taken: &[Taken]) {
        if let Ok(text) = serde_json::to_vec(taken) {
            let _ = fs::write(self.room(submission).join(ANSWERS), text);
        }
    }

    fn kept(&self, submission: &Submission) -> Option<Vec<Taken>> {
        let text = fs::read(self.room(submission).join(ANSWERS)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Grades a submission in the first pass.
    pub fn grade(&self, submission: &Submission) -> Learner {
        let folder = self.folder(submission);
        let submitter = submission.submitter.clone();
        let unpacked = match self.unpack(submission) {
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
        let mut answers: Vec<_> = answers.collect();
        let is_missing = |it: &learner::Answer| matches!(it.graded, learner::Graded::Missing(_));
        if let Some(problem) = unpacked.unread {
            if answers.iter().all(is_missing) {
                return Learner::not_graded(submitter, problem);
            }
            // Which of them is in there, nobody knows. What it is, a note says.
            for answer in &mut answers {
                if let learner::Graded::Missing(why) = &answer.graded {
                    let why = format!("{why}, but there may be one in what could not be read");
                    answer.graded = learner::Graded::Unread(why);
                }
            }
        }
        let mut notes = unpacked.notes;
        if answers.iter().all(is_missing) {
            if let Some(problem) = unpacked.beside_files {
                return Learner::not_graded(submitter, problem);
            }
            notes.extend(submissions::files_in_words(&folder));
        }
        let asked = String::new();
        let (problem, checker_failed) = (None, false);
        let learner = Learner {
            format: FORMAT,
            submitter,
            content,
            asked,
            answers,
            notes,
            problem,
            checker_failed,
        };
        if learner.is_pending() {
            let taken: Vec<_> = found.into_iter().filter_map(|(_, taken)| taken.ok()).collect();
            self.keep(submission, &taken);
        }
        learner
    }

    /// Does what is still to be done for a learner. If the submission is no longer the same, it is
    /// graded from the start.
    pub fn go_on(&self, submission: &Submission, mut learner: Learner, pass: Pass) -> Learner {
        let taken = match self.kept(submission) {
            Some(taken) => taken,
            // An earlier run has built them, and was stopped.
            None => match self.build_again(submission, &mut learner) {
                Some(taken) => taken,
                None => return self.grade(submission),
            },
        };
        let pending = |taken: &Taken| learner.pending(taken.answer.exercise.name);
        let taken: Vec<_> = taken.into_iter().filter(|it| pending(it).is_some()).collect();
        let way = |taken: &Taken| match pending(taken) {
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

    /// The answers of a learner that are still to be graded, unpacked and built again. None if the
    /// submission is no longer the same.
    fn build_again(&self, submission: &Submission, learner: &mut Learner) -> Option<Vec<Taken>> {
        let unpacked = self.unpack(submission).ok()?;
        if self.content(&unpacked.content) != learner.content {
            return None;
        }
        let is_pending = |exercise: &Exercise| learner.pending(exercise.name).is_some();
        let found = self.find(&self.folder(submission), is_pending);
        let mut all = Vec::new();
        for (exercise, taken) in found {
            match taken {
                Ok(taken) => all.push(taken),
                Err(why) => {
                    let answer = not_taken(exercise, why);
                    let is_it = |one: &&mut learner::Answer| one.exercise == exercise.name;
                    learner.answers.iter_mut().filter(is_it).for_each(|one| *one = answer.clone());
                }
            }
        }
        self.keep(submission, &all);
        Some(all)
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
                // If that cannot be done, cargo says why it does not build it.
                let _ = submissions::set_apart(submission, &folder);
                let package = submission.join(&folder);
                let caging = self.settings.caging.as_ref();
                let program = Program::of_binary(exercise, submission, &package, &binary, caging);
                (folder, note, program)
            }
        };
        let answer = program.build_in_silence(&self.runner.stop, self.settings.caging.as_ref());
        let answer = answers::Answer { relative_to: Some(submission.into()), ..answer };
        Ok(Taken { file: path.display().to_string(), note, answer })
    }

    /// An answer after the first pass.
    fn first(&self, taken: &Taken, graded: &Graded) -> learner::Answer {
        learner::Answer {
            exercise: graded.exercise.name.into(),
            file: Some(taken.file.clone()),
            notes: taken.note.iter().cloned().collect(),
            graded: learner::Graded::Report(Box::new(json::Exercise::new(graded, false))),
            is_refused: taken.answer.is_refused,
            pictures: pictures(graded),
            pending: self.pending(graded),
        }
    }

    /// What is still to be done for an answer that was graded on the clock that was asked for.
    fn pending(&self, graded: &Graded) -> Option<Pending> {
        match &graded.outcome {
            Outcome::NotBelieved(why) => (self.settings.clock == Clock::Auto)
                .then(|| Pending::RealTime { because: why.to_string() }),
            _ if is_unsure(graded) => Some(Pending::Again),
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
        let is_open = is_unsure(graded) && pass != Pass::Last;
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

fn not_taken(exercise: &Exercise, graded: learner::Graded) -> learner::Answer {
    learner::Answer {
        exercise: exercise.name.into(),
        file: None,
        notes: Vec::new(),
        graded,
        is_refused: false,
        pictures: Vec::new(),
        pending: None,
    }
}

/// Whether it is to be graded again: the machine was too busy, the program seems to have interfered with
/// its recorder, or one of them was killed, which this machine does when memory is short.
fn is_unsure(graded: &Graded) -> bool {
    let is_tampering = matches!(
        graded.first_mistake(), Some((_, NotPassed::Failed(it))) if it.mistake.id == TAMPERED.id
    );
    let is_killed = |it: &Recording| it.ending == Ending::Signaled("SIGKILL".into());
    is_tampering || graded.recordings.iter().any(is_killed) || graded.is_to_be_repeated()
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
