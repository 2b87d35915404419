//! A learner's result as HTML: the same in the feedback for the learner and in the report for the
//! teacher. Everything in it is escaped by `maud`.

use super::people::{Person, title};
use super::standing::{Standing, Verdict, answer, possible};
use crate::class::learner::{Answer, Graded, Learner, Picture};
use crate::escape::legible;
use crate::report::json::{self, Criterion, Doubt, Exercise, Passed, Reason};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{Markup, PreEscaped, html};

/// What is said where points are not certain.
const OPEN: &str = "The points are still open.";
const NOT_READABLE: &str = "A line could not be read with certainty.";
/// How it failed is the teacher's business, and is in the note.
const CHECKER_FAILED: &str = "the checker failed, which is not the fault of this submission.";

/// What becomes of a picture: in the feedback it is there, in the report it is looked up.
pub type Place<'a> = dyn FnMut(&Picture) -> Markup + 'a;

/// The learner's result, with all reasons and pictures.
pub fn learner(
    learner: &Learner,
    people: &[Person],
    standing: &Standing,
    exercises: &[&str],
    place: &mut Place,
) -> Markup {
    let submitter = &learner.submitter;
    let ids: Vec<_> = people.iter().filter_map(|person| person.id.as_deref()).collect();
    let is_group = people.len() > 1 || submitter.group.is_some();
    let article = html! {
        article.learner {
            header.summary {
                div {
                    h1 { bdi { (title(submitter, people)) } }
                    p.who {
                        @if is_group {
                            @for (index, person) in people.iter().enumerate() {
                                @if index > 0 { ", " }
                                bdi { (person.name) }
                            }
                            " · "
                        }
                        @for (index, id) in ids.iter().enumerate() {
                            @if index > 0 { ", " }
                            bdi { (id) }
                        }
                        @if submitter.late { " " span.late { "late" } }
                    }
                }
                p.score {
                    @match standing.total {
                        Some(total) => { strong { (total) } " of " (standing.possible) " points" }
                        None => { strong { (standing.verdict.words()) } }
                    }
                }
            }
            @if let Some(problem) = &learner.problem {
                @let problem = if learner.checker_failed { CHECKER_FAILED } else { problem };
                (whole(Verdict::NotGraded.words(), problem))
            }
            (notes(&learner.notes))
            @for (name, points) in exercises.iter().zip(&standing.points) {
                @if let Some(answer) = answer(learner, name) { (exercise(answer, *points, place)) }
            }
        }
    };
    PreEscaped(legible(&article.0))
}

fn notes(notes: &[String]) -> Markup {
    html! {
        @if !notes.is_empty() {
            ul.notes { @for note in notes { li { (note) } } }
        }
    }
}

/// What became of an answer, or of all, of which no criterion was judged.
fn whole(word: &str, why: &str) -> Markup {
    html! {
        p.whole { span.verdict.(class(word)) { (word) } " " (why) }
        @if word != Verdict::Missing.words() { p.because { (OPEN) } }
    }
}

fn exercise(answer: &Answer, earned: Option<f64>, place: &mut Place) -> Markup {
    let is_several = answer.pictures.len() > 1;
    html! {
        section.exercise data-exercise=(answer.exercise) {
            h2 {
                (answer.exercise)
                (points(earned, possible(Some(answer))))
            }
            @if let Some(file) = &answer.file { p.file { "Submitted as " code { (file) } } }
            (notes(&answer.notes))
            @match &answer.graded {
                Graded::Missing(why) => (whole(Verdict::Missing.words(), why)),
                Graded::Unclear(why) => (whole(Verdict::NotGraded.words(), why)),
                Graded::Report(report) => (graded(report)),
            }
            @if !answer.pictures.is_empty() {
                div.runs {
                    @for (index, picture) in answer.pictures.iter().enumerate() {
                        figure.run {
                            figcaption {
                                span {
                                    @if is_several { (ordinal(index)) " run: " }
                                    code { (picture.command) }
                                }
                                span.ending { (picture.ending) }
                            }
                            (place(picture))
                        }
                    }
                }
            }
        }
    }
}

/// Which of several runs.
fn ordinal(index: usize) -> String {
    let words = ["first", "second", "third"];
    words.get(index).map_or_else(|| format!("{}th", index + 1), ToString::to_string)
}

fn graded(report: &Exercise) -> Markup {
    let word = match report.verdict {
        json::Verdict::NotStarted => Verdict::NotStarted,
        _ => Verdict::Inconclusive,
    };
    html! {
        @if let Some(problem) = &report.problem { (whole(word.words(), problem)) }
        @if report.verdict == json::Verdict::FullMarks {
            @if let Some(praise) = &report.praise { p.praise { (praise) } }
        }
        @if !report.criteria.is_empty() {
            ul.criteria { @for one in &report.criteria { (criterion(one)) } }
        }
    }
}

fn criterion(one: &Criterion) -> Markup {
    let earned = (one.verdict != Passed::Inconclusive).then_some(one.earned);
    html! {
        li {
            div.criterion {
                span.verdict.(class(word(one.verdict))) { (word(one.verdict)) }
                span.name { (one.name) }
                (points(earned, one.possible))
            }
            @if let Some(because) = &one.because { p.because { (because) } }
            @if earned.is_none() { p.because { (OPEN) } }
            @if let Some(found) = &one.reason { (reason(found)) }
            @if let Some(found) = &one.doubt {
                p.because { (NOT_READABLE) }
                (doubt(found))
            }
        }
    }
}

fn points(earned: Option<f64>, possible: f64) -> Markup {
    html! {
        span.points {
            @match earned {
                Some(earned) => (earned),
                None => "–",
            }
            " of " (possible)
        }
    }
}

fn reason(reason: &Reason) -> Markup {
    let parts = [
        ("expected", &reason.expected),
        ("seen", &reason.seen),
        ("why", &reason.why),
        ("hint", &reason.hint),
    ];
    html! {
        dl.reason { @for (name, text) in parts { dt { (name) } dd.(name) { (text) } } }
    }
}

fn doubt(doubt: &Doubt) -> Markup {
    let parts =
        [("line", &doubt.line), ("original", &doubt.original), ("missing", &doubt.looked_for)];
    html! {
        dl.reason { @for (name, text) in parts { dt { (name) } dd { (text) } } }
    }
}

/// A picture that needs nothing else: whatever is in it can neither run nor fetch anything, as it
/// is an image.
#[must_use]
pub fn picture(picture: &Picture) -> Markup {
    let source = format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(&picture.svg));
    html! {
        img src=(source) alt="Timeline of this run: the text says the same";
        details { summary { "as text" } pre { (picture.text.join("\n")) } }
    }
}

/// The class that colors a word.
fn class(word: &str) -> String {
    word.replace(' ', "-")
}

/// The word for what became of a criterion: the same as in the report on a single program.
#[must_use]
pub fn word(verdict: Passed) -> &'static str {
    match verdict {
        Passed::Passed => "passed",
        Passed::Failed => "failed",
        Passed::NotReadable => "not readable",
        Passed::Skipped => "skipped",
        Passed::Inconclusive => "inconclusive",
    }
}
