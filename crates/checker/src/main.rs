//! The checker: see `--help`.

mod command_line;
mod live;
mod watching;

use anstream::adapter::strip_str;
use checker::answers::{self, Program, ToDraw};
use checker::caging::{self, CageOptions, Caging};
use checker::class::{self, worker};
use checker::clock::Clock;
use checker::escape::Outside;
use checker::exercises::{self, Exercise};
use checker::grade::{Settings, grade_all, record_once, summary};
use checker::init::{Package, Written};
use checker::new_file::NewFile;
use checker::recorder::NoRecording;
use checker::recording::Recording;
use checker::report;
use checker::runner::{self, Runner};
use checker::terminal::{has_cursor, look, print, with_progress};
use checker::timeline::{self, Size};
use checker::watch_loop;
use command_line::{CommandLine, Drawing, Format, Init, Mode, workspace};
use live::with_pictures;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match runner::begin() {
        Ok(false) => {}
        Ok(true) => return ExitCode::SUCCESS,
        Err(error) => return problem(&error.to_string()),
    }
    if worker::is_asked() {
        return worker::work().map_or_else(|error| problem(&error), |()| ExitCode::SUCCESS);
    }
    let command_line = CommandLine::read();
    let done = match &command_line.mode {
        Some(Mode::Timeline(Drawing { cage, .. })) if cage.cage_report => describe(cage),
        Some(Mode::Timeline(drawing)) => draw(drawing),
        Some(Mode::Init(Init { package: Some(package), exercises, into, .. })) => {
            init(package, exercises, into.as_deref())
        }
        Some(Mode::Init(_)) => print(&packages()).map(|()| ExitCode::SUCCESS),
        None if command_line.cage.cage_report => describe(&command_line.cage),
        None if command_line.list => {
            print(&list(&command_line.exercises)).map(|()| ExitCode::SUCCESS)
        }
        None if command_line.class.class.is_some() => grade_class(&command_line),
        None if !command_line.class.merge.is_empty() => {
            class::merge(&command_line.class).map(ExitCode::from)
        }
        None => check(&command_line),
    };
    done.unwrap_or_else(|error| problem(&error))
}

fn describe(cage: &CageOptions) -> Result<ExitCode, String> {
    print(&caging::describe(cage.layers())).map(|()| ExitCode::SUCCESS)
}

fn problem(error: &str) -> ExitCode {
    say(error);
    ExitCode::from(2)
}

/// A line to standard error. What it quotes may have come from anywhere.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "checker: {}", Outside::from(text));
}

fn grade_class(command_line: &CommandLine) -> Result<ExitCode, String> {
    let settings = command_line.settings()?;
    class::run(&command_line.class, &command_line.exercises, settings).map(ExitCode::from)
}

fn check(command_line: &CommandLine) -> Result<ExitCode, String> {
    let file = new_file("--output", command_line.output.as_deref())?;
    let settings = command_line.settings()?;
    // The packages in this workspace are the user's own, and are built without a cage.
    let building = settings.caging.clone().filter(|_| command_line.dir.is_some());
    let mut programs = find_programs(command_line, building.as_ref())?;
    if command_line.watch && watch_loop::is_possible() {
        let program = programs.remove(0);
        let exit_code = watching::watch(program, settings, building, command_line.verbose)?;
        return Ok(ExitCode::from(exit_code));
    }
    let build = |program: &Program| program.build_aloud(building.as_ref());
    let answers: Vec<_> = programs.iter().map(build).collect();
    let graded = with_progress(|runner| grade_all(&answers, runner, &settings))?;
    let text = match command_line.format {
        Format::Human => report::human::report(&graded, command_line.verbose, look()),
        Format::Json => report::json::report(&graded, command_line.verbose),
        Format::Junit => report::junit::report(&graded),
    };
    match file {
        None => print(&text)?,
        Some(file) => write(&file, &text)?,
    }
    Ok(ExitCode::from(summary(&graded).exit_code()))
}

fn find_programs(
    command_line: &CommandLine,
    building: Option<&Caging>,
) -> Result<Vec<Program>, String> {
    if let [exercise] = command_line.exercises[..]
        && !command_line.command.is_empty()
    {
        return Ok(vec![Program::of_command(exercise, command_line.command.clone())]);
    }
    let found = match &command_line.dir {
        Some(folder) => answers::find(folder, &command_line.exercises, building)
            .map_err(|problem| format!("--dir {problem}"))?,
        None => {
            let workspace = workspace().ok_or(
                "name a program to check, as in: chained -- python3 chained.py; or a folder of \
                 answers, with --dir",
            )?;
            answers::find(&workspace, &command_line.exercises, None)?
        }
    };
    for problem in found.missing {
        say(&problem);
    }
    Ok(found.programs)
}

fn draw(drawing: &Drawing) -> Result<ExitCode, String> {
    let Drawing { exercise, command, example, live, svg, seconds, width, time_limit, clock, cage } =
        drawing;
    let file = new_file("--svg", svg.as_deref())?;
    let caging = cage.caging()?;
    let ToDraw { command, notes_tasks } = match exercise {
        Some(exercise) if command.is_empty() => {
            let workspace = workspace().ok_or_else(|| {
                let name = exercise.name;
                format!("name a program to draw, as in: timeline {name} -- python3 {name}.py")
            })?;
            answers::to_draw(&workspace, exercise.name, example.as_deref())?
        }
        _ => ToDraw { command: command.clone(), notes_tasks: false },
    };
    let clock = if *live { Clock::Real } else { *clock };
    let settings = Settings {
        time_limit: *time_limit,
        clock,
        tasks: notes_tasks,
        caging,
        ..Settings::default()
    };
    let record = |runner: &Runner| record_once(*exercise, &command, runner, &settings);
    let timeline = |recording: &Recording| match exercise {
        Some(exercise) => exercise.rubric.timeline(recording),
        None => timeline::by_label(recording),
    };
    let recorded = if *live && has_cursor() {
        with_pictures(*exercise, timeline, record)
    } else {
        with_progress(record)
    };
    let recording = match recorded? {
        Ok(recording) => recording,
        Err(NoRecording::NotBelieved(why)) => {
            say(&format!("not drawn: the virtual clock cannot be used: {why}"));
            return Ok(ExitCode::from(3));
        }
        Err(NoRecording::NotStarted(why)) => return Err(format!("{}: {why}", command[0])),
        Err(problem) => return Err(problem.why().to_string()),
    };
    if let Some(why) = recording.clock.because() {
        say(&format!("in real time: {why}"));
    }
    let timeline = timeline(&recording);
    if *live || file.is_none() {
        print(&report::human::timeline(&timeline, look()))?;
    }
    if let Some(file) = file {
        let usual = exercise.map_or(Size::PAGE, |exercise| exercise.picture);
        let size = Size {
            width: width.map_or(usual.width, f64::from),
            seconds: seconds.unwrap_or(usual.seconds),
        };
        write(&file, &timeline::svg(&timeline, size))?;
    }
    Ok(match report::bad_ending(&recording) {
        None => ExitCode::SUCCESS,
        Some(ending) => {
            say(&ending);
            if let Some(because) = report::perhaps_the_cage(&recording) {
                say(&because);
            }
            ExitCode::from(1)
        }
    })
}

/// A file to write to, with the option that names it.
struct Output<'a> {
    option: &'static str,
    path: &'a Path,
    file: NewFile,
}

/// Opened before any program runs: nobody should wait for a report that cannot be written.
fn new_file<'a>(
    option: &'static str,
    path: Option<&'a Path>,
) -> Result<Option<Output<'a>>, String> {
    let Some(path) = path else { return Ok(None) };
    let file = NewFile::at(path).map_err(|why| format!("{option} {}: {why}", path.display()))?;
    Ok(Some(Output { option, path, file }))
}

/// The text took long to make: it is not lost if its file can no longer be written.
fn write(Output { option, path, file }: &Output, text: &str) -> Result<(), String> {
    let Err(why) = file.write(&strip_str(text).to_string()) else { return Ok(()) };
    say(&format!("{option} {}: {why}; it goes to standard output instead", path.display()));
    print(text)
}

fn init(
    package: &Package,
    exercises: &[&'static Exercise],
    into: Option<&Path>,
) -> Result<ExitCode, String> {
    let Written { to, names, warning } = checker::init::init(package, exercises, into)?;
    if let Some(warning) = warning {
        say(warning);
    }
    let names: Vec<_> = names.iter().map(|name| name.display().to_string()).collect();
    let to = Outside::from(to.display().to_string());
    print(&format!("{to}: {}\nNow {}.\n", names.join(", "), package.next))?;
    Ok(ExitCode::SUCCESS)
}

fn packages() -> String {
    let line = |package: &Package| format!("{:14} {}\n", package.name, package.about);
    checker::init::ALL.iter().map(line).collect()
}

fn list(wanted: &[&Exercise]) -> String {
    let mut text = String::new();
    for exercise in exercises::ALL {
        if wanted.is_empty() || wanted.contains(exercise) {
            text += &format!("{}\n", exercise.name);
            for (id, name, points) in exercise.rubric.list() {
                text += &format!("  {id:14}{points:>4}  {name}\n");
            }
        }
    }
    text
}
