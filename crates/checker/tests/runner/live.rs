//! `--live`: what a real terminal shows while a program runs, and what stays there.

use crate::terminal::Terminal;
use crate::{ALLOW_MARKER, CHECKER, Call, GOOD, IMPOSTOR, words};
use anstream::adapter::strip_str;
use nix::sys::signal::Signal;
use std::fs::File;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};

/// Moves the cursor to the top: every picture begins with it.
const HOME: &str = "\x1b[H";

impl Terminal {
    /// A window of this size in which `scripts/timeline countasync --live` draws a run of the
    /// impostor.
    fn live(kind: &str, columns: u16, rows: u16, script: &str) -> Self {
        let resized = format!("stty cols {columns} rows {rows}; exec \"$@\"");
        let mut command = Command::new("sh");
        command
            .args(["-c", &resized, "sh", CHECKER])
            .args(["timeline", "countasync", "--live", "--time-limit", "60"])
            .args(ALLOW_MARKER)
            .args(["--", IMPOSTOR])
            .args(words(script))
            .env("LC_ALL", "C.UTF-8");
        Self::start(command, Path::new("."), kind)
    }

    /// Gives the window another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        let mut stty = Command::new("stty");
        stty.args(["cols", &columns.to_string(), "rows", &rows.to_string()]);
        let status = stty.stdin(self.screen.try_clone().expect("a copy")).status();
        assert!(status.expect("stty").success());
    }

    /// Waits until the program has ended. Returns what it has shown since the last look, too.
    fn end(mut self) -> (ExitStatus, String) {
        const END: &str = "[end]";
        let status = self.wait_for_end();
        let mut screen = File::from(self.screen.try_clone().expect("a copy"));
        screen.write_all(END.as_bytes()).expect("it is open");
        let mut shown = self.wait_for(END);
        shown.truncate(shown.len() - END.len());
        (status, shown)
    }
}

/// The pictures, one after another, each as lines. The last one is what stays.
fn pictures(written: &str) -> Vec<Vec<String>> {
    let plain = |picture: &str| {
        strip_str(picture).to_string().lines().map(|line| line.trim_end().to_owned()).collect()
    };
    written.split(HOME).skip(1).map(plain).collect()
}

/// The row with this label, without it.
fn row<'a>(picture: &'a [String], label: &str) -> Option<&'a str> {
    picture.iter().find_map(|line| line.strip_prefix(label)).map(str::trim)
}

/// How far the row of the first count has come.
fn length(picture: &[String]) -> usize {
    row(picture, "count 1").map_or(0, |row| row.chars().count())
}

/// Whether nothing but this is in a bar. A busy machine may be late to look at the program; nothing
/// is drawn for that time.
fn shows_only(state: char, bar: &str) -> bool {
    bar.contains(state) && bar.chars().all(|it| it == state || it == ' ')
}

/// The picture without its numbers and bars, and without the thread, which depend on the machine.
fn words_of(picture: &[String]) -> Vec<String> {
    let is_word = |it: &char| !it.is_ascii_digit() && !" .─█".contains(*it);
    let rows = picture.iter().filter(|line| !line.starts_with("the thread"));
    rows.map(|line| line.chars().filter(is_word).collect()).collect()
}

#[test]
fn rows_grow_while_the_thread_is_asleep_and_the_last_picture_stays() {
    let script = GOOD.replace("poll 1000", "poll 3500");
    let (status, written) = Terminal::live("xterm", 80, 24, &script).end();
    assert_eq!(status.code(), Some(0), "{written}");
    let mut pictures = pictures(&written);
    let last = pictures.pop().expect("a picture");
    let waiting: Vec<_> = pictures
        .iter()
        .filter(|it| row(it, "the thread").is_some_and(|row| row.contains("asleep")))
        .filter(|it| it.iter().all(|line| !line.contains("Two")))
        .collect();
    for picture in &waiting {
        for label in ["count 1", "count 2", "count 3"] {
            let row = row(picture, label).unwrap_or_else(|| panic!("no {label}: {picture:#?}"));
            let bar = row.strip_prefix("One").unwrap_or_else(|| panic!("{picture:#?}"));
            assert!(shows_only('─', bar), "{picture:#?}");
        }
        assert!(!row(picture, "the thread").unwrap().contains("taken"), "{picture:#?}");
    }
    let axis = |picture: &[String]| picture.iter().find(|line| line.contains("0 s")).cloned();
    let same_scale = waiting.windows(2).filter(|pair| axis(pair[0]) == axis(pair[1]));
    let steps: Vec<_> = same_scale.map(|pair| [length(pair[0]), length(pair[1])]).collect();
    assert!(steps.iter().all(|[before, after]| before <= after), "{steps:?}");
    assert!(steps.iter().any(|[before, after]| before < after), "{written}");
    let scales: std::collections::BTreeSet<_> = waiting.iter().map(|it| axis(it)).collect();
    assert!(scales.len() <= 3, "the scale jumps about: {scales:?}");

    let plain = Call::new("timeline countasync --clock real").with("LC_ALL", "C.UTF-8");
    let plain = plain.impostor(&script).answer().stdout;
    let plain: Vec<_> = plain.lines().map(ToOwned::to_owned).collect();
    assert_eq!(words_of(&last), words_of(&plain), "{last:#?} {plain:#?}");
    assert!(length(&last) > 60, "{last:#?}");
}

#[test]
fn the_thread_is_taken_while_a_program_blocks() {
    let script = "print One sleep 1500 print Two exit 3";
    let (status, written) = Terminal::live("xterm", 80, 24, script).end();
    assert_eq!(status.code(), Some(1), "{written}");
    let mut pictures = pictures(&written);
    let last = pictures.pop().expect("a picture");
    let bar = row(&last, "count 1").and_then(|row| row.strip_prefix("One")?.strip_suffix("Two┤"));
    assert!(bar.is_some_and(|bar| shows_only('█', bar)), "{last:#?}");
    assert!(last.join("\n").contains("did not end cleanly: exit code 3"), "{last:#?}");
    let threads: Vec<_> = pictures.iter().filter_map(|it| row(it, "the thread")).collect();
    assert!(threads.iter().any(|row| row.contains("█taken█")), "{written}");
    assert!(threads.iter().all(|row| !row.contains("asleep")), "{written}");
}

#[test]
fn ctrl_c_ends_it_quietly() {
    let mut terminal = Terminal::live("xterm", 80, 24, "print One poll 1000000");
    let before = terminal.wait_for("One─");
    terminal.press("\x03");
    let (status, after) = terminal.end();
    assert_eq!(status.signal(), Some(Signal::SIGINT as i32), "{after}");
    let written = before + &after;
    assert!(!written.contains("\x1b[?"), "neither hides the cursor nor sets another mode");
    // Ctrl-C also drops what the terminal has not shown yet of the last picture.
    assert!(written.ends_with("^C") && !written.contains("checker:"), "{written}");
}

#[test]
fn a_picture_is_never_larger_than_its_window() {
    let script = "print One print One print One poll 1000000";
    let mut terminal = Terminal::live("xterm", 80, 24, script);
    terminal.wait_for("One─");
    terminal.resize(40, 5);
    terminal.wait_for("…");
    terminal.wait_for(HOME);
    for _ in 0..2 {
        let picture = strip_str(&terminal.wait_for(HOME)).to_string();
        assert!(picture.lines().count() <= 4, "the last row is for the cursor: {picture}");
        assert!(picture.lines().all(|line| line.trim_end().chars().count() <= 40), "{picture}");
    }
    terminal.press("\x03");
    assert_eq!(terminal.end().0.signal(), Some(Signal::SIGINT as i32));
}

#[test]
fn without_a_terminal_that_can_place_its_cursor_only_the_last_picture_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let svg = folder.path().join("picture.svg");
    let mut call = Call::new("timeline countasync --live");
    call.command.arg("--svg").arg(&svg);
    let piped = call.impostor(GOOD).answer();
    assert_eq!((piped.code, &*piped.stderr), (0, ""));
    let (status, dumb) = Terminal::live("dumb", 80, 24, GOOD).end();
    assert_eq!(status.code(), Some(0));
    for written in [piped.stdout, dumb] {
        assert!(!written.contains('\x1b'), "{written}");
        assert_eq!(written.matches("count 1").count(), 1, "{written}");
        assert!(written.contains("   7    "), "{written}");
    }
    assert!(std::fs::read_to_string(svg).expect("it is written").starts_with("<svg"));
}
