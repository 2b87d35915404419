//! The page for one check, in a real browser.

use crate::{HOSTILE, browser, good, hostile, inconclusive, not_judged, report, wrong};
use checker::grade::Graded;
use checker::judging::verdict::NotPassed;
use checker::report::Format;
use serde_json::{Value, json};
use std::fs;

fn seen(graded: &[Graded], script: &str) -> (Value, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    fs::write(&page, report(Format::Html, graded)).unwrap();
    browser::seen(&page, script)
}

#[test]
fn the_page_has_the_points_the_reasons_and_the_pictures() {
    let answers = [wrong(), good(), inconclusive(), not_judged("the reason")[1].clone()];
    let (seen, asked) = seen(
        &answers,
        "
        const images = [...document.images];
        await Promise.all(images.map((image) => image.decode().catch(() => {})));
        const texts = (selector) => [...document.querySelectorAll(selector)].map((it) => it.textContent);
        say({
            score: texts('.score'),
            points: texts('h2 .points'),
            reasons: texts('.reason dd'),
            pictures: images.map((image) => image.naturalWidth > 0),
            asText: texts('.run pre'),
            said: texts('.praise, .whole, .notes li'),
            looks: [...document.styleSheets[0].cssRules].map((it) => it.media?.mediaText ?? ''),
        });
        ",
    );
    assert_eq!(seen["problems"], json!([]));
    assert_eq!(asked, [""; 0], "nothing is fetched");
    let earned: f64 = answers.iter().map(Graded::earned).sum();
    let open = answers[2].open() + 10.0;
    assert_eq!(seen["score"], json!([format!("{earned} of 40 points, {open} not judged")]));
    let points = |graded: &Graded| format!("{} of 10", graded.earned());
    let points = [points(&answers[0]), points(&answers[1]), "– of 10".into(), "– of 10".into()];
    assert_eq!(seen["points"], json!(points));
    let texts = |name: &str| -> Vec<String> { serde_json::from_value(seen[name].clone()).unwrap() };
    for one in crate::judged(&answers[0]) {
        if let Err(NotPassed::Failed(reason)) = &one.verdict {
            for part in [&*reason.expected, &reason.seen, reason.mistake.why, &reason.hint()] {
                assert!(texts("reasons").iter().any(|text| text == part), "{part}");
            }
        }
    }
    let runs: usize = answers.iter().map(|it| it.recordings.len()).sum();
    assert_eq!(seen["pictures"], json!(vec![true; runs]));
    assert_eq!(texts("asText").len(), runs);
    assert!(texts("asText").iter().all(|text| text.contains("0 s  ")));
    let has_look = |look: &str| texts("looks").iter().any(|media| media.contains(look));
    assert!(has_look("dark") && has_look("print"), "{seen}");
    let said = texts("said");
    for words in [good().exercise.praise, "inconclusive could not be recorded: the reason"] {
        assert!(said.iter().any(|text| text == words), "{said:?}");
    }
    assert!(said.iter().any(|text| text.contains("not judged: check again")), "{said:?}");
}

#[test]
fn an_answer_that_is_missing_has_no_points_and_says_why_once() {
    let [missing, ..] = not_judged("the reason");
    let script = "
        const texts = (selector) => [...document.querySelectorAll(selector)].map((it) => it.textContent);
        say({ points: texts('.score, h2 .points'), said: texts('section p') });
        ";
    let (seen, _) = seen(&[missing], script);
    assert_eq!(seen["points"], json!(["0 of 10 points", "0 of 10"]));
    assert_eq!(seen["said"], json!(["could not be started: the reason"]));
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let answers: Vec<_> = hostile().into_iter().chain(not_judged(HOSTILE)).collect();
    let (seen, asked) = seen(
        &answers,
        "
        const all = [...document.querySelectorAll('main *')];
        const shown = all.filter((it) => !it.childElementCount).map((it) => it.textContent);
        say({
            hostile: shown.filter((text) => text.includes('attacker')).length,
            hidden: shown.filter((text) => /[\\u202e\\u2066\\u2028\\x00-\\x08\\x7f-\\x9f]/.test(text)).length,
            elements: [...new Set(all.map((it) => it.localName))].sort(),
            attributes: document.querySelectorAll('[onerror], [onload]').length,
        });
        ",
    );
    assert_eq!(seen["problems"], json!([]));
    assert_eq!(asked, [""; 0], "nothing is fetched");
    assert!(seen["hostile"].as_u64().unwrap() > 20, "{seen}");
    assert_eq!((&seen["hidden"], &seen["attributes"]), (&json!(0), &json!(0)));
    let elements: Vec<String> = serde_json::from_value(seen["elements"].clone()).unwrap();
    assert!(!elements.iter().any(|name| ["script", "style", "template"].contains(&&**name)));
}
