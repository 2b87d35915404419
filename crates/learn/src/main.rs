//! The learner's loop: see `--help`.

mod command_line;

use checker::protection;
use checker::runner::record_for_runner;
use command_line::CommandLine;
use std::process::ExitCode;

fn main() -> ExitCode {
    todo!("parse, run, report, exit code")
}
