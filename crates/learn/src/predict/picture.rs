//! The timeline of a run, with the predictions on it.

use super::{Choice, Claim, Prediction, Run};
use checker::timeline::{Timeline, rounded};

/// The timeline of the run. If something was predicted, with a row for that and one for what
/// happened instead.
pub fn picture(predictions: &[Prediction], run: &Run) -> Timeline {
    let chosen = |it: &Prediction| Some(it.question.options.get(it.chosen?)?.clone());
    let said: Vec<_> = predictions.iter().filter_map(chosen).collect();
    if said.is_empty() {
        return run.timeline.clone();
    }
    let answered = predictions.iter().filter(|it| it.chosen.is_some());
    let was: Vec<_> = answered.filter_map(|it| run.answer(&it.question)).collect();
    let rows = [("you said", said), ("it was", was)];
    rows.into_iter().fold(run.timeline.clone(), |timeline, (label, answers)| {
        let (notes, is_end) = notes(&answers, run);
        timeline.with_notes(label, &notes, is_end)
    })
}

/// What the answers say, each at its time, and whether the last of them is the end of the program.
fn notes(answers: &[Choice], run: &Run) -> (Vec<(f64, String)>, bool) {
    let end = answers.iter().find_map(|answer| match answer.claim {
        Claim::Seconds(seconds) => Some(seconds),
        _ => None,
    });
    let note = |answer: &Choice| match &answer.claim {
        Claim::Line { number: Some(number), text, at } => {
            Some((*at, format!("line {number}: {text}")))
        }
        Claim::Line { number: None, text, at } => Some((*at, format!("last line: {text}"))),
        Claim::Last(_) => {
            // As in "none of them, as ..."
            let who = answer.words.split([',', ':']).next().unwrap_or_default();
            Some((end.unwrap_or(run.seconds), format!("last: {who}")))
        }
        Claim::Seconds(_) => None,
    };
    let mut notes: Vec<_> = answers.iter().filter_map(note).collect();
    notes.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    notes.extend(end.map(|seconds| (seconds, format!("{} s", rounded(seconds)))));
    (notes, end.is_some())
}
