//! What the real checker hands back of a class, and what it says about it.

use crate::run::{BLOCKING, Ended, KILLS, RIGHT, Stage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::thread;
use std::time::Duration;

/// The ids and verdicts in grades.csv.
fn grades(stage: &Stage, folder: &str) -> Vec<[String; 2]> {
    let path = stage.at(folder).join("grades.csv");
    let mut reader = csv::Reader::from_path(&path).expect("it is there");
    let verdict = reader.headers().expect("a header").iter().position(|it| it == "verdict");
    let verdict = verdict.expect("a column");
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| [row[0].to_owned(), row[verdict].to_owned()]).collect()
}

#[test]
fn stopped_early_it_hands_back_what_is_finished() {
    let names: Vec<_> = (10..22).map(|number| format!("learner{number}")).collect();
    let answers: Vec<_> = names.iter().map(|name| (&**name, BLOCKING)).collect();
    let stage = Stage::new(&answers);
    let mut run = stage.command("grades", "--jobs 1").spawn().expect("it starts");
    let results = stage.at("grades/results");
    while !fs::read_dir(&results).is_ok_and(|mut it| it.next().is_some()) {
        assert!(run.try_wait().expect("it can be asked").is_none(), "it has ended");
        thread::sleep(Duration::from_millis(5));
    }
    kill(Pid::from_raw(run.id().try_into().expect("an id")), Signal::SIGINT).expect("sent");
    let said = BufReader::new(run.stderr.take().expect("a pipe")).lines();
    let said: Vec<_> = said.map_while(Result::ok).collect();
    assert_eq!(run.wait().expect("it ends").code(), Some(130), "{said:#?}");
    let stopped = said.iter().find(|line| line.starts_with("checker: stopped")).expect("a line");
    // A machine may be too busy to write it within the second that a teacher waits.
    if stopped.contains("but is not in grades.csv yet") {
        return;
    }
    let graded = grades(&stage, "grades");
    assert!((1..12).contains(&graded.len()), "{graded:?}");
    assert!(graded.iter().all(|[_, verdict]| verdict == "points lost"), "{graded:?}");
    for [name, _] in &graded {
        assert!(stage.at(&format!("grades/feedback/{name}.html")).exists());
    }
    assert!(said.iter().any(|line| line.contains("not graded yet: ")), "{said:#?}");
    assert!(said.last().is_some_and(|line| line.contains(" --into grades")), "{said:#?}");
}

/// Each has another remedy.
#[test]
fn a_teacher_is_told_what_is_in_the_way_of_each_grade() {
    let stage = Stage::new(&[("anna", RIGHT), ("kills", KILLS)]);
    stage.submit("two", "first/countasync.py", RIGHT);
    stage.submit("two", "second/countasync.py", BLOCKING);
    fs::write(stage.at("class/damaged.zip"), "PK\x03\x04").expect("it can be written");
    let ended = stage.run("grades", "--cage off --clock real");
    ended.is(3);
    ended.says("1 of 4 submissions graded");
    ended.says("not graded in full, as something could not be read: damaged. The note in grades.csv says what: ask for the file.");
    ended.says("more than one file could be the answer: two. ");
    ended.says("the checker failed twice: kills. Run the same command to try again. ");
}

/// The answers may be in there.
#[test]
fn a_submission_without_answers_in_which_something_is_unreadable_gets_no_points() {
    let stage = Stage::new(&[("anna", RIGHT), ("empty", "")]);
    fs::rename(stage.at("class/empty/countasync.py"), stage.at("class/empty/essay.txt")).unwrap();
    for file in ["work.rar", "work.zip"] {
        stage.submit(file, file, "PK\x03\x04");
        stage.submit(file, "readme.txt", "Look into it.");
        // Nothing is missing.
        stage.submit("anna", file, "PK\x03\x04");
    }
    stage.run("grades", "").is(3);
    let mut table = csv::Reader::from_path(stage.at("grades/grades.csv")).unwrap();
    let rows = table.records().map(|row| {
        let row = row.unwrap();
        [1, 3, 6].map(|column| row[column].to_owned()).join("|")
    });
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [
            "anna|10|work.rar was not unpacked: only .zip files are. work.zip cannot be read: it is \
             damaged, or not a zip file.",
            "empty|0|Files submitted: essay.txt. countasync: no answer found.",
            "work.rar||work.rar was not unpacked: only .zip files are.",
            "work.zip||work.zip cannot be read: it is damaged, or not a zip file.",
        ]
    );
}

/// Nobody's zero depends on what their computer packs with.
#[test]
fn who_has_packed_with_anything_is_not_graded() {
    let stage = Stage::new(&[]);
    let endings = [
        "7z", "tgz", "tar.bz2", "zst", "lzma", "Z", "zipx", "cab", "arj", "lzh", "iso", "dmg",
        "sitx",
    ];
    for ending in endings {
        stage.submit(&ending.replace('.', "-"), &format!("work.{ending}"), "1");
    }
    let ended = stage.run("grades", "");
    ended.is(3);
    ended.says(&format!("0 of {} submissions graded", endings.len()));
    for ending in endings {
        let why = format!("work.{ending} was not unpacked: only .zip files are");
        assert_eq!(stage.result("grades", &ending.replace('.', "-"))["problem"], why);
    }
}

/// It may be the answer, or lead to it.
#[test]
fn who_has_handed_in_only_a_text_or_a_link_gets_no_points() {
    let typed = "Text was typed into Moodle; only files are graded.";
    let linked = "A link was submitted; only files are graded.";
    for (text, file, note) in [
        ("Anna Lee_1_assignsubmission_onlinetext", "Bo Ek_2_assignsubmission_file", typed),
        ("leeanna_1_link.html", "ekbo_2_7_countasync.py", linked),
    ] {
        let stage = Stage::new(&[]);
        match text.ends_with(".html") {
            true => {
                fs::create_dir(stage.at("class")).unwrap();
                fs::write(stage.at("class").join(text), "<a>").unwrap();
                fs::write(stage.at("class").join(file), RIGHT).unwrap();
            }
            false => {
                stage.submit(text, "onlinetext.html", "<p>import asyncio");
                stage.submit(file, "countasync.py", RIGHT);
                // A comment on the files.
                let comment = file.replace("_file", "_onlinetext");
                stage.submit(&comment, "onlinetext.html", "<p>Here it is.");
            }
        }
        let ended = stage.run("grades", "");
        ended.is(3);
        ended.says("1 of 2 submissions graded");
        ended.says("not graded in full, as something could not be read: ");
        let mut table = csv::Reader::from_path(stage.at("grades/grades.csv")).unwrap();
        let rows = table.records().map(|row| {
            let row = row.unwrap();
            [0, 2, 5, 6].map(|column| row[column].to_owned())
        });
        let rows: BTreeMap<_, _> = rows.map(|[id, row @ ..]| (id, row)).collect();
        assert_eq!(rows["1"], ["", "not graded", note].map(str::to_owned));
        assert_eq!(rows["2"][..2], ["10".to_owned(), "full marks".to_owned()]);
    }
}

/// They are not the learner's zero: the answers may be in there.
#[test]
fn an_archive_that_cannot_be_read_keeps_the_points_of_what_is_missing_open() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    stage.submit("anna", "rest.rar", "Rar!");
    let arguments = ["countasync", "rand", "--class", "class", "--into", "grades"];
    for _ in 0..2 {
        let ended = Ended::from(stage.checker(&arguments).output().expect("it starts"));
        ended.is(3);
        ended.says("not graded in full, as something could not be read: anna. The note in grades.csv says what: ask for the file.");
        let mut table = csv::Reader::from_path(stage.at("grades/grades.csv")).unwrap();
        let row = table.records().next().unwrap().unwrap();
        let why = "no answer found, but there may be one in what could not be read.";
        let note = format!("rest.rar was not unpacked: only .zip files are. rand: {why}");
        assert_eq!(
            row.iter().collect::<Vec<_>>(),
            ["anna", "anna", "10", "", "", "", "not graded", &note]
        );
        let page = fs::read_to_string(stage.at("grades/feedback/anna.html")).unwrap();
        assert!(
            page.contains(">not graded</span> no answer found, but there may be one"),
            "{page}"
        );
    }
}

#[test]
fn names_of_all_scripts_are_legible_and_none_does_anything() {
    let stage = Stage::new(&[]);
    fs::create_dir(stage.at("class")).expect("it can be made");
    for name in ["सुनीता शर्मा", "علی\u{200c}رضا", "a\u{202e}b\u{1b}[2J", "##[error]x"]
    {
        fs::write(stage.at(&format!("class/{name}.zip")), "PK\x03\x04").expect("written");
    }
    let ended = stage.run("grades", "");
    ended.is(3);
    ended.says("not graded in full, as something could not be read: ");
    for name in ["सुनीता शर्मा", "علی\u{200c}رضا", r"a\u{202e}b\u{1b}[2J", r"\x23#[error]x"]
    {
        ended.says(name);
    }
}
