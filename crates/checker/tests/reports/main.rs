//! The forms of the report, each read as its platform reads it: of all recordings that the judges are
//! tested with, of programs that could not be judged, and with hostile text in every place that text
//! comes to.

#[path = "../browser/mod.rs"]
mod browser;
mod classroom;
mod exercism;
mod github;
mod gradescope;
mod html;
mod junit;
mod markdown;
#[path = "../recorded/mod.rs"]
mod recorded;
mod schema;

use checker::clock::ClockUsed;
use checker::exercises::{ALL, Exercise};
use checker::grade::{Attempt, Graded, Outcome, Summary};
use checker::judging::language::Language;
use checker::judging::rubric::Judged;
use checker::judging::verdict::{Doubt, Mistake, NotPassed, Reason, Verdict};
use checker::places::{Place, Places};
use checker::recording::{Line, Recording};
use checker::report::human::Look;
use checker::report::{Checked, Format};
use checker::timeline::Characters;
use clap::ValueEnum;
use recorded::{Case, files, read};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Text that means something to a terminal, a log, XML, HTML, Markdown or JSON, or in a command of
/// GitHub's.
const HOSTILE: &str = "\u{1b}[2J\u{9b}2J\0\u{7f}\r\n::error::attacker\n  ::stop-commands::attacker\n\
     ##[error]attacker ##vso[task.complete]attacker %0A%25 ]]></failure><testcase name=\"attacker\"/>\n\
     ```\n# attacker\n````` `attacker` **attacker** | @attacker #1 [attacker](http://attacker.example)\n\n\
     <script>alert(1)</script><img src=http://attacker.example/x onerror=alert(1)>&amp;\n\
     \u{202e}\u{200f}\u{2066}\u{2028}\\ud800\\\"'${{ attacker }} $attacker$ http://attacker.example";

const MISTAKE: Mistake = Mistake { id: "mistake", why: "Why not?", hint: "Try `{sleep}` *now*." };

#[test]
fn the_readme_has_a_row_for_every_format() {
    let readme = include_str!("../../README.md");
    for format in Format::value_variants().iter().filter_map(Format::to_possible_value) {
        let row = format!("\n| `{}` | ", format.get_name());
        assert!(readme.contains(&row), "README.md has no row {row}");
    }
}

/// The grades of all recordings.
fn all() -> Vec<Graded> {
    files().iter().map(|file| of_case(&read(file))).collect()
}

fn of_case(case: &Case) -> Graded {
    let judged = case.exercise.rubric.judge(&case.runs);
    let graded = graded(case.exercise, Outcome::Judged(judged), case.runs.clone());
    assert!(case.points.is_none_or(|points| points == graded.earned()));
    assert_eq!(case.expected.is_empty(), graded.summary() == Summary::FullMarks);
    graded
}

fn graded(exercise: &'static Exercise, outcome: Outcome, recordings: Vec<Recording>) -> Graded {
    Graded {
        exercise,
        command: vec![format!("/submission/{}.py", exercise.name)],
        outcome,
        attempts: vec![Attempt { lag: 0.0, inconclusive: vec![] }],
        recordings,
        confirmed: None,
    }
}

/// The first recording with this result, whose criteria are as asked.
fn first(summary: Summary, is_asked: impl Fn(&[Judged]) -> bool) -> Graded {
    let found = all().into_iter().find(|it| it.summary() == summary && is_asked(judged(it)));
    found.expect("a case")
}

/// A correct program.
fn good() -> Graded {
    good_to(ALL[0])
}

fn good_to(exercise: &Exercise) -> Graded {
    let good = all().into_iter().find(|it| it.exercise == exercise && it.earned() == 10.0);
    good.expect("a case")
}

/// A program that lost points, for a reason with a picture.
fn wrong() -> Graded {
    first(Summary::PointsLost, |judged| {
        judged.iter().any(|one| {
            matches!(&one.verdict, Err(NotPassed::Failed(reason)) if reason.timeline.is_some())
        })
    })
}

/// A program with nothing wrong that could not be judged in all.
fn inconclusive() -> Graded {
    first(Summary::Inconclusive, |judged| {
        judged.iter().all(|it| matches!(it.verdict, Ok(()) | Err(NotPassed::Inconclusive { .. })))
    })
}

/// Programs that were not judged: one that was not started, and two for which that is not known to be
/// their own fault.
fn not_judged(reason: &str) -> [Graded; 3] {
    [Outcome::NotStarted, Outcome::NotRecorded, Outcome::NotBelieved]
        .map(|outcome| graded(ALL[0], outcome(reason.into()), Vec::new()))
}

fn judged(graded: &Graded) -> &[Judged] {
    match &graded.outcome {
        Outcome::Judged(judged) => judged,
        _ => &[],
    }
}

/// A program for each exercise, in whose grade every text that may come from outside is hostile, and
/// some are long; the criteria get all verdicts in turn.
fn hostile() -> Vec<Graded> {
    // Drawing lines of 1 MB takes a while.
    static HOSTILE: LazyLock<Vec<Graded>> =
        LazyLock::new(|| ALL.iter().map(|exercise| hostile_to(exercise)).collect());
    HOSTILE.clone()
}

fn hostile_to(exercise: &'static Exercise) -> Graded {
    let mut runs = good_to(exercise).recordings;
    for run in &mut runs {
        run.command = vec![HOSTILE.into(), "x".repeat(1 << 20)];
        run.clock = ClockUsed::Real { because: Some(HOSTILE.into()) };
        let at = run.seconds;
        for bytes in [HOSTILE.into(), b"\xff\xfe".to_vec()] {
            run.stdout.push(Line { at, bytes: bytes.clone() });
            run.stderr.push(Line { at, bytes });
        }
    }
    let at = runs[0].seconds;
    runs[0].stdout.push(Line { at, bytes: vec![b'<'; 1 << 20] });
    let timeline = Some(exercise.rubric.timeline(&runs[0]));
    let long = HOSTILE.repeat(50);
    let reason = |expected: &str, seen: &str| Reason {
        mistake: MISTAKE,
        expected: expected.into(),
        seen: seen.into(),
        timeline: timeline.clone(),
        language: Language::Other,
    };
    let doubt = Doubt { line: HOSTILE.into(), original: "One", looked_for: "which count it is" };
    let verdicts: [Verdict; 6] = [
        Err(NotPassed::Failed(Box::new(reason(HOSTILE, HOSTILE)))),
        Ok(()),
        Err(NotPassed::NotReadable(Box::new(doubt))),
        Err(NotPassed::Skipped { because: HOSTILE.into() }),
        Err(NotPassed::Inconclusive { because: HOSTILE.into() }),
        Err(NotPassed::Failed(Box::new(reason(&long, &long)))),
    ];
    let criteria = exercise.rubric.list().into_iter().zip(verdicts.into_iter().cycle());
    let judged = criteria.map(|((id, name, points), verdict)| Judged {
        id,
        name,
        points,
        depends_on: &[],
        verdict,
    });
    let outcome = Outcome::Judged(judged.collect());
    Graded { command: runs[0].command.clone(), ..graded(exercise, outcome, runs) }
}

/// The report of these grades. Every mistake is at line 7 of `src/main,100%.py`.
fn report(format: Format, graded: &[Graded]) -> String {
    let places = |graded: &Graded| {
        let place = |line| Place { file: "src/main,100%.py".into(), line };
        let criteria: BTreeMap<_, _> =
            judged(graded).iter().map(|one| (one.id, place(Some(7)))).collect();
        Places { main: Some(place(None)), criteria }
    };
    let look = Look { width: 80, wraps: false, characters: Characters::UNICODE };
    let checked = Checked { graded, seconds: 1.25, verbose: true, look, places: &places };
    format.render(&checked)
}

/// Makes sure that a text, as a platform shows it, has nothing that acts on a terminal or a log, or
/// stays hidden.
fn assert_harmless(text: &str) {
    let acts =
        |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{200f}\u{2066}\u{2028}".contains(c);
    assert!(!text.contains(acts), "{text:?}");
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{line}");
    }
}
