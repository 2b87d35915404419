//! The checker: see `--help`.

mod command_line;
mod live;
mod outputs;
mod watching;

use checker::answers::{self, Program, ToDraw};
use checker::caging::{self, CageOptions, Caging};
use checker::class::{self, worker};
use checker::clock::Clock;
use checker::escape::Outside;
use checker::exercises::{self, Exercise};
use checker::grade::{Graded, Settings, grade_all, record_once, summary};
use checker::init::{Package, Written};
use checker::places::Places;
use checker::recorder::NoRecording;
use checker::recording::Recording;
use checker::report::{self, Checked};
use checker::runner::{self, Runner};
use checker::terminal::{has_cursor, look, print, with_progress};
use checker::timeline::{self, Size};
use checker::watch_loop;
use command_line::{CommandLine, Drawing, Init, Mode, WantedReport, workspace};
use live::with_pictures;
use outputs::{Output, Reports};
use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

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
        Some(Mode::Timeline(drawing)) if drawing.cage.cage_report => describe(&drawing.cage),
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
    let started = Instant::now();
    let others = command_line.report.iter();
    let others = others.map(|WantedReport { format, file }| (*format, &**file));
    let reports = Reports::new((command_line.format, command_line.output.as_deref()), others)?;
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
    // All programs have ended: none can add anything to what is written now.
    let are_all_written = reports.write(&Checked {
        graded: &graded,
        seconds: started.elapsed().as_secs_f64(),
        verbose: command_line.verbose,
        look: look(),
        places: &|graded| places(graded, &programs),
    })?;
    Ok(ExitCode::from(if are_all_written { summary(&graded).exit_code() } else { 2 }))
}

/// Where to look in an answer, relative to the repository that GitHub checked out, or to the folder
/// in which the checker was started.
fn places(graded: &Graded, programs: &[Program]) -> Places {
    let program = programs.iter().find(|program| program.exercise == graded.exercise);
    let files = program.and_then(|program| program.sources().ok()).unwrap_or_default();
    let repository = env::var_os("GITHUB_WORKSPACE").unwrap_or_else(|| ".".into());
    let repository = Path::new(&repository).canonicalize();
    repository.map_or_else(|_| Places::default(), |folder| Places::of(graded, &files, &folder))
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
            let found = answers::find(&workspace, &command_line.exercises, None)?;
            let programs = found.programs.into_iter().map(Program::of_this_repository).collect();
            answers::Found { programs, ..found }
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
    let file = svg.as_deref().map(|path| Output::at("--svg", path)).transpose()?;
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
        file.write_or_print(&timeline::svg(&timeline, size))?;
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
