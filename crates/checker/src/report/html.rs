//! The report as a page of its own, and what it shares with the pages of a class. Everything in it is
//! escaped by `maud`.
//!
//! - `frame`: what keeps a page from doing anything; `learner.css`: how an answer's result looks

mod frame;

pub use frame::{LEARNER_STYLE, start};

use super::Checked;
use super::json::{Criterion, Doubt, Exercise, Passed, Reason, Verdict};
use super::picture::{Picture, pictures};
use super::words::{Problem, cage_line, remarks};
use crate::escape::shown;
use crate::grade::Graded;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{Markup, html};

/// What becomes of a picture: on most pages it is there, in the report on a class it is looked up.
pub type Place<'a> = dyn FnMut(&Picture) -> Markup + 'a;

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
                @for graded in checked.graded {
                    @let about = notes(&remarks(graded));
                    (section(graded.exercise.name, &about, Ok(&exercise(graded)), &pictures(graded), &mut image))
                }
                @if let Some(line) = cage_line(checked.graded, checked.verbose) { p.cage { (line) } }
            }
        }
    };
    start(&title, LEARNER_STYLE, None) + &shown(&body.0) + "\n"
}

fn exercise(graded: &Graded) -> Exercise {
    let problem = Problem::of(graded).map(|problem| problem.sentence());
    Exercise { problem, ..Exercise::new(graded, false) }
}

/// The result of an answer, or why there is none, after what else is to be said `about` it.
pub fn section(
    exercise: &str,
    about: &Markup,
    result: Result<&Exercise, &str>,
    pictures: &[Picture],
    place: &mut Place,
) -> Markup {
    html! {
        section.exercise data-exercise=(exercise) {
            h2 {
                (exercise)
                @if let Ok(result) = result {
                    @let is_open = result.verdict == Verdict::Inconclusive;
                    (points(result.earned, result.possible, is_open))
                }
            }
            (about)
            @match result {
                Err(why) => p.problem { (why) },
                Ok(result) => (graded(result)),
            }
            @if !pictures.is_empty() {
                div.runs {
                    @for picture in pictures {
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

/// A list of sentences, if there are any.
pub fn notes(notes: &[String]) -> Markup {
    html! {
        @if !notes.is_empty() {
            ul.notes { @for note in notes { li { (note) } } }
        }
    }
}

fn graded(result: &Exercise) -> Markup {
    html! {
        @if let Some(problem) = &result.problem { p.problem { (problem) } }
        @if result.verdict == Verdict::FullMarks {
            @if let Some(praise) = &result.praise { p.praise { (praise) } }
        }
        @if !result.criteria.is_empty() {
            ul.criteria { @for one in &result.criteria { (criterion(one)) } }
        }
    }
}

fn criterion(one: &Criterion) -> Markup {
    html! {
        li {
            div.criterion {
                span.verdict.(word(one.verdict)) { (word(one.verdict)) }
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
pub fn image(picture: &Picture) -> Markup {
    let source = format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(&picture.svg));
    html! {
        img src=(source) alt="Timeline of this run: the text says the same";
        details { summary { "as text" } pre { (picture.text.join("\n")) } }
    }
}

/// The word for what became of a criterion, which is also the class that colors it.
#[must_use]
pub fn word(verdict: Passed) -> &'static str {
    match verdict {
        Passed::Passed => "passed",
        Passed::Failed => "failed",
        Passed::NotReadable => "unclear",
        Passed::Skipped => "skipped",
        Passed::Inconclusive => "open",
    }
}
