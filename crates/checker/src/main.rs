//! The checker: see `--help`.

mod command_line;

use checker::answers::{self, Answer};
use checker::grade::{Summary, grade_all, summary};
use checker::report;
use checker::rubrics::Exercise;
use checker::runner::{Runner, record_for_runner};
use checker::timeline::Characters;
use command_line::{CommandLine, Format};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    if CommandLine::is_recorder() {
        return match record_for_runner() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => problem(&error.to_string()),
        };
    }
    match run(&CommandLine::read()) {
        Ok(code) => code,
        Err(error) => problem(&error),
    }
}

fn problem(error: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "checker: {error}");
    ExitCode::from(2)
}

fn run(command_line: &CommandLine) -> Result<ExitCode, String> {
    if command_line.list {
        return print(&list(&command_line.exercises)).map(|()| ExitCode::SUCCESS);
    }
    let not_written =
        |path: &Path, error: io::Error| format!("--output {}: {error}", path.display());
    if let Some(path) = &command_line.output {
        report::check_file(path).map_err(|error| not_written(path, error))?;
    }
    let answers = answers(command_line)?;
    let bar = ProgressBar::new_spinner().with_style(
        ProgressStyle::with_template("{spinner} {msg}, {elapsed}").expect("a template"),
    );
    bar.enable_steady_tick(Duration::from_millis(100));
    let progress = bar.clone();
    let runner = Runner {
        checker: std::env::current_exe().map_err(|error| format!("who am I? {error}"))?,
        progress: Box::new(move |ended, runs| {
            progress.set_message(format!("{ended} of {runs} runs have ended"));
        }),
    };
    let graded = grade_all(&answers, &runner, command_line.time_limit);
    bar.finish_and_clear();

    let text = match command_line.format {
        Format::Human => report::human::report(&graded, command_line.verbose, characters()),
        Format::Json => report::json::report(&graded, command_line.verbose),
        Format::Junit => report::junit::report(&graded),
    };
    match &command_line.output {
        None => print(&text)?,
        Some(path) => report::write_file(path, &anstream::adapter::strip_str(&text).to_string())
            .map_err(|error| not_written(path, error))?,
    }
    Ok(ExitCode::from(match summary(&graded) {
        Summary::FullMarks => 0,
        Summary::PointsLost => 1,
        Summary::NotStarted => 2,
        Summary::Inconclusive => 3,
    }))
}

fn answers(command_line: &CommandLine) -> Result<Vec<Answer>, String> {
    if let [exercise] = command_line.exercises[..]
        && !command_line.command.is_empty()
    {
        return Ok(vec![Answer { exercise, command: command_line.command.clone() }]);
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    answers::find(command_line.dir.as_deref().unwrap_or(&workspace), &command_line.exercises)
}

fn list(exercises: &[Exercise]) -> String {
    let mut text = String::new();
    for exercise in Exercise::ALL {
        if exercises.is_empty() || exercises.contains(&exercise) {
            text += &format!("{}\n", exercise.name());
            for (id, name) in exercise.criteria() {
                text += &format!("  {id:14}{name}\n");
            }
        }
    }
    text
}

/// Prints to standard output, in color if that is wanted there. A reader that has gone away is no
/// error.
fn print(text: &str) -> Result<(), String> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("output: {error}")),
        _ => Ok(()),
    }
}

/// Box-drawing characters where the locale can show them.
fn characters() -> Characters {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    match locale {
        Some(locale) if !locale.to_lowercase().replace('-', "").contains("utf8") => {
            Characters::ASCII
        }
        Some(_) => Characters::UNICODE,
        None => Characters::ASCII,
    }
}
