//! Copies an exercise: see `scripts/copy --help`.

mod command_line;
mod report;

use command_line::{Action, help};
use copy::{Error, Interruption, Repository};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Interrupted(signal)) => ExitCode::from(128 + signal as u8),
        Err(Error::Misused(problem)) => {
            complain(&format!("{problem}; see scripts/copy --help"));
            ExitCode::from(2)
        }
        Err(Error::Refused(problem)) => {
            complain(&problem);
            ExitCode::from(1)
        }
    }
}

fn run() -> Result<(), Error> {
    let action = command_line::read()?;
    let repository = Repository::open(&repository())?;
    let exercises = repository.exercises()?;
    match action {
        Action::Help => print(&help(&exercises)),
        Action::List => {
            print(&exercises.iter().map(|name| format!("{name}\n")).collect::<String>())
        }
        Action::Copy(order) => {
            let interruption = Interruption::by_signals()
                .map_err(|error| Error::Refused(format!("cannot handle signals: {error}")))?;
            let copied = copy::copy(&repository, &order, &interruption)?;
            // The copy has been made, even if it cannot be reported.
            print(&report::report(&order, &copied, &repository)).or_else(|error| {
                complain(&error.to_string());
                Ok(())
            })
        }
    }
}

/// The folder of the repository. Cargo tells where it is now; the path that was compiled in may be
/// out of date, as cargo does not recompile after the repository has been moved.
fn repository() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).join("../..")
}

/// Prints to standard output. A closed pipe is not an error.
fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Refused(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

fn complain(problem: &str) {
    let _ = writeln!(io::stderr(), "scripts/copy: {problem}");
}
