//! Makes up the results of a class: real reports and pictures, of the recordings that the judges are
//! tested with, under names that are hard to write into a file.

use crate::recorded::{Case, files, read};
use checker::class::learner::{Answer, FORMAT, Graded, Learner};
use checker::class::output::{self, Asked, Class, Written};
use checker::exercises::ALL;
use checker::grade::{self, Attempt, Outcome};
use checker::judging::rubric::Judged;
use checker::report::json::{self, Reason};
use checker::report::picture::{Picture, pictures};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use std::path::Path;
use submissions::{Layout, Member, Submitter};

/// Text that means something in CSV, HTML, a script, an attribute or a spreadsheet.
pub const HOSTILE: &str = "=1+1\"';,\t</script></style></template><!--<script>alert(1)</script>\
     <img src=http://attacker.example/x onerror=alert(1)>\u{2028}\u{202e}]]>&amp;\\";

const NAMES: [&str; 12] = [
    "Ada Lovelace",
    "O'Neil, Sean",
    "Łukasz Żółć",
    "王小明",
    "محمد عبد الله",
    "अनिल कुमार",
    "Zoë \"Zed\" Müller",
    "=HYPERLINK(\"http://attacker.example\")",
    "'Okina Kahananui",
    "Günther-Maximilian von und zu Hohenlohe-Langenburg-Waldenburg-Schillingsfürst",
    "🙂 Smile",
    "-Dash",
];

/// The names of all exercises.
pub fn exercises() -> Vec<&'static str> {
    ALL.iter().map(|exercise| exercise.name).collect()
}

/// Writes what comes out of these results into the folder.
pub fn write(
    folder: &Path,
    layout: Layout,
    learners: impl IntoIterator<Item = Learner>,
    mut asked: Asked,
) -> Result<Written, String> {
    let learners: Vec<_> = learners.into_iter().collect();
    asked.look_up(layout, learners.iter().map(|learner| &learner.submitter));
    let class = Class {
        name: "<b>Async IO_submissions.zip",
        exercises: &exercises(),
        layout,
        is_part: false,
    };
    output::write(folder, class, learners.into_iter().map(Ok), asked)
}

/// A class of this size, the same for the same size.
pub fn class(size: usize) -> Vec<Learner> {
    let mut random = StdRng::seed_from_u64(13);
    let cases: Vec<_> = files().iter().map(|file| answer(&read(file))).collect();
    (0..size).map(|index| learner(index, &cases, &mut random)).collect()
}

/// A learner with full marks in everything.
pub fn good(name: &str, id: Option<&str>) -> Learner {
    let cases: Vec<_> = files().iter().map(|file| read(file)).collect();
    let good = ALL.iter().map(|exercise| {
        let is_good = |case: &&Case| case.exercise == *exercise && case.expected.is_empty();
        answer(cases.iter().find(is_good).expect("a good case"))
    });
    Learner {
        format: FORMAT,
        submitter: Submitter {
            key: name.replace('/', "-"),
            name: name.into(),
            id: id.map(Into::into),
            ..Submitter::default()
        },
        content: "hash".into(),
        asked: String::new(),
        answers: good.collect(),
        notes: Vec::new(),
        problem: None,
        checker_failed: false,
    }
}

/// A learner in whose result every text is hostile.
pub fn hostile() -> Learner {
    let wrong = files().iter().map(|file| answer(&read(file))).find(|it| {
        let Graded::Report(report) = &it.graded else { return false };
        report.criteria.iter().any(|it| it.reason.is_some())
    });
    let mut learner = good(HOSTILE, Some(HOSTILE));
    learner.submitter.key = "hostile".into();
    learner.submitter.email = Some(HOSTILE.into());
    learner.notes = vec![HOSTILE.into()];
    let mut wrong = wrong.expect("a case with a reason");
    wrong.file = Some(HOSTILE.into());
    wrong.notes = vec![HOSTILE.into()];
    wrong.pictures = vec![Picture {
        command: HOSTILE.into(),
        ending: HOSTILE.into(),
        svg: format!("<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\">{HOSTILE}"),
        text: vec![HOSTILE.into()],
    }];
    if let Graded::Report(report) = &mut wrong.graded {
        report.problem = Some(HOSTILE.into());
        for criterion in &mut report.criteria {
            criterion.because = Some(HOSTILE.into());
            if let Some(reason) = &mut criterion.reason {
                let Reason { expected, seen, why, hint, .. } = reason;
                for text in [expected, seen, why, hint] {
                    *text = HOSTILE.into();
                }
            }
        }
    }
    let place = learner.answers.iter_mut().find(|it| it.exercise == wrong.exercise);
    *place.expect("the exercise") = wrong;
    learner
}

fn learner(index: usize, cases: &[Answer], random: &mut StdRng) -> Learner {
    let name = format!("{} {index}", NAMES[index % NAMES.len()]);
    let mut learner = Learner {
        format: FORMAT,
        submitter: Submitter {
            key: format!("learner-{index:04}"),
            name: name.clone(),
            id: Some((1000 + index).to_string()),
            email: Some(format!("learner{index}@school.example")),
            late: index % 9 == 4,
            ..Submitter::default()
        },
        content: "hash".into(),
        asked: String::new(),
        answers: exercises().iter().map(|name| drawn(name, cases, random)).collect(),
        notes: Vec::new(),
        problem: None,
        checker_failed: false,
    };
    if index % 40 == 21 {
        learner.answers.clear();
        learner.problem = Some("The zip file is damaged: it ends too early.".into());
    }
    if index % 25 == 11 {
        let member = |number: usize| Member {
            name: format!("{name} ({number})"),
            id: Some(format!("{index}-{number}")),
            email: None,
        };
        learner.submitter.members = vec![member(1), member(2)];
        learner.submitter.group = Some(format!("Group {index}"));
    }
    learner
}

/// Half of the answers are right, some are missing.
fn drawn(exercise: &str, cases: &[Answer], random: &mut StdRng) -> Answer {
    let is_right = |it: &Answer| match &it.graded {
        Graded::Report(report) => report.verdict == json::Verdict::FullMarks,
        Graded::Missing(_) | Graded::Unread(_) | Graded::Unclear(_) => false,
    };
    let is_to_be_right = random.random_bool(0.6);
    let fitting: Vec<_> = cases
        .iter()
        .filter(|it| it.exercise == exercise && is_right(it) == is_to_be_right)
        .collect();
    let mut answer = (*fitting.choose(random).expect("a case")).clone();
    if random.random_bool(0.04) {
        answer.graded = Graded::Missing(format!("There is no file named {exercise}."));
        (answer.file, answer.pictures) = (None, Vec::new());
    } else if random.random_bool(0.1) {
        answer.file = Some(format!("src/{}-2.py", exercise.to_uppercase()));
        answer.notes = vec![format!("Taken for {exercise}, as it is the only candidate.")];
    }
    answer
}

fn answer(case: &Case) -> Answer {
    let judged = case.exercise.rubric.judge(&case.runs);
    let earned: f64 = judged.iter().map(Judged::earned).sum();
    assert!(case.points.is_none_or(|points| points == earned));
    let graded = grade::Graded {
        exercise: case.exercise,
        command: vec![format!("{}.py", case.exercise.name)],
        outcome: Outcome::Judged(judged),
        attempts: vec![Attempt { lag: 0.0, inconclusive: vec![] }],
        recordings: case.runs.clone(),
        confirmed: None,
    };
    Answer {
        exercise: case.exercise.name.into(),
        file: Some(format!("{}.py", case.exercise.name)),
        notes: Vec::new(),
        graded: Graded::Report(Box::new(json::Exercise::new(&graded, false))),
        is_refused: false,
        pictures: pictures(&graded),
        pending: None,
    }
}
