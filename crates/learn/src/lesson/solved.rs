//! What there is to see at full marks: why it works, the original beside yours, what to try.

use super::check::Finding;
use super::course::Unit;
use super::side_by_side::side_by_side;
use super::view;
use crate::paragraph::paragraph;
use checker::judging::rubric::POINTS;
use checker::report::human::Look;
use checker::report::style::BOLD;

#[must_use]
pub fn text(finding: &Finding, unit: &Unit, look: Look) -> String {
    let picture = view::picture(finding, look);
    let works = paragraph(&unit.lesson.works, look);
    let mut text =
        format!("{BOLD}Solved: {POINTS} of {POINTS} points.{BOLD:#}\n\n{picture}\n{works}\n");
    if let (Some(original), Some(yours)) = (&unit.original, &finding.source) {
        text += &format!("{BOLD}The original beside yours{BOLD:#}\n\n");
        text += &side_by_side(original, yours, look.width);
    }
    text += &format!("{BOLD}Changes to try, in another terminal{BOLD:#}\n\n");
    for item in &unit.tries {
        text += &format!("  scripts/learn try {:45}  {}\n", item.full_name(), item.it.title);
    }
    text
}
