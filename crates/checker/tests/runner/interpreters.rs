//! Programs in a cage whose interpreter is in a home folder: the checker finds it by itself.

use crate::{Call, write_file};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Needs a module beside it, and says which of its arguments it can read.
const PROGRAM: &str = "
import helper, os, sys
print('One', flush=True)
for path in sys.argv[1:]:
    try: print('read', path, len(open(path).read()))
    except OSError as error: print('not read', path, error.strerror)
";

/// A home folder with virtual environments and learners' programs.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a folder"));
        for options in [&["linked"][..], &["--copies", "copied"]] {
            let mut python = Command::new("python3");
            python.args(["-m", "venv", "--without-pip"]).args(options);
            let made = python.current_dir(home.path()).status().expect("python3");
            assert!(made.success());
        }
        // As learners have it beside their program.
        let from = home.path().join("linked/bin/python3");
        let mut python = Command::new(from);
        let made = python.args(["-m", "venv", "--without-pip", "class/alice/.venv"]);
        assert!(made.current_dir(home.path()).status().expect("python3").success());
        for path in ["class/alice/mine.py", "class/alice/package/__main__.py", "mine.py"] {
            home.file(path, PROGRAM);
        }
        for path in ["class/alice/helper.py", "class/bob/mine.py", "secret"] {
            home.file(path, "");
        }
        // A program right in a home folder cannot read the files beside it.
        home.file("mine.py", &PROGRAM.replace("helper, ", ""));
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path().join(path);
        write_file(&path, text);
        path
    }

    fn script(&self, path: &str, text: &str) {
        let script = self.file(path, text);
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }

    /// What a program prints that is started in this folder. `~` is the home folder.
    fn printed(&self, command: &str, folder: &str) -> String {
        let home = self.path().to_str().expect("UTF-8");
        let mut call = Call::new("countasync --verbose --");
        let (words, code) = command.split_once(" '").unwrap_or((command, ""));
        call.command.args(words.replace('~', home).split(' '));
        if !code.is_empty() {
            call.command.arg(code.trim_end_matches('\'').replace('~', home));
        }
        call.command.env("HOME", home).current_dir(self.path().join(folder));
        call.answer().stdout
    }
}

#[test]
fn an_interpreter_in_a_home_folder_and_files_beside_the_program_are_found() {
    let home = Home::new();
    let shebang = format!("#!{}/class/alice/.venv/bin/python3\n{PROGRAM}", home.path().display());
    home.script("class/alice/script", &shebang);
    for (command, folder) in [
        ("~/linked/bin/python3 mine.py", "class/alice"),
        ("~/copied/bin/python3 alice/mine.py", "class"),
        ("../linked/bin/python3 alice/mine.py", "class"),
        (".venv/bin/python3 mine.py", "class/alice"),
        ("alice/.venv/bin/python3 alice/mine.py", "class"),
        ("./script", "class/alice"),
        ("alice/script", "class"),
        ("python3 mine.py", "class/alice"),
        ("env -u A B=c timeout 60 python3 ~/class/alice/mine.py", ""),
        ("sh -c 'cd ~/class/alice && exec ~/copied/bin/python3 mine.py'", ""),
        ("python3 -m package", "class/alice"),
        ("~/linked/bin/python3 -m package", "class/alice"),
        ("~/linked/bin/python3 mine.py", ""),
    ] {
        let printed = home.printed(command, folder);
        assert!(printed.contains("  One\n"), "{command}: {printed}");
    }
}

#[test]
fn files_of_others_cannot_be_read() {
    let home = Home::new();
    for (command, folder) in [
        ("python3 mine.py ../bob/mine.py ../../secret", "class/alice"),
        ("python3 mine.py secret", ""),
    ] {
        // The paths come from the program itself: what a command names may be read.
        let (program, paths) = command.split_once(".py ").expect("arguments");
        let paths = format!("{:?}", paths.split(' ').collect::<Vec<_>>());
        let text = PROGRAM.replace("sys.argv[1:]", &paths).replace("helper, ", "");
        let path = Path::new(folder).join("mine.py");
        home.file(path.to_str().expect("UTF-8"), &text);
        let printed = home.printed(&format!("{program}.py"), folder);
        let number = paths.split(", ").count();
        assert_eq!(printed.matches("  not read ").count(), number, "{command}: {printed}");
    }
}

/// Asking takes longer than all else that the checker does for an answer.
#[test]
fn a_version_manager_is_asked_once_for_all_answers_and_all_runs() {
    let home = Home(tempfile::tempdir().expect("a folder"));
    let pyenv = home.path().join(".pyenv").display().to_string();
    home.script(".pyenv/shims/python3", &format!("#!/bin/sh\nexec {pyenv}/pyenv exec python3\n"));
    home.script(".pyenv/versions/3/bin/python3", "#!/bin/sh\necho One\n");
    let answer = format!("echo {pyenv}/versions/3/bin/python3");
    home.script(".pyenv/pyenv", &format!("#!/bin/sh\necho \"$@\" >> {pyenv}/asked\n{answer}\n"));
    for exercise in ["countasync", "countsync", "rand"] {
        home.file(&format!("class/alice/{exercise}.py"), "");
    }
    let mut call = Call::new("--format json --verbose --confirm --dir class/alice");
    let path = format!("{pyenv}/shims:/usr/bin:/bin");
    call.command.env("HOME", home.path()).env("PATH", path).current_dir(home.path());
    let report = call.answer().json();
    for exercise in report["exercises"].as_array().expect("a list") {
        let printed = &exercise["recordings"][0]["stdout"][0]["text"];
        assert_eq!(printed, "One", "behind the shim: {report:#}");
    }
    assert_eq!(report["exercises"][0]["confirmed"], true, "it ran again: {report:#}");
    let asked = fs::read_to_string(home.path().join(".pyenv/asked")).expect("it was asked");
    assert_eq!(asked, "which python3\n");
}

/// A module that has been downloaded, packages of the program's own module, and few compilers at a
/// time, however many cores there are.
#[test]
fn go_finds_its_packages() {
    if Command::new("go").arg("version").output().is_err() {
        eprintln!("not tried: go is not installed");
        return;
    }
    let home = Home(tempfile::tempdir().expect("a folder"));
    let proxy = "proxy/example.org/far/@v";
    home.file(&format!("{proxy}/list"), "v1.0.0\n");
    home.file(&format!("{proxy}/v1.0.0.info"), "{\"Version\":\"v1.0.0\"}");
    home.file(&format!("{proxy}/v1.0.0.mod"), "module example.org/far\n");
    let zip = "import zipfile
file = zipfile.ZipFile('v1.0.0.zip', 'w')
file.writestr('example.org/far@v1.0.0/go.mod', 'module example.org/far\\n')
file.writestr('example.org/far@v1.0.0/far.go', 'package far\\nconst Text = \"far\"\\n')
file.close()";
    let mut python = Command::new("python3");
    python.args(["-c", zip]).current_dir(home.path().join(proxy));
    assert!(python.status().expect("python3").success());
    let manifest = "module countasync\ngo 1.19\nrequire example.org/far v1.0.0\n";
    home.file("class/alice/go.mod", manifest);
    home.file("class/alice/internal/near/near.go", "package near\nconst Text = \"near\"\n");
    let program = "package main
import (
    \"countasync/internal/near\"
    \"example.org/far\"
    \"os\"
)
func main() { os.Stdout.WriteString(near.Text + far.Text + os.Getenv(\"GOFLAGS\") + \"\\n\") }";
    home.file("class/alice/cmd/countasync/main.go", program);
    let mut go = Command::new("go");
    go.args(["mod", "download", "-modcacherw", "all"]);
    for (name, value) in [
        ("HOME", home.path().display().to_string()),
        ("GOPROXY", format!("file://{}/proxy", home.path().display())),
        ("GONOSUMDB", "*".into()),
    ] {
        go.env(name, value);
    }
    let downloaded = go.current_dir(home.path().join("class/alice")).status().expect("go");
    assert!(downloaded.success());
    for (command, folder) in [
        ("go run ./cmd/countasync", "class/alice"),
        ("go run countasync/cmd/countasync", "class/alice"),
        ("go run main.go", "class/alice/cmd/countasync"),
    ] {
        let printed = home.printed(command, folder);
        assert!(printed.contains("  nearfar-p=4\n"), "{command}: {printed}");
    }
}

#[test]
fn cargo_runs_few_compilers_at_a_time_and_no_toolchain_that_only_rustup_knows() {
    let home = Home(tempfile::tempdir().expect("a folder"));
    home.file("class/alice/Cargo.toml", "[workspace]\n[package]\nname = \"countasync\"\n");
    home.file("class/alice/.cargo/config.toml", "[build]\njobs = 8\n");
    let script = "fn main() {
        println!(\"cargo:rustc-env=JOBS={}\", std::env::var(\"NUM_JOBS\").unwrap());
    }";
    home.file("class/alice/build.rs", script);
    let main = "fn main() { println!(\"{} jobs\", env!(\"JOBS\")); }";
    home.file("class/alice/src/main.rs", main);
    let run = |command: &str| {
        let mut call = Call::new("countasync --verbose --");
        call.command.args(command.split(' ')).current_dir(home.path().join("class/alice"));
        call.answer().stdout
    };
    let printed = run("cargo run -q");
    assert!(printed.contains("  4 jobs\n"), "{printed}");
    if Command::new("rustup").arg("--version").output().is_ok() {
        let told = run("cargo +stable run -q");
        let fix = "leave that word out, and start the checker with RUSTUP_TOOLCHAIN=stable";
        assert!(told.contains(fix), "{told}");
    }
}
