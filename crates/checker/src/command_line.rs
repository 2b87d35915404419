//! The checker's command line.

use checker::answers;
use checker::caging::CageOptions;
use checker::class::ClassOptions;
use checker::clock::Clock;
use checker::escape::visible;
use checker::exercises::{self, Exercise};
use checker::grade::{BUILT_START_LIMIT, START_LIMIT, Settings};
use checker::init::{self, Package};
use checker::meant::closest;
use checker::report::Format;
use clap::{Args, CommandFactory, Parser, Subcommand, error::ErrorKind, value_parser};
use std::path::PathBuf;

/// Grades a program by what it prints and when.
#[derive(Parser)]
#[command(version, after_help = check_examples(), args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(subcommand)]
    pub mode: Option<Mode>,

    /// What to grade: countasync, countsync, rand, chained [default: all]
    #[arg(value_parser = exercise, value_name = "EXERCISE")]
    pub exercises: Vec<&'static Exercise>,

    /// The learner's program: any command. If the exercise takes arguments, the checker adds them
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,

    /// A folder of answers: countasync.py, chained (executable), rand.js, ... or a Cargo package
    /// with such a binary [default: the workspace of the repository]
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub dir: Option<PathBuf>,

    /// The format of the report
    #[arg(long, value_enum, default_value_t, conflicts_with = "cage_report")]
    pub format: Format,

    /// Write the report to a new file instead of standard output
    #[arg(long, value_name = "FILE", conflicts_with = "cage_report")]
    pub output: Option<PathBuf>,

    /// Also write a report to a new file, as in gradescope=results.json. May be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = wanted_report,
          conflicts_with_all = ["cage_report", "list"])]
    pub report: Vec<WantedReport>,

    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true,
          help = time_limit_help())]
    pub time_limit: Option<f64>,

    /// Which clock the programs run on
    #[arg(long, value_enum, default_value_t)]
    pub clock: Clock,

    /// Run an answer that lost points on the virtual clock once more in real time, which counts if
    /// the verdicts differ
    #[arg(long)]
    pub confirm: bool,

    /// Show each line of each run with its time
    #[arg(long, short)]
    pub verbose: bool,

    /// Check again whenever the program is saved; single keys show a hint, the picture of the run,
    /// and more. Without a terminal, check once
    #[arg(long, conflicts_with_all = ["output", "report", "list"])]
    pub watch: bool,

    /// List the criteria of each exercise and their points
    #[arg(long)]
    pub list: bool,

    #[command(flatten)]
    pub class: ClassOptions,

    #[command(flatten)]
    pub cage: CageOptions,
}

#[derive(Subcommand)]
pub enum Mode {
    /// Draw one run: a row per coroutine, with time running from left to right
    #[command(after_help = timeline_examples())]
    Timeline(Box<Drawing>),

    /// Write out what the checker brings along: packages for platforms, starters, templates
    #[command(after_help = init_examples())]
    Init(Init),
}

/// What to draw.
#[derive(Args)]
pub struct Drawing {
    /// Which exercise the program answers; without one, lines that begin with the same label,
    /// as in "fetch 1: asks", form a row
    #[arg(value_parser = self::exercise,
          required_unless_present_any = ["command", "cage_report"])]
    pub exercise: Option<&'static Exercise>,

    /// The program: any command [default: the exercise in the repository]
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,

    /// Draw an example of the exercise in the repository, instead of the exercise itself
    #[arg(long, value_name = "NAME", requires = "exercise", conflicts_with = "command")]
    pub example: Option<String>,

    /// Redraw the picture while the program runs, in real time. Without a terminal, or if TERM
    /// is dumb, only the last picture is printed
    #[arg(long)]
    pub live: bool,

    /// Write an SVG to a new file instead; with --live, as well
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,

    /// Show at least this many seconds in the SVG, to compare two pictures at the same scale
    /// [default: the exercise's own]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub seconds: Option<f64>,

    /// The width of the SVG [default: the exercise's own]
    #[arg(long, value_name = "PIXELS", value_parser = value_parser!(u16).range(300..=4000))]
    pub width: Option<u16>,

    /// How long the run may take [default: as for a check]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub time_limit: Option<f64>,

    /// Which clock the program runs on
    #[arg(long, value_enum, default_value_t)]
    pub clock: Clock,

    #[command(flatten)]
    pub cage: CageOptions,
}

/// What to write out.
#[derive(Args)]
pub struct Init {
    /// What to write out: see --list
    #[arg(value_parser = package, value_name = "NAME", required_unless_present = "list")]
    pub package: Option<&'static Package>,

    /// The exercises to include [default: all]
    #[arg(value_parser = exercise, value_name = "EXERCISE")]
    pub exercises: Vec<&'static Exercise>,

    /// Where to write it: a folder that has none of its files yet, or a new file that ends in .zip
    /// [default: gradescope.zip for gradescope, otherwise a folder with its name]
    #[arg(long, value_name = "PATH")]
    pub into: Option<PathBuf>,

    /// List what there is
    #[arg(long, conflicts_with_all = ["package", "into"])]
    pub list: bool,
}

/// A report in this format, in a file of its own.
#[derive(Clone, Debug)]
pub struct WantedReport {
    pub format: Format,
    pub file: PathBuf,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  full marks
  1  points lost
  2  incorrect usage, a program could not be started, or a report could not be written
  3  could not be judged: the machine was too busy, or --clock virtual cannot be used
With --class or --merge: 0 if all were graded, whatever their points; 2 as above; 3 if some could not
be judged or built; 130 if stopped.";

const EXAMPLES_IN_REPOSITORY: &str = "
  scripts/check                                   all exercises in this workspace
  scripts/check countasync chained                two of them";

const EXAMPLES: &str = "
  scripts/check chained -- python3 chained.py     any program
  scripts/check --watch countasync -- python3 mine.py
  scripts/check --clock real countasync -- python3 mine.py
  scripts/check --cage-report                     what the cage covers on this machine
  scripts/check --cage require --dir ../anna      only if it covers everything
  scripts/check --allow-read data chained -- python3 chained.py
  scripts/check --dir ../my-answers --format json --output grades.json
  scripts/check --dir ../my-answers --report html=grades.html --report junit=grades.xml
  scripts/check --class submissions.zip --into grades
  scripts/check --class submissions.zip --into grades --only \"Anna Larsson\"
  scripts/check --class submissions.zip --into shards/2 --shard 2/8
  scripts/check --merge shards/* --into grades
  scripts/check init gradescope                   a package for a platform";

const TIMELINE_EXIT_CODES: &str = "\
Exit codes:
  0  drawn
  1  drawn, but the program did not end cleanly
  2  incorrect usage, or the program could not be started
  3  not drawn: --clock virtual cannot be used for the program";

const TIMELINE_EXAMPLES_IN_REPOSITORY: &str = "
  scripts/timeline countasync
  scripts/timeline countasync --live              while it runs
  scripts/timeline countasync --example blocking
  scripts/timeline countasync --seconds 5 --svg countasync.svg";

const TIMELINE_EXAMPLES: &str = "
  scripts/timeline chained -- python3 chained.py 5 6
  scripts/timeline -- python3 anything.py";

const INIT_EXAMPLES: &str = "
  scripts/check init --list
  scripts/check init gradescope countasync chained
  scripts/check init classroom --into ../assignment
  scripts/check init starters";

/// The workspace of the checker, if it is run there: by a script of the repository, or from the folder
/// where it was built. An installed checker has none.
pub fn workspace() -> Option<PathBuf> {
    answers::workspace(env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"))
}

fn check_examples() -> String {
    let examples = examples(EXAMPLES_IN_REPOSITORY, EXAMPLES);
    format!("{EXIT_CODES}\n\n{examples}")
}

fn timeline_examples() -> String {
    let examples = examples(TIMELINE_EXAMPLES_IN_REPOSITORY, TIMELINE_EXAMPLES);
    format!("{TIMELINE_EXIT_CODES}\n\n{examples}")
}

fn init_examples() -> String {
    examples("", INIT_EXAMPLES)
}

/// Examples as they can be typed here.
fn examples(in_repository: &str, anywhere: &str) -> String {
    match workspace() {
        Some(_) => format!("Examples:{in_repository}{anywhere}"),
        None => format!("Examples:{anywhere}")
            .replace("scripts/check", "checker")
            .replace("scripts/timeline", "checker timeline"),
    }
}

/// The exercise of this name.
fn exercise(name: &str) -> Result<&'static Exercise, String> {
    exercises::find(name).ok_or_else(|| match meant(name) {
        Some(meant) => format!("there is no such exercise; did you mean {meant}?"),
        None => "there is no such exercise".into(),
    })
}

/// The exercise that a mistyped name was meant to be.
fn meant(name: &str) -> Option<&'static str> {
    closest(name, exercises::ALL.iter().map(|exercise| exercise.name), 0.8)
}

/// The package of this name.
fn package(name: &str) -> Result<&'static Package, String> {
    let names = || init::ALL.iter().map(|package| package.name);
    init::find(name).ok_or_else(|| match closest(name, names(), 0.8) {
        Some(meant) => format!("there is no such package; did you mean {meant}?"),
        None => {
            format!(
                "there is no such package; there are {}",
                names().collect::<Vec<_>>().join(", ")
            )
        }
    })
}

/// What to say if a command follows an exercise without the `--` that belongs between them.
fn missing_dashes(arguments: &[String]) -> Option<String> {
    let is_exercise = |word: &String| exercises::find(word).is_some();
    let first = arguments.iter().position(is_exercise)?;
    let command = first + arguments[first..].iter().position(|word| !is_exercise(word))?;
    let word = &arguments[command];
    if word.starts_with('-') || meant(word).is_some() {
        return None;
    }
    let (exercise, command) = (&arguments[command - 1], arguments[command..].join(" "));
    Some(format!("put -- before the command, as in: {exercise} -- {command}"))
}

fn time_limit_help() -> String {
    let limits = exercises::ALL.iter().map(|one| format!("{} for {}", one.time_limit, one.name));
    format!(
        "How long a run may take [default: {START_LIMIT} until the first line of the exercise, or \
         {BUILT_START_LIMIT} for a package that --watch has built, then {}; longer if its lines announce longer sleeps]",
        limits.collect::<Vec<_>>().join(", ")
    )
}

/// A report as in `gradescope=results.json`.
fn wanted_report(text: &str) -> Result<WantedReport, String> {
    match text.split_once('=') {
        Some((format, file)) if !file.is_empty() => {
            Ok(WantedReport { format: Format::named(format)?, file: file.into() })
        }
        _ => Err("give a format and a file, as in --report gradescope=results.json".into()),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("give seconds: more than 0 and at most 86400, as in --time-limit 60".into()),
    }
}

impl CommandLine {
    /// Reads the command line; ends the program on `--help`, `--version` or bad usage.
    pub fn read() -> Self {
        let command_line = Self::try_parse().unwrap_or_else(|error| {
            // The message quotes what was typed: it is made again, from harmless words.
            let words: Vec<_> =
                std::env::args_os().map(|word| visible(word.as_encoded_bytes())).collect();
            if let Some(problem) = missing_dashes(&words) {
                Self::command().error(ErrorKind::UnknownArgument, problem).exit();
            }
            Self::try_parse_from(words).err().unwrap_or(error).exit()
        });
        if command_line.command.is_empty() && std::env::args_os().next_back() == Some("--".into()) {
            let problem = "there is no command after --";
            Self::command().error(ErrorKind::MissingRequiredArgument, problem).exit();
        }
        if let Some(Mode::Timeline(drawing)) = &command_line.mode
            && drawing.live
            && matches!(drawing.clock, Clock::Virtual)
        {
            let problem = "--live shows a run in real time, and --clock virtual jumps over its waits: \
                           leave out one of them";
            Self::command().error(ErrorKind::ArgumentConflict, problem).exit();
        }
        if !command_line.command.is_empty() && command_line.exercises.len() != 1 {
            Self::command()
                .error(
                    ErrorKind::WrongNumberOfValues,
                    "name one exercise before the command, as in: chained -- python3 chained.py",
                )
                .exit();
        }
        let ClassOptions { class, into, merge, .. } = &command_line.class;
        if into.is_some() && class.is_none() && merge.is_empty() {
            let problem =
                "--into: name the submissions as well, as in: --class SUBMISSIONS --into GRADES";
            Self::command().error(ErrorKind::MissingRequiredArgument, problem).exit();
        }
        if command_line.watch && command_line.exercises.len() != 1 {
            Self::command()
                .error(
                    ErrorKind::WrongNumberOfValues,
                    "--watch: name one exercise, as in: --watch chained -- python3 chained.py",
                )
                .exit();
        }
        if command_line.watch && command_line.format != Format::Human {
            Self::command()
                .error(
                    ErrorKind::ArgumentConflict,
                    "--watch shows its verdicts in the terminal: leave out --format",
                )
                .exit();
        }
        command_line
    }

    /// How answers are graded.
    ///
    /// # Errors
    ///
    /// One line, if this machine does not have the cage that is asked for.
    pub fn settings(&self) -> Result<Settings, String> {
        let &Self { time_limit, clock, confirm, .. } = self;
        let caging = self.cage.caging()?;
        Ok(Settings { time_limit, clock, confirm, caging, ..Settings::default() })
    }
}
