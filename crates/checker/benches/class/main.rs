//! What it costs to grade a class, compared with the programs without the checker and with single checks:
//! `scripts/bench-class`.
//!
//! The checker is the one that `scripts/check` builds. Everything is compared with what was measured in
//! the same run.
//!
//! - `learners`: makes up the class
//! - `programs`: what their programs take without the checker
//! - `checks`: grades them; `memory`: how much memory that takes
//! - `spent`: what a command takes; `side_by_side`: several at a time

mod checks;
#[expect(dead_code, reason = "the others need the rest")]
#[path = "../cost/mod.rs"]
mod cost;
mod learners;
mod memory;
mod programs;
mod side_by_side;
mod spent;

use checks::{Grade, Run, differences};
use clap::Parser;
use learners::{Group, Learner};
use programs::Programs;
use side_by_side::side_by_side;
use spent::Spent;
use std::collections::VecDeque;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

/// How many learners' answers are confirmed in real time.
const CONFIRMED: usize = 12;
/// The sizes of classes whose memory is compared.
const SIZES: [usize; 2] = [50, 200];

/// The targets of the project: the checker's own CPU seconds for each learner in Python, and how many
/// times longer a class takes than its programs' CPU time makes necessary.
const OWN: f64 = 0.2;
const WALL: f64 = 1.25;

#[derive(Parser)]
#[command(bin_name = "scripts/bench-class", disable_help_flag = true)]
struct Options {
    #[arg(long, value_name = "NUMBER", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=1000))]
    learners: u16,
    #[arg(long, value_name = "NUMBER", default_value_t = 13)]
    seed: u64,
    /// Only those who write in it.
    #[arg(long, value_name = "NAME")]
    language: Option<String>,
    /// Cargo says so.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A part of the class, and what was measured.
struct Measured<'a> {
    group: &'a Group,
    programs: Vec<Programs>,
    class: Run,
    single: Vec<(Spent, Grade)>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut groups = learners::class(options.learners.into(), options.seed);
    if let Some(wanted) = &options.language {
        let names: Vec<_> = groups.iter().map(|group| group.name).collect();
        groups.retain(|group| group.name.to_lowercase().starts_with(&wanted.to_lowercase()));
        if groups.is_empty() {
            eprintln!("--language {wanted}: name one of {}", names.join("; "));
            return ExitCode::from(2);
        }
    }
    let measured = measure(&groups, folder);
    print_costs(&measured);
    print_after_first(&measured, folder);
    print_memory(&groups[0].learners[0], folder);
    print_differences(&measured)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Writes the answers of these learners to folders of their own, and returns those. Each measurement needs
/// its own, as packages are built there.
fn put(learners: &[Learner], folder: PathBuf) -> Vec<PathBuf> {
    let folders = (0..learners.len()).map(|index| folder.join(format!("learner{index:04}")));
    let folders: Vec<_> = folders.collect();
    learners.iter().zip(&folders).for_each(|(learner, folder)| learners::write(learner, folder));
    folders
}

fn measure<'a>(groups: &'a [Group], folder: &Path) -> Vec<Measured<'a>> {
    let at = |purpose: &str, group: &Group| folder.join(purpose).join(group.name);
    let bare: Vec<_> = groups.iter().map(|group| put(&group.learners, at("bare", group))).collect();
    let all: Vec<_> = bare.iter().flatten().map(PathBuf::as_path).collect();
    let mut bare = programs::build_all(&all);
    // Before and after each: the machine may be faster at one time than at another.
    bare.run_all();
    let class = |group: &Group| {
        eprintln!("{}: a class of {}", group.name, group.learners.len());
        put(&group.learners, at("class", group));
        checks::class(&at("class", group), &at("grades", group), &[])
    };
    let classes: Vec<_> = groups.iter().map(class).collect();
    bare.run_all();
    let single = |group: &Group| {
        let folders = put(&group.learners, at("single", group));
        let check = |folder: PathBuf| checks::single(&folder, &folder.with_extension("json"));
        let shown = format!("{}: single checks", group.name);
        // One for each core, so that they are busy, as in a class.
        side_by_side(&shown, cores(), folders, check)
    };
    let singles: Vec<_> = groups.iter().map(single).collect();
    bare.run_all();
    let mut programs = VecDeque::from(bare.programs);
    let graded = groups.iter().zip(classes).zip(singles);
    let measured = graded.map(|((group, class), single)| {
        let programs = programs.drain(..group.learners.len()).collect();
        Measured { group, programs, class, single }
    });
    measured.collect()
}

/// Sums over the learners of a group.
#[derive(Clone, Copy, Default)]
struct Sums {
    learners: f64,
    /// CPU seconds of the programs, as often as the class and the single checks ran them.
    programs: [f64; 2],
    /// CPU seconds of the checker and its programs, in the same order.
    checked: [f64; 2],
    wall: f64,
}

impl Sums {
    fn of(measured: &Measured) -> Self {
        let Measured { programs, class, single, .. } = measured;
        let in_class =
            programs.iter().zip(&class.grades).map(|(it, grade)| it.cpu(&grade.attempts, 0));
        let alone = programs.iter().zip(single).map(|(it, (_, grade))| it.cpu(&grade.attempts, 1));
        Self {
            learners: programs.len() as f64,
            programs: [in_class.sum(), alone.sum()],
            checked: [class.spent.cpu, single.iter().map(|(spent, _)| spent.cpu).sum()],
            wall: class.spent.wall,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            learners: self.learners + other.learners,
            programs: [0, 1].map(|it| self.programs[it] + other.programs[it]),
            checked: [0, 1].map(|it| self.checked[it] + other.checked[it]),
            wall: self.wall + other.wall,
        }
    }

    fn line(&self, name: &str) -> String {
        let [class, single] = [0, 1].map(|it| {
            let (programs, checked) = (self.programs[it], self.checked[it]);
            let [programs, checked, each] =
                [programs, checked, checked - programs].map(|it| it / self.learners);
            format!(" |{programs:9.3}{checked:9.3}{each:9.3}{}", times(each / programs))
        });
        let least = self.programs[0] / cores() as f64;
        let Self { learners, wall, .. } = self;
        format!("{name:28}{learners:5}{class}{single} |{wall:7.1}{}", times(wall / least))
    }
}

/// A ratio in words: a dash if there are no programs to compare with.
fn times(ratio: f64) -> String {
    if ratio < 10_000.0 { format!("{ratio:8.2}x") } else { format!("{:>9}", "-") }
}

fn print_costs(measured: &[Measured]) {
    let half = format!("{:>9}{:>9}{:>9}{:>9}", "programs", "checked", "own", "own/pr.");
    println!(
        "{:33} | {:34} | {:34} | class: wall\n{:33} |{half} |{half} |{:>7}{:>9}",
        "", "class: CPU seconds per learner", "single checks: the same", "", "s", "/least",
    );
    let sums: Vec<_> = measured.iter().map(Sums::of).collect();
    for (measured, sums) in measured.iter().zip(&sums) {
        println!("{}", sums.line(measured.group.name));
    }
    println!("{}", sums.iter().copied().reduce(Sums::plus).unwrap_or_default().line("all"));
    println!(
        "\nOf Python, the checker's own CPU is to be at most {OWN} s, and a class is to take at most {WALL} times \
         the least, which is the programs' own CPU time divided by the {} cores.",
        cores()
    );
}

/// What is done in real time at the end, beside the slowest run and how often it was tried.
fn print_after_first(measured: &[Measured], folder: &Path) {
    let line = |name: &str, after_first: f64, grades: &[Grade], programs: &[Programs]| {
        let of_learner = |(grade, programs): (&Grade, &Programs)| {
            let slowest = |(name, tries): (&String, &usize)| {
                let runs = programs.rounds.iter().filter_map(|it| it.get(&**name)).flatten();
                Some((runs.map(|run| run.wall).reduce(f64::max)?, *tries))
            };
            grade.in_real_time.iter().filter_map(slowest).collect::<Vec<_>>()
        };
        let all: Vec<_> = grades.iter().zip(programs).flat_map(of_learner).collect();
        let longest = |(seconds, tries): &(f64, usize)| seconds * *tries as f64;
        let slowest =
            all.iter().copied().max_by(|one, other| longest(one).total_cmp(&longest(other)));
        match slowest {
            Some((seconds, tries)) => println!(
                "{name:28}{after_first:7.1} s after the first pass, for {} answers in real time; the slowest takes \
                 {seconds:.1} s without the checker; tries: {tries}",
                all.len()
            ),
            None => println!(
                "{name:28}{after_first:7.1} s after the first pass; nothing needed real time"
            ),
        }
    };
    println!();
    for Measured { group, programs, class, .. } in measured {
        line(group.name, class.after_first, &class.grades, programs);
    }
    let Measured { group, programs, .. } = &measured[0];
    let count = group.learners.len().min(CONFIRMED);
    let name = format!("{}, --confirm", group.name);
    eprintln!("{name}: a class of {count}");
    put(&group.learners[..count], folder.join("confirm"));
    let run = checks::class(&folder.join("confirm"), &folder.join("confirmed"), &["--confirm"]);
    line(&name, run.after_first, &run.grades, &programs[..count]);
}

fn print_memory(learner: &Learner, folder: &Path) {
    let peaks = SIZES.map(|size| {
        eprintln!("memory: a class of {size}");
        let class = folder.join(format!("memory{size}"));
        put(&vec![learner.clone(); size], class.clone());
        memory::peak(&class, &folder.join(format!("remembered{size}")))
    });
    println!(
        "\nThe checker's own processes took at most {:.0} MB at a time for {} learners, and {:.0} MB for {}.",
        peaks[0], SIZES[0], peaks[1], SIZES[1]
    );
}

/// Names the learners whose verdicts differ. The exit code says whether there are any.
fn print_differences(measured: &[Measured]) -> ExitCode {
    let mut count = 0;
    for Measured { group, class, single, .. } in measured {
        for (index, (class, (_, single))) in class.grades.iter().zip(single).enumerate() {
            for difference in differences(class, single) {
                println!("{}, learner {index}: {difference}", group.name);
                count += 1;
            }
        }
    }
    match count {
        0 => println!("\nno verdict differs from that of a single check"),
        _ => println!("\n{count} verdicts differ from those of single checks"),
    }
    ExitCode::from(u8::from(count > 0))
}
