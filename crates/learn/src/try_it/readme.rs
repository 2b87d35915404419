//! What the README of an exercise says about its things to try.

/// An item in the section "Try it".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    pub number: usize,
    pub title: &'a str,
    /// All of it: the change, the question and the folded answer.
    pub text: &'a str,
}

/// The items in the last section of a README; none if it has no such section.
#[must_use]
pub fn items(readme: &str) -> Vec<Section<'_>> {
    let Some((_, section)) = readme.split_once("\n## Try it\n") else { return Vec::new() };
    let starts = section.split("\n\n").filter_map(|paragraph| {
        let (number, rest) = paragraph.split_once(". **")?;
        let (title, _) = rest.split_once(".**")?;
        Some((number.parse().ok()?, title, paragraph.as_ptr() as usize - section.as_ptr() as usize))
    });
    let starts: Vec<(usize, &str, usize)> = starts.collect();
    let ends = starts.iter().skip(1).map(|(_, _, at)| *at).chain([section.len()]);
    let items = starts.iter().zip(ends);
    items
        .map(|(&(number, title, at), end)| Section { number, title, text: &section[at..end] })
        .collect()
}

impl<'a> Section<'a> {
    /// The change and the question, and the answer, still indented.
    #[must_use]
    pub fn asks_and_answer(&self) -> Option<(&'a str, &'a str)> {
        let (asks, answer) =
            self.text.split_once("\n\n   <details><summary>Answer</summary>\n\n   ")?;
        Some((asks, answer.trim_end().strip_suffix("\n\n   </details>")?))
    }

    /// The paragraphs of the answer, each in one line.
    #[must_use]
    pub fn answer(&self) -> Vec<String> {
        let paragraphs = self.asks_and_answer().map_or("", |(_, answer)| answer).split("\n\n");
        let in_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        paragraphs.map(in_one_line).collect()
    }
}
