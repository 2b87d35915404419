//! What comes out of a class, besides the page for the teacher: made from made-up results.

use crate::learners::{HOSTILE, class, good, hostile, write};
use checker::class::learner::{Graded, Learner};
use checker::class::output::{Asked, Files, Written};
use checker::report::json;
use checker::timeline::{Characters, Mark, Row, Size, Timeline, svg, text};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use submissions::Layout;
use tempfile::{TempDir, tempdir};

/// Writes what comes out of these results.
fn written(learners: &[Learner], asked: Asked) -> (TempDir, Written) {
    written_from(Layout::Canvas, learners, asked)
}

/// The same, for submissions from this platform.
fn written_from(layout: Layout, learners: &[Learner], asked: Asked) -> (TempDir, Written) {
    let folder = tempdir().unwrap();
    let written = write(folder.path(), layout, learners.to_vec(), asked).unwrap();
    (folder, written)
}

/// What is asked with this file for this option.
fn asked(option: &str, content: impl AsRef<[u8]>, column: Option<&str>) -> Result<Asked, String> {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file.csv");
    fs::write(&path, content).unwrap();
    let file = |name: &str| (name == option).then(|| path.clone());
    Asked::read(&Files {
        roster: file("roster"),
        worksheet: file("worksheet"),
        canvas: file("canvas"),
        column: column.map(Into::into),
    })
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

/// The rows of grades.csv, without the header.
fn grades(folder: &TempDir) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(folder.path().join("grades.csv")).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(Into::into).collect()).collect()
}

/// All files in a folder, at any depth.
fn all_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(all_files(&path));
        } else {
            files.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    files
}

fn report(learner: &mut Learner) -> &mut json::Exercise {
    match &mut learner.answers[0].graded {
        Graded::Report(report) => report,
        Graded::Missing(_) | Graded::Unread(_) | Graded::Unclear(_) => panic!("there is an answer"),
    }
}

#[test]
fn grades_have_a_row_for_each_learner() {
    let mut late = good("Late", Some("2"));
    late.submitter.late = true;
    late.notes = vec!["Handed in twice".into()];
    let mut lost = good("Lost", None);
    (report(&mut lost).earned, report(&mut lost).verdict) = (2.5, json::Verdict::PointsLost);
    // The same mistake may cost the points of several criteria, and of others that depend on them.
    for (criterion, points) in report(&mut lost).criteria.iter_mut().zip([1.0, 1.5]) {
        criterion.earned = criterion.possible - points;
        criterion.reason = Some(json::Reason {
            mistake: "blocking-sleep".into(),
            expected: String::new(),
            seen: String::new(),
            why: String::new(),
            hint: String::new(),
            timeline: None,
        });
    }
    let mut missing = good("Missing", Some("4"));
    missing.answers[0].graded = Graded::Missing("There is no file countasync.".into());
    missing.answers[1].graded = Graded::Missing("There is no file countasync.".into());
    missing.answers[3].graded = Graded::Missing("There is no file chained.".into());
    let mut unsure = good("Unsure", Some("5"));
    report(&mut unsure).verdict = json::Verdict::Inconclusive;
    let mut damaged = good("Damaged", Some("6"));
    damaged.problem = Some("The zip file is damaged.".into());
    damaged.answers.clear();

    let learners = [late, lost, missing, unsure, damaged];
    let (folder, _) = written(&learners, Asked::default());
    let expected = "\u{feff}\
        id,name,countasync,countsync,rand,chained,total,late,verdict,note\n\
        6,Damaged,,,,,,no,not graded,The zip file is damaged.\n\
        2,Late,10,10,10,10,40,yes,full marks,Handed in twice.\n\
        Lost,Lost,2.5,10,10,10,32.5,no,points lost,countasync: blocking-sleep (-7.5).\n\
        4,Missing,0,0,10,0,10,no,points lost,\"countasync, countsync: There is no file countasync. \
        chained: There is no file chained.\"\n\
        5,Unsure,,10,10,10,,no,inconclusive,\n";
    assert_eq!(read(&folder, "grades.csv"), expected);

    // Elsewhere, nothing tells who was in time.
    let (folder, _) = written_from(Layout::Moodle, &learners, Asked::default());
    assert_eq!(read(&folder, "grades.csv"), expected.replace(",no,", ",,"));
}

/// The names in grades.csv, in their order.
fn names(folder: &TempDir) -> Vec<String> {
    grades(folder).iter().map(|row| row[1].clone()).collect()
}

#[test]
fn grades_come_by_name_or_as_in_the_roster() {
    let by_name =
        ["\u{c9}mile", "Emma 2", "Emma 10", "Łukasz", "Mia", "zoe", "Zoe\u{308}", "Иван", "王小明"];
    let mut learners: Vec<_> = by_name.map(|name| good(name, None)).to_vec();
    // As they come, which is by key.
    learners.sort_by(|one, other| one.submitter.key.cmp(&other.submitter.key));
    let (folder, _) = written(&learners, Asked::default());
    assert_eq!(names(&folder), by_name);

    let roster = "name,id\nzoe,1\nEmma 10,2\nE\u{301}mile,3\nMia,4\n";
    let (folder, _) = written(&learners, asked("roster", roster, None).unwrap());
    let others = ["Emma 2", "Łukasz", "Zoe\u{308}", "Иван", "王小明"];
    assert_eq!(names(&folder), [&["zoe", "Emma 10", "E\u{301}mile", "Mia"][..], &others].concat());
}

/// Where the platform tells only an account, or all of a name in one word.
#[test]
fn the_platforms_own_list_tells_who_somebody_is() {
    let learners = [
        good("lovelaceada", Some("9001")),
        good("bob", Some("9002")),
        good("Jane Doe", Some("9003")),
        good("stranger", Some("9009")),
    ];
    let from_canvas = || asked("canvas", GRADEBOOK, Some("77")).unwrap();
    let (folder, _) = written(&learners, from_canvas());
    assert_eq!(names(&folder), ["Byron, Bob", "Jane Doe", "Lovelace, Ada", "stranger"]);
    let page = read(&folder, "feedback/lovelaceada.html");
    assert!(page.contains("<h1><bdi>Lovelace, Ada</bdi></h1>"));
    assert!(read(&folder, "report.html").contains("\"name\":\"Lovelace, Ada\""));

    let two = GRADEBOOK
        .replacen("Student,", "LastName,FirstName,", 1)
        .replace("\"Lovelace, Ada\"", "Lovelace,Ada");
    let (folder, _) = written(&learners[..1], asked("canvas", two, Some("77")).unwrap());
    assert_eq!(names(&folder), ["Lovelace, Ada"]);

    let sheet = "Identifier,Full name,Grade\nParticipant 9002,Bob Byron,\n";
    let (folder, _) =
        written_from(Layout::Moodle, &learners[1..2], asked("worksheet", sheet, None).unwrap());
    assert_eq!(names(&folder), ["Bob Byron"]);
    // Whoever corrects blindly has no names in the worksheet.
    let blind = sheet.replace(",Full name", "").replace(",Bob Byron", "");
    let (folder, _) =
        written_from(Layout::Moodle, &learners[1..2], asked("worksheet", blind, None).unwrap());
    assert_eq!(names(&folder), ["bob"]);
}

#[test]
fn nothing_hidden_is_in_a_name_or_a_note() {
    let hidden = "a\u{1b}[2J\u{202e}b\u{2028}c\u{2066}\u{200f}\u{feff}";
    let mut learner = good(hidden, Some("1"));
    learner.submitter.key = "key".into();
    learner.notes = vec![hidden.into()];
    // Marks and joiners of other scripts are no hidden characters.
    let (folder, _) =
        written(&[learner, good("अनिल कुमार", None), good("علی‌رضا", None)], Asked::default());
    let shown = r"a\u{1b}[2J\u{202e}b\u{2028}c\u{2066}\u{200f}\u{feff}";
    for (name, count) in [("grades.csv", 2), ("feedback/key.html", 3)] {
        let text = read(&folder, name);
        assert!(
            !text.contains(['\u{1b}', '\u{202e}', '\u{2028}', '\u{2066}', '\u{200f}']),
            "{name}"
        );
        assert_eq!(text.matches(shown).count(), count, "{name}");
    }
    assert!(!read(&folder, "report.html").contains(['\u{202e}', '\u{2028}', '\u{2066}']));
    assert!(!read(&folder, "report.html").contains("\\u001b"));
    assert!(read(&folder, "grades.csv").contains("अनिल कुमार"));
    assert!(read(&folder, "grades.csv").contains("علی\u{200c}رضا"));
}

#[test]
fn a_flood_of_lines_has_a_small_picture() {
    let lines: Vec<_> = (0..100_000).map(|line| (f64::from(line) / 1e4, "x".into())).collect();
    let mark = |(line, (at, text)): (usize, &(f64, String))| {
        let (at, text) = (*at, text.clone());
        Mark { at, line, text }
    };
    let marks = lines.iter().enumerate().map(mark).collect();
    let row = Row { label: "main".into(), marks, ..Row::default() };
    let late = Row {
        label: "late".into(),
        marks: vec![Mark { at: 9.0, line: 90_000, text: "late".into() }],
        ..Row::default()
    };
    let timeline = Timeline { rows: vec![row, late], lines, ..Timeline::default() };
    let small = timeline.of_first_lines();
    let picture = svg(&small, Size::PAGE);
    assert!(picture.len() < 200_000, "{}", picture.len());
    assert!(picture.contains("... and 99700 more lines") && !picture.contains("late"));
    assert!(text(&small, 80, Characters::UNICODE).concat().len() < 200_000);
}

#[test]
fn what_was_filled_in_before_is_removed() {
    let folder = tempdir().unwrap();
    let again = |asked| {
        write(folder.path(), Layout::Canvas, [good("Ada", Some("9001"))], asked).unwrap().notes
    };
    assert!(again(asked("canvas", GRADEBOOK, Some("77")).unwrap()).is_empty());
    assert_eq!(
        again(asked("roster", "name,id\nAda,s1\n", None).unwrap()),
        ["canvas.csv was removed, as its grades are out of date: give --canvas again"]
    );
    assert!(!folder.path().join("canvas.csv").exists());
    assert_eq!(
        again(asked("worksheet", WORKSHEET, None).unwrap()),
        [
            "Ada is not in the worksheet.",
            "names and ids are those of the platform now: give --roster again, as before",
            STRANGERS
        ]
    );
    assert_eq!(
        again(Asked::default()),
        ["worksheet.csv was removed, as its grades are out of date: give --worksheet again"]
    );
    assert!(again(Asked::default()).is_empty());
}

#[test]
fn what_a_platform_has_settled_is_left() {
    let gradebook = GRADEBOOK.replace("A,1,EX", "A,EX,EX");
    let ada = [good("Ada", Some("9001"))];
    let (folder, by_canvas) = written(&ada, asked("canvas", &gradebook, Some("77")).unwrap());
    assert_eq!(read(&folder, "canvas.csv"), gradebook);
    assert_eq!(
        by_canvas.notes,
        ["Lovelace, Ada is excused in the gradebook (EX), and stays excused."]
    );

    for header in ["Grade can be changed", "Grade Can Be Changed"] {
        let sheet = format!("Identifier,Grade,{header}\nParticipant 9001,3,No\n");
        let asked = asked("worksheet", &sheet, None).unwrap();
        let (folder, by_moodle) = written_from(Layout::Moodle, &ada, asked);
        assert_eq!(read(&folder, "worksheet.csv"), sheet);
        let said = "Ada's grade cannot be changed in Moodle, and was left as it was.";
        assert_eq!(by_moodle.notes, [said]);
    }
}

/// Each gets a grade of their own.
#[test]
fn the_members_of_a_group_have_a_row_each() {
    let class = class(12);
    let group = &class[11];
    assert_eq!(group.submitter.members.len(), 2, "the last is a group");
    let (folder, _) = written(&class, Asked::default());
    let rows = grades(&folder);
    assert_eq!(rows.len(), 13);
    let of = |id: &str| rows.iter().find(|row| row[0] == id).expect("a row");
    assert_eq!(of("11-1")[2..], of("11-2")[2..]);
}

#[test]
fn no_cell_of_the_grades_is_a_formula() {
    let formulas =
        ["=1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n@x", " =1", "＝1", "'=1", "''+1"];
    let learners: Vec<_> = formulas
        .iter()
        .map(|name| {
            let mut learner = good(name, Some(name));
            (learner.submitter.key, learner.notes) = ("key".into(), vec![(*name).into()]);
            learner
        })
        .collect();
    let (folder, _) = written(&learners, Asked::default());
    let rows = grades(&folder);
    assert_eq!(rows.len(), formulas.len());
    for cells in rows.iter().map(|row| [&row[0], &row[1], &row[9]]) {
        for cell in cells {
            assert!(cell.starts_with('\''), "{cell:?}");
            assert!(!cell.contains(char::is_control), "{cell:?}");
            assert_eq!(cell.trim_end_matches('.'), cells[0]);
        }
    }
    let mut cells: Vec<_> = rows.iter().map(|row| row[0][1..].to_owned()).collect();
    let mut expected: Vec<_> = formulas.map(|it| it.replace(['\t', '\r', '\n'], " ")).to_vec();
    cells.sort();
    expected.sort();
    assert_eq!(cells, expected);
    // A name is no formula because it begins with an apostrophe.
    let (folder, _) = written(&[good("'Okina", Some("1"))], Asked::default());
    assert_eq!(grades(&folder)[0][1], "'Okina");
}

#[test]
fn the_same_results_give_the_same_files_over_those_of_before() {
    let class = class(30);
    let (folder, _) = written(&class, Asked::default());
    let before = all_files(folder.path());
    write(folder.path(), Layout::Canvas, class, Asked::default()).unwrap();
    assert!(all_files(folder.path()) == before);
    assert_eq!(before.len(), 32, "grades, report and feedback, and nothing temporary");
}

#[test]
fn nothing_is_written_outside_of_the_folder() {
    let outside = tempdir().unwrap();
    let folder = tempdir().unwrap();
    let write = |key: &str| {
        let mut learner = good("Ada", None);
        learner.submitter.key = key.into();
        write(folder.path(), Layout::Canvas, [learner], Asked::default())
    };
    for key in ["../ada", "/tmp/ada", "..", "a/b", ""] {
        assert!(write(key).unwrap_err().contains("cannot be the name of a file"), "{key}");
    }
    // A link is replaced, not followed.
    let target = outside.path().join("precious");
    fs::write(&target, "precious").unwrap();
    symlink(&target, folder.path().join("grades.csv")).unwrap();
    write("ada").unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
    assert!(
        fs::read_to_string(folder.path().join("grades.csv")).unwrap().starts_with("\u{feff}id,")
    );

    fs::remove_dir_all(folder.path().join("feedback")).unwrap();
    symlink(outside.path(), folder.path().join("feedback")).unwrap();
    assert!(write("ada").unwrap_err().contains("feedback: this is not a folder"));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn feedback_is_about_one_learner() {
    let class = class(24);
    let (folder, _) = written(&class, Asked::default());
    for learner in &class {
        let page = read(&folder, &format!("feedback/{}.html", learner.submitter.key));
        for other in class.iter().filter(|it| it.submitter.key != learner.submitter.key) {
            let id = other.submitter.id.as_ref().unwrap();
            assert!(!page.contains(&format!("<bdi>{id}</bdi>")), "{id}");
            assert!(!page.contains(other.submitter.email.as_ref().unwrap()));
        }
        let reasons = learner.answers.iter().filter_map(|answer| match &answer.graded {
            Graded::Report(report) => {
                Some(report.criteria.iter().filter_map(|it| it.reason.as_ref()))
            }
            Graded::Missing(_) | Graded::Unread(_) | Graded::Unclear(_) => None,
        });
        let count = reasons.flatten().count();
        assert_eq!(page.matches("<dt>hint</dt>").count(), count);
        let pictures: usize = learner.answers.iter().map(|answer| answer.pictures.len()).sum();
        assert_eq!(page.matches("data:image/svg+xml").count(), pictures);
    }
}

#[test]
fn feedback_says_which_of_several_runs_a_picture_is_of() {
    let (folder, _) = written(&[good("Ada", None)], Asked::default());
    let page = read(&folder, "feedback/Ada.html");
    let count = |text: &str| page.matches(text).count();
    // rand is run twice, chained three times, and the other two once.
    assert_eq!(["first", "second", "third"].map(|it| count(&format!("{it} run: "))), [2, 2, 1]);
    assert_eq!(count("<figure"), 7);
}

#[test]
fn feedback_says_what_is_open_and_nothing_about_the_teachers_machine() {
    let mut not_started = good("Ada", Some("1"));
    let of_machine = report(&mut not_started);
    of_machine.verdict = json::Verdict::NotStarted;
    (of_machine.earned, of_machine.criteria) = (0.0, Vec::new());
    of_machine.problem = Some("there is no such program: ruby".into());
    not_started.answers[1].graded = Graded::Missing("no answer found".into());
    not_started.answers[2].graded = Graded::Unclear("two files could be the answer".into());
    let mut lost = good("Bob", Some("2"));
    lost.answers.clear();
    (lost.problem, lost.checker_failed) = (Some("it failed twice: signal 9".into()), true);
    let (folder, _) = written(&[not_started, lost], Asked::default());

    let page = read(&folder, "feedback/Ada.html");
    let count = |text: &str| page.matches(text).count();
    assert_eq!((count(">– of 10<"), count(">0 of 10<"), count(">10 of 10<")), (2, 1, 1));
    assert_eq!(count("The points are not decided yet."), 2);
    for word in ["not started", "missing", "not graded"] {
        assert!(page.contains(&format!(">{word}</span>")), "{word}");
    }
    let page = read(&folder, "feedback/Bob.html");
    assert!(page.contains("not the fault of this submission") && !page.contains("signal"));
    assert!(read(&folder, "grades.csv").contains("it failed twice: signal 9"));
}

#[test]
fn hostile_text_adds_no_element_to_feedback() {
    let (folder, _) = written(&[hostile()], Asked::default());
    let page = read(&folder, "feedback/hostile.html");
    assert!(page.contains("&lt;/script&gt;"));
    assert!(!page.contains("<script") && !page.contains("<!--") && !page.contains("<img src=http"));
    assert!(page.contains("default-src 'none'") && page.contains("script-src 'none'"));
    assert!(!HOSTILE.is_empty());
}

const WORKSHEET: &str = "\u{feff}Identifier,\"Full name\",Status,Grade,\"Maximum Grade\",\
    \"Last modified (grade)\",\"Feedback comments\"\r\n\
    \"Participant 101\",\"O'Neil, \"\"Sean\"\"\",  odd ,,\"40,00\",\"-\",\"two\nlines\"\r\n\
    Participant 102,=cmd,,\"7,50\",\"40,00\",-,\r\n\
    Participant 103,Nobody,,3,\"40,00\",-,";

#[test]
fn in_a_worksheet_only_grades_change() {
    // In the names of files, Moodle leaves out what has a meaning there.
    let mut sean = good("ONeil Sean", Some("101"));
    (report(&mut sean).earned, report(&mut sean).verdict) = (7.5, json::Verdict::PointsLost);
    let learners = [sean, good("cmd", Some("102")), good("Cid", Some("109"))];
    let asked = asked("worksheet", WORKSHEET, None).unwrap();
    let (folder, written) = written_from(Layout::Moodle, &learners, asked);
    let expected = WORKSHEET.replace("odd ,,", "odd ,\"37,50\",").replace("\"7,50\"", "\"40,00\"");
    assert_eq!(read(&folder, "worksheet.csv"), expected);
    assert_eq!(written.notes, ["Cid is not in the worksheet."]);
}

#[test]
fn a_worksheet_with_other_delimiters_and_words_is_filled_in() {
    let sheet = "ID;Vollst\u{e4}ndiger Name;Bewertung;Bestwertung\n\
        Teilnehmer/in 101;Ada;;100\n";
    let latin: Vec<u8> = sheet.chars().map(|c| c as u8).collect();
    let problem = asked("worksheet", &latin, None).err().unwrap();
    assert!(problem.contains("no column Grade: name the grade column with --column"), "{problem}");
    let asked = asked("worksheet", &latin, Some("Bewertung")).unwrap();
    let (folder, _) = written_from(Layout::Moodle, &[good("Ada", Some("101"))], asked);
    let filled = fs::read(folder.path().join("worksheet.csv")).unwrap();
    let expected = sheet.replace("Ada;;", "Ada;40.00;");
    assert_eq!(filled, expected.chars().map(|c| c as u8).collect::<Vec<_>>());
}

/// What teachers' tables are like that were not downloaded a minute ago.
#[test]
fn awkward_worksheets_are_filled_in_all_the_same() {
    let filled = |sheet: &str, ada: Learner| {
        let asked =
            asked("worksheet", sheet, None).unwrap_or_else(|why| panic!("{sheet:?}: {why}"));
        let (folder, written) = written_from(Layout::Moodle, &[ada], asked);
        (read(&folder, "worksheet.csv"), written.notes)
    };
    for (sheet, expected) in [
        // Without a line end.
        ("Identifier,Grade\nParticipant 7,", "Identifier,Grade\nParticipant 7,40.00"),
        // A German Excel's.
        (
            "Identifier;Grade;Maximum Grade\r\nParticipant 7;;40,00\r\n",
            "Identifier;Grade;Maximum Grade\r\nParticipant 7;40,00;40,00\r\n",
        ),
        // An old Mac's.
        ("Identifier,Grade\rParticipant 7,\r", "Identifier,Grade\rParticipant 7,40.00\r"),
        (
            "\u{feff}\"Identifier\"\t\"Grade\"\nParticipant 7\t\"\"\n",
            "\u{feff}\"Identifier\"\t\"Grade\"\nParticipant 7\t\"40.00\"\n",
        ),
        // Quoted line ends, doubled quotes, and quotes where none are needed.
        (
            "Identifier,\"Feedback\ncomments\",Grade\n\"Participant 7\",\"a\n\"\"b\"\"\n,\",\n",
            "Identifier,\"Feedback\ncomments\",Grade\n\"Participant 7\",\"a\n\"\"b\"\"\n,\",40.00\n",
        ),
        (
            "Identifier,Status,Grade\nParticipant 7,screen of 5\"\",\nParticipant 8,,\n",
            "Identifier,Status,Grade\nParticipant 7,screen of 5\"\",40.00\nParticipant 8,,\n",
        ),
        // Empty lines, and a learner who has left.
        (
            "\n\nIdentifier,Grade\n\nParticipant 6,1\n\nParticipant 7,2\n\n\n",
            "\n\nIdentifier,Grade\n\nParticipant 6,1\n\nParticipant 7,40.00\n\n\n",
        ),
        // More columns than the header has.
        ("Grade,Identifier\n2,Participant 7,x,y\n", "Grade,Identifier\n40.00,Participant 7,x,y\n"),
    ] {
        let (sheet, notes) = filled(sheet, good("Ada Byron", Some("7")));
        assert_eq!((&*sheet, notes), (expected, vec![]));
    }
    let short = "Identifier,Status,Grade\nParticipant 7\n";
    let (sheet, notes) = filled(short, good("Ada Byron", Some("7")));
    assert_eq!(sheet, short);
    assert_eq!(notes, ["Row 2 is too short to have a cell for the grade, and was left as it was."]);

    let refused = |sheet: &[u8]| asked("worksheet", sheet, None).err().expect("it is refused");
    let twice = refused(b"Identifier,Grade,Grade\nParticipant 7,,\n");
    assert!(twice.ends_with("there are two columns named Grade: rename one"), "{twice}");
    let utf_16: Vec<u8> =
        "\u{feff}Identifier,Grade\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf_16 = refused(&utf_16);
    assert!(utf_16.ends_with("not a CSV file in UTF-8: export it again as such"), "{utf_16}");
}

/// Numbers of other platforms mean other people.
#[test]
fn a_worksheet_is_filled_in_by_the_ids_of_moodle_only() {
    let sheet = "Identifier,Full name,Email address,Grade\n\
        Participant 7,Ada Byron,ada@school.example,\n\
        Participant 8,Bob Zed,bob@school.example,\n";
    let mut bob = good("bobby", Some("7"));
    bob.submitter.email = Some("Bob@school.example".into());
    let learners = [bob, good("Zed Stranger", Some("8"))];
    let asked = asked("worksheet", sheet, None).unwrap();
    let (folder, written) = written_from(Layout::Gradescope, &learners, asked);
    let expected = sheet.replace("bob@school.example,", "bob@school.example,40.00");
    assert_eq!(read(&folder, "worksheet.csv"), expected);
    assert_eq!(written.notes, ["Zed Stranger is not in the worksheet."]);
    assert_eq!(names(&folder), ["Ada Byron", "Bob Zed", "Zed Stranger"]);
    assert_eq!(written.absent, ["Ada Byron"]);
}

#[test]
fn what_is_not_certain_is_not_filled_in() {
    let mut sean = good("O'Neil Sean", Some("101"));
    report(&mut sean).verdict = json::Verdict::Inconclusive;
    let asked = asked("worksheet", WORKSHEET, None).unwrap();
    let (folder, written) = written_from(Layout::Moodle, &[sean], asked);
    assert_eq!(read(&folder, "worksheet.csv"), WORKSHEET);
    assert_eq!(written.notes, ["O'Neil Sean has no grade in the worksheet: inconclusive."]);
}

const GRADEBOOK: &str = "Student,ID,SIS User ID,SIS Login ID,Section,Async (77),Essay (78),\
    Assignments Current Score\n\
    \"    Points Possible\",,,,,40,10,(read only)\n\
    \"Lovelace, Ada\",9001,s1,ada,A,1,EX,50\n\
    \"Byron, Bob\",9002,s2,bob,A,\"\",\"5\",\n\
    \"Twin, Tom\",9003,,,A,,,\n\
    \"Twin, Tom\",9004,,,A,,,\n\
    \"Test, Student\",9005,,,A,,,\n";

#[test]
fn in_a_gradebook_only_the_column_of_the_assignment_changes() {
    let learners = [
        good("lovelaceada", Some("9001")),
        good("byronbob", None),
        good("Tom Twin", None),
        good("Zed", Some("9999")),
    ];
    for column in ["Async (77)", "Async", "77"] {
        let asked = asked("canvas", GRADEBOOK, Some(column)).unwrap();
        let (folder, written) = written(&learners, asked);
        let expected = GRADEBOOK.replace("A,1,EX", "A,40,EX").replace("\"\",\"5\"", "\"40\",\"5\"");
        assert_eq!(read(&folder, "canvas.csv"), expected);
        let expected = ["Tom Twin is not in the gradebook.", "Zed is not in the gradebook."];
        assert_eq!(written.notes, expected);
    }
}

/// In other languages, it is another column that tells how numbers are written.
#[test]
fn a_worksheet_with_a_decimal_comma_keeps_it() {
    let sheet = "ID,Bewertung,Bestwertung\nTeilnehmer/in 101,,\"40,00\"\n";
    let asked = asked("worksheet", sheet, Some("Bewertung")).unwrap();
    let (folder, _) = written_from(Layout::Moodle, &[good("Ada", Some("101"))], asked);
    assert_eq!(read(&folder, "worksheet.csv"), sheet.replace("101,,", "101,\"40,00\","));
}

#[test]
fn a_gradebook_with_decimal_commas_keeps_them() {
    let mut ada = good("Ada", Some("9001"));
    (report(&mut ada).earned, report(&mut ada).verdict) = (7.5, json::Verdict::PointsLost);
    let book = "Student;ID;SIS Login ID;Section;Async (77)\n    Points Possible;;;;50,00\n\
        Lovelace, Ada;9001;ada;A;\n";
    let learners = [ada];
    let (folder, notes) = written(&learners, asked("canvas", book, None).unwrap());
    assert_eq!(read(&folder, "canvas.csv"), book.replace("ada;A;", "ada;A;37,5"));
    assert!(notes.notes[0].starts_with("In Canvas, the assignment is worth 50 points"));
    let thousand = book.replace("50,00", "1,000");
    let (folder, _) = written(&learners, asked("canvas", &*thousand, None).unwrap());
    assert_eq!(read(&folder, "canvas.csv"), thousand.replace("ada;A;", "ada;A;37.5"));
}

/// Which column has the names, those of the learners tell.
#[test]
fn a_worksheet_in_another_language_names_who_submitted_nothing_and_fills_in_no_group() {
    let sheet = "ID,Vollständiger Name,Status,Bewertung\nTeilnehmer/in 101,Ada Byron,Abgegeben,\n\
        Teilnehmer/in 102,Otto Mann,Keine Abgabe,\nTeilnehmer/in 103,Ida Moor,Keine Abgabe,\n";
    let ada = || good("Ada Byron", Some("101"));
    let team = || good("Team Blue", Some("103"));
    let filled = |learners: &[Learner]| {
        let asked = asked("worksheet", sheet, Some("Bewertung")).unwrap();
        let (folder, written) = written_from(Layout::Moodle, learners, asked);
        (read(&folder, "worksheet.csv"), written)
    };
    let (file, written) = filled(&[team(), ada()]);
    assert_eq!(file, sheet.replace("Abgegeben,", "Abgegeben,40.00"));
    assert_eq!(written.notes, ["Team Blue is not in the worksheet."]);
    assert_eq!(written.absent, ["Otto Mann", "Ida Moor"]);
    // Nobody's name tells.
    let (file, written) = filled(&[team()]);
    assert_eq!((&*file, written.absent), (sheet, vec![]));
}

/// Canvas's ids and the school's are both numbers, of different people.
#[test]
fn an_id_is_looked_up_only_where_it_belongs() {
    let gradebook = GRADEBOOK.replace(",s1,", ",9002,").replace(",s2,", ",9001,");
    let asked = |gradebook: &str| asked("canvas", gradebook, Some("77")).unwrap();
    let (folder, _) = written(&[good("byronbob", Some("9002"))], asked(&gradebook));
    let bob = gradebook.replace("\"\",\"5\"", "\"40\",\"5\"");
    assert_eq!(read(&folder, "canvas.csv"), bob);
    let gone = gradebook.replace("9002,9001,", "9006,9001,");
    let (folder, written) = written(&[good("Zed", Some("9002"))], asked(&gone));
    assert_eq!(read(&folder, "canvas.csv"), gone);
    assert_eq!(written.notes, ["Zed is not in the gradebook."]);

    let sis = good("Zed", Some("9001"));
    let (folder, _) =
        written_from(Layout::Gradescope, std::slice::from_ref(&sis), asked(&gradebook));
    assert_eq!(read(&folder, "canvas.csv"), bob);
    // A participant's number is no id of the school, nor is an account at GitHub, which its owner chose.
    for layout in [Layout::Moodle, Layout::GitHubClassroom] {
        let (folder, _) = written_from(layout, std::slice::from_ref(&sis), asked(&gradebook));
        assert_eq!(read(&folder, "canvas.csv"), gradebook);
    }
}

#[test]
fn a_row_that_two_learners_match_is_left() {
    let learners = [good("Ada", Some("9001")), good("lovelaceada", None)];
    let (folder, by_canvas) = written(&learners, asked("canvas", GRADEBOOK, Some("77")).unwrap());
    assert_eq!(read(&folder, "canvas.csv"), GRADEBOOK);
    assert_eq!(
        by_canvas.notes,
        ["Ada and lovelaceada both match row 3 of the gradebook, which was left as it was."]
    );

    let sheet = "Identifier,Full name,Grade\nParticipant 1,Ada Byron,\n";
    let learners = ["Ada Byron", "Byron, Ada", "ada byron"].map(|name| good(name, None));
    let asked = asked("worksheet", sheet, None).unwrap();
    let (folder, written) = written_from(Layout::Folders, &learners, asked);
    assert_eq!(read(&folder, "worksheet.csv"), sheet);
    assert_eq!(
        written.notes,
        [
            "Ada Byron and Byron, Ada both match row 2 of the worksheet, which was left as it was.",
            "Byron, Ada and ada byron both match row 2 of the worksheet, which was left as it was.",
        ]
    );
}

#[test]
fn the_column_of_a_gradebook_has_to_be_clear() {
    let problem = |content: &str, column| asked("canvas", content, column).err().unwrap();
    let several = problem(GRADEBOOK, None);
    assert!(several.starts_with("--canvas "), "{several}");
    assert!(several.ends_with("with --column: Async (77), Essay (78)"), "{several}");
    assert!(problem(GRADEBOOK, Some("Asink")).contains("no assignment Asink"));
    assert!(problem("a,b\n", None).contains("no columns Student and ID"));
    assert!(problem("", None).ends_with("it is empty"));
    assert!(problem("Student,\"ID\n", None).ends_with("a quote in row 1 is not closed"));
    // With only one that can be written, it is that one.
    let one = GRADEBOOK.replace("Essay (78)", "Essay").replace("40,10", "50,10");
    let (_, written) = written(&[good("Ada", Some("9001"))], asked("canvas", one, None).unwrap());
    assert!(written.notes[0].contains("worth 50 points, but the exercises come to 40"));
}

#[test]
fn a_roster_gives_the_schools_names_and_ids() {
    let roster = "Student ID;E-Mail;GitHub Username;Last name;First name\n\
        s1;ada@school.example;AdaL;Lovelace;Ada\n\
        s2;bob@school.example;;Byron;Bob\n\
        s3;eve@school.example;eve;Eve;\n\
        s4;;;Doe;Jane\n";
    let mut bob = good("someone", Some("17"));
    bob.submitter.email = Some("Bob@school.example".into());
    let learners =
        [good("adal", Some("adal")), bob, good("doe_jane", None), good("stranger", Some("5"))];
    let (folder, written) = written(&learners, asked("roster", roster, None).unwrap());
    let names: Vec<_> = grades(&folder).iter().map(|row| row[..2].join(" ")).collect();
    let expected = ["s1 Ada Lovelace", "s2 Bob Byron", "s3 Eve", "s4 Jane Doe", "5 stranger"];
    assert_eq!(names, expected);
    assert_eq!(written.absent, ["Eve"]);
}

/// A teacher looks for everybody in the list, and decides what is due to those who are not there.
#[test]
fn who_submitted_nothing_has_a_row_without_points() {
    let roster = "name,student id\n\"=Eve\",s3\nAda,s1\n,s4\nBob,s2\n,\n";
    let late = |name: &str| {
        let mut late = good(name, Some("9001"));
        late.submitter.late = true;
        late
    };
    let (folder, by_roster) = written(&[late("Ada")], asked("roster", roster, None).unwrap());
    let expected = "\u{feff}\
        id,name,countasync,countsync,rand,chained,total,late,verdict,note\n\
        s3,'=Eve,,,,,,,no submission,\n\
        s1,Ada,10,10,10,10,40,yes,full marks,\n\
        s4,s4,,,,,,,no submission,\n\
        s2,Bob,,,,,,,no submission,\n";
    assert_eq!(read(&folder, "grades.csv"), expected);
    assert_eq!(by_roster.absent, ["=Eve", "s4", "Bob"]);
    assert_eq!(fs::read_dir(folder.path().join("feedback")).unwrap().count(), 1);
    assert_eq!(read(&folder, "report.html").matches("\"verdict\":\"no submission\"").count(), 3);

    // Without a roster, it is the worksheet that tells, and stays as it was for them.
    let ada = || [good("O'Neil, Sean", Some("101"))];
    let (folder, by_sheet) =
        written_from(Layout::Moodle, &ada(), asked("worksheet", WORKSHEET, None).unwrap());
    let rows: Vec<_> =
        grades(&folder).iter().map(|row| [0, 1, 6, 8].map(|at| row[at].clone())).collect();
    assert_eq!(
        rows,
        [
            ["102", "'=cmd", "", "no submission"],
            ["103", "Nobody", "", "no submission"],
            ["101", "O'Neil, Sean", "40", "full marks"],
        ]
    );
    assert_eq!(by_sheet.absent, ["=cmd", "Nobody"]);
    let expected = WORKSHEET.replace("  odd ,,", "  odd ,\"40,00\",");
    assert_eq!(read(&folder, "worksheet.csv"), expected);
    let blind = "Identifier,Full name,Grade\nParticipant 101,,\nParticipant 7,,\n";
    let (folder, _) =
        written_from(Layout::Moodle, &ada(), asked("worksheet", blind, None).unwrap());
    assert_eq!(names(&folder), ["O'Neil, Sean", "Participant 7"]);
}

/// A gradebook lists more than learners.
#[test]
fn a_gradebook_as_the_roster_has_no_learner_but_those_in_it() {
    let gradebook = GRADEBOOK.replace("\"    Points", "\"\",,,,,Manual Posting,,\n\"    Points");
    let learners = [good("lovelaceada", Some("9001"))];
    let (_, by_gradebook) = written(&learners, asked("roster", &gradebook, None).unwrap());
    assert_eq!(by_gradebook.absent, ["Byron, Bob", "Twin, Tom", "Twin, Tom"]);
    // Rows are counted as in the file.
    let toms = [good("Tom Twin", None)];
    let (_, by_gradebook) = written(&toms, asked("roster", &gradebook, None).unwrap());
    assert!(by_gradebook.notes[0].starts_with("Tom Twin may be row 6 or 7 of the roster"));
    // Elsewhere, whoever has no id is a learner all the same.
    let roster = asked("roster", "name,id\nAda,1\nEve,\n\"Student, Test\",2\n", None).unwrap();
    let (_, by_roster) = written(&[good("Ada", None)], roster);
    assert_eq!(by_roster.absent, ["Eve", "Student, Test"]);
}

const STRANGERS: &str = "Nobody who submitted something is on the class list, so it is not known who \
    submitted nothing: is it the list of this class?";

/// Or the groups of Moodle, of which only the name and a number are known.
#[test]
fn nobody_is_said_to_have_submitted_nothing_if_nobody_is_in_the_list() {
    let roster = || asked("roster", "name,id\nAda,1\nEve,2\n", None).unwrap();
    let group = [good("Team Blue", Some("103"))];
    let (folder, by_roster) = written_from(Layout::Moodle, &group, roster());
    assert_eq!((names(&folder), by_roster.absent), (vec!["Team Blue".into()], vec![]));
    assert_eq!(by_roster.notes, [STRANGERS]);
    let (folder, by_sheet) =
        written_from(Layout::Moodle, &group, asked("worksheet", WORKSHEET, None).unwrap());
    assert_eq!(read(&folder, "worksheet.csv"), WORKSHEET, "103 is the number of somebody else");
    assert_eq!(by_sheet.notes, ["Team Blue is not in the worksheet.", STRANGERS]);
    let (folder, _) = written_from(Layout::Moodle, &[good("Ada", None)], roster());
    assert_eq!(names(&folder), ["Ada", "Eve"]);
}

/// Anybody in the list may be them.
#[test]
fn nobody_is_said_to_have_submitted_nothing_if_names_are_hidden() {
    let hidden = |name: &str, id: &str| {
        let mut learner = good(name, Some(id));
        learner.submitter.anonymous = true;
        learner
    };
    let known = ["The download does not name everyone who submitted, so it is not known \
         who submitted nothing."];
    let roster = asked("roster", "name,id\nAda,1\nEve,2\n", None).unwrap();
    let (folder, by_roster) = written(&[hidden("anon_a3b", "a3b")], roster);
    assert_eq!((names(&folder), by_roster.absent), (vec!["anon_a3b".into()], vec![]));
    assert_eq!(by_roster.notes, known);
    // Moodle's worksheet knows them by their numbers.
    let sheet = || asked("worksheet", WORKSHEET, None).unwrap();
    let (_, by_sheet) = written_from(Layout::Moodle, &[hidden("Participant 101", "101")], sheet());
    assert_eq!(by_sheet.absent, ["=cmd", "Nobody"]);
    let (_, by_sheet) = written_from(Layout::Moodle, &[hidden("Participant 9", "9")], sheet());
    assert!(by_sheet.absent.is_empty() && by_sheet.notes.contains(&known[0].into()));
}

/// Either of them may be who submitted.
#[test]
fn who_has_the_name_of_a_submitter_is_not_said_to_have_submitted_nothing() {
    let roster = "name,student id\nTom Twin,s1\nEve,s2\nTwin Tom,s3\n";
    let tom = [good("Tom Twin", None)];
    let (folder, by_roster) =
        written_from(Layout::Folders, &tom, asked("roster", roster, None).unwrap());
    assert_eq!(names(&folder), ["Eve", "Tom Twin"]);
    assert_eq!(
        by_roster.notes,
        [
            "Tom Twin may be row 2 or 4 of the roster, which have the same name: add their accounts or \
          e-mail addresses to it."
        ]
    );
    let sheet = "Identifier,Full name,Grade\nParticipant 1,Tom Twin,\nParticipant 2,Eve,\n\
        Participant 3,Tom Twin,\n";
    let asked = asked("worksheet", sheet, None).unwrap();
    let (folder, _) = written_from(Layout::Folders, &tom, asked);
    assert_eq!(names(&folder), ["Eve", "Tom Twin"]);
}

/// Canvas writes names in its downloads in one word.
#[test]
fn a_roster_finds_the_names_of_a_download() {
    let roster = "name,student id\n\"Doe, Jane\",1\nSean O'Neil,2\nJan van der Berg,3\nEve,4\n";
    let learners = ["doejane", "oneilsean", "vanderbergjan"].map(|name| good(name, Some("9")));
    let (folder, written) = written(&learners, asked("roster", roster, None).unwrap());
    let ids: Vec<_> = grades(&folder).iter().map(|row| row[0].clone()).collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
    assert_eq!(written.absent, ["Eve"]);
}

#[test]
fn a_roster_that_cannot_be_used_is_refused_with_the_column() {
    let problem = |content: &str| asked("roster", content, None).err().unwrap();
    assert!(problem("grade,room\n1,2\n").contains("Its columns are: grade, room"));
    let latin = asked("roster", b"name,id\nAda,1\nZo\xeb,2\n", None).err().unwrap();
    assert!(latin.ends_with("row 3 is not in UTF-8: save the file as CSV UTF-8"), "{latin}");
    let workbook = asked("roster", b"PK\x03\x04\0\0", None).err().unwrap();
    assert!(workbook.ends_with("this is an Excel workbook: save it as CSV UTF-8"), "{workbook}");
    assert!(problem("name,username,login\n").contains("username and login; rename one"));
    let twice = problem("name,username\nA,x\nB,X\n");
    assert!(twice.ends_with("two rows have \"X\" in column username: correct one"), "{twice}");
}
