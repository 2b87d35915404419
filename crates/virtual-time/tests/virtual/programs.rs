//! The cases in `tests/programs`. What each is expected to do stands above it, in a comment;
//! `program.h` explains how.

use crate::{Expected, check_all, real_time, virtual_time};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// A case of a program, with one argument.
#[derive(Clone, Debug, Default)]
pub struct Case {
    program: PathBuf,
    pub name: String,
    argument: String,
    expected: Expected,
    /// Further arguments of `virtual-time`.
    options: Vec<String>,
}

/// The cases of a program, which is compiled.
pub fn cases(program: &str) -> Vec<Case> {
    let executable = compiled(program);
    let source = std::fs::read_to_string(source(program)).expect("the source");
    let (mut cases, mut case, mut arguments) = (Vec::new(), Case::default(), Vec::new());
    for line in source.lines() {
        if let Some(note) = line.strip_prefix("//") {
            read_note(note, &mut case, &mut arguments);
            continue;
        }
        let case = std::mem::take(&mut case);
        let arguments = std::mem::take(&mut arguments);
        let Some(name) = line.strip_prefix("CASE(") else { continue };
        let name = name.split(')').next().expect("a name").to_owned();
        let case = Case { program: executable.clone(), name, ..case };
        if arguments.is_empty() {
            cases.push(case);
        } else {
            cases.extend(arguments.into_iter().map(|argument| case.with(argument)));
        }
    }
    cases
}

/// Reads a line of the comment above a case.
fn read_note(note: &str, case: &mut Case, arguments: &mut Vec<String>) {
    let (expected, note) = (&mut case.expected, note.trim_start());
    if let Some(words) = note.strip_prefix("each: ") {
        arguments.extend(words.split_whitespace().map(str::to_owned));
    } else if let Some(error) = note.strip_prefix("error: ") {
        expected.errors.push(error.to_owned());
    } else if let Some(reason) = note.strip_prefix("not believed: ") {
        expected.disbelief = Some(reason.to_owned());
    } else if let Some(reason) = note.strip_prefix("or not believed: ") {
        (expected.disbelief, expected.may_be_believed) = (Some(reason.to_owned()), true);
    } else if let Some(seconds) = note.strip_prefix("within: ") {
        expected.tolerance = seconds.parse().expect("seconds");
    } else if let Some(code) = note.strip_prefix("exit: ") {
        expected.exit = code.parse().expect("an exit code");
    } else if let Some(options) = note.strip_prefix("options: ") {
        case.options.extend(options.split_whitespace().map(str::to_owned));
    } else if let Some((second, text)) = note.split_once(' ')
        && second.contains('.')
        && let Ok(second) = second.parse()
    {
        expected.lines.push((second, text.to_owned()));
    }
}

fn source(program: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs").join(program).with_extension("c")
}

/// The executable, compiled once per run of the tests.
fn compiled(program: &str) -> PathBuf {
    static COMPILED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let executable = Path::new(env!("CARGO_TARGET_TMPDIR")).join(program);
    if !compiled.contains(&executable) {
        // Another run of the tests may be using it.
        let new = executable.with_extension(std::process::id().to_string());
        let mut command = Command::new("cc");
        command.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-pthread", "-o"]);
        let status = command.arg(&new).arg(source(program)).args(["-lm", "-lrt"]).status();
        assert!(status.expect("cc starts").success(), "{program}.c compiles");
        std::fs::rename(new, &executable).expect("the executable");
        compiled.push(executable.clone());
    }
    executable
}

impl Case {
    pub fn title(&self) -> String {
        let program = self.program.file_name().unwrap_or_default().display();
        format!("{program} {} {}", self.name, self.argument)
    }

    /// The same with this argument.
    pub fn with(&self, argument: String) -> Self {
        Self { argument, ..self.clone() }
    }

    /// The command line of the program.
    pub fn words(&self) -> Vec<String> {
        let program = self.program.to_str().expect("UTF-8").to_owned();
        vec![program, self.name.clone(), self.argument.clone()]
    }

    /// Runs it on its own clock.
    pub fn check(&self) -> Result<(), String> {
        let words = self.options.iter().cloned().chain(["--".to_owned()]).chain(self.words());
        self.expected.compare(&virtual_time(words)?)
    }

    /// Runs it in real time.
    pub fn check_in_real_time(&self) -> Result<(), String> {
        real_time::check(&self.words(), &self.expected)
    }
}

#[test]
#[ignore = "takes as long as the programs say"]
fn in_real_time() {
    let all: Vec<_> = PROGRAMS.iter().copied().flat_map(cases).collect();
    check_all(&all, 24, Case::title, Case::check_in_real_time);
}

/// Checks all cases of each of these programs.
macro_rules! check_programs {
    ($($program:ident)*) => {
        const PROGRAMS: &[&str] = &[$(stringify!($program)),*];
        $(
            #[test]
            fn $program() {
                check_all(&cases(stringify!($program)), 4, Case::title, Case::check);
            }
        )*
    };
}

check_programs! { waits sleeps clocks locks descriptors timers processes output foreign }
