//! What a thing to try shows, as text with escape codes for color.

use super::attempt::Attempt;
use super::catalog::Item;
use super::diff::diff;
use super::readme::Section;
use crate::paragraph::indented;
use crate::predict::{Prediction, compare};
use checker::judging::rubric::POINTS;
use checker::judging::verdict::NotPassed;
use checker::report::bad_ending;
use checker::report::human::Look;
use checker::report::style::{BOLD, DIM, YELLOW};

/// All there is to try, exercise by exercise.
#[must_use]
pub fn list(items: &[Item]) -> String {
    let mut text = String::new();
    for items in items.chunk_by(|one, next| one.exercise == next.exercise) {
        text += &format!("{BOLD}{}{BOLD:#}\n", items[0].exercise.name);
        for Item { name, it, .. } in items {
            text += &format!("  {}  {name:30} {DIM}{}{DIM:#}\n", it.number, it.title);
        }
        text.push('\n');
    }
    text + "scripts/learn try NAME asks what you expect, runs the changed program and compares. The \
            beginning\nof a name is enough.\n"
}

/// The change that an item or its variant with this number makes to the exercise's `main`.
#[must_use]
pub fn change(item: &Item, number: usize, main: &str) -> String {
    let it = item.run(number);
    let mut text = diff(main, it);
    if !it.arguments.is_empty() {
        text += &format!("  $ cargo run -- {}\n", it.arguments.join(" "));
    }
    text
}

/// The title of an item or its variant with this number.
#[must_use]
pub fn heading(item: &Item, number: usize) -> String {
    let variant = if number == 0 { "" } else { ", variant" };
    let (title, exercise, of) = (&item.it.title, item.exercise.name, item.it.number);
    format!("{BOLD}{title}{variant}{BOLD:#}  {DIM}{exercise}, try {of}{DIM:#}\n\n")
}

/// What came of it, beside what was predicted. The README's answer is about all variants: it follows
/// the last one.
#[must_use]
pub fn outcome(
    item: &Item,
    number: usize,
    attempt: &Attempt,
    predictions: &[Prediction],
    section: Option<Section>,
    look: Look,
) -> String {
    let mut text = compare(predictions, &attempt.run, look);
    if let Some(why) = attempt.recording.clock.because() {
        text += &format!("\n{DIM}in real time: {why}{DIM:#}\n");
    }
    if let Some(ending) = bad_ending(&attempt.recording) {
        text += &format!("\n{YELLOW}{ending}{YELLOW:#}\n");
    }
    // Arguments that are not the exercise's own are nothing to judge it by.
    if item.run(number).arguments.is_empty() {
        text += &verdict(attempt, look);
    }
    match section {
        Some(section) if number == item.it.variant.len() => {
            text += &format!("\n{BOLD}The answer in the README{BOLD:#}\n");
            let paragraphs = section.answer().into_iter().map(|it| indented(&it, "  ", look));
            text + &paragraphs.collect::<Vec<_>>().join("\n")
        }
        _ => text,
    }
}

/// What the checker says of it.
fn verdict(attempt: &Attempt, look: Look) -> String {
    let graded = &attempt.graded;
    let name = graded.exercise.name;
    let mut text =
        format!("\n{BOLD}scripts/check {name}{BOLD:#}: {} of {POINTS} points\n", graded.earned());
    if let Some((_, NotPassed::Failed(reason))) = graded.first_mistake() {
        text += &indented(&format!("seen: {}", reason.seen), "  ", look);
        text += &indented(&format!("why: {}", reason.mistake.why), "  ", look);
    }
    text
}
