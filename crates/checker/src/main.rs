//! The checker: see `--help`.

mod command_line;
mod terminal;

use anstream::adapter::strip_str;
use checker::answers::{self, Answer};
use checker::exercises::{self, Exercise};
use checker::grade::{Summary, grade_all, record_once, summary};
use checker::new_file;
use checker::report;
use checker::runner::record_for_runner;
use checker::timeline::{self, Size};
use command_line::{CommandLine, Format, Mode};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use terminal::{characters, columns, print, with_progress};

fn main() -> ExitCode {
    if CommandLine::is_recorder() {
        return match record_for_runner() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => problem(&error.to_string()),
        };
    }
    let command_line = CommandLine::read();
    let done = match &command_line.mode {
        Some(mode) => draw(mode),
        None if command_line.list => {
            print(&list(&command_line.exercises)).map(|()| ExitCode::SUCCESS)
        }
        None => check(&command_line),
    };
    done.unwrap_or_else(|error| problem(&error))
}

fn problem(error: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "checker: {error}");
    ExitCode::from(2)
}

fn check(command_line: &CommandLine) -> Result<ExitCode, String> {
    check_new_file("--output", command_line.output.as_deref())?;
    let answers = find_answers(command_line)?;
    let graded = with_progress(|runner| grade_all(&answers, runner, command_line.time_limit))?;
    let text = match command_line.format {
        Format::Human => {
            report::human::report(&graded, command_line.verbose, columns(), characters())
        }
        Format::Json => report::json::report(&graded, command_line.verbose),
        Format::Junit => report::junit::report(&graded),
    };
    match &command_line.output {
        None => print(&text)?,
        Some(path) => write("--output", path, &strip_str(&text).to_string())?,
    }
    Ok(ExitCode::from(match summary(&graded) {
        Summary::FullMarks => 0,
        Summary::PointsLost => 1,
        Summary::NotStarted => 2,
        Summary::Inconclusive => 3,
    }))
}

fn find_answers(command_line: &CommandLine) -> Result<Vec<Answer>, String> {
    if let [exercise] = command_line.exercises[..]
        && !command_line.command.is_empty()
    {
        return Ok(vec![Answer { exercise, command: Ok(command_line.command.clone()) }]);
    }
    let found = match &command_line.dir {
        Some(folder) => answers::find(folder, &command_line.exercises)
            .map_err(|problem| format!("--dir {problem}"))?,
        None => answers::find(&workspace(), &command_line.exercises)?,
    };
    for problem in found.missing {
        let _ = writeln!(io::stderr(), "checker: {problem}");
    }
    Ok(found.answers)
}

fn draw(mode: &Mode) -> Result<ExitCode, String> {
    let Mode::Timeline { exercise, command, svg, seconds, width, time_limit } = mode;
    check_new_file("--svg", svg.as_deref())?;
    let answer = match &command[..] {
        [] => answers::find(&workspace(), &[*exercise])?.answers.remove(0),
        _ => Answer { exercise, command: Ok(command.clone()) },
    };
    let recording = with_progress(|runner| record_once(&answer, runner, *time_limit))??;
    let timeline = exercise.rubric.timeline(&recording);
    match svg {
        Some(path) => {
            let size = Size {
                width: width.map_or(exercise.picture.width, f64::from),
                seconds: seconds.unwrap_or(exercise.picture.seconds),
            };
            write("--svg", path, &timeline::svg(&timeline, size))?;
        }
        None => print(&report::human::timeline(&timeline, columns(), characters()))?,
    }
    Ok(match report::bad_ending(&recording) {
        None => ExitCode::SUCCESS,
        Some(ending) => {
            let _ = writeln!(io::stderr(), "checker: {ending}");
            ExitCode::from(1)
        }
    })
}

/// This workspace. Cargo tells where it is now; the path that was compiled in may be out of date,
/// as cargo does not recompile after the repository has been moved.
fn workspace() -> PathBuf {
    let is_ours = std::env::var("CARGO_PKG_NAME").is_ok_and(|name| name == env!("CARGO_PKG_NAME"));
    let package = std::env::var_os("CARGO_MANIFEST_DIR").filter(|_| is_ours).map(PathBuf::from);
    package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).join("../..")
}

/// Checks that the file can be written before anything runs: nobody should wait for a report in
/// vain.
fn check_new_file(option: &str, path: Option<&Path>) -> Result<(), String> {
    let check = |path| new_file::check(path).map_err(|error| not_written(option, path, &error));
    path.map_or(Ok(()), check)
}

fn write(option: &str, path: &Path, text: &str) -> Result<(), String> {
    new_file::write(path, text).map_err(|error| not_written(option, path, &error))
}

fn not_written(option: &str, path: &Path, error: &io::Error) -> String {
    format!("{option} {}: {error}", path.display())
}

fn list(wanted: &[&Exercise]) -> String {
    let mut text = String::new();
    for exercise in exercises::ALL {
        if wanted.is_empty() || wanted.contains(&exercise) {
            text += &format!("{}\n", exercise.name);
            for (id, name, points) in exercise.rubric.list() {
                text += &format!("  {id:14}{points:>4}  {name}\n");
            }
        }
    }
    text
}
