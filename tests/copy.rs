//! An exercise works wherever it is copied, solved or as a starter, and `scripts/copy` loses
//! nothing on the way.

use crate::elsewhere;
use assert_cmd::{Command, assert::Assert};
use predicates::prelude::*;
use predicates::str::contains;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tests::{exercises, path, text};

/// A folder outside the repository, with spaces in its path.
fn elsewhere() -> TempDir {
    TempDir::with_prefix("an exercise elsewhere ").unwrap()
}

/// Runs a command with arguments in a folder.
fn run(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str], folder: &Path) -> Assert {
    Command::new(program).args(arguments).current_dir(folder).assert()
}

/// Runs `scripts/copy` with arguments in a folder.
fn copy(arguments: &[&str], folder: &Path) -> Assert {
    run(path("scripts/copy"), arguments, folder)
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// A package that has nothing to do with the exercises.
fn package(folder: &Path, name: &str, dependencies: &str) {
    let package =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    write(&folder.join("Cargo.toml"), &(package + dependencies));
    write(&folder.join("src/main.rs"), "fn main() {}\n");
}

/// A workspace of these members.
fn workspace(folder: &Path, members: &[&str]) {
    let text = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
    write(&folder.join("Cargo.toml"), &text);
}

/// Every file in a folder, including hidden ones, by its path in the folder.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let entry = entry.unwrap().path();
            if entry.is_dir() {
                folders.push(entry.clone());
            }
            files.insert(entry.strip_prefix(folder).unwrap().to_owned());
        }
    }
    files
}

/// Where exercises are copied to: the setup, and the folder in it.
const COPIES: [(&str, &str); 4] = [
    // Outside of any workspace.
    ("alone", ""),
    // In a workspace, and in one that depends on the crate `rand`.
    ("foreign", "foreign-exercises"),
    ("beside-rand", "exercises"),
    // Starters once they are written.
    ("written", "written-starters"),
];

/// Copies all exercises into each setup, and their starters into one of their own.
fn copy_everywhere(root: &Path) {
    let (names, lock) = (exercises(), text("Cargo.lock"));
    let starters = root.join("starters");
    fs::create_dir(&starters).unwrap();
    for name in &names {
        copy(&["--starter", name, "."], &starters).success();
    }
    workspace(&starters, &names.iter().map(String::as_str).collect::<Vec<_>>());
    write(&starters.join("Cargo.lock"), &lock);

    package(&root.join("foreign/app"), "app", "");
    package(&root.join("beside-rand/app"), "app", "[dependencies]\nrand = \"0.10\"\n");
    for (setup, inside) in COPIES {
        let (setup, folder) = (root.join(setup), root.join(setup).join(inside));
        fs::create_dir_all(&folder).unwrap();
        let copied: Vec<_> = names.iter().map(String::as_str).chain(["common"]).collect();
        let from = if setup.ends_with("written") { starters.clone() } else { path("crates") };
        for name in &copied {
            run("cp", &["-r", from.join(name).to_str().unwrap(), "."], &folder).success();
        }
        if inside.is_empty() {
            for name in &names {
                write(&folder.join(name).join("Cargo.lock"), &lock);
            }
            continue;
        }
        let mut members: Vec<_> = copied.iter().map(|name| format!("{inside}/{name}")).collect();
        if setup.join("app").exists() {
            members.push("app".to_owned());
        }
        workspace(&setup, &members.iter().map(String::as_str).collect::<Vec<_>>());
        write(&setup.join("Cargo.lock"), &lock);
    }
    for name in &names {
        let solution = text(&format!("crates/{name}/src/main.rs"));
        write(&root.join("written/written-starters").join(name).join("src/main.rs"), &solution);
    }
}

/// Everything that builds is one test, so that what waits in real time waits side by side.
#[test]
fn exercises_work_wherever_they_are_copied() {
    let made = elsewhere();
    copy_everywhere(made.path());
    let root = &elsewhere::keep(made.path(), "copies");
    let names = exercises();
    let cargo = |setup: &str, folder: &str, arguments: &[&str]| {
        let folder = root.join(setup).join(folder);
        let mut cargo = elsewhere::cargo(&folder, &format!("copies/{setup}"));
        cargo.args(arguments).assert().append_context("folder", folder.display().to_string())
    };
    // Without warnings, cargo says only what it compiles.
    let builds = |setup: &str, folder: &str| {
        cargo(setup, folder, &["test", "--no-run"]).success().stderr(contains("warning").not());
    };

    for name in &names {
        // Cargo also accepts them far away from this repository.
        let folder = made.path().join("alone").join(name);
        run(env!("CARGO"), &["tree", "--quiet", "--offline"], &folder).success();
        builds("alone", name);
    }
    for setup in ["foreign", "beside-rand", "written", "starters"] {
        builds(setup, "");
    }

    let is_starter = |name: &str| {
        assert!(!root.join(format!("starters/{name}/examples/{name}-starter.rs")).exists());
        let gap = format!("not written yet: {name}/src/main.rs:");
        let says = contains(&gap).and(contains("\n").count(1));
        cargo("starters", name, &["run", "-q"]).code(1).stdout("").stderr(says);
        // Its tests reach the gap directly, or through the program that they start.
        let tests = cargo("starters", name, &["test", "-q"]).failure();
        let output = tests.get_output();
        let says =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(says.contains(&gap), "{says}");
    };
    let is_exercise = |setup: &str, folder: &str, name: &str| {
        let folder = Path::new(folder).join(name);
        let folder = folder.to_str().unwrap();
        let version = format!("{name} 0.1.0\n");
        cargo(setup, folder, &["run", "-q", "--", "--version"]).stdout(version);
        cargo(setup, folder, &["test", "-q"]).success();
    };
    scope(|scope| {
        for name in &names {
            scope.spawn(|| is_starter(name));
            for (setup, folder) in COPIES {
                scope.spawn(move || is_exercise(setup, folder, name));
            }
        }
    });
}

#[test]
fn starters_are_their_solutions_without_the_bodies() {
    for name in exercises() {
        let outline = |file: &str| {
            let text = text(&format!("crates/{name}/{file}"));
            let outline = text.lines().filter(|line| {
                ["use ", "fn ", "async fn ", "#[tokio"].iter().any(|start| line.starts_with(start))
            });
            let first = text.lines().next().unwrap().to_owned();
            [first].into_iter().chain(outline.map(str::to_owned)).collect::<Vec<_>>()
        };
        assert_eq!(outline(&format!("examples/{name}-starter.rs")), outline("src/main.rs"));
    }
}

#[test]
fn the_readme_shows_the_first_gap_of_the_starter() {
    let starter = text("crates/chained/examples/chained-starter.rs");
    let mut gaps = starter.lines().zip(1..).filter(|(line, _)| line.contains("not_written!()"));
    let says = format!("`not written yet: src/main.rs:{}`", gaps.next().unwrap().1);
    assert!(text("README.md").contains(&says), "README.md does not show {says}");
}

#[test]
fn copy_explains_itself() {
    let here = path(".");
    for help in ["-h", "--help"] {
        let says = contains("Usage: scripts/copy").and(contains("Examples:\n"));
        copy(&[help], &here).success().stdout(says).stderr("");
    }
    copy(&["--list"], &here).success().stdout(exercises().join("\n") + "\n");

    let bad: [(&[&str], &str); 7] = [
        (&[], "give an exercise and a folder"),
        (&["chained"], "give an exercise and a folder"),
        (&["chained", "a", "b"], "give an exercise and a folder"),
        (&["common", "."], "exercise 'common'"),
        (&["rand chained", "."], "exercise 'rand chained'"),
        (&["chained", ""], "folder ''"),
        (&["--frob", "chained", "."], "option '--frob'"),
    ];
    let folder = elsewhere();
    for (arguments, problem) in bad {
        let says = contains(problem).and(contains("\n").count(1));
        copy(arguments, folder.path()).code(2).stdout("").stderr(says);
    }
    assert_eq!(files(folder.path()), BTreeSet::new());
}

/// Asserts that a copy is refused with exit code 1 and one line that names the problem, and changes
/// nothing in the folder.
fn refuses(arguments: &[&str], folder: &Path, problem: &str) {
    let before = files(folder);
    let says = contains(problem).and(contains("\n").count(1));
    copy(arguments, folder).code(1).stdout("").stderr(says);
    assert_eq!(files(folder), before, "after {arguments:?}");
}

#[test]
fn copy_refuses_rather_than_overwrite() {
    let folder = elsewhere();
    let folder = folder.path();
    write(&folder.join("a/chained/mine"), "");
    refuses(&["chained", "a"], folder, "a/chained: already exists");
    write(&folder.join("b/chained"), "");
    refuses(&["chained", "b"], folder, "b/chained: already exists");
    refuses(&["chained", "b/chained"], folder, "b/chained: not a folder");
    refuses(&["chained", "no/such"], folder, "no/such: ");
    fs::create_dir(folder.join("c")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("c/chained")).unwrap();
    refuses(&["chained", "c"], folder, "c/chained: already exists");
    fs::create_dir_all(folder.join("d/.copy")).unwrap();
    refuses(&["chained", "d"], folder, "d/.copy: another copy is in progress");

    // An identical `common` is shared, even after a build in it.
    copy(&["countsync", "new"], folder).success().stdout(contains("which was already there").not());
    write(&folder.join("new/common/Cargo.lock"), "");
    write(&folder.join("new/common/target/debug/build"), "");
    copy(&["rand", "new"], folder).success().stdout(contains("which was already there"));
    let lib = fs::read_to_string(folder.join("new/common/src/lib.rs")).unwrap();
    write(&folder.join("new/common/src/lib.rs"), &lib.replacen('.', "!", 1));
    refuses(&["chained", "new"], folder, "new/common: already exists and differs");
    write(&folder.join("new/common/src/lib.rs"), "// mine\n");
    refuses(&["chained", "new"], folder, "new/common: already exists and differs");
    assert_eq!(fs::read_to_string(folder.join("new/common/src/lib.rs")).unwrap(), "// mine\n");
    write(&folder.join("e/common"), "");
    refuses(&["chained", "e"], folder, "e/common: already exists and differs");
}

#[test]
fn copy_takes_only_what_git_tracks() {
    let root = elsewhere();
    let root = root.path();
    let repository = root.join("repository");
    workspace(&repository, &["crates/*"]);
    for copied in ["Cargo.lock", "scripts", "crates/copy", "crates/common", "crates/countsync"] {
        let (from, to) = (path(copied), repository.join(copied));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        run("cp", &["-r", from.to_str().unwrap(), to.to_str().unwrap()], root).success();
    }
    let copy = |repository: &Path, destination: &str| {
        Command::new(repository.join("scripts/copy"))
            .args(["countsync", destination])
            .current_dir(root)
            .env("CARGO_NET_OFFLINE", "true")
            // Kept, so that the dependencies of `copy` compile only once.
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("copy"))
            .assert()
    };
    copy(&repository, "new")
        .code(1)
        .stderr(contains("not a git checkout").and(contains("\n").count(1)));
    assert!(!root.join("new").exists());

    run("git", &["init", "-q"], &repository).success();
    run("git", &["add", "."], &repository).success();
    let mut tracked = files(&repository.join("crates"));
    tracked.retain(|file| !file.starts_with("copy"));
    write(&repository.join("crates/countsync/target/debug/countsync"), "");
    write(&repository.join("crates/countsync/src/notes"), "");
    write(&repository.join("crates/common/notes"), "");
    copy(&repository, "new").success();
    assert_eq!(files(&root.join("new")), tracked);

    // Cargo does not recompile a repository that has been moved.
    let moved = root.join("moved");
    fs::rename(&repository, &moved).unwrap();
    copy(&moved, "another").success().stdout(contains("moved/scripts/check"));
    fs::rename(&moved, &repository).unwrap();

    // If a tracked file is missing, nothing is copied.
    fs::remove_file(repository.join("crates/countsync/tests/countsync.rs")).unwrap();
    copy(&repository, "other").code(1).stderr(contains("tests/countsync.rs"));
    assert!(!root.join("other").exists());
}

/// Asserts that the copy is made with these lines to add to the workspace, and that cargo accepts
/// the copy once `add` has added them.
fn lands(root: &Path, arguments: &[&str], lines: &str, add: impl Fn(&str) -> String) {
    copy(arguments, root).success().stdout(contains(lines)).stderr("");
    let manifest = root.join("Cargo.toml");
    fs::write(&manifest, add(&fs::read_to_string(&manifest).unwrap())).unwrap();
    let metadata = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let folder = root.join(arguments[1]).join(arguments[0]);
    run(env!("CARGO"), &metadata, &folder).success();
}

#[test]
fn copy_says_which_lines_to_add_to_a_workspace() {
    let root = elsewhere();
    let root = fs::canonicalize(root.path()).unwrap();
    let same = str::to_owned;
    let none = "no lines to add.\n";

    let list = root.join("a list");
    package(&list.join("app"), "app", "");
    workspace(&list, &["app"]);
    let manifest = list.join("Cargo.toml").display().to_string();
    let lines = "    \"new/common\",\n    \"new/chained\",\n";
    lands(&list, &["chained", "new"], &format!("Add to members in {manifest}:\n{lines}"), |text| {
        text.replace("\"app\"", &format!("\"app\",\n{lines}"))
    });
    // `common` is listed by now.
    let lines = "    \"new/rand\",\n";
    lands(&list, &["rand", "new"], &format!("Add to members in {manifest}:\n{lines}"), |text| {
        text.replace("\"app\",", &format!("\"app\",\n{lines}"))
    });

    let glob = root.join("glob");
    package(&glob.join("crates/app"), "app", "");
    workspace(&glob, &["crates/*"]);
    lands(&glob, &["chained", "crates"], none, same);
    refuses(&["rand", "crates/new"], &glob, "treats this folder as a package");
    fs::create_dir(glob.join("crates/there")).unwrap();
    refuses(&["rand", "crates/there"], &glob, "treats this folder as a package");

    let listed_before = root.join("listed before");
    workspace(&listed_before, &["chained"]);
    lands(&listed_before, &["chained", "."], none, same);

    let excluded = root.join("excluded");
    package(&excluded.join("common"), "common", "");
    workspace(&excluded, &["common"]);
    let exclude = |text: &str| format!("{text}exclude = [\"new\"]\n");
    let manifest = excluded.join("Cargo.toml");
    fs::write(&manifest, exclude(&fs::read_to_string(&manifest).unwrap())).unwrap();
    lands(&excluded, &["chained", "new"], none, same);

    let one_package = root.join("one package");
    package(&one_package, "app", "");
    lands(&one_package, &["chained", "."], none, same);

    let its_own_workspace = root.join("its own workspace");
    package(&its_own_workspace, "app", "[workspace]\n");
    let lines = "members = [\n    \"common\",\n    \"chained\",\n]\n";
    lands(&its_own_workspace, &["chained", "."], lines, |text| format!("{text}{lines}"));

    // What the inner workspace excludes, cargo looks up in the outer one.
    let outer = root.join("outer");
    package(&outer.join("app"), "app", "");
    workspace(&outer, &["app"]);
    let inner = outer.join("inner");
    package(&inner, "inner", "[workspace]\nexclude = [\"new\"]\n");
    let lines = "    \"inner/new/common\",\n    \"inner/new/chained\",\n";
    let says = format!("Add to members in {}:\n{lines}", outer.join("Cargo.toml").display());
    lands(&outer, &["chained", "inner/new"], &says, |text| {
        text.replace("\"app\"", &format!("\"app\",\n{lines}"))
    });
}

#[test]
fn copy_breaks_no_workspace() {
    let root = elsewhere();
    let root = root.path();
    package(&root.join("crates/app"), "app", "");
    // Its glob matches the folder `examples` of a copy.
    workspace(root, &["crates/**/[ae]*"]);
    let before = files(root);
    let says = contains("cargo cannot load").and(contains("chained/examples"));
    copy(&["chained", "crates/new"], root).code(1).stdout("").stderr(says);
    assert_eq!(files(root), before);

    // It is not up to the copy to fix a workspace that is already broken.
    workspace(root, &["crates/app", "gone"]);
    copy(&["chained", "crates/new"], root)
        .success()
        .stdout(contains("Cargo cannot load it there").and(contains("gone")));
}

#[test]
fn copy_reports_a_package_of_the_same_name_and_takes_nothing_there() {
    let root = elsewhere();
    for taken in ["chained", "common"] {
        let list = root.path().join(taken).join("list");
        package(&list.join("theirs"), taken, "");
        workspace(&list, &["theirs"]);
        let problem = format!("theirs/Cargo.toml: the workspace already has this package {taken}");
        refuses(&["chained", "new"], &list, &problem);
        let glob = root.path().join(taken).join("glob");
        package(&glob.join("crates/theirs"), taken, "");
        workspace(&glob, &["crates/*"]);
        refuses(&["chained", "crates"], &glob, &problem);
        // Cargo cannot load a workspace that lists what is not there yet.
        workspace(&list, &["t*", "new/chained", "new/common"]);
        refuses(&["chained", "new"], &list, &problem);
    }
    refuses(&["chained", path("tests").to_str().unwrap()], root.path(), "this package chained");
    assert!(!path("tests/chained").exists());
}

#[test]
fn copy_says_how_to_run_rand_beside_the_crate_rand() {
    let root = elsewhere();
    let root = root.path();
    package(&root.join("app"), "app", "[dependencies]\nrand = \"0.10\"\n");
    workspace(root, &["app"]);
    let note = contains("the crate rand from crates.io");
    let next = contains("/new/rand\n  cargo run\n  cargo test\n");
    copy(&["rand", "new"], root).success().stdout(note.and(next));
    copy(&["chained", "new"], root).success().stdout(contains("crates.io").not());

    // Another crate may depend on it, which only the lockfile tells.
    let root = &root.join("indirect");
    package(&root.join("app"), "app", "");
    workspace(root, &["app"]);
    let note = || contains("the crate rand from crates.io");
    copy(&["rand", "without"], root).success().stdout(note().not());
    write(&root.join("Cargo.lock"), &text("Cargo.lock"));
    copy(&["rand", "with"], root).success().stdout(note());
}

#[test]
fn copy_ends_with_the_next_commands() {
    let root = elsewhere();
    let root = fs::canonicalize(root.path()).unwrap();
    for name in exercises() {
        let folder = root.join(&name).display().to_string().replace(' ', "\\ ");
        let check = fs::canonicalize(path("scripts")).unwrap().join("check");
        let check = check.display().to_string().replace(' ', "\\ ");
        let next = format!(
            "\nNext:\n  cd {folder}\n  cargo run\n  cargo test\n  \
             {check} --allow-read ../common {name} -- cargo run -q\n"
        );
        copy(&[&name, "."], &root).success().stdout(predicate::str::ends_with(next)).stderr("");
    }
}

/// The commands that it prints for a starter, as they are: the checker finds the first gap.
#[test]
fn the_check_that_is_printed_for_a_starter_works() {
    let root = elsewhere();
    let root = fs::canonicalize(root.path()).unwrap();
    let copied = copy(&["--starter", "countasync", "."], &root).success();
    let printed = String::from_utf8(copied.get_output().stdout.clone()).unwrap();
    let (_, next) = printed.split_once("\nNext:\n").unwrap();
    let commands: Vec<_> = next.lines().map(str::trim).collect();
    let [change_folder, "cargo run", "cargo test", check] = commands[..] else {
        panic!("{commands:?}")
    };
    let typed = format!("{change_folder} && cargo generate-lockfile --offline && {check}");
    run("bash", &["-c", &typed], &root).code(1).stdout(contains("seen      \"not written yet: "));
}

/// When several copies go into a folder at the same time, each is made completely or refused.
#[test]
fn copies_at_the_same_time_do_not_mix() {
    let root = elsewhere();
    let root = root.path();
    let outputs = scope(|scope| {
        let copies = exercises().into_iter().chain(exercises()).map(|name| {
            scope.spawn(move || {
                let mut copy = Command::new(path("scripts/copy"));
                let output = copy.args([&*name, "new"]).current_dir(root).output().unwrap();
                (name, output)
            })
        });
        let copies: Vec<_> = copies.collect();
        copies.into_iter().map(|copy| copy.join().unwrap()).collect::<Vec<_>>()
    });
    let mut expected = BTreeSet::new();
    for (name, output) in outputs {
        if output.status.success() {
            assert!(expected.insert(name.clone()), "{name} was copied twice");
        } else {
            let says = String::from_utf8_lossy(&output.stderr);
            let refused =
                says.contains("another copy is in progress") || says.contains("already exists");
            assert!(output.status.code() == Some(1) && refused, "{says}");
        }
    }
    assert!(!expected.is_empty(), "all were refused");
    expected.insert("common".to_owned());
    let there = root.join("new").read_dir().unwrap();
    let there: BTreeSet<_> =
        there.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, expected);
}

/// A signal while git lists the files, and while cargo is asked about the copy in its place.
#[test]
fn an_interrupted_copy_leaves_nothing_behind() {
    for (signal, code) in [("INT", 130), ("HUP", 129), ("TERM", 143)] {
        interrupt(signal, code, "git", "ls-files", "new/.copy");
        interrupt(signal, code, "cargo", "metadata", "new/chained");
    }
}

/// Starts a copy, and interrupts it once a tool has been asked a question that it never answers. By
/// then, `place` exists.
fn interrupt(signal: &str, code: i32, tool: &str, question: &str, place: &str) {
    let root = elsewhere();
    let root = root.path();
    let tools = root.join("tools");
    let search = std::env::var("PATH").unwrap();
    // Only this one question is slow: the script itself also runs cargo, and both pass the search
    // path on to what they run.
    let fake = format!(
        "#!/bin/sh\ncase \" $* \" in *\" {question} \"*)\ntouch '{tools}/started'\nsleep 60\nesac\n\
         exec \"$(PATH='{search}' command -v {tool})\" \"$@\"\n",
        tools = tools.display()
    );
    write(&tools.join(tool), &fake);
    run("chmod", &["+x", tools.join(tool).to_str().unwrap()], root).success();

    let mut copy = process::Command::new(path("scripts/copy"))
        .args(["chained", "new"])
        .current_dir(root)
        .env("PATH", format!("{}:{search}", tools.display()))
        .process_group(0)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !tools.join("started").exists() {
        assert_eq!(copy.try_wait().unwrap(), None, "it ended before it was interrupted");
        sleep(Duration::from_millis(10));
    }
    assert!(
        root.join(place).exists(),
        "the tool was not started at the point that this test needs"
    );
    refuses(&["rand", "new"], root, "another copy is in progress");
    // Ctrl-C also reaches the tool; other signals need not.
    let group = format!("-{}", copy.id());
    let receiver = if signal == "INT" { &group } else { &group[1..] };
    run("kill", &[&format!("-{signal}"), "--", receiver], root).success();
    let deadline = Instant::now() + Duration::from_secs(30);
    while copy.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "after SIG{signal} in {tool}, it is still running");
        sleep(Duration::from_millis(10));
    }
    // The tool's own children, if any is left.
    run("kill", &["-KILL", "--", &group], root);
    assert_eq!(copy.wait().unwrap().code(), Some(code), "after SIG{signal} in {tool}");
    assert!(!root.join("new").exists(), "after SIG{signal} in {tool}");
}
