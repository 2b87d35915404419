//! Why a program cannot be started, and what to type instead.

use crate::answers::INTERPRETERS;
use cage::needs::typed;
use cage::{Plan, regular_file};
use nix::errno::Errno;
use nix::unistd::{AccessFlags, access};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Commands that only a shell has.
const OF_A_SHELL: [&str; 8] = [".", "alias", "cd", "exec", "export", "set", "source", "ulimit"];
/// Options after which an interpreter is given code, or the name of a module, and not a file.
const NO_FILE: [&str; 7] = ["-c", "-e", "-m", "-p", "-r", "--eval", "--print"];

/// How many bytes of a file are enough to see whether it is text.
const LOOKED_AT: u64 = 1 << 12;

/// The file that the command gives to an interpreter, if it is not there.
pub fn missing_script(command: &[String]) -> Option<&str> {
    let (program, arguments) = command.split_first()?;
    let name = Path::new(program).file_name()?.to_str()?;
    let (ending, interpreter) =
        INTERPRETERS.iter().find(|(_, words)| unversioned(words[0]) == unversioned(name))?;
    let words = arguments.iter().filter(|word| !interpreter.contains(&word.as_str()));
    for word in words {
        if NO_FILE.contains(&word.as_str()) || Path::new(word).exists() {
            return None;
        }
        let has_ending = Path::new(word).extension().is_some_and(|found| found == *ending);
        if !word.starts_with('-') && has_ending {
            return Some(word);
        }
    }
    None
}

/// `python3.13` is a `python`.
fn unversioned(program: &str) -> &str {
    program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')
}

/// Whether the kernel cannot load the program: it is text without a `#!` line, for example. On the
/// virtual clock and in a cage, programs are started with `execvp`, which would hand it to a shell;
/// elsewhere with `posix_spawn`, which does not.
pub fn cannot_be_loaded(program: &str) -> bool {
    let start = file_of(program).and_then(|file| regular_file::start(&file, 4).ok());
    start.is_some_and(|start| !start.starts_with(b"#!") && !start.starts_with(b"\x7fELF"))
}

/// Whether `execvp` would hand the program to a shell, as the kernel cannot load it.
pub fn goes_to_a_shell(program: &str) -> bool {
    let is_executable = |file: PathBuf| access(&file, AccessFlags::X_OK).is_ok();
    cannot_be_loaded(program) && file_of(program).is_some_and(is_executable)
}

/// Why the program cannot be started in this cage: something has to be done first, or it may not
/// read a file that is there: the program itself, its interpreter, or one that the command names.
pub fn kept_out(command: &[String], plan: &Plan) -> Option<String> {
    if plan.missing.is_some() {
        return plan.missing.clone();
    }
    let (program, arguments) = command.split_first()?;
    let program = file_of(program);
    let interpreter = program.as_deref().and_then(interpreter);
    let files = program.into_iter().chain(interpreter).chain(arguments.iter().map(PathBuf::from));
    let kept_out = files.filter(|file| file.is_file()).find(|file| !plan.may_read(file))?;
    let file = kept_out.canonicalize().unwrap_or(kept_out);
    let (shown, typed) = (file.display(), typed(&file));
    Some(format!("the cage does not let it read {shown}: add --allow-read {typed}, or its folder"))
}

/// The file of a program.
fn file_of(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(program.into());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The interpreter that the `#!` line of a script names.
fn interpreter(script: &Path) -> Option<PathBuf> {
    /// The kernel reads no more of it.
    const LONGEST: u64 = 256;
    let start = regular_file::start(script, LONGEST).ok()?;
    let line = start.strip_prefix(b"#!")?.trim_ascii_start();
    let word = line.split(u8::is_ascii_whitespace).next()?;
    Some(OsStr::from_bytes(word).into())
}

/// Why the program could not be started.
pub fn why(command: &[String], error: &io::Error) -> String {
    let (program, command) = (&*command[0], command.join(" "));
    let path = Path::new(program);
    let is_here = path.is_file();
    match error.kind() {
        io::ErrorKind::NotFound if is_here && program.contains('/') => {
            let named = interpreter(path).map(|it| format!(": {}", it.display()));
            format!(
                "the interpreter that its #! line names does not exist{}",
                named.unwrap_or_default()
            )
        }
        io::ErrorKind::NotFound if is_here => {
            let or = interpreted(path).map_or(String::new(), |command| format!(" or {command}"));
            format!("there is no such program on the PATH: type ./{program}{or}")
        }
        io::ErrorKind::NotFound if sets_a_variable(program) && !program.contains(' ') => {
            format!("there is no such program: to set a variable, type env {command}")
        }
        io::ErrorKind::NotFound if needs_a_shell(program) => {
            let command = if command.contains('\'') { "..." } else { &command };
            format!("there is no such program: for shell syntax, type sh -c '{command}'")
        }
        io::ErrorKind::NotFound if program.contains(' ') => {
            "there is no such program: leave out the quotes around the command".into()
        }
        io::ErrorKind::NotFound if program.is_empty() => "there is no such program".into(),
        io::ErrorKind::NotFound => format!("this machine has no such program: {program}"),
        io::ErrorKind::PermissionDenied if path.is_dir() => "it is a folder".into(),
        io::ErrorKind::PermissionDenied if is_here => {
            let or = interpreted(path).map_or(String::new(), |command| format!(", or {command}"));
            format!("it is not executable: type chmod +x {program}{or}")
        }
        _ if error.raw_os_error() == Some(Errno::ENOEXEC as i32) && is_text(path) => {
            let instead = match interpreted(path) {
                Some(command) => format!("type {command}"),
                None => "add one such as #!/bin/sh".into(),
            };
            format!("it has no #! line that says what runs it: {instead}")
        }
        _ if error.raw_os_error() == Some(Errno::ENOEXEC as i32) => {
            "this system cannot load it: was it built for another one?".into()
        }
        _ => error.to_string(),
    }
}

/// The command that runs a file with this ending.
fn interpreted(path: &Path) -> Option<String> {
    let ending = path.extension()?;
    let (_, interpreter) = INTERPRETERS.iter().find(|(known, _)| ending == *known)?;
    Some(format!("{} {}", interpreter.join(" "), path.display()))
}

fn sets_a_variable(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn needs_a_shell(program: &str) -> bool {
    let first = program.split_whitespace().next().unwrap_or_default();
    OF_A_SHELL.contains(&first)
        || sets_a_variable(first)
        || program.contains(['|', '&', ';', '<', '>', '$', '`', '*'])
}

fn is_text(path: &Path) -> bool {
    let start = regular_file::start(path, LOOKED_AT).unwrap_or(vec![0]);
    let text = String::from_utf8_lossy(&start);
    !text.contains(|c: char| c.is_control() && !c.is_whitespace())
}
