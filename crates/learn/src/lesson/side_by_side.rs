//! Two programs side by side, function by function.

use super::source::{Function, Source};
use checker::report::style::{BOLD, DIM};
use unicode_width::UnicodeWidthStr;

const BETWEEN: &str = " | ";

/// The original beside yours: each function of the original, with yours of the same name; then those
/// that only you have. Where the two do not fit beside each other, they stand one after the other.
/// Comments are left out: those of a starter say what there was to write.
#[must_use]
pub fn side_by_side(original: &Source, yours: &Source, width: usize) -> String {
    let mut text = String::new();
    for function in original.functions() {
        let name = &function.name;
        let left = &code(original, function);
        match yours.function(name).map(|function| code(yours, function)) {
            None => {
                text += &heading(name, "you have no function with this name");
                text += &lines(left);
            }
            Some(right) if is_same(left, &right) => {
                text += &heading(name, "the same as yours");
            }
            Some(right) => text += &both(name, left, &right, width),
        }
        text.push('\n');
    }
    let is_new = |function: &&Function| original.function(&function.name).is_none();
    for function in yours.functions().iter().filter(is_new) {
        text += &heading(&function.name, "only yours");
        text += &lines(&code(yours, function));
        text.push('\n');
    }
    text
}

fn code<'a>(source: &'a Source, function: &Function) -> Vec<&'a str> {
    source.code(function).map(|(_, line)| line).collect()
}

fn both(name: &str, left: &[&str], right: &[&str], width: usize) -> String {
    let column = columns(left).max("the original".len());
    if column + BETWEEN.len() + columns(right) > width {
        let original = heading(name, "the original") + &lines(left);
        return format!("{original}\n{}", heading(name, "yours") + &lines(right));
    }
    let mut text = format!("{BOLD}{name}{BOLD:#}\n");
    text += &format!("{DIM}{:column$}{BETWEEN}yours{DIM:#}\n", "the original");
    for index in 0..left.len().max(right.len()) {
        let line = |side: &[&'_ str]| side.get(index).copied().unwrap_or_default().to_owned();
        let (left, right) = (line(left), line(right));
        let gap = " ".repeat(column - left.width());
        text += format!("{left}{gap}{DIM}{BETWEEN}{DIM:#}{right}").trim_end();
        text.push('\n');
    }
    text
}

fn heading(name: &str, what: &str) -> String {
    format!("{BOLD}{name}{BOLD:#}  {DIM}{what}{DIM:#}\n")
}

fn lines(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn columns(lines: &[&str]) -> usize {
    lines.iter().map(|line| line.width()).max().unwrap_or(0)
}

/// Whether two texts differ in nothing but white space.
fn is_same(one: &[&str], other: &[&str]) -> bool {
    let words = |lines: &[&str]| -> String {
        lines.iter().flat_map(|line| line.chars()).filter(|c| !c.is_whitespace()).collect()
    };
    words(one) == words(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anstream::adapter::strip_str;

    const ORIGINAL: &str = "fn count() {\n    sleep();\n}\n\nfn same() {}\n\nfn gone() {}\n";
    const YOURS: &str = "fn extra() {}\n\nfn count() {\n    // What there was to write.\n    one();\n    two();\n}\n\nfn same() { }\n";

    fn shown(width: usize) -> String {
        let [original, yours] = [ORIGINAL, YOURS].map(|text| Source::parse(text).unwrap());
        strip_str(&side_by_side(&original, &yours, width)).to_string()
    }

    #[test]
    fn functions_stand_beside_those_of_the_same_name() {
        let expected = "\
count
the original | yours
fn count() { | fn count() {
    sleep(); |     one();
}            |     two();
             | }

same  the same as yours

gone  you have no function with this name
fn gone() {}

extra  only yours
fn extra() {}

";
        assert_eq!(shown(27), expected);
    }

    #[test]
    fn in_a_narrow_window_they_stand_one_after_the_other() {
        let expected = "\
count  the original
fn count() {
    sleep();
}

count  yours
fn count() {
    one();
    two();
}
";
        assert!(shown(26).starts_with(expected), "{}", shown(26));
    }
}
