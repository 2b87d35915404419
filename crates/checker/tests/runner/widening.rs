//! What a learner wrote opens no other folder to the program: names of files and folders, links, the
//! `#!` line, files that look like those of a version manager or a virtual environment.

use crate::{Call, write_file};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use tempfile::TempDir;

/// Prints the secret, if it can read it.
const PROGRAM: &str = "#!/usr/bin/python3
'''
exec /x/y exec z
'''
print('One', flush=True)
for path in ['TOP/class/bob/secret', 'TOP/exams/secret', 'TOP/class/secret']:
    try: print(open(path).read())
    except OSError as error: print('kept out')
";

const SECRET: &str = "this is the secret";

/// A class whose folder is on nobody's way, and the teacher's exams.
struct Class(TempDir);

impl Class {
    fn new() -> Self {
        let class = Self(tempfile::tempdir().expect("a folder"));
        for folder in ["class", "class/bob", "exams"] {
            class.file(&format!("{folder}/secret"), SECRET);
        }
        class.file("class/bob/lib/x", "").file("class/lib/x", "");
        class
    }

    fn top(&self) -> PathBuf {
        self.0.path().canonicalize().expect("it is there")
    }

    /// Makes an executable file. `TOP` is the folder above the class.
    fn file(&self, path: &str, text: &str) -> &Self {
        let top = self.top().display().to_string();
        let path = self.top().join(path);
        write_file(&path, &text.replace("TOP", &top));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        self
    }

    fn link(&self, path: &str, target: &str) -> &Self {
        symlink(target, self.top().join(path)).expect("a new link");
        self
    }

    /// What the checker says, if it is started above the class.
    fn said(&self, arguments: &str) -> String {
        let mut call = Call::new(&format!("countasync --verbose {arguments}"));
        call.command.current_dir(self.top());
        let answer = call.answer();
        answer.stdout + &answer.stderr
    }

    /// Makes sure that the program runs, and reads no secret.
    fn is_kept_out(&self, arguments: &str) {
        let said = self.said(arguments);
        assert_eq!(said.matches("  kept out\n").count(), 3, "{arguments}: {said}");
        assert!(!said.contains(SECRET), "{arguments}: {said}");
    }

    /// Makes sure that it is not run, and what to do is said.
    fn is_refused(&self, arguments: &str, fix: &str) {
        let said = self.said(arguments);
        let fix = fix.replace("TOP", &self.top().display().to_string());
        assert!(said.contains(&fix), "{arguments}: {said}");
        assert!(!said.contains("  kept out\n") && !said.contains(SECRET), "{arguments}: {said}");
    }
}

#[test]
fn a_file_that_looks_like_a_shim_or_an_installation_opens_nothing() {
    let class = Class::new();
    class.file("class/shims/countasync", PROGRAM).file("class/bin/countasync", PROGRAM);
    class.file("class/alice/volta-shim", PROGRAM).link("class/alice/countasync", "volta-shim");
    for folder in ["shims", "bin", "alice"] {
        class.is_kept_out(&format!("-- class/{folder}/countasync"));
        class.is_kept_out(&format!("--dir class/{folder}"));
    }
}

#[test]
fn the_first_line_of_a_script_and_a_virtual_environment_open_no_other_learners_folder() {
    let class = Class::new();
    class.file("class/bob/python3", "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n");
    let others = PROGRAM.replace("/usr/bin/python3", "TOP/class/bob/python3");
    class.file("class/alice/countasync.py", &others);
    class.is_kept_out("-- python3 class/alice/countasync.py");
    class.is_refused("-- class/alice/countasync.py", "add --allow-read TOP/class/bob/python3");

    class.file("class/dan/countasync.py", PROGRAM).file("class/dan/lib/x", "");
    class.file("class/dan/pyvenv.cfg", "home = TOP/class/bob\n");
    class.is_kept_out("-- class/dan/countasync.py");
    class.is_kept_out("--dir class/dan");
}

#[test]
fn a_link_out_of_its_folder_opens_nothing_unless_that_is_allowed() {
    let class = Class::new();
    class.file("class/bob/count.py", PROGRAM).file("class/alice/count.py", PROGRAM);
    class.link("class/alice/bobs.py", "../bob/count.py").link("class/alice/data", "../../exams");
    for (command, target) in [
        ("python3 class/alice/bobs.py", "class/bob/count.py"),
        ("python3 class/alice/count.py class/alice/data", "exams"),
        ("python3 class/alice/count.py class/alice/data/secret", "exams"),
    ] {
        class.is_refused(&format!("-- {command}"), &format!("add --allow-read TOP/{target}"));
    }
    // Only what was allowed is read.
    class.is_kept_out("--allow-read class/bob/count.py -- python3 class/alice/bobs.py");
    let said = class.said("--allow-read exams -- python3 class/alice/count.py class/alice/data");
    assert_eq!(said.matches("  kept out\n").count(), 2, "{said}");
    assert_eq!(said.matches(SECRET).count(), 1, "{said}");
}

#[test]
fn the_name_of_a_folder_is_no_list_of_folders() {
    let class = Class::new();
    let top = class.top().display().to_string();
    let member = format!("class/alice/x={top}/exams");
    let manifest = format!("[workspace]\nmembers = [\"x={top}/exams\"]\nresolver = \"3\"\n");
    class.file("class/alice/Cargo.toml", &manifest);
    let manifest = "[package]\nname = \"countasync\"\nedition = \"2024\"\n";
    class.file(&format!("{member}/Cargo.toml"), manifest);
    let main = "fn main() {
        println!(\"One\");
        for path in [\"TOP/class/bob/secret\", \"TOP/exams/secret\", \"TOP/class/secret\"] {
            println!(\"{}\", std::fs::read_to_string(path).unwrap_or(\"kept out\".into()));
        }
    }";
    class.file(&format!("{member}/src/main.rs"), main);
    class.is_kept_out("--dir class/alice");
}

/// A teacher's settings of cargo: a mirror, which it needs, and perhaps passwords.
#[test]
fn settings_of_cargo_with_a_password_stay_outside() {
    let class = Class::new();
    let mirror = "[source.crates-io]\nreplace-with = 'mirror'\n\
                  [source.mirror]\ndirectory = 'TOP/mirror'\n";
    let dependency = "[package]\nname = \"far\"\nversion = \"1.0.0\"\nedition = \"2024\"\n";
    class.file("mirror/far/Cargo.toml", dependency).file("mirror/far/src/lib.rs", "");
    class.file("mirror/far/.cargo-checksum.json", "{\"files\":{},\"package\":null}");
    let manifest = "[package]\nname = \"countasync\"\nedition = \"2024\"\n";
    let with_far = format!("{manifest}[dependencies]\nfar = \"1\"\n");
    class.file("class/alice/Cargo.toml", &with_far).file("class/dan/Cargo.toml", manifest);
    for learner in ["alice", "dan"] {
        class.file(&format!("class/{learner}/src/main.rs"), "fn main() { println!(\"One\") }");
        let script = "fn main() {
            let settings = std::env::var(\"CARGO_HOME\").unwrap() + \"/config.toml\";
            let text = std::fs::read_to_string(settings).unwrap_or_default();
            println!(\"cargo::warning={}\", text.replace('\\n', \" \"));
        }";
        class.file(&format!("class/{learner}/build.rs"), script);
    }
    let said = |options: &str| {
        let mut call = Call::new(&format!("countasync --verbose {options}"));
        call.command.current_dir(class.top()).env("CARGO_HOME", class.top().join("cargo"));
        let answer = call.answer();
        answer.stdout + &answer.stderr
    };
    class.file("cargo/config.toml", mirror);
    let alice = said("--allow-read mirror --dir class/alice");
    assert!(alice.contains("  One\n"), "{alice}");

    class.file("cargo/config.toml", &format!("{mirror}[env]\nPASSWORD = '{SECRET}'\n"));
    let dan = said("--dir class/dan");
    assert!(dan.contains("  One\n") && !dan.contains(SECRET), "{dan}");
    let alice = said("--allow-read mirror --dir class/alice");
    let fix = format!("add --allow-read {}/cargo/config.toml", class.top().display());
    assert!(alice.contains(&fix) && !alice.contains("  One\n"), "{alice}");
    let alice = said("--allow-read mirror --allow-read cargo/config.toml --dir class/alice");
    assert!(alice.contains("  One\n"), "{alice}");
}
