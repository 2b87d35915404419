//! Finds the programs to grade: a command, or the answers in a folder.

use crate::escape::visible;
use crate::exercises::{self, Exercise};
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// A program that answers an exercise.
#[derive(Clone)]
pub struct Answer {
    pub exercise: &'static Exercise,
    /// The program and its own arguments, after which the checker adds those of each run; or why
    /// there is no program to run.
    pub command: Result<Vec<String>, String>,
}

/// What runs a file with this ending.
pub(crate) const INTERPRETERS: [(&str, &[&str]); 10] = [
    ("py", &["python3"]),
    ("js", &["node"]),
    ("mjs", &["node"]),
    ("ts", &["deno", "run"]),
    ("rb", &["ruby"]),
    ("sh", &["bash"]),
    ("pl", &["perl"]),
    ("php", &["php"]),
    ("go", &["go", "run"]),
    ("java", &["java"]),
];

/// What there is in a folder.
pub struct Found {
    pub answers: Vec<Answer>,
    /// A line for each exercise that has no answer there.
    pub missing: Vec<String>,
}

/// How an answer is run.
enum Program {
    Script(Vec<String>),
    /// The manifest of a Cargo package, still to be built.
    Package(PathBuf),
    /// Not at all, for this reason.
    Problem(String),
}

/// The workspace of a package whose program is running. Cargo tells where it is now; the path that
/// was `compiled_in` may be out of date, as cargo does not recompile after the repository has been
/// moved.
#[must_use]
pub fn workspace(package: &str, compiled_in: &str) -> PathBuf {
    let is_ours = std::env::var("CARGO_PKG_NAME").is_ok_and(|name| name == package);
    let now = std::env::var_os("CARGO_MANIFEST_DIR").filter(|_| is_ours);
    now.map_or(compiled_in.into(), PathBuf::from).join("../..")
}

/// The answers to these exercises in a folder; to all that have one if `wanted` is empty.
///
/// # Errors
///
/// One line, if there are none, or a wanted one is missing.
pub fn find(folder: &Path, wanted: &[&'static Exercise]) -> Result<Found, String> {
    if !folder.is_dir() {
        return Err(format!("{}: there is no such folder", folder.display()));
    }
    let problem = |problem: String| format!("{}: {problem}", folder.display());
    let folder = folder.canonicalize().map_err(|error| problem(error.to_string()))?;
    let problem = |problem: String| format!("{}: {problem}", folder.display());
    let wanted_or_all = if wanted.is_empty() { exercises::ALL } else { wanted };
    let mut programs = Vec::new();
    let mut missing = Vec::new();
    for exercise in exercises::ALL.iter().filter(|one| wanted_or_all.contains(one)) {
        match program(&folder, exercise.name) {
            Some(program) => programs.push((exercise, program)),
            None => missing.push(why_missing(&folder, exercise.name)),
        }
    }
    if programs.is_empty() || !(wanted.is_empty() || missing.is_empty()) {
        return Err(problem(missing.join("; ")));
    }
    // Builds come last: nobody should wait for one only to learn that another answer is missing.
    let answers = programs.into_iter().map(|(exercise, program)| Answer {
        exercise,
        command: match program {
            Program::Script(command) => Ok(command),
            Program::Package(manifest) => build(&manifest, exercise.name),
            Program::Problem(problem) => Err(problem),
        },
    });
    Ok(Found { answers: answers.collect(), missing })
}

/// The only program of this name in the folder.
fn program(folder: &Path, name: &str) -> Option<Program> {
    let mut programs: Vec<_> = scripts(folder, name).into_iter().map(Program::Script).collect();
    match package(folder, name) {
        Ok(manifest) => programs.extend(manifest.map(Program::Package)),
        // It may be about another exercise.
        Err(problem) if programs.is_empty() => programs.push(Program::Problem(problem)),
        Err(_) => {}
    }
    if programs.len() > 1 {
        return Some(Program::Problem(format!("more than one answer to {name}: keep only one")));
    }
    programs.pop()
}

/// What to say about an exercise without an answer. If a file was meant to be one, it is named.
fn why_missing(folder: &Path, name: &str) -> String {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let meant = entries.map(|entry| entry.path()).find(|path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        path.is_file() && stem.eq_ignore_ascii_case(name)
    });
    let Some(path) = meant else {
        return format!(
            "no answer to {name}: add an executable {name}, a script such as {name}.py, or a \
             Cargo package with the binary {name}"
        );
    };
    let file = path.file_name().unwrap_or_default().display();
    let fix = match path.extension() {
        _ if path.file_stem().is_some_and(|stem| stem != name) => {
            "its name is not in lowercase: rename it"
        }
        None => &format!("it is not executable: run chmod +x {}", path.display()),
        Some(_) => "the checker does not know how to run it: give its command after --",
    };
    format!("no answer to {name}: {file} is there, but {fix}")
}

/// The commands of scripts and executable files of this name.
fn scripts(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for (ending, interpreter) in INTERPRETERS {
        let file = folder.join(format!("{name}.{ending}"));
        if file.is_file() {
            let words = interpreter.iter().map(ToString::to_string);
            commands.push(words.chain([file.display().to_string()]).collect());
        }
    }
    let file = folder.join(name);
    let is_executable =
        file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
    if is_executable {
        commands.push(vec![file.display().to_string()]);
    }
    commands
}

/// The manifest of a Cargo package or workspace that has a binary of this name, in the folder
/// itself or in its subfolder of this name.
fn package(folder: &Path, name: &str) -> Result<Option<PathBuf>, String> {
    for manifest in [folder.join(name).join("Cargo.toml"), folder.join("Cargo.toml")] {
        if !manifest.is_file() {
            continue;
        }
        let metadata: Value = cargo(&["metadata", "--no-deps", "--format-version=1"], &manifest)
            .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))?;
        let is_binary = |target: &Value| {
            target["name"] == name && target["kind"].as_array().is_some_and(|k| k[0] == "bin")
        };
        let has_binary = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|package| package["targets"].as_array().into_iter().flatten())
            .any(is_binary);
        if has_binary {
            return Ok(Some(manifest));
        }
    }
    Ok(None)
}

/// Builds the binary of an exercise: this takes long, and must not happen while the clock runs.
fn build(manifest: &Path, name: &str) -> Result<Vec<String>, String> {
    let arguments = ["build", "--quiet", "--message-format=json-render-diagnostics", "--bin", name];
    let messages = cargo(&arguments, manifest)?;
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| Some(message["executable"].as_str()?.to_owned()));
    Ok(vec![executable.ok_or_else(|| format!("cargo built no executable {name}"))?])
}

/// What cargo prints. Its errors are for the user to read: they go to standard error, line by line.
fn cargo(arguments: &[&str], manifest: &Path) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut child = Command::new(cargo)
        .args(arguments)
        .arg("--manifest-path")
        .arg(manifest)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let stderr = child.stderr.take().expect("stderr is a pipe");
    let errors = thread::spawn(|| {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let _ = writeln!(io::stderr(), "cargo: {}", visible(&line));
        }
    });
    let output = child.wait_with_output().map_err(|error| format!("cannot run cargo: {error}"))?;
    let _ = errors.join();
    if !output.status.success() {
        let command = arguments[0];
        return Err(format!("cargo {command} failed in {}", manifest.display()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
