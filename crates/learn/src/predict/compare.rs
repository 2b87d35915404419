//! What was predicted beside what happened.

use super::{Prediction, Run};
use checker::report::human::Look;

/// The picture of the run, with a row for what was predicted and one for what happened; then, for
/// each question, both in words, and the sentence that explains a wrong prediction. With escape
/// codes for color.
#[must_use]
pub fn compare(predictions: &[Prediction], run: &Run, look: Look) -> String {
    todo!()
}
