//! Grades a class: gives the submissions to workers, keeps each result as soon as it is there, and
//! writes what a teacher hands back at the end.

use super::ClassOptions;
use super::chosen::{everybody, keys, named};
use super::class_file::{Asked, ClassFile};
use super::grades_folder::{GradesFolder, in_utf8};
use super::interrupt::{self, say_how_to_go_on};
use super::learner::{FORMAT, Learner};
use super::output;
use super::pool::{Done, Event, Pool, Size};
use super::progress::Progress;
use super::shard::Shard;
use super::summary::{Summary, listed};
use super::work::Pass;
use super::worker::{Order, Reply, Setup};
use crate::clock::Clock;
use crate::escape::said;
use crate::exercises::{self, Exercise};
use crate::grade::Settings;
use crate::runner::cores;
use cage::system;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;
use submissions::{Class, Limits, Submitter};

/// How many programs wait side by side in real time, for each that may work.
const WAITING: usize = 16;
/// How many results are read while others are written out.
const READ_AHEAD: usize = 2;
/// How often the run looks at what it is not told.
const LOOK: Duration = Duration::from_millis(20);
/// What is said of those who could not be judged.
const REMEDY: &str = "Run the same command to try again";
/// The same, if only some were asked for.
const REMEDY_OF_PART: &str = "Run the same command without --only to grade them";

/// Why a run ends early.
enum Early {
    Interrupted,
    Failed(String),
}

impl From<String> for Early {
    fn from(problem: String) -> Self {
        Self::Failed(problem)
    }
}

/// Grades the submissions that the options name in these exercises, all if there are none. Returns
/// the exit code.
///
/// # Errors
///
/// One line, if it cannot begin or go on. What is finished is kept.
pub fn run(
    options: &ClassOptions,
    exercises: &[&'static Exercise],
    settings: Settings,
) -> Result<u8, String> {
    let (Some(submissions), Some(into)) = (&options.class, &options.into) else {
        return Err("a class needs both --class SUBMISSIONS and --into GRADES".into());
    };
    let of_class = |problem| format!("--class {}: {problem}", submissions.display());
    let of_folder = |problem| format!("--into {problem}");
    let mut output = output::Asked::read(&files(options))?;
    let names: Vec<_> = exercises::ALL.iter().map(|exercise| exercise.name).collect();
    let class = Class::open_for(submissions, &names, Limits::default()).map_err(of_class)?;
    let submissions = submissions.canonicalize().map_err(|error| of_class(error.to_string()))?;
    in_utf8(&submissions).map_err(|problem| format!("--class {problem}"))?;
    if settings.caging.is_some() {
        closed("--class", &submissions)?;
        closed("--into", into)?;
    }
    let all = class.submissions.iter().map(|submission| &submission.submitter);
    output.look_up(class.layout, all.clone());
    let is_mine = |one: &&Submitter| options.shard.is_none_or(|shard| shard.has(&one.key));
    let mine: Vec<_> = all.clone().filter(is_mine).collect();
    let is_forced = !options.only.is_empty();
    let keys = if is_forced {
        let listed = |submitter: &Submitter| output.names_of(class.layout, submitter);
        let keys = named(&everybody(&class.submissions, listed), &options.only)?;
        are_in_shard(&keys, options.shard)?;
        keys
    } else {
        keys(&mine)
    };
    let folder = GradesFolder::open(into, &submissions).map_err(of_folder)?;
    let wanted = exercises::ALL.iter().filter(|it| exercises.is_empty() || exercises.contains(it));
    let file = ClassFile {
        format: FORMAT,
        asked: Asked::new(wanted.map(|exercise| exercise.name), &settings),
        name: file_name(&submissions),
        layout: class.layout,
        assignment: class.assignment.clone(),
        notes: class.notes.clone(),
        submitters: all.cloned().collect(),
        shard: options.shard,
    };
    file.notes.iter().for_each(|note| say(note));
    let is_new = folder.class().is_none();
    begin(&folder, &file, is_forced).map_err(of_folder)?;
    // Nobody has asked for the others yet.
    let is_awaited = |one: &&Submitter| !(is_new && is_forced) || keys.contains(&one.key);
    let awaited: Vec<_> = mine.iter().copied().filter(is_awaited).collect();
    let (sender, events) = mpsc::channel();
    interrupt::send(sender.clone()).map_err(|error| error.to_string())?;
    let setup = Setup {
        submissions,
        scratch: folder.scratch(),
        lock: folder.workers(),
        settings,
        asked: file.asked.clone(),
    };
    let jobs = options.jobs.map(usize::from);
    let progress = Progress::new();
    let names = mine.iter().map(|one| (&*one.key, output.title(class.layout, one)));
    let mut run = Run {
        setup,
        submitters: &mine,
        names: names.collect(),
        is_forced,
        folder: &folder,
        jobs,
        progress,
        sender,
        events,
    };
    let ended = run.all_passes(keys);
    run.progress.end();
    match ended {
        Ok(()) => {
            let remedy = if is_forced { REMEDY_OF_PART } else { REMEDY };
            finish(&folder, &file, &awaited, output, remedy)
        }
        Err(Early::Interrupted) => {
            let finished = finish(&folder, &file, &awaited, output, "The command below continues");
            say_how_to_go_on(finished.is_ok());
            // What cannot be removed now is removed when it goes on.
            let _ = folder.is_still_locked().map(|()| folder.remove_scratch());
            finished.map(|_| interrupt::EXIT_CODE)
        }
        Err(Early::Failed(problem)) => {
            Err(format!("{problem}. What is finished is kept: the same command continues"))
        }
    }
}

/// Refuses a place where a learner's program could read what others submitted, and their grades.
fn closed(option: &str, path: &Path) -> Result<(), String> {
    match system::folder_of(path) {
        None => Ok(()),
        Some(folder) => Err(format!(
            "{option} {}: every program may read what is in {folder}: name a place elsewhere",
            path.display()
        )),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

pub fn files(options: &ClassOptions) -> output::Files {
    output::Files {
        roster: options.roster.clone(),
        worksheet: options.worksheet.clone(),
        canvas: options.canvas.clone(),
        column: options.column.clone(),
    }
}

/// That learners who are named are in the shard that is to be graded.
fn are_in_shard(keys: &[String], shard: Option<Shard>) -> Result<(), String> {
    let Some(shard) = shard else { return Ok(()) };
    match keys.iter().find(|key| !shard.has(key)) {
        None => Ok(()),
        Some(key) => {
            let other = Shard::of(key, shard.total()).map_or(String::new(), |it| it.to_string());
            Err(format!(
                "--shard {shard}: {key} is in shard {other}: give --shard {other} and the folder of \
                 that shard"
            ))
        }
    }
}

/// Notes what is asked of this run, unless that would mix up grades.
fn begin(folder: &GradesFolder, file: &ClassFile, is_part: bool) -> Result<(), String> {
    let shown = folder.path().display();
    if let Some(before) = folder.class() {
        let keys: BTreeSet<_> = file.submitters.iter().map(|one| &one.key).collect();
        if !before.submitters.iter().any(|one| keys.contains(&one.key)) {
            return Err(format!(
                "{shown}: it holds the grades of another class: name a new folder"
            ));
        }
        if let Some(why) = file.why_not_of(&before) {
            return Err(format!(
                "{shown}: it holds the grades of another assignment: {why}. Name a new folder; if it \
                 is the same assignment, use the name and the exercises of the last run"
            ));
        }
        if before.shard != file.shard {
            let part = |it: Option<Shard>| {
                it.map_or("the whole class".into(), |shard| format!("shard {shard}"))
            };
            let (held, wanted) = (part(before.shard), part(file.shard));
            return Err(format!(
                "{shown}: it holds the grades of {held}: name another folder for {wanted}"
            ));
        }
        if let Some(difference) = before.asked.difference(&file.asked) {
            if is_part {
                return Err(format!(
                    "{shown}: the last run differs in {difference}: leave out --only to regrade \
                     everyone, or use the same as before"
                ));
            }
            say(&format!("the last run differs in {difference}, so everyone is graded again"));
        }
    }
    if let Some(before) = folder.class() {
        let now: BTreeSet<_> = file.submitters.iter().map(|one| &*one.key).collect();
        let gone = before.submitters.iter().filter(|one| !now.contains(&*one.key));
        let (gone, names): (Vec<_>, Vec<_>) = gone.map(|one| (&*one.key, one.name.clone())).unzip();
        if !names.is_empty() {
            let names = listed(&names);
            say(&format!("no longer among the submissions, so no longer in grades.csv: {names}"));
        }
        folder.remove_feedback_of(&gone).map_err(|error| format!("{shown}: {error}"))?;
    }
    folder.write_class(file)
}

/// Writes what a teacher hands back, and says how the run went.
pub fn finish(
    folder: &GradesFolder,
    file: &ClassFile,
    submitters: &[&Submitter],
    asked: output::Asked,
    remedy: &str,
) -> Result<u8, String> {
    folder.is_still_locked()?;
    // What cannot be removed now is removed at the start of the next run.
    let _ = folder.remove_scratch();
    let mut summary = Summary::default();
    let names = submitters.iter().map(|submitter| asked.title(file.layout, submitter));
    let names: Vec<_> = names.collect();
    let (sender, results) = mpsc::sync_channel(READ_AHEAD);
    let read = || {
        let results = submitters.iter().map(|submitter| folder.result(&submitter.key, &file.asked));
        // Nobody wants the rest if a file cannot be written.
        for result in results {
            if sender.send(result).is_err() {
                return;
            }
        }
    };
    let learners =
        submitters.iter().zip(names).zip(results).filter_map(|((&submitter, name), result)| {
            let Some(learner) = result else {
                summary.add_missing(name);
                return None;
            };
            summary.add(&learner, name);
            // The same may have been submitted by more people, or late.
            let is_known = learner.submitter == *submitter;
            let learner = Learner { submitter: submitter.clone(), ..learner };
            let kept = if is_known { Ok(()) } else { folder.write_result(&learner) };
            Some(kept.map(|()| learner))
        });
    let exercises: Vec<_> = file.asked.exercises.iter().map(|name| &**name).collect();
    let class = output::Class {
        name: &file.name,
        exercises: &exercises,
        layout: file.layout,
        is_part: file.shard.is_some(),
    };
    let written = thread::scope(|scope| {
        scope.spawn(read);
        output::write(folder.path(), class, learners, asked)
    })?;
    for line in written.notes.iter().chain(&summary.lines(remedy)) {
        say(line);
    }
    if !written.absent.is_empty() {
        say(&format!("no submission from: {}", listed(&written.absent)));
    }
    let files: Vec<_> = written.files.iter().map(|path| path.display().to_string()).collect();
    say(&format!("written to {}: {}", folder.path().display(), files.join(", ")));
    Ok(summary.exit_code())
}

pub fn say(text: &str) {
    let _ = writeln!(io::stderr(), "checker: {}", said(text));
}

struct Run<'a> {
    setup: Setup,
    submitters: &'a [&'a Submitter],
    /// By key, the names that the teacher knows.
    names: HashMap<&'a str, String>,
    /// Whether results are made anew that stand.
    is_forced: bool,
    folder: &'a GradesFolder,
    /// How many learners are graded at a time, if the user has said so.
    jobs: Option<usize>,
    progress: Progress,
    sender: Sender<Event>,
    events: Receiver<Event>,
}

fn known_as<'a>(names: &'a HashMap<&str, String>, key: &'a str) -> &'a str {
    names.get(key).map_or(key, |name| name)
}

impl Run<'_> {
    fn all_passes(&mut self, keys: Vec<String>) -> Result<(), Early> {
        // One more than there are cores: some worker always waits, for a process to end or for a disk.
        let few = Size { workers: self.jobs.unwrap_or(cores() + 1), cores: None };
        let cores = self.jobs.map_or(cores(), |jobs| jobs.min(cores()));
        let many = Size { workers: WAITING * self.jobs.unwrap_or(cores), cores: Some(cores) };
        let is_real = self.setup.settings.clock == Clock::Real;
        let first = if is_real { many } else { few };
        let pending = self.pass(Pass::First, "", first, keys)?;
        let pending = self.pass(Pass::Second, "in real time: ", many, pending)?;
        let alone = Size { workers: 1, cores: None };
        self.pass(Pass::Last, "once more, alone: ", alone, pending)?;
        Ok(())
    }

    /// Grades these learners. Returns those for whom something is still to be done.
    fn pass(
        &mut self,
        pass: Pass,
        shown: &'static str,
        size: Size,
        keys: Vec<String>,
    ) -> Result<Vec<String>, Early> {
        if keys.is_empty() {
            return Ok(keys);
        }
        self.progress.begin(shown, keys.len());
        let mut pool = Pool::new(&self.setup, size, self.sender.clone())?;
        let mut waiting = VecDeque::from(keys);
        let mut lost = BTreeSet::new();
        let mut pending = Vec::new();
        while !waiting.is_empty() || pool.is_busy() {
            self.give_orders(pass, &mut pool, &mut waiting)?;
            let done = match self.events.recv_timeout(LOOK) {
                Ok(Event::Interrupted) => return Err(Early::Interrupted),
                Ok(Event::Said(id, reply)) => pool.said(id, reply)?,
                Ok(Event::Ended(id)) => pool.ended(id),
                Err(RecvTimeoutError::Timeout) => {
                    pool.kill_stuck();
                    self.progress.tick();
                    None
                }
                Err(RecvTimeoutError::Disconnected) => None,
            };
            if let Some(Done::Reply(order, _) | Done::Lost(order, _)) = &done {
                self.progress.stop(known_as(&self.names, &order.key));
            }
            // Whoever has just finished need not wait until that is written.
            self.give_orders(pass, &mut pool, &mut waiting)?;
            match done {
                // Once more: it may not be the fault of the submission.
                Some(Done::Lost(order, _)) if lost.insert(order.key.clone()) => {
                    waiting.push_back(order.key);
                }
                Some(done) => pending.extend(self.keep(done)?),
                None => {}
            }
        }
        Ok(pending)
    }

    fn give_orders(
        &mut self,
        pass: Pass,
        pool: &mut Pool,
        waiting: &mut VecDeque<String>,
    ) -> Result<(), String> {
        while pool.has_room()
            && let Some(key) = waiting.pop_front()
        {
            self.progress.start(known_as(&self.names, &key));
            pool.give(self.order(key, pass)?)?;
        }
        Ok(())
    }

    fn order(&self, key: String, pass: Pass) -> Result<Order, String> {
        self.folder.is_still_locked()?;
        let before = self.folder.result(&key, &self.setup.asked);
        let (stands, learner) = match pass {
            Pass::First => {
                let before = before.filter(|learner| learner.stands() && !self.is_forced);
                (before.map(|learner| learner.content), None)
            }
            _ => (None, before.map(Box::new)),
        };
        Ok(Order { key, pass, stands, learner })
    }

    /// Keeps the result of an order. Returns the learner's key if something is still to be done.
    fn keep(&mut self, done: Done) -> Result<Option<String>, Early> {
        let (order, learner) = match done {
            Done::Reply(order, reply) => match *reply {
                Reply::Graded(learner) => (order, Some(*learner)),
                Reply::NotGraded(why) => {
                    let learner = self.not_graded(&order, why);
                    (order, Some(learner))
                }
                _ => (order, None),
            },
            Done::Lost(order, how) => {
                let why = format!("The checker failed twice when it graded this submission: {how}");
                let learner = Learner { checker_failed: true, ..self.not_graded(&order, why) };
                (order, Some(learner))
            }
        };
        let has_worked = learner.is_some();
        let learner = match learner {
            Some(learner) => {
                let learner = Learner { asked: self.setup.asked.hash(), ..learner };
                self.folder.write_result(&learner)?;
                Some(learner)
            }
            None => self.folder.result(&order.key, &self.setup.asked),
        };
        self.progress.done(known_as(&self.names, &order.key), has_worked);
        let is_pending = learner.is_some_and(|learner| learner.is_pending());
        Ok(is_pending.then_some(order.key))
    }

    /// The result of a learner who cannot be graded, with what is known from earlier passes.
    fn not_graded(&self, order: &Order, why: String) -> Learner {
        let submitter = self.submitters.iter().find(|one| one.key == order.key);
        let submitter = submitter.map_or_else(Submitter::default, |one| (*one).clone());
        match &order.learner {
            Some(learner) => {
                let mut learner = (**learner).clone();
                learner.answers.iter_mut().for_each(|answer| answer.pending = None);
                Learner { problem: Some(why), ..learner }
            }
            None => Learner::not_graded(submitter, why),
        }
    }
}
