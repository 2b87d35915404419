//! What a class is called: the name of what the teacher downloaded, without what the platform and
//! the browser have added to it.

use crate::escape::legible;
use submissions::Layout;

/// What a class is called if the name says nothing.
const UNNAMED: &str = "Grades";

/// The name of a class by that of its folder or zip file.
#[must_use]
pub fn class_title(file: &str, layout: Layout) -> String {
    let file = file.strip_suffix(".zip").unwrap_or(file);
    let title = without_copy(file);
    let title = match layout {
        // The number of the activity in the course.
        Layout::Moodle => without_number(title),
        _ => title,
    };
    let endings = ["submissions", "submission", "export"];
    let title = endings.iter().find_map(|ending| title.strip_suffix(ending)).unwrap_or(title);
    let title = title.replace('_', " ");
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let title = title.trim_matches([' ', '-']);
    if title.is_empty() { UNNAMED.into() } else { legible(title) }
}

/// Without the number that a browser adds to a file that is there already, as in `class (1)`.
fn without_copy(name: &str) -> &str {
    let copy = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    copy.filter(|(_, number)| is_number(number)).map_or(name, |(name, _)| name)
}

fn without_number(name: &str) -> &str {
    name.rsplit_once('-').filter(|(_, number)| is_number(number)).map_or(name, |(name, _)| name)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::class_title;
    use submissions::Layout;

    #[test]
    fn a_class_is_called_as_its_download_without_what_the_platform_added() {
        for (layout, file, title) in [
            (Layout::Moodle, "CS101-Async IO-1234.zip", "CS101-Async IO"),
            (Layout::Moodle, "CS101-Async IO-1234 (2).zip", "CS101-Async IO"),
            (Layout::Canvas, "cs101-async_submissions.zip", "cs101-async"),
            (Layout::Canvas, "submissions.zip", "Grades"),
            (Layout::Gradescope, "assignment_77_export", "assignment 77"),
            (Layout::GitHubClassroom, "hw-1-submissions", "hw-1"),
            (Layout::Folders, "My class-2026", "My class-2026"),
            (Layout::Folders, "\u{202e}class", "\\u{202e}class"),
            (Layout::Folders, "_", "Grades"),
        ] {
            assert_eq!(class_title(file, layout), title, "{file}");
        }
    }
}
