//! What a check costs on each clock, compared with the bare program: `scripts/bench-clock`.
//!
//! The checker is the one that `scripts/check` builds. Each line is one check, with all its runs
//! side by side; the bare runs are side by side, too.

mod cost;
#[path = "../tests/runner/scripts.rs"]
mod scripts;

use checker::exercises;
use cost::{Cost, cost};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CHECKER: &str = env!("CARGO_BIN_EXE_checker");
const IMPOSTOR: &str = env!("CARGO_BIN_EXE_impostor");

/// The targets of the project, in wall seconds.
const ALL_IN_RUST: f64 = 0.5;
const ALL_IN_PYTHON: f64 = 1.5;
/// The checker's own CPU milliseconds per second of a run in real time, before there was a virtual
/// clock.
const BEFORE: f64 = 17.0;

/// One line of the table.
struct Program {
    name: String,
    /// The arguments of the checker.
    check: Vec<String>,
    /// The commands of the bare runs.
    bare: Vec<Vec<String>>,
}

/// The answer to an exercise: this command, and the arguments of its runs.
fn answer(exercise: &str, name: &str, command: &[String]) -> Program {
    let runs: &[&[&str]] = match exercise {
        "chained" => &[&[], &["11", "222", "333"], &["x"]],
        "rand" => &[&[], &[]],
        _ => &[&[]],
    };
    let arguments = |run: &&[&str]| run.iter().map(ToString::to_string).collect::<Vec<_>>();
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    Program {
        name: name.into(),
        check: [&words(&[exercise, "--"]), command].concat(),
        bare: runs.iter().map(|run| [command, &arguments(run)].concat()).collect(),
    }
}

/// All of these in one check, as with `--dir`.
fn together(name: &str, folder: &Path, programs: &[Program]) -> Program {
    Program {
        name: name.into(),
        check: vec!["--dir".into(), folder.display().to_string()],
        bare: programs.iter().flat_map(|program| program.bare.clone()).collect(),
    }
}

fn check(program: &Program, clock: &str) -> (Cost, Value) {
    let mut report = Vec::new();
    let cost = cost(|| {
        let checker = Command::new(CHECKER)
            .args(["--format", "json", "--verbose", "--clock", clock])
            .args(&program.check)
            .stderr(Stdio::null())
            .output();
        report = checker.expect("the checker").stdout;
    });
    (cost, serde_json::from_slice(&report).expect("a report"))
}

/// The same runs without a checker. It would end after 12 s what never ends: so does this.
fn bare(program: &Program) -> Cost {
    cost(|| {
        let start = |command: &Vec<String>| {
            let mut bare = Command::new("timeout");
            bare.arg("12").args(command).env("PYTHONUNBUFFERED", "1");
            bare.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            bare.spawn().expect("timeout, of the coreutils")
        };
        let mut children: Vec<_> = program.bare.iter().map(start).collect();
        for child in &mut children {
            child.wait().expect("it is ours");
        }
    })
}

/// The criteria that were not passed, and the mistakes.
fn judged(report: &Value) -> Vec<String> {
    let exercises = report["exercises"].as_array().into_iter().flatten();
    let criteria = exercises.flat_map(|one| one["criteria"].as_array().into_iter().flatten());
    let not_passed = criteria.filter(|one| one["verdict"] != "passed");
    not_passed
        .map(|one| format!("{} {} {}", one["id"], one["verdict"], one["reason"]["mistake"]))
        .collect()
}

/// The recordings of all runs.
fn recordings(report: &Value) -> impl Iterator<Item = &Value> {
    let exercises = report["exercises"].as_array().into_iter().flatten();
    exercises.flat_map(|one| one["recordings"].as_array().into_iter().flatten())
}

/// What a check costs on the virtual clock, and the checker's own CPU in real time.
struct Line {
    by_virtual: Cost,
    own: Overhead,
}

/// Measures a program, and prints its line.
fn line(program: &Program, target: &str) -> Line {
    let bare = bare(program);
    let (real, real_report) = check(program, "real");
    let (by_virtual, virtual_report) = check(program, "auto");
    let mut note = target.to_owned();
    if recordings(&virtual_report).any(|recording| recording["clock"] == "real") {
        note += " (real time)";
    }
    if judged(&real_report) != judged(&virtual_report) {
        note += " DIFFERENT VERDICTS";
    }
    println!(
        "{:44} {:7.2} {:7.2} {:7.2} {:6.0}x | {:6.2} {:6.2} {:6.2} {:6.1}x  {note}",
        program.name,
        bare.wall,
        real.wall,
        by_virtual.wall,
        real.wall / by_virtual.wall,
        bare.cpu,
        real.cpu,
        by_virtual.cpu,
        by_virtual.cpu / bare.cpu.max(0.001),
    );
    Line { by_virtual, own: Overhead::of(real, &real_report) }
}

/// What the checker itself costs in real time: its own CPU, and the seconds of all runs.
struct Overhead {
    cpu: f64,
    seconds: f64,
}

impl Overhead {
    fn of(cost: Cost, report: &Value) -> Self {
        let seconds = |recording: &Value, key: &str| recording[key].as_f64().unwrap_or_default();
        let of_programs: f64 =
            recordings(report).map(|it| seconds(it, "cpu_before") + seconds(it, "cpu_after")).sum();
        let all = recordings(report).map(|it| seconds(it, "seconds"));
        Self { cpu: cost.cpu - of_programs, seconds: all.sum() }
    }
}

/// A chained that blocks: the right one with another sleep.
fn blocking_chained(folder: &Path, answers: &Path) -> Vec<String> {
    let right = fs::read_to_string(answers.join("chained.py")).expect("an answer");
    let blocks = right
        .replace("await asyncio.sleep(seconds)", "sleep(seconds)")
        .replace("from time import monotonic", "from time import monotonic, sleep");
    assert_ne!(right, blocks);
    let file = folder.join("blocking_chained.py");
    fs::write(&file, blocks).expect("a new file");
    vec!["python3".into(), file.display().to_string()]
}

fn main() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let answers = package.join("tests/answers");
    // Beside the checker, where cargo puts all programs of the workspace.
    let built = |name: &str| Path::new(CHECKER).with_file_name(name);
    println!(
        "{:44} {:>7} {:>7} {:>7} {:>7} | {:>6} {:>6} {:>6} {:>7}\n{:44} {:>31} | {:>28}",
        "",
        "bare",
        "real",
        "virtual",
        "real/",
        "bare",
        "real",
        "virt.",
        "virt./",
        "",
        "wall seconds            virtual",
        "CPU seconds            bare",
    );
    let command = |path: PathBuf| vec![path.display().to_string()];
    let names = || exercises::ALL.iter().map(|exercise| exercise.name);
    let in_rust: Vec<_> =
        names().map(|name| answer(name, &format!("{name}, Rust"), &command(built(name)))).collect();
    for program in &in_rust {
        line(program, "");
    }
    let folder = Path::new(CHECKER).parent().expect("a folder");
    let all = together("all four, Rust", folder, &in_rust);
    let Line { own, .. } = line(&all, &format!("target: {ALL_IN_RUST} s"));

    let python =
        |name: &str| ["python3".into(), answers.join(format!("{name}.py")).display().to_string()];
    let in_python: Vec<_> =
        names().map(|name| answer(name, &format!("{name}, Python"), &python(name))).collect();
    let costs: Vec<_> = in_python.iter().map(|program| line(program, "").by_virtual).collect();
    let all = together("all four, Python", &answers, &in_python);
    line(&all, &format!("target: {ALL_IN_PYTHON} s"));
    let right = costs.last().expect("chained is the last");
    let folder = tempfile::tempdir().expect("a folder");
    let blocking = blocking_chained(folder.path(), &answers);
    let blocking = answer("chained", "chained, Python, blocking", &blocking);
    line(&blocking, &format!("target: {:.2} s, like the right one", right.wall));
    for (number, (exercise, script, mistakes)) in scripts::ALL.iter().enumerate() {
        let words = scripts::words(script).into_iter().map(ToOwned::to_owned);
        let command: Vec<String> = [IMPOSTOR.to_owned()].into_iter().chain(words).collect();
        let mistake = mistakes.first().map_or("right", |(_, mistake)| mistake);
        let name = format!("{exercise}, impostor {}, {mistake}", number + 1);
        line(&answer(exercise, &name, &command), "");
    }
    println!(
        "\nThe checker's own CPU in real time, all four in Rust: {:.1} ms per second of a run (target: \
         {:.1}, a fifth of {BEFORE})",
        1000.0 * own.cpu / own.seconds,
        BEFORE / 5.0,
    );
}
