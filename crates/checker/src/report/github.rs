//! The log of a step of GitHub Actions: the report for people, in which nothing is a command, then
//! annotations. <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use super::words::{Problem, explanation, judged, limited, unjudged};
use super::{Checked, human};
use crate::grade::Graded;
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::NotPassed;
use crate::places::{Place, Places};
use crate::timeline::Characters;

/// How many annotations GitHub shows of a step: more are dropped.
const MOST: usize = 10;

/// An annotation.
struct Annotation {
    level: Level,
    /// The points that it is about.
    points: f64,
    title: String,
    place: Option<Place>,
    lines: Vec<String>,
}

/// The most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

/// The report. No program knew the token: all have ended.
#[must_use]
pub fn report(checked: &Checked) -> String {
    let token = format!("{:032x}", rand::random::<u128>());
    let human = human::report(checked);
    let annotations: String = annotations(checked).iter().map(Annotation::command).collect();
    format!("::stop-commands::{token}\n{human}::{token}::\n{annotations}")
}

/// What was lost, the most important first, and a notice of the points.
fn annotations(checked: &Checked) -> Vec<Annotation> {
    let mut all: Vec<_> = checked
        .graded
        .iter()
        .flat_map(|graded| of_answer(graded, &(checked.places)(graded)))
        .collect();
    all.sort_by(|one, other| one.level.cmp(&other.level).then(other.points.total_cmp(&one.points)));
    all.truncate(MOST);
    let points = |graded: &Graded| format!("{} {}/{POINTS}", graded.exercise.name, graded.earned());
    all.push(Annotation {
        level: Level::Notice,
        points: 0.0,
        title: checked.total(),
        place: None,
        lines: checked.graded.iter().map(points).collect(),
    });
    all
}

fn of_answer(graded: &Graded, places: &Places) -> Vec<Annotation> {
    let name = graded.exercise.name;
    let problem = Problem::of(graded).map(|problem| Annotation {
        level: if unjudged(graded) > 0.0 { Level::Warning } else { Level::Error },
        points: POINTS,
        title: format!("{name}: {}", problem.words),
        place: places.main.clone(),
        lines: vec![limited(&problem.reason)],
    });
    let of_criterion = |one: &Judged| {
        let (level, what) = match &one.verdict {
            // What is skipped follows from another that is not.
            Ok(()) | Err(NotPassed::Skipped { .. }) => return None,
            Err(NotPassed::Failed(reason)) => (Level::Error, reason.mistake.id),
            Err(NotPassed::NotReadable(_)) => (Level::Error, "not readable"),
            Err(NotPassed::Inconclusive { .. }) => (Level::Warning, "inconclusive"),
        };
        let points = format!("{} ({} of {} points)", one.name, one.earned(), one.points);
        let lines = explanation(&one.verdict, Characters::UNICODE);
        Some(Annotation {
            level,
            points: one.points,
            title: format!("{name}: {what}"),
            place: places.criteria.get(one.id).or(places.main.as_ref()).cloned(),
            lines: [points].into_iter().chain(lines).collect(),
        })
    };
    problem.into_iter().chain(judged(graded).iter().filter_map(of_criterion)).collect()
}

impl Annotation {
    /// The command that makes it, in one line.
    fn command(&self) -> String {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let mut properties = vec![format!("title={}", property(&self.title))];
        if let Some(Place { file, line }) = &self.place {
            properties.push(format!("file={}", property(file)));
            properties.extend(line.map(|line| format!("line={line}")));
        }
        format!("::{level} {}::{}\n", properties.join(","), message(&self.lines.join("\n")))
    }
}

/// A message as a command has it.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property as a command has it.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
