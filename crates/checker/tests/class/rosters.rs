//! Whose submission is whose row in the school's list.

use crate::run::{BLOCKING, Ended, RIGHT, Stage};
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
        assert_eq!(rows.len(), 4);
        for row in ["18 Jane Doe", "5 Bob Roe", "17 Eve", "4 Mallory"] {
            assert!(rows.iter().any(|it| it == row), "{rows:?}");
        }
        ended.says("no submission from: Eve; Mallory");
        // Somebody whom the school knows by another name.
        let (rows, _) = self::rows(&stage, "name,student id,account\nJay,1,17\nBob Roe,2,\n");
        assert!(rows.iter().any(|it| it == "1 Jay"), "{rows:?}");
    }
}

#[test]
fn several_who_seem_to_be_the_same_learner_are_nobody_of_the_roster() {
    let stage = Stage::new(&[
        ("Jane Doe_1_assignsubmission_file", RIGHT),
        ("Jane Doe_2_assignsubmission_file", BLOCKING),
        ("Ann Lee_3_assignsubmission_file", RIGHT),
        ("Lee Ann_4_assignsubmission_file", BLOCKING),
    ]);
    // Who has the account is Ann, and the other one has a similar name.
    let roster = "name,student id,account\nJane Doe,s1,\nAnn Lee,s2,3\nEve,s3,\n";
    let (mut rows, ended) = rows(&stage, roster);
    rows.sort();
    assert_eq!(rows, ["1 Jane Doe", "2 Jane Doe", "4 Lee Ann", "s2 Ann Lee", "s3 Eve"]);
    ended.says(
        "Jane Doe (1) and Jane Doe (2) match row 2 of the roster, so they keep the platform's \
         names and ids.",
    );
    ended.says("no submission from: Eve\n");
}

/// Moodle writes a group before the names of those who submit together.
#[test]
fn a_group_is_no_part_of_a_name() {
    let stage = Stage::new(&[
        ("Group A-Jane Doe_1_assignsubmission_file", RIGHT),
        ("B-2-Anna-Lena Roe_2_assignsubmission_file", RIGHT),
        ("Jean-Luc Roe_3_assignsubmission_file", RIGHT),
    ]);
    let roster = "name,student id\nJane Doe,s1\nAnna-Lena Roe,s2\nJean-Luc Roe,s3\nLuc Roe,s4\n";
    let (rows, ended) = rows(&stage, roster);
    assert_eq!(rows, ["s1 Jane Doe", "s2 Anna-Lena Roe", "s3 Jean-Luc Roe", "s4 Luc Roe"]);
    ended.says("no submission from: Luc Roe\n");
    let sheet =
        "Identifier,Full name,Grade\nParticipant 1,Jane Doe,\nParticipant 3,Jean Luc Roe,\n";
    fs::write(stage.at("sheet.csv"), sheet).expect("it can be written");
    stage.run("grades", "--worksheet sheet.csv").is(0);
    let table = fs::read_to_string(stage.at("grades/grades.csv")).expect("it is there");
    assert!(table.contains("\n1,Jane Doe,") && table.contains("\n3,Jean-Luc Roe,"), "{table}");
}

/// Whoever opens an account at GitHub chooses its name.
#[test]
fn an_account_is_no_id_of_the_school_if_the_roster_has_accounts() {
    let stage = Stage::new(&[]);
    for (account, answer) in [("alice", RIGHT), ("s1", BLOCKING), ("bob", RIGHT)] {
        let repository = format!("async-{account}");
        stage.submit(&repository, ".git/HEAD", "ref: refs/heads/main\n");
        stage.submit(&repository, "countasync.py", answer);
    }
    let (rows, _) = rows(&stage, "name,student id,account\nAlice,s1,alice\nBob,s2,bob\n");
    assert_eq!(rows, ["s1 Alice", "s2 Bob", " s1"]);
}

/// Or a name that is another's.
#[test]
fn an_account_called_as_somebody_else_gets_no_row_of_theirs() {
    let stage = Stage::new(&[]);
    for account in ["ada-byron", "bob99", "eve-moor", "zed"] {
        let repository = format!("async-{account}");
        stage.submit(&repository, ".git/HEAD", "ref: refs/heads/main\n");
        stage.submit(&repository, "countasync.py", RIGHT);
    }
    let roster =
        "name,student id,account\nAda Byron,s1,ada1\nBob Roe,s2,bob99\nEve Moor,s3,eve-moor\n";
    let (rows, ended) = rows(&stage, roster);
    assert_eq!(rows, ["s2 Bob Roe", "s3 Eve Moor", "ada-byron ada-byron", "zed zed"]);
    ended.says("Not on the roster: zed. Their rows are the last ones in grades.csv.\n");
    ended.says(
        "ada-byron may be row 2 of the roster, which has this name: if so, enter the account there.",
    );
    let book = "Student,ID,SIS User ID,SIS Login ID,Section,Async (7)\n\
        \"Byron, Ada\",1,s1,,A,\n\"Roe, Bob\",2,s2,,A,\n\"Moor, Eve\",3,,,A,\n";
    let sheet = "Identifier,Full name,Grade\nParticipant 1,Ada Byron,\nParticipant 2,Bob Roe,\n\
        Participant 3,Eve Moor,\n";
    fs::write(stage.at("book.csv"), book).expect("it can be written");
    fs::write(stage.at("sheet.csv"), sheet).expect("it can be written");
    for (list, filled, before) in [
        ("--canvas book.csv", "canvas.csv", book),
        ("--worksheet sheet.csv", "worksheet.csv", sheet),
    ] {
        stage.run("grades", &format!("--roster roster.csv {list}")).is(0);
        let after = fs::read_to_string(stage.at("grades").join(filled)).expect("it is there");
        let changed = before.lines().zip(after.lines()).filter(|(before, after)| before != after);
        let changed: Vec<_> = changed.map(|(before, _)| before).collect();
        let [.., bob, eve] = before.lines().collect::<Vec<_>>()[..] else { panic!() };
        assert_eq!(changed, [bob, eve], "{after}");
        let table = fs::read_to_string(stage.at("grades/grades.csv")).expect("it is there");
        assert!(table.contains("ada-byron,ada-byron,"), "{table}");
    }
}

#[test]
fn who_is_not_graded_yet_is_not_said_to_have_submitted_nothing() {
    let stage = Stage::new(&[("Ada", RIGHT), ("Bob", RIGHT)]);
    let roster = "name,student id\nAda,s1\nBob,s2\nEve,s3\n";
    fs::write(stage.at("roster.csv"), roster).expect("it can be written");
    let ended = stage.run("grades", "--only s1 --roster roster.csv");
    ended.says("no submission from: Eve\n");
    assert_eq!(stage.keys("grades"), ["Ada"]);
}

#[test]
fn learners_go_by_the_schools_names() {
    let stage = Stage::new(&[("ada99", RIGHT), ("bob17", RIGHT)]);
    stage.submit("bob17", "old/countasync-2.py", BLOCKING);
    stage.submit("bob17", "countasync.js", RIGHT);
    let roster = "name,student id,account\nAda L,s1,ada99\nBob B,s2,bob17\n";
    let (_, ended) = rows(&stage, roster);
    ended.says("more than one file could be the answer: Bob B.");
    for name in ["S1", "ada99"] {
        stage.run("grades", &format!("--roster roster.csv --only {name}")).is(3);
    }
    let ended = stage.run("grades", "--roster roster.csv --only s11");
    ended.is(2);
}
