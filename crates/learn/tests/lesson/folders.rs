//! Which folders it takes, and that nothing in them is lost.

use crate::learner::{Learner, changed, solution};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, SystemTime};

#[test]
fn without_a_terminal_it_prints_one_verdict_and_ends_with_the_code_of_the_checker() {
    let learner = Learner::new("no terminal");
    let answer = learner.run(&[]);
    assert_eq!((answer.code, &*answer.stderr), (Some(1), ""), "{}", answer.stdout);
    assert!(answer.stdout.contains("Open learn/countsync/src/main.rs:15 and write count:"));
    assert!(!answer.stdout.contains('\x1b'), "{}", answer.stdout);

    learner.save("countsync", "fn main() { one() }");
    let answer = learner.run(&["learn"]);
    assert_eq!((answer.code, &*answer.stderr), (Some(2), ""), "{}", answer.stdout);
    assert!(answer.stdout.contains("cannot find function `one`"), "{}", answer.stdout);

    learner.save("countsync", &changed("countsync", "from_secs", "from_millis"));
    let answer = learner.run(&[]);
    assert_eq!(answer.code, Some(1), "{}", answer.stdout);
    assert!(answer.stdout.contains("[no-wait]"), "{}", answer.stdout);

    learner.save("countsync", &solution("countsync"));
    let answer = learner.run(&[]);
    assert_eq!(answer.code, Some(0), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("Solved"), "{}", answer.stdout);
    let progress = learner.read("progress.txt");
    assert!(progress.contains("countsync: solved\n") && progress.contains("rand: not begun\n"));

    // By hand, in the same workspace.
    let mut cargo = std::process::Command::new(env!("CARGO"));
    let environment = learner.command(&[]);
    cargo.envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
    cargo.args(["run", "-q"]).current_dir(learner.path("countsync"));
    let output = cargo.output().expect("it starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("countsync executed in 3.0"), "{output:?}");
}

#[test]
fn an_older_program_that_is_put_back_is_the_one_that_is_judged() {
    let learner = Learner::new("put back");
    learner.run(&[]);
    learner.save("countsync", &solution("countsync"));
    assert_eq!(learner.run(&[]).code, Some(0));
    // It was written before the solution was built.
    let main = learner.path("countsync/src/main.rs");
    learner.save("countsync", &changed("countsync", "0..3", "0..2"));
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    let put_back = File::options().append(true).open(main).expect("it is there");
    put_back.set_modified(long_ago).expect("it is ours");
    let answer = learner.run(&[]);
    assert_eq!(answer.code, Some(1), "{}", answer.stdout);
    assert!(answer.stdout.contains("[other-lines]"), "{}", answer.stdout);
}

#[test]
fn a_folder_with_something_else_is_refused_and_left_alone() {
    let learner = Learner::new("something else");
    fs::create_dir(learner.path("")).expect("it can be made");
    fs::write(learner.path("mine.txt"), "mine").expect("it can be written");
    let answer = learner.run(&[]);
    assert_eq!(answer.code, Some(2));
    let says = "scripts/learn: learn: this folder holds something else";
    assert!(answer.stderr.starts_with(says), "{}", answer.stderr);
    assert_eq!(fs::read_dir(learner.path("")).expect("it is there").count(), 1);

    for (folder, says) in [
        ("learn/mine.txt", "learn/mine.txt: not a folder"),
        ("no/learn", "no/learn: its parent folder does not exist"),
        ("a:b", "a:b: cargo cannot build in a path with ':'"),
        ("a\tb", "cargo cannot build in a path with '\\t'"),
        (concat!(env!("CARGO_MANIFEST_DIR"), "/odd"), "in the repository's own packages"),
        ("two\0folders", "only one folder"),
    ] {
        let answer = learner.run(&folder.split('\0').collect::<Vec<_>>());
        assert_eq!(answer.code, Some(2), "{}", answer.stdout);
        assert!(answer.stderr.contains(says), "{}", answer.stderr);
    }
}

#[test]
fn any_other_name_will_do_and_errors_in_manifests_are_where_cargo_says() {
    let learner = Learner::new("other names");
    let answer = learner.run(&["--", "-dash"]);
    assert_eq!(answer.code, Some(1), "{}{}", answer.stdout, answer.stderr);
    fs::write(learner.folder.join("-dash/Cargo.toml"), "[[").expect("it can be written");
    let answer = learner.run(&["--", "-dash"]);
    assert_eq!(answer.code, Some(2), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("--> -dash/Cargo.toml:1:3\n"), "{}", answer.stdout);

    // The same, of what cargo says when there is something to copy.
    let progress = learner.folder.join("-dash/progress.txt");
    fs::write(progress, "countasync: not begun, seen\nat: countasync\n").expect("it is ours");
    let answer = learner.run(&["--", "-dash"]);
    assert_eq!(answer.code, Some(2), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("--> -dash/Cargo.toml:1:3\n"), "{}", answer.stderr);
}

#[test]
fn files_that_are_there_are_not_overwritten() {
    let learner = Learner::new("not overwritten");
    learner.has_seen_all();
    let manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"other\"]\n";
    fs::write(learner.path("Cargo.toml"), manifest).expect("it can be written");
    fs::create_dir_all(learner.path("other/src")).expect("it can be made");
    fs::write(learner.path("other/src/lib.rs"), "").expect("it can be written");
    let other = "[package]\nname = \"other\"\nedition = \"2024\"\n";
    fs::write(learner.path("other/Cargo.toml"), other).expect("it can be written");
    let answer = learner.run(&[]);
    assert_eq!(answer.code, Some(2), "{}", answer.stdout);
    let says = "learn/Cargo.toml: add \"common\" and \"countsync\" to its members";
    assert!(answer.stderr.contains(says), "{}", answer.stderr);
    assert_eq!(learner.read("Cargo.toml"), manifest);

    // As it asked for.
    let manifest = manifest.replace("\"other\"", "\"other\", \"common\", \"countsync\"");
    fs::write(learner.path("Cargo.toml"), manifest).expect("it can be written");
    assert_eq!(learner.run(&[]).code, Some(1));

    // Where the next exercise would go, there is something else.
    fs::write(learner.path("countasync"), "mine").expect("it can be written");
    fs::write(learner.path("progress.txt"), "at: countasync\n").expect("it can be written");
    let answer = learner.run(&[]);
    assert_eq!(answer.code, Some(2), "{}", answer.stdout);
    assert!(answer.stderr.contains("learn/countasync: already exists"), "{}", answer.stderr);
    assert_eq!(learner.read("countasync"), "mine");
}

#[test]
fn a_folder_in_another_workspace_is_a_workspace_of_its_own() {
    let learner = Learner::new("in a workspace");
    fs::create_dir_all(learner.folder.join("app/src")).expect("it can be made");
    for (file, text) in [
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"app\"]\n"),
        ("app/Cargo.toml", "[package]\nname = \"app\"\nedition = \"2024\"\n"),
        ("app/src/lib.rs", ""),
    ] {
        fs::write(learner.folder.join(file), text).expect("it can be written");
    }
    let answer = learner.run(&[]);
    assert_eq!((answer.code, &*answer.stderr), (Some(1), ""), "{}", answer.stdout);

    // This one would break.
    let manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"new*\"]\n";
    fs::write(learner.folder.join("Cargo.toml"), manifest).expect("it can be written");
    let answer = learner.run(&["new"]);
    assert_eq!(answer.code, Some(2), "{}", answer.stdout);
    assert!(answer.stderr.contains("treats this folder as a package"), "{}", answer.stderr);
    assert!(!learner.folder.join("new").exists());
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let learner = Learner::new("read-only");
    fs::set_permissions(&learner.folder, fs::Permissions::from_mode(0o555)).expect("it is ours");
    // Root may write everywhere.
    let can_write = fs::write(learner.folder.join("probe"), "").is_ok();
    let answer = learner.run(&[]);
    fs::set_permissions(&learner.folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
    if !can_write {
        assert_eq!(answer.code, Some(2));
        assert!(answer.stderr.contains("learn: Permission denied"), "{}", answer.stderr);
    }
    let answer = learner.run(&["/proc/learn"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.starts_with("scripts/learn: /proc/learn: "), "{}", answer.stderr);
}

#[test]
fn what_is_no_file_is_named_and_not_waited_for() {
    let learner = Learner::new("no file");
    learner.has_seen_all();
    assert_eq!(learner.run(&[]).code, Some(1));
    for (name, make) in
        [("named pipe", "mkfifo"), ("folder", "mkdir"), ("device", "ln -s /dev/zero")]
    {
        for file in ["countsync/src/main.rs", "progress.txt"] {
            let path = learner.path(file);
            fs::rename(&path, path.with_extension("kept")).expect("it is there");
            let mut words = make.split(' ');
            let mut command = Command::new(words.next().expect("a word"));
            assert!(command.args(words).arg(&path).status().expect("it starts").success());
            let answer = learner.run(&[]);
            assert_eq!(answer.code, Some(2), "{}", answer.stdout);
            let says = format!("learn/{file}: it is a {name}, not a file");
            assert!(answer.stderr.contains(&says), "{}", answer.stderr);
            let moved = path.with_extension(name);
            fs::rename(&path, moved).expect("it is there");
            fs::rename(path.with_extension("kept"), &path).expect("it is there");
        }
    }
}
