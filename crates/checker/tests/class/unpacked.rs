//! What was submitted, while it is graded: it is built once, and nobody sees where it is.

use crate::made::{self, Made};
use crate::run::{BLOCKING, Ended, RIGHT, Stage};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const MANIFEST: &str = "[package]\nname = \"countasync\"\nedition = \"2021\"\n";
/// Right but for its waits, which block.
const BLOCKS: &str = "use std::{thread::sleep, time::{Duration, Instant}};
fn main() {
    let start = Instant::now();
    for _ in 0..3 {
        println!(\"One\");
        sleep(Duration::from_secs(1));
        println!(\"Two\");
    }
    println!(\"took {:.2} s\", start.elapsed().as_secs_f64());
}
";

fn submit_package(stage: &Stage, learner: &str, main: &str) {
    stage.submit(learner, "Cargo.toml", MANIFEST);
    stage.submit(learner, "src/main.rs", main);
}

fn answer(stage: &Stage, learner: &str) -> Value {
    stage.result("grades", learner)["answers"][0].clone()
}

/// A cargo that notes what it is asked to do.
fn noting_cargo(stage: &Stage) -> std::path::PathBuf {
    let script = stage.at("cargo");
    let notes = stage.at("notes");
    let text = format!("#!/bin/sh\necho \"$1\" >> {}\nexec cargo \"$@\"\n", notes.display());
    fs::write(&script, text).expect("it can be written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it can be executable");
    script
}

#[test]
fn a_package_is_built_once_for_all_passes() {
    let stage = Stage::new(&[]);
    submit_package(&stage, "anna", BLOCKS);
    let mut command = stage.command("grades", "--cage off --confirm");
    command.env("CARGO", noting_cargo(&stage));
    Ended::from(command.output().expect("it starts")).is(0);
    assert_eq!(answer(&stage, "anna")["graded"]["report"]["confirmed"], true);
    let notes = fs::read_to_string(stage.at("notes")).expect("it is there");
    assert_eq!(notes.lines().filter(|line| *line == "build").count(), 1, "{notes}");
}

/// It is no member of that one.
#[test]
fn a_package_is_built_even_if_the_grades_are_in_a_workspace() {
    let stage = Stage::new(&[]);
    fs::write(stage.at("Cargo.toml"), "[workspace]\n").expect("it can be written");
    submit_package(&stage, "anna", BLOCKS);
    for (into, cage) in [("grades", ""), ("uncaged", "--cage off")] {
        stage.run(into, cage).is(0);
        assert_eq!(stage.grades(into)["anna"]["verdict"], "points-lost", "{cage}");
    }
}

/// Wherever cargo is told to build: packages of different learners have the same name.
#[test]
fn each_learner_gets_the_grade_of_their_own_package() {
    let stage = Stage::new(&[]);
    for learner in ["a", "b", "c", "d"] {
        submit_package(&stage, learner, &format!("fn main() {{ println!(\"by {learner}\"); }}"));
    }
    let [set, other] = ["set", "other"].map(|name| stage.at(name).display().to_string());
    let settings = format!("[build]\ntarget-dir = \"{set}\"\nbuild-dir = \"{other}\"\n");
    fs::create_dir_all(stage.at("cargo-home")).expect("a new folder");
    fs::write(stage.at("cargo-home/config.toml"), settings).expect("it can be written");
    for (into, cage, name, value) in [
        ("variable", "", "CARGO_TARGET_DIR", stage.at("named")),
        ("variable-uncaged", "--cage off", "CARGO_TARGET_DIR", stage.at("named")),
        ("settings", "", "CARGO_HOME", stage.at("cargo-home")),
        ("settings-uncaged", "--cage off", "CARGO_HOME", stage.at("cargo-home")),
        ("build-uncaged", "--cage off", "CARGO_BUILD_BUILD_DIR", stage.at("build")),
    ] {
        let mut command = stage.command(into, cage);
        Ended::from(command.env(name, value).output().expect("it starts")).is(0);
        for learner in ["a", "b", "c", "d"] {
            let result = stage.result(into, learner).to_string();
            assert!(result.contains(&format!("by {learner}")), "{into} {learner}: {result}");
        }
    }
}

#[test]
fn a_program_reads_its_own_zip_file() {
    let reads = "import zipfile\nassert zipfile.ZipFile('data.zip').read('a.txt') == b'1'\n";
    let stage = Stage::new(&[("anna", &format!("{reads}{RIGHT}"))]);
    made::write_zip(&[Made::new("a.txt", "1")], &stage.at("class/anna/data.zip"));
    stage.run("grades", "").is(0);
    assert_eq!(answer(&stage, "anna")["graded"]["report"]["verdict"], "full-marks");
}

#[test]
fn what_the_compiler_refuses_is_the_learners_and_what_the_machine_lacks_is_not() {
    let stage = Stage::new(&[]);
    submit_package(&stage, "types", "fn main() { missing(); }\n");
    submit_package(&stage, "syntax", "fn main() { println!(\"One\") println!(\"Two\") }\n");
    submit_package(
        &stage,
        "links",
        "#[link(name = \"no-such-library\")]
unsafe extern \"C\" { fn missing(); }\nfn main() { unsafe { missing() } }\n",
    );
    let ended = stage.run("grades", "");
    ended.is(3);
    ended.says("0 of 3 submissions graded");
    ended.says("could not be started: links.");
    ended.says("could not be built: syntax; types. The note in grades.csv has the error:");
    // Their packages are at the top.
    let page = std::fs::read_to_string(stage.at("grades/feedback/types.html")).expect("a page");
    assert!(page.contains("Submitted as a Cargo package<"), "{page}");
    for (learner, is_refused) in [("types", true), ("syntax", true), ("links", false)] {
        assert_eq!(answer(&stage, learner)["is_refused"], is_refused, "{learner}");
    }
    // Only that is tried again.
    let before = stage.results("grades");
    stage.run("grades", "").is(3);
    let after = stage.results("grades");
    let changed: Vec<_> = before.keys().filter(|name| before[*name] != after[*name]).collect();
    assert_eq!(changed, ["links.json"]);
}

/// Each prints where it is, in every way that is in use.
#[test]
fn nobody_sees_where_a_submission_was_unpacked() {
    let tells = "import os, pathlib, sys
path = pathlib.Path(__file__).resolve()
print(path, path.as_uri(), os.getcwd(), flush=True)
print('x' * 40, path, flush=True)
raise ValueError(f'{path} {path.as_uri()} {os.getcwd()}')
";
    let writes = format!("{BLOCKING}open(__file__ + '.out', 'w')\n");
    let stage = Stage::new(&[("王 小明", tells), ("writes", &writes)]);
    submit_package(
        &stage,
        "package",
        "include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/no.rs\"));\n",
    );
    stage.submit("manifest", "countasync/Cargo.toml", "[package]\nname = \"countasync\"\nx = [\n");
    stage.submit("manifest", "countasync/src/main.rs", "fn main() {}\n");
    let long = format!("grades {}", "é".repeat(60));
    let mut command = stage.checker(&["countasync", "--class", "class", "--into", &long]);
    command.output().expect("it starts");
    for (name, content) in stage.all_files(&long) {
        let text = String::from_utf8_lossy(&content);
        for shown in [".scratch", &*long, "%C3%A9", "/submission"] {
            assert!(!text.contains(shown), "{name} has {shown}: {text}");
        }
    }
    let result = &stage.result(&long, "王-小明")["answers"][0];
    let result = result.to_string();
    assert!(result.contains("ValueError: countasync.py countasync.py ."), "{result}");
    let result = &stage.result(&long, "writes")["answers"][0];
    assert!(result.to_string().contains("it tried to write countasync.py.out"), "{result:#}");
}
