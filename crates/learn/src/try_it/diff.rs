//! A change to a program as a diff.

use super::{Change, Try};
use checker::report::style::{DIM, GREEN, RED};

/// The lines that a try changes in the text of a `src/main.rs`, with their numbers.
#[must_use]
pub fn diff(main: &str, it: &Try) -> String {
    it.change.iter().filter_map(|change| hunk(main, change)).collect()
}

fn hunk(main: &str, Change { from, to }: &Change) -> Option<String> {
    let start = main.find(from)?;
    let first = main[..start].rfind('\n').map_or(0, |line_feed| line_feed + 1);
    let end = start + from.len();
    // A text that ends with a line feed ends with its line.
    let rest = match from.ends_with('\n') {
        true => 0,
        false => main[end..].find('\n').unwrap_or(main.len() - end),
    };
    let before = main[first..end + rest].trim_end_matches('\n');
    let after = format!("{}{to}{}", &main[first..start], &main[end..end + rest]);
    let removed: Vec<_> = before.lines().collect();
    let added: Vec<_> = after.trim_end_matches('\n').lines().collect();

    let pairs = || removed.iter().zip(&added);
    let same = pairs().take_while(|(one, other)| one == other).count();
    let (removed, added) = (&removed[same..], &added[same..]);
    let backwards = removed.iter().rev().zip(added.iter().rev());
    let same_end = backwards.take_while(|(one, other)| one == other).count();
    let (removed, added) = (&removed[..removed.len() - same_end], &added[..added.len() - same_end]);

    let line = main[..first].matches('\n').count() + same + 1;
    let mut text = format!("  {DIM}src/main.rs:{line}{DIM:#}\n");
    text.extend(removed.iter().map(|line| format!("  {RED}-{line}{RED:#}\n")));
    text.extend(added.iter().map(|line| format!("  {GREEN}+{line}{GREEN:#}\n")));
    Some(text)
}
