//! What was predicted beside what happened.

use super::picture::{picture, shown};
use super::{Claim, Prediction, Run};
use crate::paragraph::{BOLD, indented};
use anstyle::{AnsiColor, Style};
use checker::report::human::Look;
use checker::timeline;

const GREEN: Style = AnsiColor::Green.on_default();

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
fn in_words(prediction: &Prediction, run: &Run, look: Look) -> String {
    let options = &prediction.question.options;
    let truth = options.iter().find(|option| run.is_true(&option.claim));
    let happened = match (truth, options.first()) {
        (Some(option), _) => option.words.clone(),
        // Nobody thought of that.
        (None, Some(option)) => match run.truth(&option.claim) {
            Some(Claim::Seconds(seconds)) => format!("{} s", shown(seconds)),
            Some(Claim::Last(rows)) => run.labels(&rows),
            Some(Claim::Line { text, at, .. }) => format!("{text}, at {} s", shown(at)),
            None => "there is no such line".into(),
        },
        (None, None) => String::new(),
    };
    let mut text = format!("{BOLD}{}{BOLD:#}\n", prediction.question.asks);
    let Some(chosen) = prediction.chosen.and_then(|chosen| options.get(chosen)) else {
        return text + &format!("  it was    {happened}\n");
    };
    if run.is_true(&chosen.claim) {
        return text + &format!("  {GREEN}so it was{GREEN:#} {}\n", chosen.words);
    }
    text += &format!("  you said  {}\n  it was    {happened}\n", chosen.words);
    // The sentence is about the run that the question is about.
    if let (Some(_), Some(why_not)) = (truth, &chosen.why_not) {
        text += &indented(why_not, "  ", look);
    }
    text
}
