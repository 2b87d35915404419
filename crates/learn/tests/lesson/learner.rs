//! A folder to learn in, and the programs that a learner saves there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A learner. What is built is kept from one run of the tests to the next, as cargo compiles less
/// then. Each has a place of its own for that: cargo confuses packages that are at the same place in
/// different workspaces.
pub struct Learner {
    /// Where the learner is; the exercises are in `learn`.
    pub folder: PathBuf,
    builds: PathBuf,
}

impl Learner {
    /// Begins anew in a folder with this name, which no other test has.
    pub fn new(name: &str) -> Self {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lesson");
        let learner = Self { folder: all.join(name), builds: all.join("builds").join(name) };
        if learner.folder.exists() {
            fs::remove_dir_all(&learner.folder).expect("it is ours");
        }
        fs::create_dir_all(&learner.folder).expect("it can be made");
        learner
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join("learn").join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("it can be read")
    }

    /// Lets the learner have seen all exercises run.
    pub fn has_seen_all(&self) {
        fs::create_dir(self.folder.join("learn")).expect("it can be made");
        let names = ["countsync", "countasync", "rand", "chained"];
        let lines = names.map(|name| format!("{name}: not begun, seen\n"));
        fs::write(self.path("progress.txt"), lines.concat()).expect("it can be written");
    }

    /// Saves a program as many editors do: to a new file, which then gets the name of the old one.
    pub fn save(&self, exercise: &str, program: &str) {
        let main = self.path(exercise).join("src/main.rs");
        let new = main.with_extension("new");
        fs::write(&new, program).expect("it can be written");
        fs::rename(new, main).expect("it can be renamed");
    }

    /// `scripts/learn` with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_learn"));
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env("LANG", "C.UTF-8")
            .env_remove("LC_ALL")
            .env("CARGO_NET_OFFLINE", "true")
            // Nobody debugs what is built.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_TARGET_DIR", &self.builds);
        command
    }

    /// Runs it without a terminal.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        let output = self.command(arguments).output().expect("it starts");
        Answer::of(&output)
    }
}

/// What it answered without a terminal.
pub struct Answer {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Answer {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Self { code: output.status.code(), stdout, stderr }
    }
}

/// The solution of an exercise.
pub fn solution(exercise: &str) -> String {
    let file = format!("{}/../{exercise}/src/main.rs", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(file).expect("it can be read")
}

/// The solution, with another text in it.
pub fn changed(exercise: &str, from: &str, to: &str) -> String {
    let solution = solution(exercise);
    assert!(solution.contains(from), "{exercise} has no {from}");
    solution.replace(from, to)
}
