//! A learner's result as HTML: the same in the feedback for the learner and in the report for the
//! teacher. Everything in it is escaped by `maud`.

use super::people::{Absent, Person, title};
use super::standing::{Standing, Verdict, answer, possible};
use crate::class::learner::{Answer, Graded, Learner};
use crate::escape::legible;
use crate::report::html::{Place, graded, notes, points, section, whole};
use maud::{Markup, PreEscaped, html};

/// How it failed is the teacher's business, and is in the note.
const CHECKER_FAILED: &str = "The checker failed, which is not the fault of this submission.";

/// What there is to say about a learner who submitted nothing.
const ABSENT: &str = "This learner is on the class list, but nothing in the download is theirs.";

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
                (whole(Verdict::NotGraded.words(), problem, true))
            }
            (notes(&learner.notes))
            @for (name, points) in exercises.iter().zip(&standing.points) {
                @if let Some(answer) = answer(learner, name) { (exercise(answer, *points, place)) }
            }
        }
    };
    PreEscaped(legible(&article.0))
}

/// A learner who submitted nothing.
pub fn absent(absent: &Absent, standing: &Standing) -> Markup {
    let article = html! {
        article.learner {
            header.summary {
                div {
                    h1 { bdi { (absent.name) } }
                    p.who { bdi { (absent.id) } }
                }
                p.score { strong { (standing.verdict.words()) } }
            }
            (notes(&[ABSENT.into()]))
        }
    };
    PreEscaped(legible(&article.0))
}

fn exercise(answer: &Answer, earned: Option<f64>, place: &mut Place) -> Markup {
    let about = html! {
        @if let (Some(file), []) = (&answer.file, &*answer.notes) {
            p.file {
                "Submitted as "
                // A package at the top has no path.
                @if file.is_empty() { "a Cargo package" } @else { code { (file) } }
            }
        }
        // They say where it was found.
        (notes(&answer.notes.iter().map(|note| capitalized(note)).collect::<Vec<_>>()))
    };
    let result = match &answer.graded {
        Graded::Missing(why) => whole(Verdict::Missing.words(), why, false),
        Graded::Unread(why) | Graded::Unclear(why) => whole(Verdict::NotGraded.words(), why, true),
        Graded::Report(report) => graded(report),
    };
    let points = points(earned, possible(Some(answer)));
    section(&answer.exercise, &points, &html! { (about) (result) }, &answer.pictures, place)
}

fn capitalized(sentence: &str) -> String {
    let mut rest = sentence.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}
