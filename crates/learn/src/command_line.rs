//! The command line of `scripts/learn`.

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use std::path::PathBuf;

/// Takes you through the four exercises: predict what each will do, see it run, write it yourself
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(subcommand)]
    pub mode: Option<Mode>,

    /// The folder with your exercises and your progress; if there is none, it is created
    #[arg(default_value = "learn", value_name = "FOLDER")]
    pub folder: PathBuf,
}

impl CommandLine {
    /// Reads it. Ends the process if it only asks for help, or is wrong.
    #[must_use]
    pub fn read() -> Self {
        Self::try_parse().unwrap_or_else(|error| {
            if error.kind() == ErrorKind::ArgumentConflict {
                // Clap calls a second folder a subcommand.
                let problem = "name only one folder, and none before try";
                Self::command().error(ErrorKind::ArgumentConflict, problem).exit();
            }
            error.exit()
        })
    }
}

#[derive(Subcommand)]
pub enum Mode {
    /// Predict what one of the READMEs' changes will do, then see it run
    ///
    /// The change is made in a copy, in the target folder: your files stay as they are.
    #[command(after_help = TRY_EXAMPLES)]
    Try {
        /// The change, such as block-halfway, or the beginning of its name; without it, all changes
        /// are listed
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

const EXAMPLES: &str = "\
Open the file that it names. Each time you save the file, you see the compiler's first error, the
next gap to fill, or the verdict with a picture of who has the thread.

Keys, while you write:
  enter  run it now
  h      a hint, step by step: why, where, and the line with a part left out
  p      the picture at full width, with each line of the run
  r      put the starter back; your program is kept beside it
  n      the next exercise, once this one is solved
  l      the list of exercises, to go back to one
  q      quit; next time, you go on where you stopped

Without a terminal, it checks your program once and prints what it found.

Exit codes:
  0  quit; without a terminal: full marks
  1  without a terminal: points lost
  2  incorrect usage, or the folder cannot be used; without a terminal: the program cannot be built
  3  without a terminal: could not be judged

Examples:
  scripts/learn                        in the folder learn
  scripts/learn ../async               in another folder
  scripts/learn try block-halfway      predict what a changed program does, then see it run";

const TRY_EXAMPLES: &str = "\
Exit codes:
  0  shown, or listed
  2  incorrect usage, or the program could not be built or run

Examples:
  scripts/learn try                    list all changes
  scripts/learn try block-halfway
  scripts/learn try rand/await         the one in rand, as countasync has one with that name, too";
