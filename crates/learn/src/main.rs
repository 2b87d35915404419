//! The learner's loop: see `--help`.

mod command_line;

use checker::answers::workspace;
use checker::escape::Outside;
use checker::runner;
use command_line::{CommandLine, Mode};
use learn::{lesson, try_it};
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match runner::begin() {
        Ok(false) => {}
        Ok(true) => return ExitCode::SUCCESS,
        Err(error) => return problem(&error.to_string()),
    }
    let command_line = CommandLine::read();
    let Some(repository) = workspace(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR")) else {
        return problem("the lessons are in the repository: start scripts/learn there");
    };
    let done = match command_line.mode {
        None => lesson::run(&command_line.folder, &repository),
        Some(Mode::Try { name }) => try_it::run(name.as_deref(), &repository),
    };
    done.map_or_else(|error| problem(&error), ExitCode::from)
}

/// A line to standard error, or more if cargo says more. What it quotes may have come from anywhere.
fn problem(error: &str) -> ExitCode {
    let lines: Vec<_> = error.lines().map(|line| Outside::from(line).to_string()).collect();
    let _ = writeln!(io::stderr(), "scripts/learn: {}", lines.join("\n"));
    ExitCode::from(2)
}
