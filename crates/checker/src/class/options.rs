//! The options of a class on the command line.

use super::shard::Shard;
use clap::{ArgGroup, Args, value_parser};
use std::path::PathBuf;

/// What the user asks of the run of a class.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "A whole class")]
#[command(group = ArgGroup::new("filled_in").args(["worksheet", "canvas"]).multiple(true))]
pub struct ClassOptions {
    /// Grade all submissions of a class: a folder or a .zip file, as downloaded from the
    /// learning platform
    #[arg(long, value_name = "SUBMISSIONS", requires = "into",
          conflicts_with_all = ["command", "dir", "format", "output", "report", "verbose", "watch", "list"])]
    pub class: Option<PathBuf>,

    /// The folder for the grades. If the run is stopped, the same command continues it
    #[arg(long, value_name = "GRADES")]
    pub into: Option<PathBuf>,

    /// Grade only this learner, even if already graded: a name, an id, an e-mail address, or the name
    /// of their folder or file in SUBMISSIONS or results/. May be repeated
    #[arg(long, value_name = "NAME", requires = "class")]
    pub only: Vec<String>,

    /// The class list: gives learners the school's names and ids, and shows who submitted nothing
    #[arg(long, value_name = "FILE.csv", requires = "into")]
    pub roster: Option<PathBuf>,

    /// Moodle's grading worksheet: a filled-in copy is written to GRADES
    #[arg(long, value_name = "FILE.csv", requires = "into")]
    pub worksheet: Option<PathBuf>,

    /// Canvas's gradebook: a filled-in copy is written to GRADES
    #[arg(long, value_name = "FILE.csv", requires = "into")]
    pub canvas: Option<PathBuf>,

    /// The column to fill in: in Canvas, the assignment's title or number, if there are several; in
    /// Moodle, the grade column, if the worksheet is not in English
    #[arg(long, value_name = "COLUMN", requires = "filled_in")]
    pub column: Option<String>,

    /// Grade only one part of the class: 2/8 is the second of eight. In a job array: auto, or auto/8
    #[arg(long, value_name = "I/N", requires = "class", value_parser = Shard::parse)]
    pub shard: Option<Shard>,

    /// How many learners are graded at a time [default: one more than there are cores]
    #[arg(long, value_name = "NUMBER", requires = "class",
          value_parser = value_parser!(u16).range(1..=1000))]
    pub jobs: Option<u16>,

    /// Merge the grades of shards into GRADES
    #[arg(long, value_name = "SHARDS", requires = "into", num_args = 1..,
          conflicts_with_all = ["class", "only", "shard", "jobs", "clock", "confirm", "exercises", "command", "dir", "format", "output", "report", "verbose", "watch", "list"])]
    pub merge: Vec<PathBuf>,
}
