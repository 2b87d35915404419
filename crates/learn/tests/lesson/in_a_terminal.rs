//! The loop in a terminal.

use crate::learner::{Learner, changed, solution};
use crate::terminal::Terminal;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;

fn begin(learner: &Learner) -> Terminal {
    Terminal::start(learner.command(&[]), &learner.folder, "xterm")
}

/// Waits until the loop waits for keys.
#[track_caller]
fn prompt(terminal: &Terminal) -> String {
    terminal.wait_for("quit")
}

#[test]
fn from_the_first_start_to_the_next_exercise_and_back() {
    let learner = Learner::new("from the start");
    let mut terminal = begin(&learner);

    // Predict, and see it run.
    terminal.wait_for("Three counts, one after another.");
    terminal.wait_for("Question 1 of 3");
    prompt(&terminal);
    terminal.press("1");
    terminal.wait_for("Question 2 of 3");
    terminal.press("s");
    terminal.wait_for("Question 3 of 3");
    terminal.press("1");
    terminal.wait_for("countsync executed in 3.00 seconds.");
    terminal.wait_for("you said");
    terminal.wait_for("your turn");
    assert!(!learner.path("countsync").exists(), "it is not begun yet");
    terminal.press("\r");

    // The first gap, and three steps of a hint.
    terminal.wait_for("learn/countsync/src/main.rs:15");
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    for (step, words) in [
        ("1 of 3", "stops the whole thread"),
        ("2 of 3", ":15, in count"),
        ("3 of 3", "Duration::…"),
    ] {
        terminal.press("h");
        terminal.wait_for(&format!("Hint {step}"));
        terminal.wait_for(words);
        prompt(&terminal);
    }
    let starter = learner.read("countsync/src/main.rs");

    // A build that fails, with one error of two; then a gap that is filled.
    let count =
        "    println!(\"One\");\n    sleep(Duration::from_secs(1));\n    println!(\"Two\");\n}";
    let one_gap = starter.replacen("    common::not_written!()\n}", count, 1);
    learner.save(
        "countsync",
        &one_gap.replacen("sleep(D", "slep(D", 1).replace("count();", "cont();"),
    );
    terminal.wait_for("error[E0425]");
    terminal.wait_for("--> learn/countsync/src/main.rs:16:5");
    terminal.wait_for("2 more errors");
    prompt(&terminal);
    learner.save("countsync", &one_gap);
    // The old finding stays until the new one is there.
    let dimmed = terminal.wait_for("One gap is left");
    assert!(dimmed.contains("\x1b[2merror[E0425]"), "{dimmed}");
    terminal.wait_for("7 of 10 points");
    terminal.wait_for("the thread");
    prompt(&terminal);

    // A verdict with its picture, and what it hints at.
    learner.save("countsync", &changed("countsync", "0..3", "0..2"));
    terminal.wait_for("count 2");
    terminal.wait_for("countsync 9/10");
    terminal.wait_for("[other-lines]");
    prompt(&terminal);
    terminal.press("hhh");
    terminal.wait_for("Compare your output");
    terminal.wait_for("main.rs:21, in main");
    terminal.wait_for("0..…");
    prompt(&terminal);
    terminal.press("p");
    terminal.wait_for("2.000 s");
    prompt(&terminal);

    // Not solved: n stays here.
    terminal.press("n");
    terminal.wait_for("countsync is not solved yet");
    prompt(&terminal);

    // Reset, asked first.
    terminal.press("r");
    terminal.wait_for("Put the starter back?");
    prompt(&terminal);
    terminal.press("n");
    terminal.wait_for("watching");
    prompt(&terminal);
    terminal.press("r");
    terminal.wait_for("Put the starter back?");
    prompt(&terminal);
    terminal.press("y");
    terminal.wait_for("main.rs.before-reset-1");
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    assert_eq!(learner.read("countsync/src/main.rs"), starter);
    let kept = learner.read("countsync/src/main.rs.before-reset-1");
    assert!(kept.contains("0..2"));

    // Solved.
    learner.save("countsync", &solution("countsync"));
    terminal.wait_for("The original beside yours");
    terminal.wait_for("scripts/learn try countsync/five-counts");
    terminal.wait_for("Solved: 10 of 10 points");
    terminal.wait_for("Each sleep kept the only thread");
    // What is said about the program before, and a hint, would be out of place.
    let rest = prompt(&terminal);
    assert!(!rest.contains("before-reset") && !rest.contains("hint"), "{rest}");
    terminal.press("l");
    terminal.wait_for("solved");
    terminal.wait_for("not begun");
    prompt(&terminal);
    terminal.press("l");
    prompt(&terminal);
    terminal.press("n");
    terminal.wait_for("2 of 4");
    terminal.wait_for("Question 1 of 3");
    prompt(&terminal);
    terminal.press("w");
    terminal.wait_for("learn/countasync/src/main.rs:16");
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);

    // Back to the first, and the end.
    terminal.press("l");
    terminal.wait_for("best so far: 0 of 10");
    prompt(&terminal);
    terminal.press("1");
    terminal.wait_for("Solved: 10 of 10 points");
    prompt(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));

    // It goes on where it stopped.
    let progress = learner.read("progress.txt");
    assert!(progress.contains("countsync: solved, seen\n"), "{progress}");
    assert!(progress.contains("countasync: begun, best 0 of 10, seen\n"), "{progress}");
    fs::write(
        learner.path("progress.txt"),
        progress.replace("at: countsync", "at: countasync") + "rnd: begun\n",
    )
    .expect("it can be written");
    let mut terminal = begin(&learner);
    terminal.wait_for("countasync");
    terminal.wait_for("\"rnd: begun\" is not understood");
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
    assert!(learner.read("progress.txt").ends_with("rnd: begun\n"));
}

#[test]
fn if_the_original_cannot_be_built_cargo_says_why() {
    let learner = Learner::new("no original");
    let cargo = learner.folder.join("cargo");
    fs::write(&cargo, "#!/bin/sh\necho 'error: the disk is full' >&2\nexit 101\n")
        .expect("a script");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let mut command = learner.command(&[]);
    command.env("CARGO", cargo);
    let mut terminal = Terminal::start(command, &learner.folder, "xterm");
    for question in 1..=3 {
        terminal.wait_for(&format!("Question {question} of 3"));
        terminal.press("s");
    }
    terminal.wait_for("It did not run: cargo build failed");
    terminal.wait_for("error: the disk is full");
    prompt(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn what_a_save_leads_to_is_seen_whatever_was_shown() {
    let learner = Learner::new("seen");
    learner.has_seen_all();
    let mut terminal = begin(&learner);
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    terminal.press("l");
    terminal.wait_for("not begun");
    prompt(&terminal);
    learner.save("countsync", &changed("countsync", "0..3", "0..2"));
    terminal.wait_for("[other-lines]");
    prompt(&terminal);
    // A picture stays if there is a new one.
    terminal.press("p");
    terminal.wait_for("2.000 s");
    prompt(&terminal);
    learner.save("countsync", &solution("countsync"));
    terminal.wait_for("3.000 s");
    prompt(&terminal);
    learner.save("countsync", "fn main() { one() }");
    terminal.wait_for("cannot find function `one`");
    prompt(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn a_program_that_prints_nothing_gets_its_verdict_soon() {
    let learner = Learner::new("silent");
    learner.has_seen_all();
    let mut terminal = begin(&learner);
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    learner.save("countsync", "fn main() { loop {} }");
    terminal.wait_for("countsync 0/10");
    // A machine that is busy may take longer, but not a minute.
    terminal.wait_for("still running after 1");
    terminal.wait_for(" s, with no output");
    prompt(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn nothing_of_the_learner_acts_on_the_terminal() {
    let learner = Learner::new("escapes");
    learner.has_seen_all();
    let mut terminal = begin(&learner);
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    let escape = "    let _ = \"\x1b[35m\";\n";
    let main = learner.path("countsync/src/main.rs");
    let starter = fs::read_to_string(&main).expect("it is there");
    let line = escape.replacen(';', "; common::not_written!()", 1);
    fs::write(&main, starter.replacen("    common::not_written!()\n", &line, 1))
        .expect("it can be written");
    terminal.wait_for("building");
    terminal.wait_for("watching");
    prompt(&terminal);
    terminal.press("hh");
    terminal.wait_for(r#"let _ = "\x1b[35m"; common"#);
    prompt(&terminal);
    terminal.press("r");
    terminal.wait_for("back into learn");
    prompt(&terminal);
    terminal.press("y");
    terminal.wait_for("kept in learn");
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    let solution = changed("countsync", "fn count() {\n", &format!("fn count() {{\n{escape}"));
    fs::write(&main, solution).expect("it can be written");
    let shown = terminal.wait_for("Changes to try");
    assert!(shown.contains(r#"let _ = "\x1b[35m""#), "{shown}");
    assert!(!shown.contains("\x1b[35m"), "{shown}");
    prompt(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn an_error_in_a_module_is_not_explained_by_a_function_of_the_program() {
    let learner = Learner::new("module");
    learner.has_seen_all();
    let mut terminal = begin(&learner);
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    let module = "\n".repeat(18) + "fn broken() { one() }\n";
    fs::write(learner.path("countsync/src/m.rs"), module).expect("it can be written");
    learner.save("countsync", &changed("countsync", "fn count() {", "mod m;\n\nfn count() {"));
    terminal.wait_for("--> learn/countsync/src/m.rs:19:15");
    prompt(&terminal);
    terminal.press("h");
    terminal.wait_for("Hint 1 of 1");
    terminal.wait_for("rustc --explain E0425");
    prompt(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn after_the_last_exercise_there_is_an_end() {
    let learner = Learner::new("the end");
    learner.has_seen_all();
    let solved = ["countsync", "countasync", "rand"].map(|name| format!("{name}: solved, seen\n"));
    let progress = solved.concat() + "chained: not begun, seen\nat: chained\n";
    fs::write(learner.path("progress.txt"), progress).expect("it can be written");
    let mut terminal = begin(&learner);
    terminal.wait_for("3 gaps are left");
    prompt(&terminal);
    learner.save(
        "chained",
        &changed("chained", "spawn(chain(n))", "chain(n)").replace("chain.await?", "chain.await"),
    );
    terminal.wait_for("[chains-one-after-another]");
    prompt(&terminal);
    learner.save("chained", &solution("chained"));
    terminal.wait_for("Solved");
    prompt(&terminal);
    terminal.press("n");
    terminal.wait_for("All four are solved.");
    terminal.wait_for("Under the hood");
    prompt(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
}

#[test]
fn the_progress_is_written_again_if_it_is_removed() {
    let learner = Learner::new("progress removed");
    learner.has_seen_all();
    let mut terminal = begin(&learner);
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    // As editors save it: what was open is no longer there.
    let progress = learner.path("progress.txt");
    fs::copy(&progress, learner.path("new.txt")).expect("it can be copied");
    fs::rename(learner.path("new.txt"), &progress).expect("it can be renamed");
    let answer = learner.run(&[]);
    assert!(answer.stderr.contains("already running here"), "{}", answer.stderr);

    fs::remove_file(&progress).expect("it is there");
    learner.save("countsync", &solution("countsync"));
    terminal.wait_for("Solved");
    prompt(&terminal);
    assert!(learner.read("progress.txt").contains("countsync: solved, seen\n"));
    fs::remove_file(&progress).expect("it is there");
    terminal.press("n");
    terminal.wait_for("2 of 4");
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));

    // Nothing but the exercises says how far they had got.
    fs::remove_file(&progress).expect("it is there");
    let answer = learner.run(&[]);
    assert_eq!((answer.code, &*answer.stderr), (Some(0), ""), "{}", answer.stdout);
    let progress = learner.read("progress.txt");
    assert!(progress.contains("countsync: solved, seen\ncountasync: begun"), "{progress}");
}

#[test]
fn an_exercise_that_could_not_be_listed_is_listed_once_the_manifest_is_mended() {
    let learner = Learner::new("not listed");
    learner.has_seen_all();
    fs::write(learner.path("Cargo.toml"), "[[").expect("it can be written");
    let mut terminal = begin(&learner);
    terminal.wait_for("error: ");
    prompt(&terminal);
    let manifest = "# The workspace of scripts/learn, which adds each exercise that is begun.\n\
                    [workspace]\nresolver = \"3\"\nmembers = []\n";
    fs::write(learner.path("Cargo.toml"), manifest).expect("it can be written");
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);

    // Cargo says what to do about a manifest of the learner's.
    fs::write(learner.path("Cargo.toml"), "[workspace]\n").expect("it can be written");
    terminal.wait_for("this may be fixable by adding");
    prompt(&terminal);

    // What is moved away is not made again.
    fs::rename(learner.path(""), learner.folder.join("moved")).expect("it can be moved");
    terminal.press("\r");
    terminal.wait_for("the folder is gone");
    prompt(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().code(), Some(0));
    assert!(!learner.path("").exists());
}

#[test]
fn it_runs_once_in_a_folder_a_save_ends_a_build_and_ctrl_c_ends_all() {
    let learner = Learner::new("stopped");
    learner.has_seen_all();
    let mut terminal = begin(&learner);
    terminal.wait_for("2 gaps are left");
    prompt(&terminal);
    // Somebody else who wants to go on there.
    let answer = learner.run(&[]);
    assert_eq!(answer.code, Some(2), "{}", answer.stdout);
    let says = "scripts/learn: learn: scripts/learn is already running here";
    assert!(answer.stderr.starts_with(says), "{}", answer.stderr);

    // A build script that never ends.
    let script = learner.path("countsync/build.rs");
    fs::write(&script, "fn main() { loop { std::thread::park() } }").expect("it can be written");
    learner.save("countsync", &solution("countsync"));
    terminal.wait_for("building");
    terminal.wait_for("building, 2 s");
    fs::remove_file(&script).expect("it is there");
    learner.save("countsync", &changed("countsync", "0..3", "0..2"));
    terminal.wait_for("countsync 9/10");
    prompt(&terminal);
    fs::write(&script, "fn main() { loop { std::thread::park() } }").expect("it can be written");
    terminal.press("\r");
    terminal.wait_for("building, 2 s");
    terminal.press("\x03");
    assert_eq!(terminal.wait_for_end().signal(), Some(2));
}
