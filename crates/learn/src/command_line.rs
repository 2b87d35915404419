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
    /// Predict what a change that a README proposes will do, and see it run
    ///
    /// The change is made in a copy, in the target folder: your files stay as they are.
    #[command(after_help = TRY_EXAMPLES)]
    Try {
        /// The change, such as block-halfway, or the beginning of its name; without one, all changes
        /// are listed
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

const EXAMPLES: &str = "\
Examples:
  scripts/learn                        begins in ./learn, or goes on there
  scripts/learn ../async               the same in another folder
  scripts/learn try block-halfway      predict what a changed program does, and see";

const TRY_EXAMPLES: &str = "\
Exit codes:
  0  shown, or listed
  2  incorrect usage, or the program could not be built or run

Examples:
  scripts/learn try                    lists all changes
  scripts/learn try block-halfway
  scripts/learn try rand/await         the one in rand: countasync has one of that name, too";
