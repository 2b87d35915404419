//! Finds the programs to grade: a command, or the answers in a folder.

use crate::rubrics::Exercise;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that answers an exercise.
#[derive(Clone, Debug)]
pub struct Answer {
    pub exercise: Exercise,
    /// The program and its first arguments; the checker appends those of each run. Or why there is
    /// no program to run.
    pub command: Result<Vec<String>, String>,
}

/// What runs a file of this ending.
const INTERPRETERS: [(&str, &[&str]); 10] = [
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

/// The answers to these exercises in a folder. If `wanted` is empty: to all that are there, and a
/// line for each exercise that has none.
///
/// # Errors
///
/// If an answer is missing, or not the only one: one line.
pub fn find(folder: &Path, wanted: &[Exercise]) -> Result<(Vec<Answer>, Vec<String>), String> {
    if !folder.is_dir() {
        return Err(format!("--dir {}: there is no such folder", folder.display()));
    }
    let folder =
        folder.canonicalize().map_err(|error| format!("--dir {}: {error}", folder.display()))?;
    let mut answers = Vec::new();
    let mut problems = Vec::new();
    let mut packages: Vec<(PathBuf, Vec<Exercise>)> = Vec::new();
    for exercise in Exercise::ALL {
        if !wanted.is_empty() && !wanted.contains(&exercise) {
            continue;
        }
        let mut commands = scripts(&folder, exercise.name());
        let package = package(&folder, exercise.name())?;
        match (commands.len(), package) {
            (1, None) => answers.push(Answer { exercise, command: Ok(commands.remove(0)) }),
            (0, Some(manifest)) => match packages.iter_mut().find(|(path, _)| *path == manifest) {
                Some((_, exercises)) => exercises.push(exercise),
                None => packages.push((manifest, vec![exercise])),
            },
            (0, None) => {
                let problem = missing(&folder, exercise.name());
                if !wanted.is_empty() {
                    return Err(format!("--dir {}: {problem}", folder.display()));
                }
                problems.push(problem);
            }
            _ => {
                return Err(format!(
                    "--dir {}: more than one answer to {}: leave one",
                    folder.display(),
                    exercise.name()
                ));
            }
        }
    }
    for (manifest, exercises) in packages {
        for exercise in exercises {
            answers.push(Answer { exercise, command: build(&manifest, exercise) });
        }
    }
    if answers.is_empty() {
        return Err(format!("--dir {}: {}", folder.display(), problems.join("; ")));
    }
    answers.sort_by_key(|answer| answer.exercise as u8);
    Ok((answers, problems))
}

/// What to say of an exercise without an answer. A file that was meant as one is named.
fn missing(folder: &Path, name: &str) -> String {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let meant = entries.map(|entry| entry.path()).find(|path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        path.is_file() && stem.eq_ignore_ascii_case(name)
    });
    match meant {
        None => format!(
            "no answer to {name}: put a program {name}, a script such as {name}.py or a Cargo \
             package with the binary {name} there"
        ),
        Some(path) => {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let problem = match path.extension() {
                _ if path.file_stem().is_some_and(|stem| stem != name) => "write its name small",
                None => "make it executable",
                Some(_) => "the checker cannot run such a file; give its command after --",
            };
            format!("no answer to {name}: {file} is there, but {problem}")
        }
    }
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

/// The manifest of a Cargo package or workspace in the folder, or in its folder of this name, that
/// has a binary of this name.
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

/// Builds the binary of an exercise: what takes long must not happen while the clock runs.
fn build(manifest: &Path, exercise: Exercise) -> Result<Vec<String>, String> {
    let name = exercise.name();
    let arguments = ["build", "--quiet", "--message-format=json-render-diagnostics", "--bin", name];
    let messages = cargo(&arguments, manifest)?;
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| Some(message["executable"].as_str()?.to_owned()));
    Ok(vec![executable.ok_or_else(|| format!("cargo built no program {name}"))?])
}

/// What cargo prints. Its errors are the user's to read: they go to standard error.
fn cargo(arguments: &[&str], manifest: &Path) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .arg("--manifest-path")
        .arg(manifest)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        let command = arguments[0];
        return Err(format!("cargo {command} failed in {}", manifest.display()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
