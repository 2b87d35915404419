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
        Ok(text) => print(&text),
        Err(Error::Interrupted(signal)) => ExitCode::from(128 + signal as u8),
        Err(error @ Error::Misused(_)) => fail(2, &format!("{error}; see scripts/copy --help")),
        Err(error @ Error::Refused(_)) => fail(1, &error.to_string()),
    }
}

fn run() -> Result<String, Error> {
    let action = command_line::read()?;
    let repository = Repository::open(&repository())?;
    let exercises = repository.exercises()?;
    match action {
        Action::Help => Ok(help(&exercises)),
        Action::List => Ok(exercises.iter().map(|name| format!("{name}\n")).collect()),
        Action::Copy(order) => {
            let interruption = Interruption::by_signals()
                .map_err(|error| Error::Refused(format!("cannot handle signals: {error}")))?;
            let copied = copy::copy(&repository, &order, &interruption)?;
            Ok(report::report(&order, &copied, &repository))
        }
    }
}

/// The folder of the repository. Cargo tells where it is now; what was compiled in may be out of
/// date, as cargo does not compile anew after the repository has been moved.
fn repository() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).join("../..")
}

/// A reader who has gone away misses nothing that matters: the copy is there.
fn print(text: &str) -> ExitCode {
    let mut stdout = io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "scripts/copy: standard output: {error}");
        }
        _ => {}
    }
    ExitCode::SUCCESS
}

fn fail(code: u8, problem: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "scripts/copy: {problem}");
    ExitCode::from(code)
}
