//! Right answers in the languages that learners use keep full marks in the cage, on both clocks: as
//! root on the virtual one, and as an ordinary user in real time.
//!
//! A language that is not installed is not tried.

use crate::machine::{Lacks, Machine, User, open_folder};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::scope;

const EXERCISES: [&str; 4] = ["countasync", "countsync", "rand", "chained"];

/// The answers in Python, which the benchmark of the clocks runs, too.
const IN_PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/answers");
const IN_OTHERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cage/answers");

struct Language {
    /// What has to be installed.
    program: &'static str,
    /// Of its files.
    ending: &'static str,
    /// What makes a program of a file, up to the name of that program; nothing if the checker knows
    /// how to run the file.
    compiler: &'static [&'static str],
}

const LANGUAGES: [Language; 7] = [
    Language { program: "python3", ending: "py", compiler: &[] },
    Language { program: "node", ending: "js", compiler: &[] },
    Language { program: "bash", ending: "sh", compiler: &[] },
    Language { program: "java", ending: "java", compiler: &[] },
    Language { program: "cc", ending: "c", compiler: &["cc", "-pthread", "-o"] },
    Language { program: "rustc", ending: "rs", compiler: &["rustc", "--edition", "2024", "-o"] },
    Language { program: "go", ending: "go", compiler: &["go", "build", "-o"] },
];

impl Language {
    fn is_installed(&self) -> bool {
        let found = Command::new("which").arg(self.program).stdout(Stdio::null()).status();
        let is_installed = found.is_ok_and(|found| found.success());
        if !is_installed {
            eprintln!("not tried: {} is not installed", self.program);
        }
        is_installed
    }

    /// Puts an answer to each exercise into a folder, for `--dir`.
    fn put_answers(&self, folder: &Path) {
        let answers = Path::new(if self.ending == "py" { IN_PYTHON } else { IN_OTHERS });
        fs::create_dir(folder).expect("a new folder");
        for exercise in EXERCISES {
            let source = answers.join(exercise).with_extension(self.ending);
            let Some((compiler, options)) = self.compiler.split_first() else {
                fs::copy(&source, folder.join(source.file_name().expect("a name")))
                    .expect("a copy");
                continue;
            };
            let compiled = Command::new(compiler)
                .args(options)
                .args([&folder.join(exercise), &source])
                .status();
            assert!(compiled.expect("it is installed").success(), "{}", source.display());
        }
    }
}

/// All answers keep full marks, as this user. Returns those that were checked on the virtual clock.
fn keep_full_marks<'a>(user: User, clock: &str, answers: &[&'a Path]) -> Vec<&'a Path> {
    let machine = Machine::new(user, Lacks::Nothing, "");
    let keeps = |folder: &'a Path| keeps_full_marks(folder, &machine, clock).then_some(folder);
    let side_by_side = |some: &[&'a Path]| {
        scope(|scope| {
            let checks: Vec<_> = some.iter().map(|&it| scope.spawn(move || keeps(it))).collect();
            checks.into_iter().filter_map(|it| it.join().expect("full marks")).collect::<Vec<_>>()
        })
    };
    // More at a time would have to wait for a processor.
    answers.chunks(3).flat_map(side_by_side).collect()
}

/// Returns whether all were checked on the virtual clock.
fn keeps_full_marks(folder: &Path, machine: &Machine, clock: &str) -> bool {
    let mut command = Command::new(machine.checker());
    command.args(["--format", "json", "--clock", clock, "--dir"]).arg(folder);
    if let Some(path) = machine.path() {
        command.env("PATH", path);
    }
    machine.on_this_machine(&mut command);
    let output = command.output().expect("it starts");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let exercises = report["exercises"].as_array().expect("a list");
    assert_eq!(exercises.len(), EXERCISES.len(), "{report:#}");
    let is_virtual = |exercise: &Value| exercise["clocks"][0]["clock"] == "virtual";
    for exercise in exercises {
        let name = format!("{} in {}", exercise["exercise"], folder.display());
        // A machine that is busy with other tests may be too late to tell, in real time.
        if exercise["verdict"] == "inconclusive" && !is_virtual(exercise) {
            eprintln!("not seen, on a busy machine: {name}");
            continue;
        }
        assert_eq!(exercise["verdict"], "full-marks", "{name}: {exercise:#}");
    }
    exercises.iter().all(is_virtual)
}

#[test]
fn right_answers_keep_full_marks() {
    let answers = open_folder();
    let installed: Vec<_> = LANGUAGES.iter().filter(|language| language.is_installed()).collect();
    let folders: Vec<_> =
        installed.iter().map(|language| answers.path().join(language.ending)).collect();
    scope(|scope| {
        for (language, folder) in installed.iter().zip(&folders) {
            scope.spawn(|| language.put_answers(folder));
        }
    });
    let all: Vec<_> = folders.iter().map(PathBuf::as_path).collect();
    let first = if rustix::process::geteuid().is_root() { User::Root } else { User::Ordinary };
    // The others, such as Java, have been checked in real time by now.
    let on_virtual_clock = keep_full_marks(first, "auto", &all);
    keep_full_marks(User::Ordinary, "real", &on_virtual_clock);
}
