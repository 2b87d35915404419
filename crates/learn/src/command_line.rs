//! The command line of `scripts/learn`.

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Begins the four exercises in a folder of yours, or goes on where you stopped.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(subcommand)]
    pub mode: Option<Mode>,

    /// Where your exercises and your progress are
    #[arg(default_value = "learn", value_name = "FOLDER")]
    pub folder: PathBuf,
}

#[derive(Subcommand)]
pub enum Mode {
    /// Make a change that a README proposes, run it, and compare it with what you predicted
    Try {
        /// The change, such as block-halfway
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

const EXAMPLES: &str = "\
Examples:
  scripts/learn                        begins in ./learn, or goes on there
  scripts/learn ../async               the same in another folder
  scripts/learn try block-halfway      predict what a changed program does, and see";
