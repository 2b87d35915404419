//! A learner's result as HTML: the same in the feedback for the learner and in the report for the
//! teacher. Everything in it is escaped by `maud`.

use super::people::{Person, title};
use super::standing::{Standing, answer};
use crate::class::learner::{Answer, Graded, Learner};
use crate::escape::shown;
use crate::report::html::{Place, notes, section};
use maud::{Markup, PreEscaped, html};

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

fn exercise(answer: &Answer, place: &mut Place) -> Markup {
    let about = html! {
        @if let Some(file) = &answer.file { p.file { "Submitted as " code { (file) } } }
        (notes(&answer.notes))
    };
    let result = match &answer.graded {
        Graded::Missing(reason) | Graded::Unclear(reason) => Err(&**reason),
        Graded::Report(report) => Ok(&**report),
    };
    section(&answer.exercise, &about, result, &answer.pictures, place)
}
