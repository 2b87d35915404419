//! `--live`: what a real terminal shows while a program runs, and what stays there.

use crate::{CHECKER, Call, GOOD, IMPOSTOR, MARKER, new_marker, processes, wait_until, words};
use anstream::adapter::strip_str;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::Signal;
use nix::sys::termios::tcgetattr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

/// Moves the cursor to the top: every picture begins with it.
const HOME: &str = "\x1b[H";

/// A terminal in which `scripts/timeline countasync --live` draws a run of the impostor.
struct Terminal {
    ours: PtyMaster,
    theirs: Option<File>,
    checker: Child,
    marker: String,
    /// What has been written to it.
    written: String,
}

impl Terminal {
    fn open(kind: &str, columns: u16, rows: u16, script: &str) -> Self {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let ours = posix_openpt(flags).expect("a terminal");
        grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("it is ours");
        let name = ptsname_r(&ours).expect("it has a name");
        let theirs = File::options().read(true).write(true).custom_flags(libc::O_NOCTTY).open(name);
        let theirs = theirs.expect("the other side");
        resize(&theirs, columns, rows);
        let stream = || theirs.try_clone().expect("a copy");
        let marker = new_marker();
        let mut command = Command::new(CHECKER);
        command
            .args(["timeline", "countasync", "--live", "--time-limit", "60", "--", IMPOSTOR])
            .args(words(script))
            .env(MARKER, &marker)
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", kind)
            .env_remove("NO_COLOR")
            .stdin(stream())
            .stdout(stream())
            .stderr(stream());
        // SAFETY: between fork and exec, this makes two system calls and allocates nothing.
        unsafe {
            command.pre_exec(|| {
                nix::unistd::setsid()?;
                // Standard input becomes its terminal: what Ctrl-C is typed in.
                Errno::result(libc::ioctl(0, libc::TIOCSCTTY, 0))?;
                Ok(())
            });
        }
        let checker = command.spawn().expect("it starts");
        Self { ours, theirs: Some(theirs), checker, marker, written: String::new() }
    }

    /// Reads what is written next. False at the end.
    fn read(&mut self) -> bool {
        let mut ready = [PollFd::new(self.ours.as_fd(), PollFlags::POLLIN)];
        // Other tests wait for children, whose ends interrupt it.
        let count = std::iter::repeat_with(|| poll(&mut ready, PollTimeout::from(60_000_u16)))
            .find(|count| *count != Err(Errno::EINTR));
        assert_ne!(count, Some(Ok(0)), "nothing for a minute after {}", self.written);
        let mut buffer = [0; 1 << 16];
        // It is an error once the other side is closed everywhere.
        let length = self.ours.read(&mut buffer).unwrap_or(0);
        self.written += &String::from_utf8_lossy(&buffer[..length]);
        length > 0
    }

    fn read_until(&mut self, what: impl Fn(&str) -> bool) {
        while !what(&self.written) {
            assert!(self.read(), "it ended with {}", self.written);
        }
    }

    /// Reads to the end, and makes sure that no process is left.
    fn end(mut self) -> (ExitStatus, String) {
        self.theirs = None;
        while self.read() {}
        let status = self.checker.wait().expect("it is ours");
        wait_until("no process is left", || processes(&self.marker).is_empty());
        (status, self.written)
    }
}

/// Gives the window another size.
fn resize(terminal: &File, columns: u16, rows: u16) {
    let mut stty = Command::new("stty");
    stty.args(["cols", &columns.to_string(), "rows", &rows.to_string()]);
    let status = stty.stdin(terminal.try_clone().expect("a copy")).status();
    assert!(status.expect("stty").success());
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

/// The picture without its numbers and bars, which depend on the machine.
fn words_of(picture: &[String]) -> Vec<String> {
    let is_word = |it: &char| !it.is_ascii_digit() && !" .─█".contains(*it);
    picture.iter().map(|line| line.chars().filter(is_word).collect()).collect()
}

#[test]
fn rows_grow_while_the_thread_is_asleep_and_the_last_picture_stays() {
    let script = GOOD.replace("poll 1000", "poll 3500");
    let (status, written) = Terminal::open("xterm", 80, 24, &script).end();
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
    let (status, written) = Terminal::open("xterm", 80, 24, script).end();
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
    let mut terminal = Terminal::open("xterm", 80, 24, "print One poll 1000000");
    let settings = |terminal: &Terminal| tcgetattr(terminal.theirs.as_ref().unwrap());
    let before = settings(&terminal).expect("a terminal");
    terminal.read_until(|written| written.contains("One─"));
    terminal.ours.write_all(b"\x03").expect("it is open");
    terminal.read_until(|written| written.contains("^C"));
    assert_eq!(settings(&terminal).expect("a terminal"), before);
    let (status, written) = terminal.end();
    assert_eq!(status.signal(), Some(Signal::SIGINT as i32), "{written}");
    assert!(!written.contains("\x1b[?"), "neither hides the cursor nor sets another mode");
    // Ctrl-C also drops what the terminal has not shown yet of the last picture.
    assert!(written.ends_with("^C") && !written.contains("checker:"), "{written}");
}

#[test]
fn a_picture_is_never_larger_than_its_window() {
    let mut terminal = Terminal::open("xterm", 80, 24, "print One print One print One poll 3000");
    terminal.read_until(|written| written.contains("One─"));
    resize(terminal.theirs.as_ref().unwrap(), 40, 5);
    let before = terminal.written.len();
    terminal.read_until(|written| written[before..].contains('…'));
    let cut = terminal.written.len();
    terminal.read_until(|written| written[cut..].matches(HOME).count() > 2);
    for picture in &pictures(&terminal.written[cut..]) {
        assert!(picture.len() <= 4, "the last row is for the cursor: {picture:#?}");
        assert!(picture.iter().all(|line| line.chars().count() <= 40), "{picture:#?}");
    }
    assert_eq!(terminal.end().0.code(), Some(0));
}

#[test]
fn without_a_terminal_that_can_place_its_cursor_only_the_last_picture_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let svg = folder.path().join("picture.svg");
    let mut call = Call::new("timeline countasync --live");
    call.command.arg("--svg").arg(&svg);
    let piped = call.impostor(GOOD).answer();
    assert_eq!((piped.code, &*piped.stderr), (0, ""));
    let (status, dumb) = Terminal::open("dumb", 80, 24, GOOD).end();
    assert_eq!(status.code(), Some(0));
    for written in [piped.stdout, dumb] {
        assert!(!written.contains('\x1b'), "{written}");
        assert_eq!(written.matches("count 1").count(), 1, "{written}");
        assert!(written.contains("   7    "), "{written}");
    }
    assert!(std::fs::read_to_string(svg).expect("it is written").starts_with("<svg"));
}
