//! Finds the programs to grade, and builds them: a command, or the answers in a folder. Also those to
//! draw: the exercises of a workspace, and their examples.

mod caged;
mod cargo;
mod idle;
mod sources;

pub(crate) use caged::build_for_checker;
pub use cargo::{Builder, build, first_error};
use cargo::{in_one_line, is_in_sources, run_by, say};

use crate::caging::Caging;
use crate::exercises::{self, Exercise};
use crate::runner::Stop;
use cargo::{Target, targets};
use serde::{Deserialize, Serialize};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

/// A program that answers an exercise.
#[derive(Clone, Serialize, Deserialize)]
pub struct Answer {
    #[serde(with = "exercises::by_name")]
    pub exercise: &'static Exercise,
    /// The program and its own arguments, after which the checker adds those of each run; or why
    /// there is no program to run.
    pub command: Result<Vec<String>, String>,
    /// Whether there is none because the compiler refuses it, as that of each machine would.
    pub is_refused: bool,
    /// The folder to start it in, if not the checker's: then no path in the command is relative.
    pub start: Option<PathBuf>,
    /// Its own folders, besides those of the files that the command names.
    pub folders: Vec<PathBuf>,
    /// If paths in this folder are to be shown relative to it: what it prints, too.
    pub relative_to: Option<PathBuf>,
}

impl Answer {
    /// One that this command runs.
    #[must_use]
    pub fn of_command(exercise: &'static Exercise, command: Vec<String>) -> Self {
        Self {
            exercise,
            command: Ok(command),
            is_refused: false,
            start: None,
            folders: Vec::new(),
            relative_to: None,
        }
    }

    /// If it could not be built, with the first error of those that cargo printed.
    fn with_error(self, printed: &[String]) -> Self {
        let with_error = |problem| match in_one_line(printed) {
            Some(error) => format!("{problem}: {error}"),
            None => problem,
        };
        let is_refused = self.command.is_err() && is_in_sources(printed);
        Self { command: self.command.map_err(with_error), is_refused, ..self }
    }
}

/// What runs a file with this ending.
pub(crate) const INTERPRETERS: [(&str, &[&str]); 10] = [
    ("py", &["python3"]),
    ("js", &["node"]),
    ("mjs", &["node"]),
    ("ts", &["deno", "run"]),
    ("rb", &["ruby"]),
    ("sh", &["bash"]),
    ("pl", &["perl"]),
    ("php", &["php"]),
    ("go", &["go", "run"]),
    ("java", &["java"]),
];

/// What there is in a folder.
pub struct Found {
    pub programs: Vec<Program>,
    /// A line for each exercise that has no answer there. One that is wanted is among the programs, as
    /// one that cannot be started.
    pub missing: Vec<String>,
}

/// A program that answers an exercise, still to be built if it is a Cargo package.
#[derive(Clone)]
pub struct Program {
    pub exercise: &'static Exercise,
    how: How,
    /// The folder to start it in, if not the checker's.
    start: Option<PathBuf>,
    /// The folder of answers that it is in, if it was found in one.
    found_in: Option<PathBuf>,
    /// Whether it was handed in, so that what was built before may be from other sources.
    is_handed_in: bool,
    /// The package that the command has cargo run, if any, once that is known.
    run_by_cargo: OnceLock<Option<Package>>,
}

/// How a program is run.
#[derive(Clone)]
enum How {
    Command(Vec<String>),
    Package(Package),
    /// Not at all, for this reason.
    Problem(String),
}

/// The workspace of a package whose program is running; none if the program is installed elsewhere.
/// Cargo tells where it is now; the path that was `compiled_in` may be out of date, as cargo does not
/// recompile after the repository has been moved.
#[must_use]
pub fn workspace(package: &str, compiled_in: &str) -> Option<PathBuf> {
    let is_ours = std::env::var("CARGO_PKG_NAME").is_ok_and(|name| name == package);
    if let Some(now) = std::env::var_os("CARGO_MANIFEST_DIR").filter(|_| is_ours) {
        return Some(Path::new(&now).join("../.."));
    }
    let workspace = Path::new(compiled_in).join("../..");
    let program = std::env::current_exe().ok()?;
    program.starts_with(workspace.canonicalize().ok()?).then_some(workspace)
}

/// A Cargo package with the binary of an exercise.
#[derive(Clone)]
struct Package {
    /// The name of the binary.
    binary: String,
    /// What it is built with: its own manifest, or that of its workspace.
    manifest: PathBuf,
    folder: PathBuf,
    /// The source file of the binary.
    main: PathBuf,
}

impl Program {
    /// A program that this command runs.
    #[must_use]
    pub fn of_command(exercise: &'static Exercise, command: Vec<String>) -> Self {
        Self::new(exercise, How::Command(command), None)
    }

    /// The Cargo package in this folder, with a binary that has the name of the exercise.
    #[must_use]
    pub fn of_package(exercise: &'static Exercise, folder: &Path) -> Self {
        let (manifest, main) = (folder.join("Cargo.toml"), folder.join("src/main.rs"));
        let package =
            Package { binary: exercise.name.into(), manifest, folder: folder.into(), main };
        Self::new(exercise, How::Package(package), None)
    }

    /// A learner's script or executable file, at a real path. It is started in its own folder.
    #[must_use]
    pub fn of_file(exercise: &'static Exercise, file: &Path) -> Self {
        let ending = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let interpreter = INTERPRETERS.iter().find(|(known, _)| *known == ending);
        let words = interpreter.map_or(&[][..], |(_, words)| words).iter();
        let path = file.display().to_string();
        let command = words.map(ToString::to_string).chain([path]).collect();
        Self::new(exercise, How::Command(command), file.parent().map(Into::into))
    }

    /// A learner's Cargo package with this binary: the package, or the workspace that it is in, is in
    /// `folder`, and that in the submission, which is a real path.
    #[must_use]
    pub fn of_binary(
        exercise: &'static Exercise,
        submission: &Path,
        folder: &Path,
        binary: &str,
        caging: Option<&Caging>,
    ) -> Self {
        let manifest = folder.join("Cargo.toml");
        let how = match package_with(&manifest, binary, caging) {
            Ok(Some(package)) => How::Package(package),
            Ok(None) => How::Problem(format!("{} has no binary {binary}", manifest.display())),
            Err(problem) => How::Problem(problem),
        };
        let how = outside(&how, submission).map_or(how, How::Problem);
        let start = match &how {
            How::Package(package) => package.folder.clone(),
            _ => folder.into(),
        };
        let found_in = Some(submission.into());
        Self { found_in, is_handed_in: true, ..Self::new(exercise, how, Some(start)) }
    }

    /// The same, as a program of the repository that the checker is from: cargo builds it as it is told
    /// to.
    #[must_use]
    pub fn of_this_repository(self) -> Self {
        Self { is_handed_in: false, ..self }
    }

    fn new(exercise: &'static Exercise, how: How, start: Option<PathBuf>) -> Self {
        let run_by_cargo = OnceLock::new();
        Self { exercise, how, start, found_in: None, is_handed_in: false, run_by_cargo }
    }

    /// The program, ready to run: building takes long, and must not happen while the clock runs.
    #[must_use]
    pub fn build(&self, builder: &Builder) -> Answer {
        self.answer(match &self.how {
            How::Command(command) => Ok(command.clone()),
            How::Package(package) => {
                let builder = builder.for_package(self.folders(), self.target(package));
                build(&package.manifest, "bin", &package.binary, &builder)
            }
            How::Problem(problem) => Err(problem.clone()),
        })
    }

    /// The same; cargo's errors go to standard error, and the first of them is the answer's problem.
    #[must_use]
    pub fn build_aloud(&self, caging: Option<&Caging>) -> Answer {
        let printed = Mutex::new(Vec::new());
        let says = |line: &str| {
            say(line);
            printed.lock().expect("no panic").push(line.to_owned());
        };
        let answer = self.build(&Builder::new(caging, Stop::default(), &says));
        answer.with_error(&printed.into_inner().expect("no panic"))
    }

    /// The same, until it is stopped; cargo's errors are not shown.
    #[must_use]
    pub fn build_in_silence(&self, stop: &Stop, caging: Option<&Caging>) -> Answer {
        let (answer, printed) = Builder::gathering(stop, caging, |builder| self.build(builder));
        answer.with_error(&printed)
    }

    /// The program of a learner, ready to run as its files have just been saved; it may touch them.
    #[must_use]
    pub fn build_as_saved(&self, builder: &Builder) -> Answer {
        let How::Package(package) = &self.how else { return self.build(builder) };
        let Package { binary, manifest, .. } = package;
        let sources = sources::of_package(package);
        let builder = builder.for_package(self.folders(), self.target(package));
        self.answer(cargo::build_as_saved(manifest, binary, &sources, &builder))
    }

    fn answer(&self, command: Result<Vec<String>, String>) -> Answer {
        let Self { exercise, start, .. } = self;
        Answer {
            exercise,
            command,
            is_refused: false,
            start: start.clone(),
            folders: self.folders(),
            relative_to: None,
        }
    }

    /// The folders that a package may read: its own, that of its workspace, and the folder of answers.
    fn folders(&self) -> Vec<PathBuf> {
        let How::Package(Package { manifest, folder, .. }) = &self.how else { return Vec::new() };
        let workspace = manifest.parent().map(Into::into);
        [folder.clone()].into_iter().chain(workspace).chain(self.found_in.clone()).collect()
    }

    /// The target folder of a package that was handed in: its own.
    fn target(&self, package: &Package) -> Option<PathBuf> {
        let folder = package.manifest.parent().filter(|_| self.is_handed_in)?;
        Some(folder.join("target"))
    }

    /// Whether it is a Cargo package.
    #[must_use]
    pub fn is_package(&self) -> bool {
        matches!(self.how, How::Package(_))
    }

    /// Its source files, the main one first: those that the command names and the others beside them
    /// with the same extension, or those of the package, which may also be the one that the command
    /// has cargo run. At most about 50.
    ///
    /// # Errors
    ///
    /// One line, if there is no program.
    pub fn sources(&self) -> Result<Vec<PathBuf>, String> {
        match &self.how {
            How::Command(command) => {
                let package = self.run_by_cargo.get_or_init(|| run_by(command));
                let of_command = || sources::of_command(command);
                Ok(package.as_ref().map_or_else(of_command, sources::of_package))
            }
            How::Package(package) => Ok(sources::of_package(package)),
            How::Problem(problem) => Err(problem.clone()),
        }
    }
}

/// The programs in a folder that answer these exercises; all that there are if `wanted` is empty. One
/// that is wanted and missing cannot be started, and reports say why. What cargo says against a package
/// it says from within the cage, if there is one.
///
/// # Errors
///
/// One line, if there is no such folder, or if all are asked for and there are none.
pub fn find(
    folder: &Path,
    wanted: &[&'static Exercise],
    caging: Option<&Caging>,
) -> Result<Found, String> {
    if !folder.is_dir() {
        return Err(format!("{}: there is no such folder", folder.display()));
    }
    let problem = |problem: String| format!("{}: {problem}", folder.display());
    let folder = folder.canonicalize().map_err(|error| problem(error.to_string()))?;
    let problem = |problem: String| format!("{}: {problem}", folder.display());
    let is_asked = |one: &&Exercise| wanted.is_empty() || wanted.contains(one);
    let asked: Vec<_> = exercises::ALL.iter().copied().filter(is_asked).collect();
    let found: Vec<_> =
        asked.iter().map(|exercise| program(&folder, exercise.name, caging)).collect();
    let has_none = found.iter().all(Option::is_none);
    let below = if has_none { folder_with_answers(&folder, &asked) } else { None };
    let mut programs = Vec::new();
    let mut missing = Vec::new();
    for (exercise, how) in asked.into_iter().zip(found) {
        let Some(how) = how else {
            let why =
                below.as_deref().map_or_else(|| why_missing(&folder, exercise.name), why_below);
            if !wanted.is_empty() {
                programs.push(Program::new(exercise, How::Problem(why.clone()), None));
            }
            missing.push(why);
            continue;
        };
        // Where its learner starts it.
        let start = match &how {
            How::Package(package) => package.folder.clone(),
            _ => folder.clone(),
        };
        let found_in = Some(folder.clone());
        let program = Program::new(exercise, how, Some(start));
        programs.push(Program { found_in, is_handed_in: true, ..program });
    }
    // It is the same for all whose answers are below.
    missing.dedup();
    if programs.is_empty() {
        return Err(problem(missing.join("; ")));
    }
    Ok(Found { programs, missing })
}

/// What to say about a folder whose answers are in folders below it, such as this one.
fn why_below(with: &Path) -> String {
    format!(
        "its answers are in folders below it: move them up, or name one of these folders, as in \
         --dir {}",
        with.display()
    )
}

/// The first folder in this one that has a script or an executable file for one of these exercises,
/// or a package: a folder of learners has one for each.
fn folder_with_answers(folder: &Path, exercises: &[&Exercise]) -> Option<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).collect();
    folders.retain(|path| path.is_dir() && !path.is_symlink());
    folders.sort();
    let has_answer = |folder: &PathBuf, name: &str| {
        !scripts(folder, name).is_empty() || folder.join(name).join("Cargo.toml").is_file()
    };
    let has_one = |folder: &PathBuf| exercises.iter().any(|one| has_answer(folder, one.name));
    folders.into_iter().find(has_one)
}

/// The only program of this name in the folder, which is a real path.
fn program(folder: &Path, name: &str, caging: Option<&Caging>) -> Option<How> {
    let mut programs: Vec<_> = scripts(folder, name).into_iter().map(How::Command).collect();
    match package(folder, name, caging) {
        Ok(package) => programs.extend(package.map(How::Package)),
        // It may be about another exercise.
        Err(problem) if programs.is_empty() => programs.push(How::Problem(problem)),
        Err(_) => {}
    }
    if programs.len() > 1 {
        return Some(How::Problem(format!("more than one answer to {name}: keep only one")));
    }
    let program = programs.pop()?;
    Some(outside(&program, folder).map_or(program, How::Problem))
}

/// What is wrong if the program is not in the folder, which is a real path: a learner's link or
/// manifest may lead to somebody else's file.
fn outside(program: &How, folder: &Path) -> Option<String> {
    let files: Vec<_> = match program {
        How::Command(command) => command.last().map(PathBuf::from).into_iter().collect(),
        How::Package(Package { manifest, folder, main, .. }) => {
            vec![manifest.clone(), folder.clone(), main.clone()]
        }
        How::Problem(_) => Vec::new(),
    };
    let is_outside = |file: &Path| file.canonicalize().is_ok_and(|real| !real.starts_with(folder));
    let file = files.iter().find(|file| is_outside(file))?;
    Some(format!("{} leads out of {}: put the file itself there", file.display(), folder.display()))
}

/// What to say about an exercise without an answer. If a file was meant to be one, it is named.
fn why_missing(folder: &Path, name: &str) -> String {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let meant = entries.map(|entry| entry.path()).find(|path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        path.is_file() && stem.eq_ignore_ascii_case(name)
    });
    let Some(path) = meant else {
        return format!(
            "no answer to {name}: add an executable {name}, a script such as {name}.py, or a \
             Cargo package with the binary {name}"
        );
    };
    let file = path.file_name().unwrap_or_default().display();
    let fix = match path.extension() {
        _ if path.file_stem().is_some_and(|stem| stem != name) => {
            "its name is not in lowercase: rename it"
        }
        None => &format!("it is not executable: run chmod +x {}", path.display()),
        Some(_) => "the checker does not know how to run it: give its command after --",
    };
    format!("no answer to {name}: {file} is there, but {fix}")
}

/// The commands of scripts and executable files of this name.
fn scripts(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for (ending, interpreter) in INTERPRETERS {
        let file = folder.join(format!("{name}.{ending}"));
        if file.is_file() {
            let words = interpreter.iter().map(ToString::to_string);
            commands.push(words.chain([file.display().to_string()]).collect());
        }
    }
    let file = folder.join(name);
    let is_executable =
        file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
    if is_executable {
        commands.push(vec![file.display().to_string()]);
    }
    commands
}

/// The Cargo package that has a binary of this name: in the folder itself, in its subfolder of this
/// name, or in a workspace in either.
fn package(folder: &Path, name: &str, caging: Option<&Caging>) -> Result<Option<Package>, String> {
    for manifest in [folder.join(name).join("Cargo.toml"), folder.join("Cargo.toml")] {
        if !manifest.is_file() {
            continue;
        }
        if let Some(package) = package_with(&manifest, name, caging)? {
            return Ok(Some(package));
        }
    }
    Ok(None)
}

/// The Cargo package with this manifest, or one in its workspace, that has a binary of this name.
fn package_with(
    manifest: &Path,
    name: &str,
    caging: Option<&Caging>,
) -> Result<Option<Package>, String> {
    let is_binary = |target: &Target| target.kind == "bin" && target.name == name;
    let binary = targets(manifest, caging)?.into_iter().find(is_binary);
    Ok(binary.map(|Target { name, folder, main, .. }| Package {
        binary: name,
        manifest: manifest.into(),
        folder,
        main,
    }))
}

/// A program to draw.
pub struct ToDraw {
    pub command: Vec<String>,
    /// Whether it is built with the instrument.
    pub notes_tasks: bool,
}

/// An exercise in its own workspace, or an example, for a picture: built with the instrument that
/// notes its tasks, if there is such a program.
///
/// # Errors
///
/// One line, if there is none, or it cannot be built.
pub fn to_draw(workspace: &Path, exercise: &str, example: Option<&str>) -> Result<ToDraw, String> {
    let manifest = workspace.join("Cargo.toml");
    let targets = targets(&manifest, None)?;
    let binary = |name: &str| targets.iter().find(|it| it.kind == "bin" && it.name == name);
    let Some(Target { folder, .. }) = binary(exercise) else {
        return Err(format!("there is no binary {exercise} in {}", workspace.display()));
    };
    let examples = targets.iter().filter(|it| it.kind == "example" && it.folder == *folder);
    let examples: Vec<_> = examples.map(|it| &*it.name).collect();
    let (kind, name) = match example {
        None => ("bin", exercise),
        Some(name) if examples.contains(&name) => ("example", name),
        Some(_) if examples.is_empty() => {
            return Err(format!("--example: {exercise} has no examples; leave it out"));
        }
        Some(_) => {
            return Err(format!("--example: {exercise} has only {}", examples.join(", ")));
        }
    };
    let instrumented = format!("instrumented-{name}");
    // A program that was changed may need more than the instrument offers.
    let built = binary(&instrumented)
        .map(|_| build(&manifest, "bin", &instrumented, &Builder::quiet(&Stop::default())));
    match built {
        Some(Ok(command)) => Ok(ToDraw { command, notes_tasks: true }),
        _ => {
            let command = build(&manifest, kind, name, &Builder::aloud())?;
            Ok(ToDraw { command, notes_tasks: false })
        }
    }
}
