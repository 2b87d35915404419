//! Whose is what, on each platform, and what is read of it.

use crate::made::{self, Learner, Made, PLATFORMS, Platform};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use submissions::{Class, Found, Layout, Limits, Submission};
use tempfile::TempDir;

const EXERCISES: [&str; 4] = ["countsync", "countasync", "rand", "chained"];

fn layout_of(platform: Platform) -> Layout {
    match platform {
        Platform::Folders | Platform::ZipFiles => Layout::Folders,
        Platform::GitHubClassroom => Layout::GitHubClassroom,
        Platform::Moodle
        | Platform::MoodleBefore41
        | Platform::MoodleFlat
        | Platform::MoodleBlind => Layout::Moodle,
        Platform::Canvas | Platform::CanvasAnonymous => Layout::Canvas,
        Platform::Gradescope => Layout::Gradescope,
    }
}

/// The name that a platform gives a learner.
fn name_on(platform: Platform, learner: &Learner) -> String {
    match platform {
        Platform::GitHubClassroom => learner.account.clone(),
        Platform::MoodleBlind => format!("Participant {}", learner.id),
        Platform::Canvas => made::on_canvas(&learner.name),
        Platform::CanvasAnonymous => format!("anon_x{}", learner.id),
        // A name from a Mac is composed.
        _ => learner.name.replace("e\u{308}", "\u{eb}").replace("A\u{30a}", "\u{c5}"),
    }
}

fn id_on(platform: Platform, learner: &Learner) -> Option<String> {
    match platform {
        Platform::Folders | Platform::ZipFiles => None,
        Platform::GitHubClassroom => Some(learner.account.clone()),
        Platform::CanvasAnonymous => Some(format!("x{}", learner.id)),
        _ => Some(learner.id.clone()),
    }
}

/// A class of files, in a folder.
fn in_folder(files: &[Made]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let class = folder.path().join("class");
    made::write_folder(files, &class);
    (folder, class)
}

/// All files in a folder, with their content.
pub fn files_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

fn find(folder: &Path) -> Vec<Found> {
    submissions::find(folder, &EXERCISES, &["py", "js"])
}

#[test]
fn each_layout_is_told_apart_in_a_folder_and_a_zip_file() {
    for platform in PLATFORMS {
        let count = if platform == Platform::Moodle { 200 } else { 40 };
        let learners = made::learners(count, 13);
        let files = made::handed_out(platform, &learners);
        let (folder, class) = in_folder(&files);
        let zip = folder.path().join("download.zip");
        made::write_zip(&files, &zip);
        let (class, zip) = (Class::open(&class).unwrap(), Class::open(&zip).unwrap());
        for class in [&class, &zip] {
            assert_eq!(class.layout, layout_of(platform), "{platform:?}");
            assert_eq!(class.notes, [""; 0], "{platform:?}");
        }
        let names: BTreeSet<_> = learners
            .iter()
            .map(|learner| (name_on(platform, learner), id_on(platform, learner)))
            .collect();
        assert_eq!(names.len(), learners.len(), "{platform:?}");
        let told =
            class.submissions.iter().map(|it| (it.submitter.name.clone(), it.submitter.id.clone()));
        assert_eq!(told.collect::<BTreeSet<_>>(), names, "{platform:?}");
        assert_eq!(class.submissions.len(), names.len(), "{platform:?}");
        let submitters = |class: &Class| {
            class.submissions.iter().map(|it| it.submitter.clone()).collect::<Vec<_>>()
        };
        assert_eq!(submitters(&class), submitters(&zip), "{platform:?}");
    }
}

#[test]
fn what_is_unpacked_is_what_was_handed_in() {
    let learners = made::learners(24, 5);
    for platform in PLATFORMS {
        let files = made::handed_out(platform, &learners);
        let (folder, class) = in_folder(&files);
        let zip = folder.path().join("download.zip");
        made::write_zip(&files, &zip);
        let (class, zip) = (Class::open(&class).unwrap(), Class::open(&zip).unwrap());
        for (number, (one, other)) in class.submissions.iter().zip(&zip.submissions).enumerate() {
            let into = folder.path().join(number.to_string());
            let unpacked = one.unpack(&into).unwrap();
            assert_eq!(unpacked.notes, [""; 0], "{platform:?}");
            assert_eq!(one.content().unwrap(), unpacked.content, "{platform:?}");
            assert_eq!(other.content().unwrap(), unpacked.content, "{platform:?}");
            let contents: Vec<_> = files_in(&into).into_values().collect();
            let mut answers: Vec<_> = made::ANSWERS.to_vec();
            answers.sort_unstable();
            let answers: Vec<_> = answers.iter().map(|(_, text)| text.as_bytes()).collect();
            assert_eq!(contents, answers, "{platform:?}");
            for found in find(&into) {
                assert!(matches!(found, Found::File { note: None, .. }), "{platform:?}: {found:?}");
            }
            fs::remove_dir_all(into).unwrap();
        }
    }
}

#[test]
fn keys_are_unique_and_safe_and_the_same_in_each_download() {
    let learners = made::learners(60, 3);
    for platform in PLATFORMS {
        let (_folder, class) = in_folder(&made::handed_out(platform, &learners));
        let class = Class::open(&class).unwrap();
        let keys: Vec<_> = class.submissions.iter().map(|it| &*it.submitter.key).collect();
        assert!(keys.is_sorted(), "{platform:?}");
        let folded: BTreeSet<_> = keys.iter().map(|key| key.to_lowercase()).collect();
        assert_eq!(folded.len(), keys.len(), "{platform:?}");
        for key in &keys {
            let is_plain =
                |char: char| char.is_alphanumeric() || "-_.\u{308}\u{30a}".contains(char);
            let is_mark = |char: char| ('\u{900}'..='\u{97f}').contains(&char);
            assert!(key.chars().all(|char| is_plain(char) || is_mark(char)), "{key:?}");
            assert!(key.len() <= 100 && !key.ends_with('.'), "{key:?}");
            assert!(!key.starts_with(['-', '.', '=', '+', '@']), "{key:?}");
            let stem = key.split('.').next().unwrap().to_lowercase();
            assert!(!["con", "nul"].contains(&&*stem), "{key:?}");
        }
        // A part of the class: others do not matter.
        let (_folder, part) = in_folder(&made::handed_out(platform, &learners[..40]));
        for submission in Class::open(&part).unwrap().submissions {
            assert!(keys.contains(&&*submission.submitter.key), "{platform:?}");
        }
    }
}

#[test]
fn late_marks_and_hidden_names_are_kept() {
    let learners = made::learners(60, 8);
    let late: BTreeSet<_> = learners.iter().filter(|it| it.late).map(|it| it.id.clone()).collect();
    assert!(late.len() > 3);
    for platform in [Platform::Canvas, Platform::CanvasAnonymous, Platform::MoodleBlind] {
        let (_folder, class) = in_folder(&made::handed_out(platform, &learners));
        let class = Class::open(&class).unwrap();
        let is_anonymous = platform != Platform::Canvas;
        assert!(class.submissions.iter().all(|it| it.submitter.anonymous == is_anonymous));
        let told = class.submissions.iter().filter(|it| it.submitter.late);
        let id = |it: &Submission| it.submitter.id.clone().unwrap().replace('x', "");
        let told: BTreeSet<_> = told.map(id).collect();
        if platform == Platform::MoodleBlind {
            assert!(told.is_empty());
        } else {
            assert_eq!(told, late);
        }
    }
}

#[test]
fn a_group_has_its_members() {
    let metadata = "submission_1:\n  :submitters:\n  - :name: Anna Lee\n    :sid: 007\n    :email: a@b.c\n  \
                    - :name: Bo Kim\n    :email: b@b.c\nsubmission_2:\n  :submitters: []\nsubmission_3:\n  \
                    :submitters:\n  - :name:\n    :email: c@b.c\n";
    let files = [
        Made::new("submission_metadata.yml", metadata),
        Made::new("submission_1/rand.py", ""),
        Made::new("submission_2/rand.py", ""),
        Made::new("submission_4/rand.py", ""),
    ];
    let (_folder, class) = in_folder(&files);
    let class = Class::open(&class).unwrap();
    assert_eq!(class.layout, Layout::Gradescope);
    let names: Vec<_> = class.submissions.iter().map(|it| &*it.submitter.name).collect();
    assert_eq!(names, ["Anna Lee, Bo Kim", "c@b.c", "submission_2", "submission_4"]);
    let members = &class.submissions[0].submitter.members;
    assert_eq!((&*members[0].name, members[0].id.as_deref()), ("Anna Lee", Some("007")));
    assert_eq!(members[1].email.as_deref(), Some("b@b.c"));
    // A row all the same.
    let problem = class.submissions[1].content().unwrap_err();
    assert_eq!(problem, "The submission's folder is missing from the download");
    assert_eq!(
        class.notes,
        ["submission_metadata.yml names folders that are not there: submission_3."]
    );
}

#[test]
fn texts_and_links_are_told_and_kept() {
    let moodle = [
        Made::new("Anna Lee_1_assignsubmission_file/rand.py", "1"),
        Made::new("Anna Lee_1_assignsubmission_onlinetext/onlinetext.html", "<p>Hi"),
        Made::new("Default group_assignsubmission_file/rand.py", "2"),
    ];
    let canvas = [
        Made::new("leeanna_1_text.html", "<p>Hi"),
        Made::new("leeanna_1_50_rand.py", "1"),
        Made::new("leeanna_1_51_rand-1.py", "1"),
        Made::new("kimbo_LATE_2_link.html", "<a>"),
    ];
    let (_folder, class) = in_folder(&moodle);
    let class = Class::open(&class).unwrap();
    let [anna, group] = &*class.submissions else { panic!() };
    let folder = tempfile::tempdir().unwrap();
    let unpacked = anna.unpack(&folder.path().join("moodle")).unwrap();
    assert_eq!(unpacked.notes, ["Text was typed into Moodle; only files are graded."]);
    let files = files_in(&folder.path().join("moodle"));
    assert_eq!(files.into_keys().collect::<Vec<_>>(), ["onlinetext.html", "rand.py"]);
    assert_eq!(group.submitter.group.as_deref(), Some("Default group"));

    let (_folder, class) = in_folder(&canvas);
    let class = Class::open(&class).unwrap();
    let [kim, lee] = &*class.submissions else { panic!() };
    assert!(kim.submitter.late && !lee.submitter.late);
    let unpacked = kim.unpack(&folder.path().join("kim")).unwrap();
    let link = "A link was submitted; only files are graded.";
    assert_eq!(unpacked.notes, [link]);
    lee.unpack(&folder.path().join("lee")).unwrap();
    let files = files_in(&folder.path().join("lee"));
    assert_eq!(files.into_keys().collect::<Vec<_>>(), ["rand-1.py", "rand.py", "text.html"]);
}

#[test]
fn a_clone_is_told_from_a_plain_folder_by_git_or_by_its_folder() {
    let of = |name: &str| vec![Made::new(format!("{name}/rand.py"), "1")];
    let with_git =
        |name: &str| [of(name), vec![Made::new(format!("{name}/.git/HEAD"), "ref")]].concat();
    let (_folder, plain) = in_folder(&[of("hw-anna"), of("hw-bo-kim")].concat());
    assert_eq!(Class::open(&plain).unwrap().layout, Layout::Folders);
    let (_folder, clones) = in_folder(&[with_git("hw-anna"), with_git("hw-bo-kim")].concat());
    let class = Class::open(&clones).unwrap();
    assert_eq!(class.layout, Layout::GitHubClassroom);
    assert_eq!(class.submissions[1].submitter.id.as_deref(), Some("bo-kim"));
}

#[test]
fn what_is_no_submission_is_named_and_clutter_is_not() {
    let files = [
        Made::new("anna/rand.py", "1"),
        Made::new("anna/__pycache__/rand.pyc", "1"),
        Made::new("anna/.git/HEAD", "1"),
        Made::new("anna/.DS_Store", "1"),
        Made::new("anna/._rand.py", "1"),
        Made::new("bo/countsync.py", "1"),
        Made::new("__MACOSX/anna/._rand.py", "1"),
        Made::new(".DS_Store", "1"),
        Made::new("notes.txt", "1"),
    ];
    let (folder, class) = in_folder(&files);
    let zip = folder.path().join("download.zip");
    made::write_zip(&files, &zip);
    for class in [class, zip] {
        let class = Class::open(&class).unwrap();
        assert_eq!(class.notes, ["notes.txt was skipped: it is not a submission."]);
        let [anna, _] = &*class.submissions else { panic!("{:?}", class.submissions.len()) };
        let into = folder.path().join("anna");
        let unpacked = anna.unpack(&into).unwrap();
        assert_eq!(files_in(&into).into_keys().collect::<Vec<_>>(), ["rand.py"]);
        assert_eq!(unpacked.notes, [""; 0]);
        fs::remove_dir_all(into).unwrap();
    }
}

#[test]
fn nothing_to_grade_is_one_line() {
    let (folder, class) = in_folder(&[Made::new("rand.py", "1")]);
    let problem = |path: &Path| Class::open(path).err().unwrap();
    assert!(problem(&class).contains("no submissions found: give a folder"));
    assert!(
        problem(&folder.path().join("nowhere")).ends_with("there is no such folder or zip file")
    );
    let text = class.join("rand.py");
    assert!(problem(&text).ends_with("it is damaged, or not a zip file"));
}

#[test]
fn a_class_in_one_folder_is_taken_from_there() {
    let of = |name: &str| Made::new(format!("class/{name}"), "1");
    let (folder, _) = in_folder(&[]);
    made::write_folder(&[of("anna/rand.py"), of("bo/rand.py"), of("notes.txt")], folder.path());
    let class = Class::open(folder.path()).unwrap();
    let names: Vec<_> = class.submissions.iter().map(|it| &*it.submitter.name).collect();
    assert_eq!(names, ["anna", "bo"]);
    assert_eq!(
        class.notes,
        [
            "Everything was inside the folder class, so its contents were taken as the class.",
            "notes.txt was skipped: it is not a submission."
        ]
    );
}

#[test]
fn only_what_a_tool_has_made_is_left_out() {
    let files = [
        Made::new("target/src/target/mod.rs", "1"),
        Made::new("target/env/__init__.py", "1"),
        Made::new("venv/Cargo.toml", "1"),
        Made::new("venv/target/debug/rand", "1"),
        Made::new("venv/env/pyvenv.cfg", "1"),
    ];
    let (folder, class) = in_folder(&files);
    let zip = folder.path().join("download.zip");
    made::write_zip(&files, &zip);
    for class in [class, zip] {
        let class = Class::open(&class).unwrap();
        let [target, venv] = &*class.submissions else { panic!("{}", class.submissions.len()) };
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        target.unpack(&one).unwrap();
        let files = files_in(&one).into_keys().collect::<Vec<_>>();
        assert_eq!(files, ["env/__init__.py", "src/target/mod.rs"]);
        let notes = venv.unpack(&other).unwrap().notes;
        assert_eq!(files_in(&other).into_keys().collect::<Vec<_>>(), ["Cargo.toml"]);
        let left_out = |name: &str| format!("{name} was left out: a tool made it.");
        assert_eq!(notes, [left_out("env"), left_out("target")]);
        fs::remove_dir_all(one).unwrap();
        fs::remove_dir_all(other).unwrap();
    }
}

#[test]
fn the_folders_of_an_only_learner_are_not_learners() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["anna/countsync/countsync.py", "anna/rand/rand.py"].map(|it| Made::new(it, "1"));
    made::write_folder(&files, folder.path());
    let class = Class::open_for(folder.path(), &EXERCISES, Limits::default()).unwrap();
    let names: Vec<_> = class.submissions.iter().map(|it| &*it.submitter.name).collect();
    assert_eq!(names, ["anna"]);
}
