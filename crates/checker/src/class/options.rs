//! The options of a class on the command line.

use super::shard::Shard;
use clap::{Args, value_parser};
use std::path::PathBuf;

/// What the user asks of the run of a class.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "A whole class")]
pub struct ClassOptions {
    /// Grade all submissions of a class: a folder or a .zip file, as the learning platform hands it
    /// out
    #[arg(long, value_name = "SUBMISSIONS", requires = "into",
          conflicts_with_all = ["command", "dir", "format", "output", "verbose", "watch", "list"])]
    pub class: Option<PathBuf>,

    /// The folder for the grades. If a run was stopped, the same command goes on with it
    #[arg(long, value_name = "GRADES")]
    pub into: Option<PathBuf>,

    /// Grade only this learner, and once more if that has been done: a name, an id, an address or the
    /// name of a result. May be repeated
    #[arg(long, value_name = "NAME", requires = "class")]
    pub only: Vec<String>,

    /// The class list, to name the learners who submitted nothing
    #[arg(long, value_name = "FILE.csv", requires = "into")]
    pub roster: Option<PathBuf>,

    /// Moodle's grading worksheet: a copy of it in GRADES is filled in
    #[arg(long, value_name = "FILE.csv", requires = "into")]
    pub worksheet: Option<PathBuf>,

    /// Canvas's gradebook: a copy of it in GRADES is filled in
    #[arg(long, value_name = "FILE.csv", requires = "into")]
    pub canvas: Option<PathBuf>,

    /// The column to fill in: in Canvas an assignment, by its title or number, if there are several; in
    /// Moodle that of the grades, if the worksheet is not in English
    #[arg(long, value_name = "COLUMN", requires = "into")]
    pub column: Option<String>,

    /// Grade only a part of the class, as in 2/8, or auto in a job array
    #[arg(long, value_name = "I/N", requires = "class", value_parser = Shard::parse)]
    pub shard: Option<Shard>,

    /// How many learners are graded at a time [default: the number of cores]
    #[arg(long, value_name = "NUMBER", requires = "class",
          value_parser = value_parser!(u16).range(1..=1000))]
    pub jobs: Option<u16>,

    /// Put together the grades of shards
    #[arg(long, value_name = "GRADES", requires = "into", num_args = 1..,
          conflicts_with_all = ["class", "only", "shard", "jobs", "clock", "command", "dir", "format", "output", "verbose", "watch", "list"])]
    pub merge: Vec<PathBuf>,
}
