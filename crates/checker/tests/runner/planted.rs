//! What a learner may have put where a file is expected: links, pipes, devices. Nothing is read or
//! written through them.

use crate::{CHECKER, Call, GOOD, write_file};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

const SECRET: &str = "print('the secret')";

/// A class with two learners, and a file that is none of theirs.
struct Class(TempDir);

impl Class {
    fn new() -> Self {
        let class = Self(tempfile::tempdir().expect("a folder"));
        class.file("secret.py", SECRET);
        class.file("bob/countasync.py", SECRET);
        class
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn file(&self, path: &str, text: &str) {
        write_file(&self.at(path), text);
    }

    fn link(&self, path: &str, target: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        symlink(target, path).expect("a new link");
    }

    fn package(&self, path: &str, target: &str) {
        let manifest = format!("[package]\nname = \"countasync\"\nedition = \"2024\"\n{target}");
        self.file(&format!("{path}/Cargo.toml"), &manifest);
    }

    fn check(&self, learner: &str) -> crate::Answer {
        let mut call = Call::new("countasync --verbose --dir");
        call.command.arg(self.at(learner));
        call.answer()
    }
}

#[test]
fn an_answer_that_leads_to_somebody_elses_file_is_refused() {
    let class = Class::new();
    class.link("alice/countasync.py", "../secret.py");
    class.link("carol/countasync.py", "../bob/countasync.py");
    class.link("dave/countasync", "../bob/package");
    class.package("bob/package", "");
    class.file("bob/package/src/main.rs", "fn main() {}");
    class
        .package("erin/countasync", "[[bin]]\nname = \"countasync\"\npath = \"../../secret.py\"\n");
    class.package("frank", "");
    class.link("frank/src/main.rs", "../../secret.py");
    for learner in ["alice", "carol", "dave", "erin", "frank"] {
        let answer = class.check(learner);
        assert_eq!(answer.code, 2, "{learner}: {}{}", answer.stdout, answer.stderr);
        let why = format!("leads out of {}", class.at(learner).display());
        assert!(answer.stdout.contains(&why), "{learner}: {}{}", answer.stdout, answer.stderr);
        for text in [&answer.stdout, &answer.stderr] {
            assert!(!text.contains(SECRET), "{learner}: {text}");
        }
    }
}

#[test]
fn an_answer_may_be_a_link_within_its_folder() {
    let class = Class::new();
    class.link("alice/countasync.py", "code/mine.py");
    class.file("alice/code/mine.py", "print('One')");
    let answer = class.check("alice");
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("0  One"), "{}", answer.stdout);
}

#[test]
fn a_pipe_in_place_of_an_answer_keeps_nobody_waiting() {
    let class = Class::new();
    for pipe in ["alice/countasync.py", "alice/countasync", "carol/countasync/Cargo.toml"] {
        let path = class.at(pipe);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        mkfifo(&path, Mode::S_IRWXU).expect("a pipe");
    }
    for learner in ["alice", "carol"] {
        let answer = class.check(learner);
        assert_eq!(answer.code, 2, "{learner}: {}{}", answer.stdout, answer.stderr);
        assert!(answer.stderr.contains("no answer to countasync"), "{learner}: {}", answer.stderr);
    }
    for clock in ["auto", "real"] {
        let mut call = Call::new(&format!("countasync --clock {clock} --"));
        call.command.arg(class.at("alice/countasync"));
        let answer = call.answer();
        assert_eq!(answer.code, 2, "{clock}: {}{}", answer.stdout, answer.stderr);
    }
}

/// The options that name a new file.
const OPTIONS: [&str; 2] = ["--output=", "--report=json="];

/// The report is about a program that runs for a second: no time is lost if it cannot be written.
fn report_at(option: &str, output: &Path) -> crate::Answer {
    let mut call = Call::new("countasync");
    call.command.arg(format!("{option}{}", output.display()));
    call.impostor(GOOD).answer()
}

#[test]
fn a_report_is_written_through_no_link_and_to_no_pipe_or_device() {
    let class = Class::new();
    fs::create_dir(class.at("teacher")).expect("it can be made");
    class.link("alice/report", "../teacher/report");
    class.link("alice/there", "../secret.py");
    class.link("alice/reports", "../teacher");
    class.link("carol", "teacher");
    fs::create_dir(class.at("teacher/inner")).expect("it can be made");
    mkfifo(&class.at("alice/pipe"), Mode::S_IRWXU).expect("a pipe");
    for (output, why) in [
        ("alice/report", "this file already exists"),
        ("alice/there", "this file already exists"),
        ("alice/pipe", "this file already exists"),
        ("/dev/null", "this file already exists"),
        ("alice/reports/report", "alice/reports is a link: name the folder that it leads to"),
        ("alice/reports/inner/report", "alice/reports is a link"),
        ("carol/report", "carol is a link"),
    ] {
        for option in OPTIONS {
            let answer = report_at(option, &class.at(output));
            assert_eq!((answer.code, &*answer.stdout), (2, ""), "{output}: {}", answer.stderr);
            assert!(answer.stderr.contains(why), "{output}: {}", answer.stderr);
        }
    }
    assert_eq!(fs::read_to_string(class.at("secret.py")).expect("it is there"), SECRET);
    let left = fs::read_dir(class.at("teacher")).expect("a folder").count();
    assert_eq!(left, 1, "only the folder inner");
    for (option, name) in OPTIONS.into_iter().zip(["report", "other"]) {
        let path = class.at("teacher/inner/../inner").join(name);
        assert_eq!(report_at(option, &path).code, 0);
        assert!(class.at("teacher/inner").join(name).is_file());
    }
}

/// Building a stranger's package runs a stranger's code.
#[test]
fn a_package_is_built_in_a_cage() {
    let script = "fn main() {
        let outside = std::path::Path::new(env!(\"CARGO_MANIFEST_DIR\")).join(\"../..\");
        let _ = std::fs::write(outside.join(\"written\"), \"\");
        let _ = std::fs::write(outside.join(\"alice/countasync/written\"), \"\");
        if let Ok(text) = std::fs::read_to_string(outside.join(\"secret.py\")) {
            panic!(\"{text}\");
        }
        println!(\"cargo:rustc-env=NAME=built\");
    }";
    let class = Class::new();
    for learner in ["alice", "carol"] {
        class.package(&format!("{learner}/countasync"), "");
    }
    class.file("alice/countasync/build.rs", script);
    class.file("alice/countasync/src/main.rs", "fn main() { println!(\"{}\", env!(\"NAME\")); }");
    let text = "fn main() { println!(include_str!(\"../../../secret.py\")); }";
    class.file("carol/countasync/src/main.rs", text);
    let is_written = || ["written", "alice/countasync/written"].map(|path| class.at(path).exists());

    let answer = class.check("alice");
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("  built\n"), "{}{}", answer.stdout, answer.stderr);
    assert_eq!(is_written(), [false, false]);
    let answer = class.check("carol");
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(
        answer.stdout.contains("could not be started: cargo build failed"),
        "{}",
        answer.stdout
    );
    assert!(!answer.stderr.contains("the secret"), "{}", answer.stderr);
    // The report says why, as well.
    let why = "carol/countasync/Cargo.toml: error: couldn't read `";
    assert!(answer.stdout.contains(why) && answer.stdout.contains(" --> "), "{}", answer.stdout);

    // Without a cage, it does all of that.
    let mut call = Call::new("countasync --cage off --dir");
    call.command.arg(class.at("alice"));
    let answer = call.answer();
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("the secret"), "{}", answer.stderr);
    assert_eq!(is_written(), [true, true]);
}

/// What a learner's settings name instead of a compiler or of cargo runs only in the cage.
#[test]
fn cargo_is_asked_about_a_package_without_heeding_its_settings() {
    let class = Class::new();
    let ran = class.at("alice/ran").display().to_string();
    let evil =
        format!("#!/bin/sh\ntouch {ran} && echo '{ran}' >&2\necho 'refused' >&2\nexec \"$@\"\n");
    class.package("alice", "[workspace]\n");
    class.file("alice/src/main.rs", "fn main() {}");
    for path in ["evil", "toolchain/bin/rustc", "toolchain/bin/cargo"] {
        class.file(&format!("alice/{path}"), &evil);
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(class.at("alice").join(path), mode).expect("it is ours");
    }
    let wrapper = format!("[build]\nrustc-wrapper = \"{}\"\n", class.at("alice/evil").display());
    let toolchain = class.at("alice/toolchain").display().to_string();
    let toolchain = format!("[toolchain]\npath = \"{toolchain}\"\n");
    for (settings, text) in [(".cargo/config.toml", wrapper), ("rust-toolchain.toml", toolchain)] {
        class.file(&format!("alice/{settings}"), &text);
        for arguments in ["countasync --verbose --dir .", "countasync --verbose -- cargo run"] {
            // What is built already needs no compiler.
            let _ = fs::remove_dir_all(class.at("alice/target"));
            let mut call = Call::new(arguments);
            call.command.current_dir(class.at("alice"));
            // Those of the machine that runs the tests.
            call.command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
            let answer = call.answer();
            let said = answer.stdout + &answer.stderr;
            assert!(!class.at("alice/ran").exists(), "{settings}: {arguments}: {said}");
            // A package of `--dir` is built without heeding them at all.
            let heeds = arguments.ends_with("cargo run");
            assert_eq!(said.contains("refused"), heeds, "{settings}: {arguments}: {said}");
        }
        fs::remove_file(class.at("alice").join(settings)).expect("it is ours");
    }
}

/// A manifest opens no folder of somebody else; whoever starts the checker does.
#[test]
fn a_package_that_depends_on_a_folder_beside_it_has_to_be_allowed_to_read_that() {
    let class = Class::new();
    class.package("learn/countasync", "[dependencies]\ncommon = { path = \"../common\" }\n");
    class.file("learn/countasync/src/main.rs", "fn main() { println!(\"{}\", common::TEXT); }");
    let manifest = "[package]\nname = \"common\"\nedition = \"2024\"\n";
    class.file("learn/common/Cargo.toml", manifest);
    class.file("learn/common/src/lib.rs", "pub const TEXT: &str = \"it is shared\";");
    for (folder, option, way) in [
        ("learn/countasync", "../common", "-- cargo run -q"),
        ("learn/countasync", "../common", "--dir ."),
        ("learn", "common", "--dir countasync"),
    ] {
        let check = |allowed: &str| {
            let mut call = Call::new(&format!("countasync --verbose {allowed} {way}"));
            call.command.current_dir(class.at(folder));
            call.answer()
        };
        let answer = check("");
        let fix = format!("--allow-read {option}");
        let why = format!("it depends on {option}, which is outside of its folder: {fix}\n");
        assert_eq!(answer.code, 2, "{way}: {}{}", answer.stdout, answer.stderr);
        assert!(answer.stdout.contains(&why), "{way}: {}{}", answer.stdout, answer.stderr);
        let answer = check(&fix);
        assert_eq!(answer.code, 1, "{way}: {}{}", answer.stdout, answer.stderr);
        assert!(answer.stdout.contains("  it is shared\n"), "{way}: {}", answer.stdout);
    }
}

/// Where its learner has started it.
#[test]
fn an_answer_is_started_in_its_folder() {
    let class = Class::new();
    class.file("alice/words.txt", "One\n");
    class.file("alice/countasync.sh", "cat words.txt; pwd");
    class.package("carol/countasync", "");
    let main = "fn main() { print!(\"{}\", std::fs::read_to_string(\"words.txt\").unwrap()) }";
    class.file("carol/countasync/src/main.rs", main);
    class.file("carol/countasync/words.txt", "One\n");
    for learner in ["alice", "carol"] {
        for cage in ["require", "off"] {
            let mut call =
                Call::new(&format!("countasync --verbose --cage {cage} --dir {learner}"));
            call.command.current_dir(class.at(""));
            let answer = call.answer();
            let said = answer.stdout + &answer.stderr;
            assert_eq!(answer.code, 1, "{learner}, {cage}: {said}");
            assert!(said.contains("  One\n"), "{learner}, {cage}: {said}");
        }
    }
}

/// Runs the checker, and does something as soon as it has started a process of its own in this mode.
/// Returns what it said. On a busy machine, that process may have ended before it is seen: then the
/// checker runs again.
#[cfg(target_os = "linux")]
fn check_meanwhile(arguments: &[&str], mode: &str, does: impl FnOnce()) -> String {
    const TRIES: u32 = 20;
    let checker = (0..TRIES).find_map(|_| checker_seen_in(arguments, mode)).expect("it starts one");
    does();
    let output = checker.wait_with_output().expect("it ends");
    [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
}

/// The checker, as soon as it has started such a process. None if it has ended before that was seen.
#[cfg(target_os = "linux")]
fn checker_seen_in(arguments: &[&str], mode: &str) -> Option<Child> {
    let mut checker = Command::new(CHECKER)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let parent = format!("PPid:\t{}", checker.id());
    let is_its = |process: &Path| {
        let read = |name: &str| fs::read_to_string(process.join(name)).unwrap_or_default();
        read("cmdline").starts_with(&format!("checker\0{mode}"))
            && read("status").lines().any(|line| line == parent)
    };
    loop {
        let processes = fs::read_dir("/proc").expect("it is there").flatten();
        if processes.into_iter().any(|process| is_its(&process.path())) {
            return Some(checker);
        }
        if checker.try_wait().expect("it is ours").is_some() {
            return None;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// A process of a learner's may change the folder while it is checked.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_is_replaced_by_a_link_while_it_is_checked_opens_nothing() {
    let class = Class::new();
    class.file("teacher/countasync.py", SECRET);
    class.file("alice/code/countasync.py", "import time\ntime.sleep(1)\nprint('hers')");
    let (folder, away) = (class.at("alice/code"), class.at("alice/away"));
    let answer = folder.join("countasync.py").display().to_string();
    for layer in [&[][..], &["--cage-without", "namespaces"]] {
        let arguments =
            [&["countasync", "--verbose"][..], layer, &["--", "python3", &answer]].concat();
        let said = check_meanwhile(&arguments, "record", || {
            fs::rename(&folder, &away).expect("it is there");
            symlink(class.at("teacher"), &folder).expect("a new link");
        });
        assert!(!said.contains("the secret"), "{layer:?}: {said}");
        fs::remove_file(&folder).expect("a link");
        fs::rename(&away, &folder).expect("it is there");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_build_writes_nothing_where_its_folder_is_replaced_by_a_link() {
    let class = Class::new();
    class.package("alice/countasync", "[workspace]\n");
    class.file("alice/countasync/src/main.rs", "fn main() { println!(\"hers\"); }");
    let script = "fn main() {
        std::thread::sleep(std::time::Duration::from_secs(1));
        let _ = std::fs::write(std::path::Path::new(env!(\"CARGO_MANIFEST_DIR\"))
            .join(\"target/caged/grades\"), \"best\");
    }";
    class.file("alice/countasync/build.rs", script);
    class.file("teacher/grades", "as they were");
    let (caged, away) = (class.at("alice/countasync/target/caged"), class.at("alice/away"));
    let folder = class.at("alice").display().to_string();
    for layer in [&[][..], &["--cage-without", "namespaces"]] {
        let arguments = [&["countasync", "--verbose", "--dir", &folder][..], layer].concat();
        let said = check_meanwhile(&arguments, "build", || {
            fs::rename(&caged, &away).expect("it is there");
            symlink(class.at("teacher"), &caged).expect("a new link");
        });
        let left = fs::read_dir(class.at("teacher")).expect("it is there").count();
        assert_eq!(left, 1, "{layer:?}: {said}");
        let grades = fs::read_to_string(class.at("teacher/grades")).expect("it is there");
        assert_eq!(grades, "as they were", "{layer:?}: {said}");
        fs::remove_file(&caged).expect("a link");
        fs::rename(&away, &caged).expect("it is there");
    }
}

/// Cargo's errors quote what it has read.
#[test]
fn nothing_is_said_about_a_file_that_a_manifest_is_a_link_to() {
    let class = Class::new();
    class.file("key", "the secret key\n");
    class.link("alice/Cargo.toml", "../key");
    class.file("carol/Cargo.toml", "[workspace]\nmembers = [\"member\"]\n");
    class.link("carol/member/Cargo.toml", "../../key");
    for learner in ["alice", "carol"] {
        let answer = class.check(learner);
        let said = answer.stdout + &answer.stderr;
        assert_eq!(answer.code, 2, "{learner}: {said}");
        assert!(!said.contains("the secret"), "{learner}: {said}");
        assert!(said.contains("Cargo.toml"), "{learner}: {said}");
    }
}

#[test]
fn a_pipe_where_cargo_looks_keeps_nobody_waiting() {
    let class = Class::new();
    for (learner, pipe) in [
        ("alice", "Cargo.lock"),
        // A build script can leave one there. What a learner has handed in there is removed.
        ("carol", "target/caged/debug/left"),
        ("dave", "Cargo.toml"),
    ] {
        let package = format!("{learner}/countasync");
        class.package(&package, "[workspace]\n");
        class.file(&format!("{package}/src/main.rs"), "fn main() {}");
        if learner == "carol" {
            class.check(learner);
        }
        // As a member of what is not there.
        let pipe = match pipe {
            "Cargo.toml" => class.at(learner).join(pipe),
            _ => class.at(&package).join(pipe),
        };
        fs::create_dir_all(pipe.parent().expect("a folder")).expect("it can be made");
        mkfifo(&pipe, Mode::S_IRWXU).expect("a pipe");
        let answer = class.check(learner);
        let said = answer.stdout + &answer.stderr;
        assert_eq!(answer.code, 2, "{learner}: {said}");
        assert!(said.contains(&pipe.display().to_string()), "{learner}: {said}");
    }
}

/// A `Cargo.lock` lists the dependencies of each package.
#[test]
fn a_package_that_is_refused_leaves_nothing_about_what_it_depends_on() {
    let class = Class::new();
    let manifest = "[package]\nname = \"notes\"\nedition = \"2024\"\nversion = \"7.7.7\"\n";
    class.file("teacher/notes/Cargo.toml", manifest);
    class.file("teacher/notes/src/lib.rs", "");
    let dependency = "[workspace]\n[dependencies]\nnotes = { path = \"../../teacher/notes\" }\n";
    class.package("alice/countasync", dependency);
    class.file("alice/countasync/src/main.rs", "fn main() {}");
    let answer = class.check("alice");
    let said = answer.stdout + &answer.stderr;
    assert_eq!(answer.code, 2, "{said}");
    assert!(said.contains("which is outside of its folder"), "{said}");
    assert!(!class.at("alice/countasync/Cargo.lock").exists());
}
