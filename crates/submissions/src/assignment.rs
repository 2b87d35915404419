//! Which assignment a download is of, as far as its name tells.

use regex::Regex;
use std::sync::LazyLock;

/// What differs between two downloads of the same assignment: the date, perhaps with a time, and the
/// number that a browser adds.
static OF_DOWNLOAD: LazyLock<Regex> = LazyLock::new(|| {
    let (year, month, day) = (r"(?:19|20)\d\d", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])");
    let between = "[-_.]";
    let dates = [
        format!("{year}{between}{month}{between}{day}"),
        format!("{day}{between}{month}{between}{year}"),
        format!("{month}{between}{day}{between}{year}"),
        format!(r"{year}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"),
    ];
    let time = r"[-_.,T\s]*[0-2]\d[-_.:h]?[0-5]\d(?:[-_.:m]?[0-5]\d)?[sZ]?";
    let date = format!(r"(?<before>^|\D)(?:{})(?:{time})?(?<after>\D|$)", dates.join("|"));
    Regex::new(&format!(r"{date}|\(\d+\)$")).expect("it is one")
});

/// The name of an assignment by that of its download: the same for each of its downloads.
pub(crate) fn name_of(download: &str) -> String {
    let name = OF_DOWNLOAD.replace_all(download.trim(), "$before$after");
    name.trim_matches(|char: char| !char.is_alphanumeric()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_download_of_an_assignment_has_its_name() {
        for (download, name) in [
            ("CS101-Homework 1-2345", "CS101-Homework 1-2345"),
            ("CS101-Homework 1-2345 (1)", "CS101-Homework 1-2345"),
            ("hw-1-11-20-2026-03-52-01", "hw-1"),
            ("hw-1-2026-11-20", "hw-1"),
            ("hw-1_20261120", "hw-1"),
            ("hw-1_20261120_0352", "hw-1"),
            ("hw-2 2026-11-20T03:52:01Z", "hw-2"),
            ("20.11.2026 hw 2", "hw 2"),
            ("assignment_12345678_export", "assignment_12345678_export"),
            ("hw.2", "hw.2"),
            ("2026", "2026"),
            ("2026-11-20", ""),
            ("王小明", "王小明"),
        ] {
            assert_eq!(name_of(download), name, "{download}");
        }
    }
}
