//! The checker's command line.

use checker::rubrics::Exercise;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind, value_parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// Grades a program by what it prints, and when.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(subcommand)]
    pub mode: Option<Mode>,

    /// What to grade; all four if none is named
    #[arg(value_enum, value_name = "EXERCISE")]
    pub exercises: Vec<Exercise>,

    /// The learner's program: any command; the checker appends arguments where the exercise has them
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,

    /// A folder of answers: countasync.py, chained (executable), rand.js, ... or a Cargo package
    /// with such a binary [default: the exercises of this workspace]
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub dir: Option<PathBuf>,

    /// The form of the report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,

    /// Write the report to a new file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// How long a run may take [default: 90 until its first line, then 12, 12, 150 for rand and 45
    /// for chained]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub time_limit: Option<f64>,

    /// Show each line of each run with its time
    #[arg(long, short)]
    pub verbose: bool,

    /// List the criteria of each exercise
    #[arg(long)]
    pub list: bool,
}

#[derive(Debug, Subcommand)]
pub enum Mode {
    /// Draw one run: a row per coroutine, time across
    #[command(after_help = TIMELINE_EXAMPLES)]
    Timeline {
        /// Which exercise the program answers
        #[arg(value_enum)]
        exercise: Exercise,

        /// The program: any command [default: the exercise of this workspace]
        #[arg(last = true, value_name = "COMMAND")]
        command: Vec<String>,

        /// Draw an SVG into a new file instead
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,

        /// How long the SVG's axis is at least, to compare two pictures at the same scale
        /// [default: 3 for the two counts, 1 for the others]
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        seconds: Option<f64>,

        /// How wide the SVG is [default: 400]
        #[arg(long, value_name = "PIXELS", value_parser = value_parser!(u16).range(300..=4000))]
        width: Option<u16>,

        /// How long the run may take [default: as for a check]
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        time_limit: Option<f64>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Human,
    Json,
    Junit,
}

const EXAMPLES: &str = "\
Exit codes:
  0  full marks
  1  points lost
  2  wrong usage, or a program could not be started
  3  could not be judged: the machine was too busy

Examples:
  scripts/check                                   all four exercises of this workspace
  scripts/check countasync chained                two of them
  scripts/check chained -- python3 chained.py     any program
  scripts/check --dir ../my-answers --format json --output grades.json";

const TIMELINE_EXAMPLES: &str = "\
Exit codes:
  0  drawn
  1  drawn, but the program did not end well
  2  wrong usage, or the program could not be started

Examples:
  scripts/timeline countasync
  scripts/timeline chained -- python3 chained.py 5 6
  scripts/timeline countasync --seconds 5 --svg countasync.svg";

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("give seconds, more than 0 and at most 86400, as in --time-limit 60".into()),
    }
}

impl CommandLine {
    /// Reads the command line; ends the program on `--help`, `--version` or bad usage.
    pub fn read() -> Self {
        let command_line = Self::parse();
        if command_line.command.is_empty() && std::env::args_os().next_back() == Some("--".into()) {
            let problem = "there is no command after --";
            Self::command().error(ErrorKind::MissingRequiredArgument, problem).exit();
        }
        if !command_line.command.is_empty() && command_line.exercises.len() != 1 {
            Self::command()
                .error(
                    ErrorKind::WrongNumberOfValues,
                    "name one exercise before the command, as in: chained -- python3 chained.py",
                )
                .exit();
        }
        command_line
    }

    /// Whether this process is a recorder, started by another checker.
    pub fn is_recorder() -> bool {
        let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
        arguments == ["record"]
    }
}
