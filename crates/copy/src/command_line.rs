//! The command line.

use copy::{Error, Order};
use lexopt::Arg::{Long, Short, Value};
use lexopt::Parser;

/// What the command line asks for.
pub enum Action {
    Help,
    List,
    Copy(Order),
}

/// Reads the command line.
pub fn read() -> Result<Action, Error> {
    let mut parser = Parser::from_env();
    let mut starter = false;
    let mut words = Vec::new();
    while let Some(argument) = parser.next().map_err(|error| Error::Misused(error.to_string()))? {
        match argument {
            Short('h') | Long("help") => return Ok(Action::Help),
            Long("list") => return Ok(Action::List),
            Long("starter") => starter = true,
            Short(letter) => return Err(unknown_option(&format!("-{letter}"))),
            Long(name) => return Err(unknown_option(&format!("--{name}"))),
            Value(word) => words.push(word),
        }
    }
    let Ok([exercise, destination]) = <[_; 2]>::try_from(words) else {
        let problem = "give an exercise and a folder, as in scripts/copy chained ~/learn";
        return Err(Error::Misused(problem.into()));
    };
    if destination.is_empty() {
        return Err(Error::Misused("folder '': name the folder to copy into".into()));
    }
    let exercise = exercise.to_string_lossy().into_owned();
    Ok(Action::Copy(Order { exercise, destination: destination.into(), starter }))
}

fn unknown_option(option: &str) -> Error {
    Error::Misused(format!("unknown option '{option}'"))
}

/// What `--help` prints.
pub fn help(exercises: &[String]) -> String {
    HELP.replace("EXERCISES", &exercises.join(", "))
}

const HELP: &str = "\
Copies an exercise, together with common, into another folder.

Usage: scripts/copy [--starter] EXERCISE DEST
       scripts/copy --list

Arguments:
  EXERCISE   One of EXERCISES
  DEST       The folder to copy into; created if only its last part is missing

Options:
  --starter  Leave the functions in src/main.rs for you to write
  --list     Print the names of the exercises
  -h, --help Print this help

Nothing is overwritten: DEST/EXERCISE must not exist, and DEST/common must
either not exist or be identical.

Exit codes: 0 copied, 1 refused and nothing changed, 2 incorrect usage.

Examples:
  scripts/copy chained ~/learn            The solved exercise, in ~/learn/chained
  scripts/copy --starter chained ~/learn  Its starter, for you to write
";
