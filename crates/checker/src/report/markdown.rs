//! The report as a page in Markdown, as GitHub has it: a step's summary. What came from outside is in
//! code, where nothing is markup, a link or a mention.

use super::words::{
    Problem, cage_line, doubt_parts, drawn, judged, limited, parts, praise, remarks, word,
};
use super::{Checked, shown};
use crate::grade::Graded;
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::NotPassed;
use crate::timeline::Characters;

/// How many bytes GitHub takes of a summary.
const LONGEST: usize = 1 << 20;

const CUT: &str = "The rest has no room here: it is in the other reports.\n";

/// The page.
#[must_use]
pub fn report(checked: &Checked) -> String {
    let mut blocks = vec![format!("# {}\n", checked.total())];
    blocks.extend(checked.graded.iter().flat_map(answer));
    let cage = cage_line(checked.graded, checked.verbose);
    blocks.extend(cage.map(|line| format!("{}\n", text(&line))));
    let mut page = String::new();
    for block in blocks {
        if page.len() + block.len() + 1 + CUT.len() > LONGEST {
            return page + CUT;
        }
        page += &block;
        page.push('\n');
    }
    page
}

/// The blocks about an answer, each of which makes sense without those that follow.
fn answer(graded: &Graded) -> Vec<String> {
    let mut blocks =
        vec![format!("## {}: {} of {POINTS} points\n", graded.exercise.name, graded.earned())];
    let command = shown(&graded.command);
    blocks.extend((!command.is_empty()).then(|| format!("{}\n", code(&command))));
    blocks.extend(Problem::of(graded).map(|it| format!("{}: {}\n", it.words, code(&it.reason))));
    blocks.extend(praise(graded).map(|words| format!("{}\n", text(words))));
    blocks.extend(remarks(graded).iter().map(|remark| format!("{}\n", code(remark))));
    if !judged(graded).is_empty() {
        blocks.push(table(judged(graded)));
    }
    blocks.extend(judged(graded).iter().filter_map(details));
    blocks
}

fn table(judged: &[Judged]) -> String {
    let row = |one: &Judged| {
        let (points, name) = (format!("{} of {}", one.earned(), one.points), text(one.name));
        format!("| {} | {points} | {name} |\n", word(&one.verdict))
    };
    let rows: String = judged.iter().map(row).collect();
    format!("| verdict | points | criterion |\n|---|---|---|\n{rows}")
}

/// Why a criterion was not passed.
fn details(one: &Judged) -> Option<String> {
    let item = |(part, words): &(&str, String)| match *part {
        // In our own words.
        "why" | "hint" | "missing" => format!("- {part}: {}\n", text(words)),
        _ => format!("- {part}: {}\n", code(words)),
    };
    let (items, picture) = match &one.verdict {
        Ok(()) => return None,
        Err(NotPassed::Skipped { because } | NotPassed::Inconclusive { because }) => {
            (format!("- {}\n", code(because)), Vec::new())
        }
        Err(NotPassed::NotReadable(doubt)) => {
            (doubt_parts(doubt).iter().map(item).collect(), Vec::new())
        }
        Err(NotPassed::Failed(reason)) => {
            (parts(reason).iter().map(item).collect(), drawn(reason, Characters::UNICODE))
        }
    };
    Some(format!("**{}: {}**\n\n{items}{}", word(&one.verdict), text(one.name), fenced(&picture)))
}

/// Lines in which nothing is markup.
fn fenced(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines = lines.join("\n");
    let fence = "`".repeat(longest_run(&lines).max(2) + 1);
    format!("\n{fence}text\n{}\n{fence}\n", lines.trim_start_matches('\n'))
}

/// A piece of a line in which nothing is markup.
fn code(words: &str) -> String {
    let words = limited(words).replace(['\n', '\r'], " ");
    let fence = "`".repeat(longest_run(&words) + 1);
    // Markdown takes off one space at either end, if there is one at both.
    let is_plain = !words.starts_with(['`', ' ']) && !words.ends_with(['`', ' ']);
    let space = if is_plain { "" } else { " " };
    format!("{fence}{space}{words}{space}{fence}")
}

/// How many backticks there are in a row at most.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Our own words, in which no character is markup.
fn text(words: &str) -> String {
    let mut escaped = String::new();
    for character in words.chars() {
        if "\\`*_[]<>&#|~$".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
