//! Grades learners with the real checker, as a class and one by one, and reads what they got.

use crate::spent::{self, Spent};
use checker::class::learner::{Answer, Graded, Learner};
use checker::report::json::{Exercise, Report, Verdict};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub const CHECKER: &str = env!("CARGO_BIN_EXE_checker");
/// How long a command of the checker may take.
pub const LONGEST: Duration = Duration::from_secs(3600);

/// What a learner got, and how often each answer was run for it.
#[derive(Default)]
pub struct Grade {
    /// Of each exercise, in words.
    pub verdicts: BTreeMap<String, String>,
    pub attempts: BTreeMap<String, usize>,
    /// The exercises that were run in real time, and how often.
    pub in_real_time: BTreeMap<String, usize>,
}

impl Grade {
    fn add(&mut self, report: &Exercise) {
        let name = &report.exercise;
        let criteria = report.criteria.iter().map(|one| {
            let mistake = one.reason.as_ref().map_or("", |reason| &*reason.mistake);
            format!("; {} {:?} {mistake}", one.id, one.verdict)
        });
        let verdict = match report.verdict {
            Verdict::Inconclusive => INCONCLUSIVE.to_owned(),
            verdict => {
                format!("{verdict:?}, {} points{}", report.earned, criteria.collect::<String>())
            }
        };
        self.verdicts.insert(name.clone(), verdict);
        let attempts = report.attempts.len();
        self.attempts.insert(name.clone(), attempts);
        let is_real = report.clocks.iter().any(|clock| clock.clock == "real");
        if report.confirmed.is_some() {
            // The first attempt was the one to confirm.
            self.in_real_time.insert(name.clone(), attempts - 1);
        } else if is_real {
            self.in_real_time.insert(name.clone(), attempts);
        }
    }
}

/// The verdict of an answer that the machine was too busy for.
const INCONCLUSIVE: &str = "inconclusive";
/// The verdict of an answer that could not be started, or is not there.
const NOT_STARTED: &str = "NotStarted, 0 points";

/// What is different, in words. Nothing is said of what could not be judged.
pub fn differences<'a>(class: &'a Grade, single: &'a Grade) -> impl Iterator<Item = String> + 'a {
    let names = class
        .verdicts
        .keys()
        .chain(single.verdicts.keys().filter(|it| !class.verdicts.contains_key(*it)));
    names.filter_map(move |name| {
        let [class, single] =
            [class, single].map(|it| it.verdicts.get(name).map_or(NOT_STARTED, |it| &**it));
        let is_judged = ![class, single].contains(&INCONCLUSIVE);
        (is_judged && class != single)
            .then(|| format!("{name}: {class} in the class, {single} in a single check"))
    })
}

/// The run of a class.
pub struct Run {
    pub spent: Spent,
    /// Wall seconds after the first pass: what is done in real time at the end.
    pub after_first: f64,
    /// In the order of the folders' names.
    pub grades: Vec<Grade>,
}

/// Grades all in this folder.
pub fn class(folder: &Path, into: &Path, options: &[&str]) -> Run {
    let learners: Vec<_> =
        fs::read_dir(folder).expect("the class").flatten().map(|it| it.file_name()).collect();
    let results = into.join("results");
    let results_now = || {
        let entries = fs::read_dir(&results).into_iter().flatten().flatten();
        entries.filter(|it| it.path().extension().is_some_and(|ending| ending == "json")).count()
    };
    let start = Instant::now();
    let mut first_pass = None;
    let mut command = Command::new(CHECKER);
    command.arg("--class").arg(folder).arg("--into").arg(into).args(options);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let spent = spent::run(&mut command, LONGEST, |_| {
        // Each learner has a result after the first pass, whether it is final or not.
        if first_pass.is_none() && results_now() == learners.len() {
            first_pass = Some(start.elapsed().as_secs_f64());
        }
    });
    let after_first = first_pass.map_or(0.0, |first| spent.wall - first);
    let mut files: Vec<_> =
        learners.iter().map(|name| results.join(name).with_extension("json")).collect();
    files.sort();
    let grades = files.iter().map(|file| {
        let text = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let learner: Learner = serde_json::from_slice(&text).expect("a result");
        let mut grade = Grade::default();
        learner.answers.iter().for_each(|answer| add(&mut grade, answer));
        grade
    });
    Run { spent, after_first, grades: grades.collect() }
}

fn add(grade: &mut Grade, answer: &Answer) {
    match &answer.graded {
        Graded::Report(report) => grade.add(report),
        Graded::Unclear(_) => {
            grade.verdicts.insert(answer.exercise.clone(), NOT_STARTED.into());
        }
        Graded::Missing(_) | Graded::Unread(_) => {}
    }
}

/// Grades the learner in this folder alone. `report` is a new file.
pub fn single(folder: &Path, report: &Path) -> (Spent, Grade) {
    let mut command = Command::new(CHECKER);
    command.arg("--dir").arg(folder).args(["--format", "json", "--output"]).arg(report);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let spent = spent::run(&mut command, LONGEST, |_| {});
    let mut grade = Grade::default();
    // Without a single answer, there is no report.
    if let Ok(text) = fs::read(report) {
        let report: Report = serde_json::from_slice(&text).expect("a report");
        report.exercises.iter().for_each(|one| grade.add(one));
    }
    (spent, grade)
}
