//! What the READMEs give to try: each change is made in a copy and run, and does what the answer
//! says.

use crate::elsewhere;
use anstream::adapter::strip_str;
use assert_cmd::Command;
use checker::exercises;
use checker::judging::gap::{Gap, Machine, compare};
use common::testing::without_times;
use learn::try_it::{Item, Try, catalog, readme};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::thread::scope;
use tests::{path, text};

/// What there is to try in an exercise, in the order of the numbers.
fn tries(exercise: &str) -> Vec<Item> {
    catalog::of_exercise(&path("."), exercises::find(exercise).unwrap()).unwrap()
}

/// The program of an exercise with the changes made.
fn main(exercise: &str, it: &Try) -> String {
    let changed = it.changed(&text(&format!("crates/{exercise}/src/main.rs")));
    changed.unwrap_or_else(|problem| panic!("{exercise}: {problem}"))
}

/// The program of a run: 0 is the item itself, its variants follow.
fn program_name(exercise: &str, item: &str, run: usize) -> String {
    format!("{exercise}-{item}-{run}")
}

/// All programs to run, by name: exercise, name and source text.
fn mains() -> Vec<(String, String, String)> {
    let mut mains = Vec::new();
    for exercise in tests::exercises() {
        for Item { name: item, it, .. } in tries(&exercise) {
            for (run, it) in it.runs().enumerate() {
                let name = program_name(&exercise, &item, run);
                mains.push((exercise.clone(), name, main(&exercise, it)));
            }
        }
    }
    let count = "spawn(count()), ";
    let five = text("crates/countasync/src/main.rs").replacen(count, &count.repeat(3), 1);
    mains.push(("countasync".into(), "countasync-five".into(), five));
    // On tokio's paused clock, waits of the same length end at exactly the same time.
    let join = tries("rand").into_iter().find(|item| item.name.contains("join")).unwrap();
    for (name, main) in [
        ("rand-paused-tasks", text("crates/rand/src/main.rs")),
        ("rand-paused-join", main("rand", &join.it)),
    ] {
        let flavor = "flavor = \"current_thread\"";
        let paused = main.replace(flavor, &format!("{flavor}, start_paused = true"));
        mains.push(("rand".into(), name.into(), paused));
    }
    mains
}

/// Builds all programs with one call of cargo, as examples of copies of their exercises. Returns
/// what the compiler says.
fn built() -> &'static str {
    static SAYS: OnceLock<String> = OnceLock::new();
    SAYS.get_or_init(|| {
        let made = elsewhere::copies("tries");
        let folder = made.path().join("tries");
        for (exercise, name, main) in mains() {
            // Beside `help.txt`, which it includes.
            fs::write(folder.join(format!("{exercise}/src/{name}.rs")), main).unwrap();
            let manifest = folder.join(format!("{exercise}/Cargo.toml"));
            let mut text = fs::read_to_string(&manifest).unwrap();
            write!(text, "\n[[example]]\nname = \"{name}\"\npath = \"src/{name}.rs\"\n").unwrap();
            fs::write(manifest, text).unwrap();
        }
        let folder = elsewhere::keep(made.path(), "tries");
        let output =
            elsewhere::cargo(&folder, "tries").args(["build", "--examples"]).output().unwrap();
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{says}");
        says
    })
}

/// The program with this name.
fn program(name: &str) -> PathBuf {
    built();
    elsewhere::programs("tries").join("debug/examples").join(name)
}

/// What `scripts/check` reports about a program.
fn check(exercise: &str, program: PathBuf, arguments: &[String]) -> Value {
    let output = Command::new(path("scripts/check"))
        .args(["--format", "json", "--verbose", exercise, "--"])
        .arg(program)
        .args(arguments)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["exercises"][0].clone()
}

/// The lines that a recording has on standard output: the time of each, and its text without
/// colors and measured times.
fn lines(recording: &Value) -> Vec<(f64, String)> {
    let lines = recording["stdout"].as_array().unwrap().iter();
    lines
        .map(|line| {
            let text = line["text"].as_str().unwrap().replace("\\x1b", "\x1b");
            (line["at"].as_f64().unwrap(), without_times(&strip_str(&text).to_string()))
        })
        .collect()
}

/// The picture that `scripts/timeline` draws.
fn timeline(exercise: &str, command: &[String]) -> String {
    let mut timeline = Command::new(path("scripts/timeline"));
    timeline.arg(exercise).current_dir(path("."));
    if !command.is_empty() {
        timeline.arg("--").args(command);
    }
    let output = timeline.output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The rows of the coroutines in a picture: what they print, in the order of its columns, whatever
/// they do in between.
fn rows(picture: &str) -> Vec<String> {
    let rows = picture.lines().take_while(|line| !line.starts_with("main"));
    rows.map(|row| {
        let texts = row.replace(['─', '█', '·', '┤'], " ");
        texts.split_whitespace().collect::<Vec<_>>().join(" ")
    })
    .collect()
}

/// What the row of the thread says in a picture.
fn thread(picture: &str) -> &str {
    picture.lines().find_map(|line| line.strip_prefix("the thread")).unwrap_or_default()
}

/// Asserts that a program does what the answer says. Seconds count from the first line.
fn does(exercise: &str, name: &str, it: &Try) {
    let program = program(name);
    let report = check(exercise, program.clone(), &it.arguments);
    let recording = &report["recordings"][0];
    assert_eq!(recording["ending"], json!({"exited": it.exit}), "{name}: {recording:#}");

    let (at, texts): (Vec<_>, Vec<_>) = lines(recording).into_iter().unzip();
    let expected: Vec<_> = it.lines.iter().map(|line| without_times(line)).collect();
    assert_eq!(texts, expected, "{name}");
    assert_eq!(at.len(), it.at.len(), "{name}: a second for each line");
    let machine = Machine { lag: recording["lag"].as_f64().unwrap(), first_try: false };
    let takes = |seconds: f64, expected: f64| {
        let gap = compare(seconds, expected..=expected, machine);
        assert!(!matches!(gap, Gap::Wrong(_)), "{name}: {seconds} s, not {expected} s");
    };
    for (line, expected) in at.iter().zip(&it.at) {
        takes(line - at[0], *expected);
    }
    takes(recording["seconds"].as_f64().unwrap() - at[0], it.seconds);

    let reasons: String =
        report["criteria"].as_array().unwrap().iter().map(|it| it["reason"].to_string()).collect();
    for said in &it.checker {
        assert!(reasons.contains(&**said), "{name}: the checker does not say {said:?}: {reasons}");
    }
    let draw = || timeline(exercise, &[program.display().to_string()]);
    if let Some(same) = &it.timeline {
        assert_eq!(rows(&draw()), rows(&timeline(same, &[])), "{name}: not the rows of {same}");
    }
    if let Some(says) = &it.thread {
        let drawn = draw();
        assert!(thread(&drawn).contains(&**says), "{name}: it does not say {says}:\n{drawn}");
    }
}

#[test]
fn each_answer_is_what_happens() {
    scope(|scope| {
        for exercise in tests::exercises() {
            scope.spawn(move || {
                for Item { name: item, it, .. } in tries(&exercise) {
                    for (run, it) in it.runs().enumerate() {
                        does(&exercise, &program_name(&exercise, &item, run), it);
                    }
                }
            });
        }
    });
}

#[test]
fn each_item_has_its_file_and_each_file_its_item() {
    for exercise in tests::exercises() {
        let readme = text(&format!("crates/{exercise}/README.md"));
        let items: Vec<_> =
            readme::items(&readme).iter().map(|it| (it.number, it.title.to_owned())).collect();
        let tries = tries(&exercise);
        let titles: Vec<_> =
            tries.iter().map(|item| (item.it.number, item.it.title.clone())).collect();
        assert_eq!(items, titles, "{exercise}");
        assert!(titles.iter().map(|(number, _)| *number).eq(1..=titles.len()), "{exercise}");
        for Item { name, it, .. } in tries {
            let words = it.title.to_lowercase().replace(|it: char| !it.is_alphanumeric(), " ");
            assert_eq!(name, words.split_whitespace().collect::<Vec<_>>().join("-"), "{exercise}");
        }
    }
}

#[test]
fn each_item_gives_the_change_asks_a_question_and_folds_the_answer_away() {
    for exercise in tests::exercises() {
        let readme = text(&format!("crates/{exercise}/README.md"));
        let main = text(&format!("crates/{exercise}/src/main.rs"));
        for (section, Item { it, .. }) in readme::items(&readme).into_iter().zip(tries(&exercise)) {
            let name = format!("{exercise}, {}", section.title);
            // GitHub keeps in the list what is indented, and formats what follows a blank line.
            let (asks, answer) = section.asks_and_answer().expect(&name);
            assert!(asks.ends_with('?'), "{name} does not ask a question before the answer");
            assert!(!answer.contains("details>"), "{name}: {answer}");
            let indented = |line: &str| line.is_empty() || line.starts_with("   ");
            assert!(section.text.lines().skip(1).all(indented), "{name} is not indented");

            let asks = asks.split_whitespace().collect::<Vec<_>>().join(" ");
            for it in it.runs() {
                let arguments = it.arguments.join(" ");
                assert!(asks.contains(&arguments), "{name} does not say {arguments}");
                let changed = it.change.iter().flat_map(|change| change.to.lines());
                for line in changed.map(str::trim).filter(|line| !main.contains(line)) {
                    assert!(asks.contains(line), "{name} does not say {line}");
                }
            }
        }
    }
}

#[test]
fn a_loop_uses_the_processor_where_the_sleep_uses_almost_none() {
    let cpu = |program| {
        let report = check("countsync", program, &[]);
        report["recordings"][0]["cpu_after"].as_f64().unwrap()
    };
    let computes = cpu(program("countsync-compute-instead-of-waiting-0"));
    assert!((2.5..3.5).contains(&computes), "{computes} s");
    let sleeps = cpu(program("countsync-five-counts-0"));
    assert!(sleeps < 0.1, "{sleeps} s");
}

#[test]
fn five_counts_of_countasync_take_one_second() {
    let report = check("countasync", program("countasync-five"), &[]);
    let lines = lines(&report["recordings"][0]);
    assert_eq!(lines.iter().filter(|(_, text)| text == "Two").count(), 5, "{lines:?}");
    let seconds = lines.last().unwrap().0 - lines[0].0;
    assert!((0.9..1.3).contains(&seconds), "{seconds} s");
}

#[test]
fn the_compiler_warns_about_calls_that_are_not_awaited_but_not_about_tasks() {
    let warns = |program: &str| {
        let messages = built().split("\n\n");
        let unused = messages.filter(|it| it.contains("unused implementer of `Future` that must"));
        unused.filter(|it| it.contains(&format!("{program}.rs:"))).count()
    };
    assert_eq!(warns("countasync-forget-the-await-0"), 3, "{}", built());
    assert_eq!(warns("countasync-forget-the-await-1"), 0, "{}", built());
}

#[test]
fn tasks_of_python_start_before_its_event_loop_cancels_them() {
    let program = "import asyncio\n\
                   async def count():\n    print('One')\n    await asyncio.sleep(1)\n    print('Two')\n\
                   async def main():\n    for _ in range(3):\n        asyncio.create_task(count())\n\
                   asyncio.run(main())\n";
    match Command::new("python3").args(["-c", program]).output() {
        Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stdout), "One\nOne\nOne\n"),
        Err(_) => eprintln!("skipped: there is no python3 here"),
    }
}

#[test]
fn python_prints_the_same_lines_for_the_other_seed() {
    let seed = tries("rand").into_iter().find(|item| item.name == "another-seed").unwrap();
    let transcript = strip_str(&text("crates/rand/tests/transcripts/seed-42.txt")).to_string();
    assert_eq!(seed.it.lines, transcript.lines().collect::<Vec<_>>());
}

#[test]
fn coroutines_of_join_swap_their_numbers_if_their_waits_end_at_the_same_time() {
    let prints = |name| {
        let output = Command::new(program(name)).args(["--seed", "23"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (tasks, join) = (prints("rand-paused-tasks"), prints("rand-paused-join"));
    // The two that wake in second 2.
    let drawn =
        |index: usize, number: u32| format!("makerandom({index}) == {number} too low; retrying.");
    assert_eq!(tasks[7..9], [drawn(1, 4), drawn(0, 6)], "{tasks:#?}");
    assert_eq!(join[7..9], [drawn(0, 4), drawn(1, 6)], "{join:#?}");
}

#[test]
fn the_timeline_tells_two_chains_with_the_same_argument_apart() {
    let program = program("chained-the-same-argument-twice-0").display().to_string();
    let rows = rows(&timeline("chained", &[program, "7".into(), "7".into()])).join(" ");
    let (_, chains) = rows.split_once("chain 7 ").unwrap();
    let (first, second) = chains.split_once(" chain 7 ").expect("two chains");
    assert_eq!(second, "part1, 4 s part2, 4 s done");
    assert!(first.contains("part1, 4 s") && first.contains("part2, 0 s"), "{first}");
}
