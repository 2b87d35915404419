//! A learner's result as HTML: the same in the feedback for the learner and in the report for the
//! teacher. Everything in it is escaped by `maud`.

use super::people::{Person, title};
use super::shown::shown;
use super::standing::{Standing, answer};
use crate::class::learner::{Answer, Graded, Learner, Picture};
use crate::report::json::{Criterion, Doubt, Exercise, Passed, Reason, Verdict};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{Markup, PreEscaped, html};

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
            @if let Some(problem) = &learner.problem { p.problem { (problem) } }
            (notes(&learner.notes))
            @for name in exercises {
                @if let Some(answer) = answer(learner, name) { (exercise(answer, place)) }
            }
        }
    };
    PreEscaped(shown(&article.0))
}

fn notes(notes: &[String]) -> Markup {
    html! {
        @if !notes.is_empty() {
            ul.notes { @for note in notes { li { (note) } } }
        }
    }
}

fn exercise(answer: &Answer, place: &mut Place) -> Markup {
    html! {
        section.exercise data-exercise=(answer.exercise) {
            h2 {
                (answer.exercise)
                @if let Graded::Report(report) = &answer.graded {
                    @let is_open = report.verdict == Verdict::Inconclusive;
                    (points(report.earned, report.possible, is_open))
                }
            }
            @if let Some(file) = &answer.file { p.file { "Submitted as " code { (file) } } }
            (notes(&answer.notes))
            @match &answer.graded {
                Graded::Missing(reason) | Graded::Unclear(reason) => p.problem { (reason) },
                Graded::Report(report) => (graded(report)),
            }
            @if !answer.pictures.is_empty() {
                div.runs {
                    @for picture in &answer.pictures {
                        figure.run {
                            figcaption { code { (picture.command) } span.ending { (picture.ending) } }
                            (place(picture))
                        }
                    }
                }
            }
        }
    }
}

fn graded(report: &Exercise) -> Markup {
    html! {
        @if let Some(problem) = &report.problem { p.problem { (problem) } }
        @if report.verdict == Verdict::FullMarks {
            @if let Some(praise) = &report.praise { p.praise { (praise) } }
        }
        @if !report.criteria.is_empty() {
            ul.criteria { @for one in &report.criteria { (criterion(one)) } }
        }
    }
}

fn criterion(one: &Criterion) -> Markup {
    html! {
        li {
            div.criterion {
                span.verdict.(class(word(one.verdict))) { (word(one.verdict)) }
                span.name { (one.name) }
                (points(one.earned, one.possible, one.verdict == Passed::Inconclusive))
            }
            @if let Some(because) = &one.because { p.because { (because) } }
            @if let Some(found) = &one.reason { (reason(found)) }
            @if let Some(found) = &one.doubt { (doubt(found)) }
        }
    }
}

fn points(earned: f64, possible: f64, is_open: bool) -> Markup {
    html! {
        span.points { @if is_open { "–" } @else { (earned) } " of " (possible) }
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
