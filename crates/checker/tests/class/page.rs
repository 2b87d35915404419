//! The page for the teacher, in a real browser: a script clicks, types, and says what it sees.

use crate::browser;
use crate::learners::{HOSTILE, class, hostile, write};
use checker::class::learner::Learner;
use checker::class::output::{Asked, Files};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use submissions::Layout;

/// What the scripts below share.
const TOOLS: &str = "
    const find = (selector) => document.querySelector(selector);
    const rows = () => [...find('#grades tbody').rows].filter((row) => !row.hidden);
    const headers = () => [...find('#grades thead').rows[0].cells];
    const header = (label) => headers().find((it) => it.textContent === label);
    const column = (label) => rows().map((row) => row.cells[header(label).cellIndex].textContent);
    const type = (selector, value) => {
        find(selector).value = value;
        find(selector).dispatchEvent(new Event('input', { bubbles: true }));
    };
    const press = (key) => document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    const focused = () => document.activeElement.textContent;
";

/// The page of these learners.
fn page(learners: Vec<Learner>, name: &str) -> PathBuf {
    page_of(learners, Asked::default(), name)
}

fn page_of(learners: Vec<Learner>, asked: Asked, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    write(&folder, Layout::Folders, learners, asked).unwrap();
    folder.join("report.html")
}

/// What the script says about the page, and what was asked of the network.
fn seen(page: &Path, script: &str) -> (Value, Vec<String>) {
    browser::seen(page, &format!("{TOOLS}{script}"))
}

#[test]
fn a_teacher_sorts_filters_and_opens_a_learner() {
    let learners = class(60);
    let page = page(learners, "class-page");
    let (seen, asked) = seen(
        &page,
        "
        const seen = { rows: rows().length, columns: headers().length };
        seen.titles = [document.title, find('h1').textContent];
        seen.overview = [...find('#overview').children].map((it) => it.textContent);
        seen.words = [...new Set(column('lines'))].sort();
        // Each word in a cell that has a color.
        const inCells = [...document.querySelectorAll('#grades tbody td')]
            .filter((cell) => !cell.matches('.note') && isNaN(cell.textContent.replace('–', '')))
            .map((cell) => cell.textContent);
        const legend = [...document.querySelectorAll('#legend dt')].map((it) => it.textContent);
        seen.unexplained = [...new Set(inCells)].filter((word) => !legend.includes(word));
        seen.explained = [...new Set(inCells)].sort();
        const color = (it) => getComputedStyle(it).backgroundColor;
        seen.inconclusive = [
            color([...document.querySelectorAll('td')].find((it) => it.textContent === 'inconclusive')),
            color(find('#legend .inconclusive')),
        ];

        header('Total').querySelector('button').click();
        seen.ascending = column('Total');
        seen.sort = [header('Total').ariaSort];
        header('Total').querySelector('button').click();
        seen.descending = column('Total');
        seen.sort.push(header('Total').ariaSort, header('Name').ariaSort);
        header('Name').querySelector('button').click();
        seen.names = column('Name');

        type('#search', 'LOVELACE 12');
        seen.found = [column('Name'), find('#count').value];
        type('#search', 'nobody at all');
        seen.nobody = [rows().length, find('#nobody').innerText];
        find('#show-all').click();
        seen.all = [rows().length, find('#nobody').hidden];
        type('#verdict', 'not graded');
        seen.verdicts = [...new Set(column('Verdict'))];
        type('#verdict', '');
        type('#mistake', '0');
        seen.mistaken = rows().length;
        seen.counted = find('#mistakes .count').textContent;
        find('#mistakes .who').click();
        const who = [...document.querySelectorAll('#mistakes li:first-child .names button')];
        seen.who = who.length;
        seen.first = who[0].textContent;
        seen.shown = column('Name')[0];
        type('#mistake', '');

        header('Name').querySelector('button').focus();
        press('ArrowDown');
        press('ArrowDown');
        seen.second = [focused(), rows()[1].cells[0].textContent];
        seen.reachable = document.querySelectorAll('#grades [tabindex=\"0\"]').length;
        press('ArrowRight');
        press('Enter');
        const images = () => [...document.querySelectorAll('#result img')];
        await Promise.all(images().map((image) => image.decode().catch(() => {})));
        seen.opened = [find('dialog').open, find('#result h1').textContent];
        seen.pictures = images().map((image) => image.naturalWidth > 0);
        press('ArrowRight');
        seen.next = [find('#result h1').textContent, rows()[2].cells[0].textContent];
        find('#close').click();
        await pause();
        seen.closed = [find('dialog').open, document.activeElement.closest('tr') === rows()[2]];

        rows()[2].cells[header('chained').cellIndex].click();
        await pause();
        await Promise.all(images().map((image) => image.decode().catch(() => {})));
        await pause();
        seen.scrolled = find('[data-exercise=chained]').getBoundingClientRect().top;
        find('#close').click();

        find('#expanded input').click();
        seen.fewer = headers().length;
        say(seen);
        ",
    );
    assert_eq!(seen["problems"], json!([]));
    assert_eq!(asked, [""; 0], "nothing is fetched");
    assert_eq!(seen["rows"], 60);
    let texts = |name: &str| -> Vec<String> { serde_json::from_value(seen[name].clone()).unwrap() };
    assert!(texts("words").contains(&"passed".into()) && texts("words").contains(&"failed".into()));
    assert_eq!(seen["titles"], json!(["<b>Async IO", "<b>Async IO"]));
    assert_eq!(seen["overview"][0], "60 learners");
    assert_eq!(seen["unexplained"], json!([]), "the legend has all words");
    let explained = texts("explained");
    assert!(explained.contains(&"inconclusive".into()), "{explained:?}");
    assert!(!explained.contains(&"open".into()), "there is one word for it");
    assert_eq!(seen["inconclusive"][0], seen["inconclusive"][1]);

    let totals = |name| -> Vec<f64> {
        texts(name).iter().map(|total| total.parse().unwrap_or(-1.0)).collect()
    };
    assert!(totals("ascending").is_sorted() && totals("ascending")[59] > 0.0);
    assert!(totals("descending").iter().rev().is_sorted());
    assert_eq!(seen["sort"], json!(["ascending", "descending", null]));
    let names = texts("names");
    let place = |name: &str| names.iter().position(|it| it.starts_with(name)).unwrap();
    assert!(place("Ada Lovelace 0") < place("Ada Lovelace 12"));
    assert!(place("Ada Lovelace 12") < place("Zoë"));

    assert_eq!(seen["found"], json!([["Ada Lovelace 12"], "1 of 60 learners"]));
    assert_eq!(seen["nobody"], json!([0, "No learner matches these filters. Show all"]));
    assert_eq!(seen["all"], json!([60, true]));
    assert_eq!(seen["verdicts"], json!(["not graded"]));
    assert!(seen["mistaken"].as_u64().unwrap() > 1);
    assert_eq!(seen["mistaken"], seen["who"]);
    assert_eq!(seen["first"], seen["shown"], "they come by name, as in the table");
    assert_eq!(seen["counted"], format!("{} learners", seen["who"]));

    assert_eq!(seen["second"][0], seen["second"][1]);
    assert_eq!(seen["reachable"], 1, "Tab reaches one cell");
    assert_eq!(seen["opened"][0], true);
    assert!(seen["second"][0].as_str().unwrap().starts_with(seen["opened"][1].as_str().unwrap()));
    let pictures = seen["pictures"].as_array().unwrap();
    assert!(!pictures.is_empty() && pictures.iter().all(|is_shown| is_shown == true));
    assert!(seen["next"][1].as_str().unwrap().starts_with(seen["next"][0].as_str().unwrap()));
    assert_eq!(seen["closed"], json!([false, true]), "the focus is on the last learner");
    let top = seen["scrolled"].as_f64().unwrap();
    assert!((0.0..450.0).contains(&top), "the exercise that was clicked is at {top}");
    assert_eq!(seen["fewer"].as_u64().unwrap(), seen["columns"].as_u64().unwrap() - 5);
}

#[test]
fn a_page_without_learners_says_so() {
    let page = page(Vec::new(), "empty-page");
    let (seen, _) = seen(
        &page,
        "say({
            text: find('main').innerText,
            filters: find('#filters').hidden,
            buttons: [...document.querySelectorAll('main button')].filter((it) =>
                it.offsetParent && !it.closest('thead')).length,
        });",
    );
    assert_eq!(seen["problems"], json!([]));
    assert!(seen["text"].as_str().unwrap().contains("Nobody has been graded yet."), "{seen}");
    assert_eq!((&seen["filters"], &seen["buttons"]), (&json!(true), &json!(0)));
}

#[test]
fn who_submitted_nothing_is_found_by_verdict_and_can_be_opened() {
    let roster = Path::new(env!("CARGO_TARGET_TMPDIR")).join("absent-roster.csv");
    fs::write(&roster, "name,student id\n<b>Eve</b>,s1\nAda Lovelace 0,s2\nBob,s3\n").unwrap();
    let asked = Asked::read(&Files { roster: Some(roster), ..Files::default() }).unwrap();
    let page = page_of(class(3), asked, "absent-page");
    let (seen, _) = seen(
        &page,
        "
        const seen = { overview: [...find('#overview').children].map((it) => it.textContent) };
        type('#verdict', 'no submission');
        seen.names = column('Name');
        seen.cells = [...new Set(['countasync', 'lines', 'Total'].flatMap((label) => column(label)))];
        const words = [...rows()[0].cells].find((it) => it.textContent === 'no submission');
        seen.fits = words.scrollWidth <= words.clientWidth;
        type('#search', 'S1');
        seen.found = column('Name');
        find('#search').focus();
        rows()[0].cells[0].click();
        await pause();
        seen.opened = [...find('#result').querySelectorAll('h1, .who, .score, .notes li')].map((it) => it.textContent.trim());
        find('#close').click();
        header('lines').querySelector('button').click();
        say(seen);
        ",
    );
    assert_eq!(seen["problems"], json!([]));
    assert_eq!(seen["overview"][0], "5 learners");
    assert!(seen["overview"].as_array().unwrap().contains(&json!("no submission: 2")), "{seen}");
    assert_eq!(seen["names"], json!(["<b>Eve</b>", "Bob"]));
    assert_eq!((&seen["cells"], &seen["fits"]), (&json!(["–"]), &json!(true)));
    assert_eq!(seen["found"], json!(["<b>Eve</b>"]));
    let said = "This learner is on the class list, but nothing in the download is theirs.";
    assert_eq!(seen["opened"], json!(["<b>Eve</b>", "s1", "no submission", said]));
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let page = page(vec![hostile()], "hostile-page");
    let (seen, asked) = seen(
        &page,
        "
        find('#grades tbody button').click();
        await pause();
        document.querySelectorAll('#mistakes .who').forEach((button) => button.click());
        const shown = [...document.querySelectorAll('#result *')].filter((it) => !it.childElementCount);
        say({
            name: find('#grades tbody bdi').textContent,
            title: find('#result h1').textContent,
            hostile: shown.filter((it) => it.textContent.includes('attacker')).length,
            elements: [...new Set([...document.querySelectorAll('#result *')].map((it) => it.localName))].sort(),
            scripts: document.querySelectorAll('script:not([type])').length,
            attributes: document.querySelectorAll('[onerror], [onload]').length,
        });
        ",
    );
    assert_eq!(seen["problems"], json!([]));
    assert_eq!(asked, [""; 0], "nothing is fetched");
    let shown = HOSTILE.replace('\u{2028}', r"\u{2028}").replace('\u{202e}', r"\u{202e}");
    assert_eq!((&seen["name"], &seen["title"]), (&json!(shown), &json!(shown)));
    assert!(seen["hostile"].as_u64().unwrap() > 10, "{seen}");
    assert_eq!((&seen["scripts"], &seen["attributes"]), (&json!(3), &json!(0)));
    let elements: Vec<String> = serde_json::from_value(seen["elements"].clone()).unwrap();
    assert!(!elements.iter().any(|name| ["script", "style", "template"].contains(&&**name)));
}

/// What the two above rest on.
#[test]
fn the_browser_tells_what_it_fetches_and_what_goes_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let html = "<!DOCTYPE html><title>x</title><img src=\"http://attacker.example/picture\">\
        <script>nothing.at.all()</script>";
    fs::write(&page, html).unwrap();
    let (said, asked) = seen(&page, "await pause(); say({});");
    assert!(asked.iter().any(|line| line.contains("attacker.example/picture")), "{asked:?}");
    let problems = said["problems"].to_string();
    assert!(problems.contains("nothing is not defined"), "{problems}");

    let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"img-src data:\">";
    fs::write(&page, html.replace("<img", &format!("{policy}<img"))).unwrap();
    let (said, asked) = seen(&page, "await pause(); say({});");
    assert_eq!(asked, [""; 0]);
    assert!(said["problems"].to_string().contains("img-src"));
}

#[test]
fn a_page_with_a_thousand_learners_is_as_complete() {
    let page = page(class(1000), "large-page");
    let size = fs::metadata(&page).unwrap().len();
    let (seen, _) = seen(
        &page,
        "
        const seen = { rows: rows().length, milliseconds: {} };
        const timed = (name, act) => {
            const start = performance.now();
            act();
            document.body.offsetHeight;
            seen.milliseconds[name] = performance.now() - start;
        };
        timed('sort', () => header('Total').querySelector('button').click());
        seen.totals = column('Total');
        timed('filter', () => type('#search', '7'));
        timed('all', () => type('#search', ''));
        timed('open', () => find('#grades tbody button').click());
        say(seen);
        ",
    );
    println!("{} MB, {}", size / 1_000_000, seen["milliseconds"]);
    assert_eq!(seen["problems"], json!([]));
    assert_eq!(seen["rows"], 1000);
    let totals: Vec<String> = serde_json::from_value(seen["totals"].clone()).unwrap();
    assert!(totals.iter().map(|total| total.parse().unwrap_or(-1.0)).is_sorted_by(|a, b| a <= b));
}
