//! What a logger puts in front of every line: a time, a level, a thread, the name of the program.

use super::regex;
use regex::Regex;
use std::sync::LazyLock;

/// Words that are a time or a count, in any form.
static NUMBERS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^[\[(]?[\d.,:;/+TZ-]*\d[\d.,:;/+TZ-]*[\])]?:?$"));

/// Fewer lines do not show what they have in common.
const LINES: usize = 4;

/// Bytes of each text that a logger has put in front of it: leading words that are the same in all
/// texts, or are times. Empty texts have none.
pub fn log_prefixes(texts: &[&str]) -> Vec<usize> {
    let mut rest: Vec<&str> = texts.to_vec();
    let count = texts.iter().filter(|text| !text.trim().is_empty()).count();
    while count >= LINES
        && let Some(next) = without_first_words(&rest)
    {
        rest = next;
    }
    texts.iter().zip(rest).map(|(text, rest)| text.len() - rest.len()).collect()
}

/// The texts without their first words, if they are part of a prefix and no text ends with them.
fn without_first_words<'a>(texts: &[&'a str]) -> Option<Vec<&'a str>> {
    let split = |text: &'a str| match text.trim_start().split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest),
        None => (text.trim_start(), ""),
    };
    let words: Vec<_> = texts.iter().map(|text| split(text)).collect();
    let full: Vec<_> = words.iter().filter(|(word, _)| !word.is_empty()).collect();
    let first = full.first()?.0;
    let is_same = full.iter().all(|(word, _)| *word == first) && is_balanced(first);
    let is_time = full.iter().all(|(word, _)| NUMBERS.is_match(word))
        && first.contains([':', '.', '-', '/', '[']);
    let leaves_something = full.iter().all(|(_, rest)| !rest.trim().is_empty());
    (leaves_something && (is_same || is_time))
        .then(|| words.iter().map(|(_, rest)| rest.trim_start()).collect())
}

/// Whether every bracket that opens in the word closes in it, too.
fn is_balanced(word: &str) -> bool {
    let count = |brackets: [char; 3]| word.matches(brackets).count();
    count(['(', '[', '{']) == count([')', ']', '}'])
}

#[cfg(test)]
mod tests {
    use super::log_prefixes;

    fn rests<'a>(texts: &[&'a str]) -> Vec<&'a str> {
        texts.iter().zip(log_prefixes(texts)).map(|(text, bytes)| &text[bytes..]).collect()
    }

    #[test]
    fn a_time_a_level_and_a_name_are_in_front() {
        let texts = [
            "2026-11-24T23:56:41.1Z  INFO ThreadId(01) rand: makerandom(0) == 4",
            "2026-11-24T23:56:42.2Z  INFO ThreadId(01) rand: makerandom(1) == 4",
            "2026-11-24T23:56:43.3Z  INFO ThreadId(01) rand: makerandom(0) == 7",
            "",
            "2026-11-24T23:56:44.4Z  INFO ThreadId(01) rand: r1: 10, r2: 9",
        ];
        let rest =
            ["makerandom(0) == 4", "makerandom(1) == 4", "makerandom(0) == 7", "", "r1: 10, r2: 9"];
        assert_eq!(rests(&texts), rest);
    }

    #[test]
    fn what_differs_or_is_all_there_is_stays() {
        let words = ["One", "One", "One", "Two", "Two", "Two"];
        assert_eq!(rests(&words), words);
        let workers =
            ["[worker 0] start", "[worker 1] start", "[worker 2] start", "[worker 0] end"];
        assert_eq!(rests(&workers), workers);
        let same = ["part1(1) sleeping", "part1(1) sleeping"];
        assert_eq!(rests(&same), same);
    }
}
