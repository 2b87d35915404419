//! `feedback/KEY.html`: a page for a learner, to hand back. Nothing in it is about others.

use super::people::Person;
use super::standing::Standing;
use super::view;
use crate::class::learner::Learner;
use crate::report::html::{LEARNER_STYLE, image, start};
use maud::html;

/// The page.
#[must_use]
pub fn page(
    learner: &Learner,
    people: &[Person],
    standing: &Standing,
    exercises: &[&str],
) -> String {
    let article = view::learner(learner, people, standing, exercises, &mut image);
    let body = html! { main { (article) } };
    start("Feedback", LEARNER_STYLE, None) + &body.0 + "\n"
}
