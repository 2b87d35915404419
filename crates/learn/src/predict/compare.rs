//! What was predicted beside what happened.

use super::picture::picture;
use super::{Prediction, Run};
use crate::paragraph::indented;
use checker::report::human::Look;
use checker::report::style::{BOLD, GREEN};
use checker::timeline;

/// The picture of the run, with a row for what was predicted and one for what happened; then, for
/// each question, both in words, and the sentence that explains a wrong prediction. With escape
/// codes for color.
#[must_use]
pub fn compare(predictions: &[Prediction], run: &Run, look: Look) -> String {
    let picture = timeline::text(&picture(predictions, run), look.width, look.characters);
    let lines = picture.iter().map(|line| format!("{line}\n"));
    lines.chain(predictions.iter().map(|it| format!("\n{}", in_words(it, run, look)))).collect()
}

/// A question, what was predicted, and what happened.
fn in_words(Prediction { question, chosen }: &Prediction, run: &Run, look: Look) -> String {
    let mut text = format!("{BOLD}{}{BOLD:#}\n", question.asks);
    let happened = run.answer(question);
    let happened = happened.map_or("no such line".into(), |answer| answer.words);
    let Some(chosen) = chosen.and_then(|chosen| question.options.get(chosen)) else {
        return text + &format!("  it was    {happened}\n");
    };
    if run.is_true(&chosen.claim) {
        return text + &format!("  {GREEN}correct{GREEN:#}   {}\n", chosen.words);
    }
    text += &format!("  you said  {}\n  it was    {happened}\n", chosen.words);
    // The sentence is about the run that the question is about.
    let is_that = question.options.iter().any(|option| run.is_true(&option.claim));
    if let Some(why_not) = chosen.why_not.as_ref().filter(|_| is_that) {
        text += &indented(why_not, "  ", look);
    }
    text
}
