//! The timeline of a run, with the predictions on it.

use super::{Claim, Prediction, Run};
use checker::timeline::Timeline;

/// The timeline of the run. If something was predicted, with a row for that and one for what
/// happened instead.
pub fn picture(predictions: &[Prediction], run: &Run) -> Timeline {
    let chosen = |it: &Prediction| Some(it.question.options.get(it.chosen?)?.claim.clone());
    let said: Vec<_> = predictions.iter().filter_map(chosen).collect();
    if said.is_empty() {
        return run.timeline.clone();
    }
    let was: Vec<_> = said.iter().filter_map(|claim| run.truth(claim)).collect();
    let rows = [("you said", said), ("it was", was)];
    rows.into_iter().fold(run.timeline.clone(), |timeline, (label, claims)| {
        let (notes, is_end) = notes(&claims, run);
        timeline.with_notes(label, &notes, is_end)
    })
}

/// What the claims say, each at its time, and whether the last of them is the end of the program.
fn notes(claims: &[Claim], run: &Run) -> (Vec<(f64, String)>, bool) {
    let end = claims.iter().find_map(|claim| match claim {
        Claim::Seconds(seconds) => Some(*seconds),
        _ => None,
    });
    let note = |claim: &Claim| match claim {
        Claim::Line { number, text, at } => Some((*at, format!("line {number}: {text}"))),
        Claim::Last(rows) => Some((end.unwrap_or(run.seconds), last(rows, run))),
        Claim::Seconds(_) => None,
    };
    let mut notes: Vec<_> = claims.iter().filter_map(note).collect();
    notes.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    // Last even if a line is said to come later.
    notes.extend(end.map(|seconds| (seconds, format!("{} s", shown(seconds)))));
    (notes, end.is_some())
}

fn last(rows: &[usize], run: &Run) -> String {
    let all = run.timeline.rows.iter().filter(|row| row.ended.is_some()).count();
    match rows.len() {
        several if several > 1 && several == all => "last: all together".into(),
        _ => format!("last: {}", run.labels(rows)),
    }
}

/// Seconds, rounded as in the picture.
pub fn shown(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}
