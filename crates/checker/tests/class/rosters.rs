//! Whose submission is whose row in the school's list.

use crate::run::{Ended, RIGHT, Stage};
use std::fs;

/// The first rows of grades.csv: ids and names.
fn rows(stage: &Stage, roster: &str) -> (Vec<String>, Ended) {
    fs::write(stage.at("roster.csv"), roster).expect("it can be written");
    let ended = stage.run("grades", "--roster roster.csv");
    let mut table = csv::Reader::from_path(stage.at("grades/grades.csv")).expect("it is there");
    let rows =
        table.records().map(|row| row.expect("a row").iter().take(2).collect::<Vec<_>>().join(" "));
    (rows.collect(), ended)
}

/// Canvas's and Moodle's own numbers mean nothing at school.
#[test]
fn a_number_of_the_platform_is_no_id_of_the_school() {
    let canvas = Stage::new(&[]);
    canvas.submit(".", "doejane_17_1_countasync.py", RIGHT);
    canvas.submit(".", "roebob_18_2_countasync.py", RIGHT);
    let moodle = Stage::new(&[
        ("Jane Doe_17_assignsubmission_file", RIGHT),
        ("Bob Roe_18_assignsubmission_file", RIGHT),
    ]);
    for stage in [canvas, moodle] {
        let roster = "name,student id,username\nJane Doe,18,\nEve,17,\nMallory,4,18\nBob Roe,5,\n";
        let (rows, ended) = rows(&stage, roster);
        assert_eq!(rows.len(), 2);
        for row in ["18 Jane Doe", "5 Bob Roe"] {
            assert!(rows.iter().any(|it| it == row), "{rows:?}");
        }
        ended.says("no submission from: Eve; Mallory");
        // Somebody whom the school knows by another name.
        let (rows, _) = self::rows(&stage, "name,student id,account\nJay,1,17\nBob Roe,2,\n");
        assert!(rows.iter().any(|it| it == "1 Jay"), "{rows:?}");
    }
}
