//! `scripts/learn try` in a terminal.

use crate::terminal::Terminal;
use crate::{LEARN, repository};
use anstream::adapter::strip_str;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

fn in_terminal(item: &str) -> Terminal {
    let mut command = Command::new(LEARN);
    // Box-drawing characters.
    command.args(["try", item]).env("LC_ALL", "C.UTF-8");
    Terminal::start(command, &repository(), "xterm")
}

#[test]
fn predictions_and_the_run_are_on_one_timeline_and_a_wrong_one_is_explained() {
    let mut terminal = in_terminal("block-halfway");
    let asked = terminal.wait_for("run now");
    assert!(asked.contains("+    std::thread::sleep(Duration::from_millis(500));"), "{asked}");
    assert!(asked.contains("Question 1 of 3: Which line comes second?"), "{asked}");
    terminal.press("2");
    let asked = terminal.wait_for("run now");
    assert!(asked.contains("Question 2 of 3: How long does it take in all?"), "{asked}");
    // No such option.
    terminal.press("9");
    terminal.press("2");
    let asked = terminal.wait_for("run now");
    assert!(asked.contains("Question 3 of 3: Which count finishes last?"), "{asked}");
    terminal.press("1");
    terminal.wait_for("count 1 ");
    let shown = strip_str(&terminal.wait_for("that is all")).to_string();

    // A column for each moment, whoever it is about.
    let rows: Vec<_> = shown.lines().map(str::trim_end).collect();
    let column = |label: &str, text: &str| {
        let start = rows.iter().position(|row| row.starts_with(label)).expect(&shown);
        let labeled = |row: &&&str| row.starts_with(' ') || row.starts_with(label);
        let mut of_label = rows[start..].iter().take_while(labeled);
        let place = of_label.find_map(|row| Some(row.split_once(text)?.0.chars().count()));
        place.unwrap_or_else(|| panic!("no {text} in the row {label} of {shown}"))
    };
    assert_eq!(column("you said", "line 2: "), column("it was", "line 2: "), "{shown}");
    assert_eq!(column("it was", "2.5 s┤"), column("it was", "last: count 3"), "{shown}");
    assert!(column("you said", "4.5 s┤") > column("count 3", "Two┤"), "{shown}");

    assert!(shown.contains("correct   One, after half a second"), "{shown}");
    assert!(shown.contains("you said  4.5 seconds\r\n  it was    2.5 seconds"), "{shown}");
    assert!(shown.contains("but the seconds are awaited, so they overlap."), "{shown}");
    assert!(shown.contains("correct   count 3"), "{shown}");
    assert!(shown.contains("scripts/check countasync: 5 of 10 points"), "{shown}");
    assert!(shown.contains("2.5 seconds: the Ones come half a second apart"), "{shown}");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn questions_can_be_skipped_and_a_second_change_follows() {
    let mut terminal = in_terminal("take-turns");
    terminal.wait_for("Question 1 of 3");
    terminal.press("s");
    terminal.wait_for("Question 2 of 3");
    terminal.press("\r");
    let shown = strip_str(&terminal.wait_for("comes after the variant")).to_string();
    assert!(!shown.contains("you said"), "{shown}");
    assert!(shown.contains("it was    no time at all"), "{shown}");
    assert!(!shown.contains("The answer in the README"), "{shown}");
    terminal.press("v");
    let asked = terminal.wait_for("Question 1 of 3");
    assert!(asked.contains("-    sleep(Duration::from_secs(1)).await;"), "{asked}");
    terminal.wait_for("run now");
    terminal.press("\r");
    let shown = terminal.wait_for("that is all");
    assert!(shown.contains("The answer in the README"), "{shown}");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn ctrl_c_ends_it_and_leaves_the_terminal_as_it_was() {
    let mut terminal = in_terminal("five-counts");
    terminal.wait_for("run now");
    terminal.press("\x03");
    assert_eq!(terminal.wait_for_end().signal(), Some(nix::libc::SIGINT));
}
