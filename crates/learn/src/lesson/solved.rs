//! What there is to see at full marks: the original beside yours, what to try, and last, where a
//! short screen still shows it, why it works.

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
    let mut text = String::new();
    if let (Some(original), Some(yours)) = (&unit.original, &finding.source) {
        text += &format!("{BOLD}The original beside yours{BOLD:#}\n\n");
        text += &side_by_side(original, yours, look.width);
    }
    text += &format!("{BOLD}Changes to try, in another terminal{BOLD:#}\n\n");
    for item in &unit.tries {
        text += &format!("  scripts/learn try {}\n", item.full_name());
    }
    let picture = view::picture(finding, look);
    let works = paragraph(&unit.lesson.works, look);
    text + &format!("\n{picture}\n{BOLD}Solved: {POINTS} of {POINTS} points.{BOLD:#}\n\n{works}")
}
