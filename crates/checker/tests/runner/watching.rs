//! `--watch` in a terminal: what is saved is checked, keys are obeyed, and the terminal is left as it
//! was.

use crate::tampering::programs;
use crate::terminal::Terminal;
use crate::{ALLOW_MARKER, CHECKER, Call, GOOD, IMPOSTOR, processes, wait_until, words};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// A countasync that blocks.
const BLOCKING: &str = "print One sleep 1000 print Two print One sleep 1000 print Two
                        print One sleep 1000 print Two print-time countasync";
/// A program that does not end.
const ENDLESS: &str = "sleep 1000000";

/// A folder with the learner's program, `mine.sh`.
struct Folder(TempDir);

impl Folder {
    fn new(script: &str) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        folder.save(script);
        folder
    }

    fn save(&self, script: &str) {
        fs::write(self.0.path().join("mine.sh"), shell_script(script)).expect("it can be written");
    }

    /// Saves as many editors do: to a new file, which then gets the name of the old one.
    fn save_by_renaming(&self, script: &str) {
        let new = self.0.path().join("mine.sh~");
        fs::write(&new, shell_script(script)).expect("it can be written");
        fs::rename(new, self.0.path().join("mine.sh")).expect("it can be renamed");
    }
}

/// What the learner's program needs in the cage: it starts the impostor.
fn allowed() -> [&'static str; 4] {
    let [option, marker] = ALLOW_MARKER;
    [option, marker, "--allow-read", IMPOSTOR]
}

fn shell_script(script: &str) -> String {
    let quoted = words(script).into_iter().map(|word| format!(" '{word}'"));
    format!("exec '{IMPOSTOR}'{}\n", quoted.collect::<String>())
}

impl Terminal {
    /// Starts `scripts/check --watch` with these arguments in this folder.
    fn watch(folder: &Path, arguments: &str) -> Self {
        let mut command = Command::new(CHECKER);
        command.arg("--watch");
        if !arguments.contains("--cage off") {
            command.args(allowed());
        }
        command.args(arguments.split_whitespace());
        Self::start(command, folder, "xterm")
    }

    /// Waits until the judged program runs.
    #[track_caller]
    fn wait_for_program(&self) {
        wait_until("the program runs", || !programs(&self.marker).is_empty());
    }
}

#[test]
fn each_save_is_checked_and_keys_open_what_is_folded() {
    let folder = Folder::new(GOOD);
    let mut terminal = Terminal::watch(folder.0.path(), "countasync -- sh mine.sh");
    terminal.wait_for("countasync 10/10");
    let prompt = terminal.wait_for("quit");
    assert!(prompt.contains("watching mine.sh"), "{prompt:?}");
    assert!(!prompt.contains("hint"), "there is none at full marks: {prompt:?}");

    folder.save(BLOCKING);
    let dimmed = terminal.wait_for("checking");
    assert!(dimmed.contains("\x1b[2mcountasync 10/10"), "{dimmed:?}");
    terminal.wait_for("countasync 3/10");
    let verdict = terminal.wait_for("quit");
    assert!(verdict.contains("[blocking-sleep]") && verdict.contains("the thread"), "{verdict:?}");
    assert!(!verdict.contains("Use a sleep"), "the hint is folded: {verdict:?}");
    terminal.press("h");
    assert!(!terminal.wait_for("Use a sleep").contains("look at"));
    terminal.wait_for("where to look");
    terminal.press("h");
    terminal.wait_for("look at   mine.sh:1:");
    terminal.wait_for("quit");
    // It is no longer indented.
    terminal.press("p");
    terminal.wait_for("count 1 ");
    terminal.wait_for("quit");
    terminal.press("v");
    terminal.wait_for("1.000  Two");
    terminal.wait_for("quit");

    folder.save_by_renaming(GOOD);
    terminal.wait_for("checking");
    terminal.wait_for("countasync 10/10");
    terminal.wait_for("quit");
    // Neither is a key: an arrow, and one that the prompt does not name.
    terminal.press("\x1b[A");
    terminal.press("h");
    // The same again is no save.
    folder.save(GOOD);
    thread::sleep(Duration::from_secs(1));
    terminal.press("v");
    let since = terminal.wait_for("quit");
    assert!(!since.contains("checking"), "{since:?}");
    terminal.press("\r");
    terminal.wait_for("checking");
    terminal.wait_for("watching");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn the_exit_code_is_that_of_the_last_verdict() {
    let folder = Folder::new("print One exit 1");
    let mut terminal = Terminal::watch(folder.0.path(), "countasync -- sh mine.sh");
    terminal.wait_for("watching");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(1));
}

#[test]
fn a_save_ends_the_check_that_is_underway() {
    let folder = Folder::new(ENDLESS);
    let arguments = "countasync --clock real -- sh mine.sh";
    let mut terminal = Terminal::watch(folder.0.path(), arguments);
    terminal.wait_for_program();
    folder.save(GOOD);
    terminal.wait_for("countasync 10/10");
    wait_until("none is left running", || programs(&terminal.marker).is_empty());
    // So does the end of the loop.
    folder.save(ENDLESS);
    terminal.wait_for("checking");
    terminal.wait_for_program();
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn a_program_that_changes_its_own_file_gets_a_verdict() {
    let script = format!("echo >> mine.sh\n{}", shell_script(GOOD));
    for clock in ["auto", "real"] {
        let folder = Folder::new(GOOD);
        fs::write(folder.0.path().join("mine.sh"), &script).expect("it can be written");
        // In the cage, it could not.
        let arguments = format!("countasync --cage off --clock {clock} -- sh mine.sh");
        let mut terminal = Terminal::watch(folder.0.path(), &arguments);
        terminal.wait_for("the program changes mine.sh itself");
        // Not for a save that comes with its own.
        thread::sleep(Duration::from_secs(1));
        terminal.press("v");
        let since = terminal.wait_for("$ sh mine.sh");
        assert!(!since.contains("checking"), "{since:?}");
        terminal.press("\r");
        terminal.wait_for("checking");
        terminal.wait_for("the program changes mine.sh itself");
        thread::sleep(Duration::from_secs(2));
        // At once: a file that is still written to when the check begins is changed by the program.
        folder.save_by_renaming(BLOCKING);
        terminal.wait_for("checking");
        terminal.wait_for("watching mine.sh");
        terminal.press("q");
        terminal.wait_for_end();
    }
}

#[test]
fn the_prompt_says_that_the_program_is_missing() {
    let folder = Folder::new(GOOD);
    let file = folder.0.path().join("mine.sh");
    let mut terminal = Terminal::watch(folder.0.path(), "countasync -- sh mine.sh");
    terminal.wait_for("watching mine.sh");
    fs::remove_file(&file).expect("it is there");
    terminal.wait_for("mine.sh is missing");
    terminal.press("\r");
    terminal.wait_for("checking");
    terminal.wait_for("mine.sh is missing");
    fs::create_dir(&file).expect("it can be made");
    terminal.press("\r");
    terminal.wait_for("checking");
    terminal.wait_for("mine.sh is missing");
    fs::remove_dir(&file).expect("it is there");
    folder.save(GOOD);
    terminal.wait_for("countasync 10/10");
    terminal.wait_for("watching mine.sh");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn signals_end_it_with_the_terminal_restored() {
    for (signal, key) in [(Signal::SIGINT, "\x03"), (Signal::SIGTERM, ""), (Signal::SIGHUP, "")] {
        let folder = Folder::new(ENDLESS);
        let arguments = "countasync --clock real -- sh mine.sh";
        let mut terminal = Terminal::watch(folder.0.path(), arguments);
        terminal.wait_for_program();
        terminal.wait_for("quit");
        assert_ne!(terminal.now(), terminal.before);
        if key.is_empty() {
            kill(Pid::from_raw(terminal.child.id() as i32), signal).expect("it is there");
        }
        terminal.press(key);
        let status = terminal.wait_for_end();
        assert_eq!(status.signal(), Some(signal as i32), "{status}");
    }
}

/// In a shell with job control: others have no `fg`.
#[test]
fn a_suspended_loop_gives_the_terminal_back_until_it_is_continued() {
    let folder = Folder::new(GOOD);
    let allowed = allowed().join(" ");
    let script = format!(
        "set -m; '{CHECKER}' --watch countasync {allowed} -- sh mine.sh; \
         echo [stopped]; read -r; fg"
    );
    let mut shell = Command::new("bash");
    shell.args(["-c", &script]);
    let mut terminal = Terminal::start(shell, folder.0.path(), "xterm");
    terminal.wait_for("countasync 10/10");
    terminal.wait_for("quit");
    terminal.press("\x1a");
    terminal.wait_for("[stopped]");
    assert_eq!(terminal.now(), terminal.before);
    terminal.press("\n");
    terminal.wait_for("countasync 10/10");
    terminal.wait_for("quit");
    terminal.press("v");
    terminal.wait_for("1.000  Two");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn a_panic_leaves_the_terminal_as_it_was() {
    let folder = Folder::new(GOOD);
    for place in ["loop", "check"] {
        let mut command = Command::new(IMPOSTOR);
        command.args(["panic", place]);
        let mut terminal = Terminal::start(command, folder.0.path(), "xterm");
        terminal.wait_for("panic");
        terminal.press("p");
        terminal.wait_for("panicked");
        assert_eq!(terminal.wait_for_end().code(), Some(101));
    }
}

#[test]
fn a_resized_terminal_is_drawn_anew() {
    let folder = Folder::new(GOOD);
    let mut terminal = Terminal::watch(folder.0.path(), "countasync -- sh mine.sh");
    terminal.wait_for("countasync 10/10");
    terminal.wait_for("quit");
    // The rows are too few for all of it: from the second time on, the last ones count.
    terminal.resize(60, 4);
    terminal.wait_for("countasync 10/10");
    terminal.wait_for("quit");
    terminal.press("\r");
    let shown = terminal.wait_for("checking");
    // It may have been drawn anew twice.
    let dimmed = shown.rsplit("\x1b[H").next().expect("a frame");
    assert!(!dimmed.contains("ends by itself"), "{dimmed:?}");
    terminal.wait_for("watching");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn a_save_right_after_each_verdict_is_not_taken_for_the_programs() {
    let folder = Folder::new(GOOD);
    let mut command = Command::new(CHECKER);
    command.args(["--watch", "countasync"]).args(allowed()).args(["--", "sh", "mine.sh"]);
    let mut terminal = Terminal::start(command, folder.0.path(), "xterm");
    for _ in 0..4 {
        terminal.wait_for("countasync 10/10");
        folder.save(BLOCKING);
        terminal.wait_for("countasync 3/10");
        folder.save(GOOD);
    }
    terminal.wait_for("countasync 10/10");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn a_terminal_that_can_only_print_gets_one_verdict_below_the_other() {
    let folder = Folder::new(GOOD);
    let mut command = Command::new(CHECKER);
    command.args(["--watch", "countasync"]).args(allowed()).args(["--", "sh", "mine.sh"]);
    let mut terminal = Terminal::start(command, folder.0.path(), "dumb");
    let mut seen = terminal.wait_for("watching mine.sh");
    folder.save(BLOCKING);
    seen += &terminal.wait_for("checking ...");
    seen += &terminal.wait_for("countasync 3/10");
    seen += &terminal.wait_for("quit");
    assert!(seen.contains("countasync 10/10") && !seen.contains('\x1b'), "{seen:?}");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(1));
}

#[test]
fn without_a_terminal_it_is_a_single_check() {
    let answer = Call::new("--watch countasync").impostor(GOOD).answer();
    assert_eq!((answer.code, &*answer.stderr), (0, ""), "{}", answer.stdout);
    assert!(answer.stdout.contains("total 10/10"), "{}", answer.stdout);
}

#[test]
fn a_package_is_built_first_and_its_first_error_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let write = |name, text: &str| fs::write(path(name), text).expect("it can be written");
    let manifest = "[workspace]\n[package]\nname = 'countasync'\nedition = '2024'\n";
    fs::create_dir(path("src")).expect("it can be made");
    write("Cargo.toml", manifest);
    write("build.rs", "fn main() { std::thread::sleep(std::time::Duration::MAX) }");
    write("src/main.rs", "fn main() { one() }");
    let mut terminal = Terminal::watch(folder.path(), "countasync --dir .");
    terminal.wait_for("building");
    let is_build_script = |id: &i32| {
        let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
        name.starts_with("build-script")
    };
    let is_built = || processes(&terminal.marker).iter().any(is_build_script);
    wait_until("it is built", is_built);
    // A save ends a build, too.
    write("Cargo.toml", &format!("{manifest}build = false\n"));
    terminal.wait_for("cannot find function `one`");
    wait_until("it is built no more", || !is_built());
    terminal.wait_for("watching main.rs and Cargo.toml");
    // A build script cannot write to the terminal.
    let to_terminal = "fn main() { let _ = std::fs::write(\"/dev/tty\", \"from the script\"); }";
    write("build.rs", to_terminal);
    write("Cargo.toml", manifest);
    write("src/main.rs", "fn main() { println!(\"One\") }");
    let shown = terminal.wait_for("countasync 1/10");
    assert!(!shown.contains("from the script"), "{shown:?}");
    terminal.wait_for("watching");
    // Older than what was built.
    write("old.rs", "fn main() {}");
    let old = File::options().append(true).open(path("old.rs")).expect("it is there");
    old.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1)).expect("it is ours");
    fs::rename(path("old.rs"), path("src/main.rs")).expect("it can be renamed");
    terminal.wait_for("countasync 0/10");
    terminal.wait_for("watching");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(1));
}

/// A build script runs a stranger's code.
#[test]
fn a_package_in_a_folder_is_built_in_the_cage() {
    let top = tempfile::tempdir().expect("a folder");
    let path = |name: &str| top.path().join(name);
    let write = |name, text: &str| fs::write(path(name), text).expect("it can be written");
    fs::create_dir_all(path("alice/src")).expect("it can be made");
    write("alice/Cargo.toml", "[workspace]\n[package]\nname = 'countasync'\nedition = '2024'\n");
    write("alice/src/main.rs", "fn main() { println!(env!(\"NAME\")) }");
    let script = "fn main() {
        let here = std::path::Path::new(env!(\"CARGO_MANIFEST_DIR\"));
        let _ = std::fs::write(here.join(\"written\"), \"\");
        let _ = std::fs::write(here.join(\"../written\"), \"\");
        println!(\"cargo:rustc-env=NAME=One\");
    }";
    write("alice/build.rs", script);
    let is_written = || ["written", "alice/written"].map(|name| path(name).exists());
    for (cage, written) in [("require", [false, false]), ("off", [true, true])] {
        let arguments = format!("countasync --cage {cage} --dir alice");
        let mut terminal = Terminal::watch(top.path(), &arguments);
        terminal.wait_for("countasync 1/10");
        assert_eq!(is_written(), written, "{cage}");
        terminal.wait_for("watching");
        terminal.press("q");
        assert_eq!(terminal.wait_for_end().code(), Some(1));
    }
}

#[test]
fn the_package_that_cargo_runs_is_watched() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, text: &str| fs::write(path(name), text).expect("it can be written");
    write("Cargo.toml", "[workspace]\nmembers = ['mine', 'other']\nresolver = '3'\n");
    for package in ["mine", "other"] {
        fs::create_dir_all(path(package).join("src")).expect("it can be made");
        let manifest = format!("[package]\nname = '{package}'\nedition = '2024'\n");
        write(&format!("{package}/Cargo.toml"), &manifest);
        write(&format!("{package}/src/main.rs"), "fn main() { println!(\"nothing\") }");
    }
    for (start, command) in [(".", "cargo run -q -p mine"), ("mine", "cargo run -q")] {
        let arguments = format!("countasync -- {command}");
        let mut terminal = Terminal::watch(&path(start), &arguments);
        terminal.wait_for("countasync 0/10");
        terminal.wait_for("watching main.rs and Cargo.toml");
        write("mine/src/main.rs", "fn main() { println!(\"One\") }");
        terminal.wait_for("countasync 1/10");
        terminal.wait_for("watching");
        write("mine/src/main.rs", "fn main() { println!(\"nothing\") }");
        terminal.wait_for("countasync 0/10");
        terminal.wait_for("watching");
        terminal.press("q");
        assert_eq!(terminal.wait_for_end().code(), Some(1));
    }
}
