//! The report as a page of its own, and what it shares with the pages of a class. Everything in it is
//! escaped by `maud`.
//!
//! - `frame`: what keeps a page from doing anything; `learner.css`: how an answer's result looks

mod frame;

pub use frame::{LEARNER_STYLE, start};

use super::Checked;
use super::json::{Criterion, Doubt, Exercise, Passed, Reason, Verdict};
use super::picture::{Picture, pictures};
use super::words::{Problem, cage_line, limited, remarks};
use crate::escape::legible;
use crate::grade::Graded;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{Markup, html};

/// What becomes of a picture: on most pages it is there, in the report on a class it is looked up.
pub type Place<'a> = dyn FnMut(&Picture) -> Markup + 'a;

/// What is said where points are not certain.
const OPEN: &str = "The points are not decided yet.";
const INCONCLUSIVE: &str = "inconclusive";
const NOT_READABLE: &str = "A line could not be read with certainty.";

/// The page.
#[must_use]
pub fn report(checked: &Checked) -> String {
    let names: Vec<_> = checked.graded.iter().map(|graded| graded.exercise.name).collect();
    let title = names.join(", ");
    let body = html! {
        main {
            article.learner {
                header.summary {
                    h1 { (title) }
                    p.score { strong { (checked.total()) } }
                }
                @for graded in checked.graded { (exercise(graded)) }
                @if let Some(line) = cage_line(checked.graded, checked.verbose) { p.cage { (line) } }
            }
        }
    };
    start(&title, LEARNER_STYLE, None) + &legible(&body.0) + "\n"
}

fn exercise(checked: &Graded) -> Markup {
    let problem = Problem::of(checked).map(|problem| match problem.words {
        INCONCLUSIVE => limited(&problem.reason),
        _ => problem.sentence(),
    });
    let result = Exercise { problem, ..Exercise::new(checked, false) };
    let is_certain = result.verdict != Verdict::Inconclusive;
    let points = points(is_certain.then_some(result.earned), result.possible);
    let result = html! {
        (notes(&remarks(checked)))
        @match (result.verdict, &result.problem) {
            (Verdict::NotStarted, Some(why)) => p.problem { (why) },
            _ => (graded(&result)),
        }
    };
    section(checked.exercise.name, &points, &result, &pictures(checked), &mut image)
}

/// The result of an answer, with its runs.
pub fn section(
    exercise: &str,
    points: &Markup,
    result: &Markup,
    pictures: &[Picture],
    place: &mut Place,
) -> Markup {
    html! {
        section.exercise data-exercise=(exercise) {
            h2 { (exercise) (points) }
            (result)
            @if !pictures.is_empty() {
                div.runs {
                    @for (index, picture) in pictures.iter().enumerate() {
                        figure.run {
                            figcaption {
                                span {
                                    @if pictures.len() > 1 { (ordinal(index)) " run: " }
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

/// A list of sentences, if there are any.
pub fn notes(notes: &[String]) -> Markup {
    html! {
        @if !notes.is_empty() {
            ul.notes { @for note in notes { li { (note) } } }
        }
    }
}

/// What became of an answer of which no criterion was judged, in a word, and why. `is_open` if it may
/// still earn points.
pub fn whole(word: &str, why: &str, is_open: bool) -> Markup {
    html! {
        p.whole { span.verdict.(class(word)) { (word) } " " (why) }
        @if is_open { p.because { (OPEN) } }
    }
}

/// What became of an answer, criterion by criterion.
pub fn graded(result: &Exercise) -> Markup {
    let word = match result.verdict {
        Verdict::NotStarted => "not started",
        _ => INCONCLUSIVE,
    };
    html! {
        @if let Some(problem) = &result.problem { (whole(word, problem, true)) }
        @if result.verdict == Verdict::FullMarks {
            @if let Some(praise) = &result.praise { p.praise { (praise) } }
        }
        @if !result.criteria.is_empty() {
            ul.criteria { @for one in &result.criteria { (criterion(one)) } }
        }
    }
}

fn criterion(one: &Criterion) -> Markup {
    let earned = (one.verdict != Passed::Inconclusive).then_some(one.earned);
    html! {
        li {
            div.criterion {
                span.verdict.(class(one.verdict.word())) { (one.verdict.word()) }
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

/// Points earned, if they are certain, of those that are possible.
pub fn points(earned: Option<f64>, possible: f64) -> Markup {
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
pub fn image(picture: &Picture) -> Markup {
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
