//! Markdown, as a parser of it reads the page.

use crate::{all, good, hostile, inconclusive, not_judged, report, wrong};
use checker::grade::Graded;
use checker::judging::verdict::NotPassed;
use checker::report::Format;
use pulldown_cmark::{Event, Options, Parser, Tag};

/// What is on a page.
#[derive(Default)]
struct Page {
    /// Texts that are not code.
    text: String,
    /// Texts in which nothing is markup.
    code: Vec<String>,
    headings: usize,
    rows: usize,
    /// Markup that no report needs.
    others: Vec<String>,
}

fn page(graded: &[Graded]) -> Page {
    let report = report(Format::Markdown, graded);
    assert!(report.len() <= 1 << 20, "{}", report.len());
    let mut page = Page::default();
    let mut is_code = false;
    let as_on_github = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    for event in Parser::new_ext(&report, as_on_github) {
        match event {
            Event::Text(text) if is_code => page.code.push(text.into()),
            Event::Code(text) => page.code.push(text.into()),
            Event::Text(text) => page.text += &text,
            Event::SoftBreak => page.text.push('\n'),
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::End(_) => is_code = false,
            Event::Start(Tag::Heading { .. }) => page.headings += 1,
            Event::Start(Tag::TableRow) => page.rows += 1,
            Event::Start(
                Tag::Paragraph
                | Tag::Strong
                | Tag::List(None)
                | Tag::Item
                | Tag::Table(_)
                | Tag::TableHead
                | Tag::TableCell,
            ) => {}
            other => page.others.push(format!("{other:?}")),
        }
    }
    page
}

#[test]
fn the_page_has_the_points_the_reasons_and_the_picture() {
    for graded in all() {
        let page = page(std::slice::from_ref(&graded));
        let judged = crate::judged(&graded);
        assert_eq!((page.headings, page.rows), (2, judged.len()));
        assert_eq!(page.others, [""; 0]);
        let points = format!("{}: {} of 10 points", graded.exercise.name, graded.earned());
        assert!(page.text.contains(&points), "{}", page.text);
        let has_code = |text: &str| page.code.iter().any(|code| code.contains(text));
        for one in judged {
            assert!(page.text.contains(one.name), "{}", page.text);
            match &one.verdict {
                Ok(()) => {}
                Err(NotPassed::Failed(reason)) => {
                    assert!(
                        has_code(&reason.expected) && has_code(&reason.seen),
                        "{:?}",
                        page.code
                    );
                    for part in [reason.mistake.why, &reason.hint()] {
                        assert!(page.text.contains(part), "{part}: {}", page.text);
                    }
                    assert!(reason.timeline.is_none() || has_code("0 s  "), "{:?}", page.code);
                }
                Err(NotPassed::NotReadable(doubt)) => {
                    assert!(page.text.contains(doubt.looked_for), "{}", page.text);
                }
                Err(NotPassed::Skipped { because } | NotPassed::Inconclusive { because }) => {
                    assert!(has_code(because), "{:?}", page.code);
                }
            }
        }
    }
    for graded in not_judged("the reason") {
        assert!(page(&[graded]).code.iter().any(|code| code.contains("the reason")));
    }
    assert!(page(&[inconclusive()]).text.contains(" not judged"));
    assert!(page(&[good()]).text.contains(good().exercise.praise));
}

#[test]
fn hostile_text_is_code() {
    let answers: Vec<_> = hostile().into_iter().chain(not_judged(crate::HOSTILE)).collect();
    for graded in &answers {
        let page = page(std::slice::from_ref(graded));
        assert_eq!(page.others, [""; 0]);
        assert_eq!(page.headings, 2, "{}", page.text);
        assert!(!page.text.contains("attacker"), "{}", page.text);
        assert!(page.code.iter().any(|code| code.contains("attacker")));
    }
}

#[test]
fn a_page_that_is_too_long_says_so() {
    let answer = wrong();
    let many: Vec<_> = std::iter::repeat_n(answer, 2000).collect();
    let report = report(Format::Markdown, &many);
    assert!(report.len() <= 1 << 20, "{}", report.len());
    assert!(report.ends_with("The rest has no room here: it is in the other reports.\n"));
    assert!(page(&many).headings > 100, "as much as there is room for");
}
