//! Submissions that would do harm, or cannot be read: each is the problem of one learner.

use crate::made::{self, Made};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use submissions::{Class, Limits, Submission, Unpacked};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A class of one beside `bo`, whose submission is fine, with these limits.
struct Stage {
    folder: TempDir,
    limits: Limits,
}

impl Stage {
    fn new() -> Self {
        let stage = Self { folder: tempfile::tempdir().unwrap(), limits: Limits::default() };
        made::write_folder(&[Made::new("bo/rand.py", "1")], &stage.class());
        fs::create_dir(stage.anna()).unwrap();
        stage
    }

    fn class(&self) -> PathBuf {
        self.folder.path().join("class")
    }

    fn anna(&self) -> PathBuf {
        self.class().join("anna")
    }

    fn with_zip(zip: impl AsRef<[u8]>) -> Self {
        let stage = Self::new();
        fs::write(stage.anna().join("work.zip"), zip).unwrap();
        stage
    }

    fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// What becomes of the submission. That of the other is read in any case.
    fn read(&self) -> Result<(Unpacked, BTreeMap<String, Vec<u8>>), String> {
        let class = Class::open_within(&self.class(), self.limits).unwrap();
        let [anna, bo] = &*class.submissions else { panic!() };
        bo.content().unwrap();
        self.unpack(anna)
    }

    fn unpack(
        &self,
        submission: &Submission,
    ) -> Result<(Unpacked, BTreeMap<String, Vec<u8>>), String> {
        let into = self.folder.path().join("unpacked");
        let unpacked = submission.unpack(&into);
        assert_eq!(unpacked.as_ref().map(|it| it.content.clone()).ok(), submission.content().ok());
        assert_eq!(into.exists(), unpacked.is_ok());
        unpacked.map(|unpacked| (unpacked, crate::layouts::files_in(&into)))
    }

    fn names_and_notes(&self) -> (Vec<String>, Vec<String>) {
        let (unpacked, files) = self.read().unwrap();
        (files.into_keys().collect(), unpacked.notes)
    }
}

/// A zip file, made by hand.
fn zip(make: impl FnOnce(&mut ZipWriter<&mut Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = ZipWriter::new(&mut bytes);
    make(&mut writer);
    writer.finish().unwrap();
    bytes.into_inner()
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
}

/// Marks the files of a zip file as encrypted: the flag is in its two kinds of headers.
fn encrypted(mut zip: Vec<u8>) -> Vec<u8> {
    for at in 0..zip.len() - 10 {
        match &zip[at..at + 4] {
            b"PK\x03\x04" => zip[at + 6] |= 1,
            b"PK\x01\x02" => zip[at + 8] |= 1,
            _ => {}
        }
    }
    zip
}

#[test]
fn names_that_lead_outside_are_left_out() {
    let outside = ["../evil.py", "/tmp/evil.py", "a/../../evil.py", "..\\evil.py"];
    let stage = Stage::with_zip(zip(|zip| {
        for name in outside {
            zip.start_file(name, options()).unwrap();
        }
        zip.start_file("src\\rand.py", options()).unwrap();
    }));
    let (names, notes) = stage.names_and_notes();
    assert_eq!(names, ["work.zip", "work.zip.unpacked/src/rand.py"]);
    assert_eq!(notes.len(), outside.len(), "{notes:?}");
    assert!(notes.iter().all(|note| note.contains("its name leads outside")), "{notes:?}");
    let beside = stage.folder.path().read_dir().unwrap().count();
    assert_eq!(beside, 2, "the class, and what was unpacked");
}

/// Otherwise, they would be said to have submitted nothing.
#[test]
fn whoever_has_only_files_that_are_left_out_has_a_row() {
    let long = format!("Bo_2_assignsubmission_file_/{}.py", "x".repeat(300));
    let class = zip(|zip| {
        for name in [
            "Ann_1_assignsubmission_file_/rand.py",
            &long,
            "Cy_3_assignsubmission_file_/../rand.py",
        ] {
            zip.start_file(name, options()).unwrap();
        }
    });
    let stage = Stage::new();
    let path = stage.folder.path().join("class.zip");
    fs::write(&path, class).unwrap();
    let class = Class::open(&path).unwrap();
    let names: Vec<_> = class.submissions.iter().map(|it| &*it.submitter.name).collect();
    assert_eq!(names, ["Ann", "Bo", "Cy"]);
    for submission in &class.submissions[1..] {
        let problem = stage.unpack(submission).err().unwrap();
        assert!(problem.ends_with("its name leads outside, or is too long"), "{problem}");
    }
}

#[test]
fn what_follows_the_name_of_a_platform_leads_nowhere_else() {
    for (name, files) in [
        ("A_1_assignsubmission_file_..", "/evil.py"),
        ("A_1_assignsubmission_file_..", ""),
        ("a_1_2_..", ""),
    ] {
        let stage = Stage::new();
        let class = stage.folder.path().join("other");
        made::write_folder(&[Made::new(format!("{name}{files}"), "1")], &class);
        let class = Class::open(&class).unwrap();
        let problem = stage.unpack(&class.submissions[0]).err().unwrap();
        assert!(problem.ends_with("was left out: its name leads outside"), "{problem}");
        assert_eq!(stage.folder.path().read_dir().unwrap().count(), 2, "{name}");
    }
}

#[test]
fn links_in_a_zip_file_are_left_out() {
    let stage = Stage::with_zip(zip(|zip| {
        zip.add_symlink("etc", "/etc", options()).unwrap();
        zip.start_file("rand.py", options()).unwrap();
    }));
    let note = "In work.zip, etc was left out: it is a link.";
    let files = ["work.zip", "work.zip.unpacked/rand.py"].map(Into::into);
    assert_eq!(stage.names_and_notes(), (files.into(), vec![note.into()]));
}

#[test]
fn links_pipes_and_strange_names_in_a_folder_do_no_harm() {
    let stage = Stage::new();
    let anna = stage.anna();
    symlink("/etc", anna.join("etc")).unwrap();
    symlink("/etc/passwd", anna.join("rand.py")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        anna.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    let strange = std::ffi::OsStr::from_bytes(b"\xff\n\x1b[2J.txt");
    fs::write(anna.join(strange), "1").unwrap();
    let (names, notes) = stage.names_and_notes();
    assert_eq!(names, ["\u{fffd}\n\u{1b}[2J.txt"]);
    assert_eq!(
        notes,
        [
            "etc was left out: it is a link.",
            "pipe was left out: it is not a file.",
            "rand.py was left out: it is a link.",
            "Something was renamed \u{fffd}\\u{a}\\u{1b}[2J.txt, as its name is not in UTF-8."
        ]
    );
}

#[test]
fn a_learner_cannot_make_too_many_notes() {
    let stage = Stage::new();
    fs::write(stage.anna().join("rand.py"), "1").unwrap();
    for number in 0..30 {
        symlink("/etc", stage.anna().join(number.to_string())).unwrap();
    }
    let (_, notes) = stage.names_and_notes();
    assert_eq!((notes.len(), &*notes[20]), (21, "There are 10 more such notes."));
}

#[test]
fn a_learner_that_is_a_link_is_none() {
    let stage = Stage::new();
    for name in ["carl", "dora.zip"] {
        symlink("/etc", stage.class().join(name)).unwrap();
    }
    let class = Class::open(&stage.class()).unwrap();
    assert_eq!(class.submissions.len(), 2);
    assert_eq!(class.notes, ["carl, dora.zip were skipped: they are not submissions."]);
}

#[test]
fn what_unpacks_to_too_much_is_a_problem() {
    let zeros = vec![0; 4 << 20];
    let bomb = made::zip_of(&[Made::new("rand.py", zeros)]);
    let problem = Stage::with_zip(&bomb).read().err().unwrap();
    assert_eq!(
        problem,
        "The submission is too large: a file unpacks to more than 200 times its size"
    );

    let limits = Limits { ratio: 5000, bytes: 3 << 20, ..Limits::default() };
    let problem = Stage::with_zip(&bomb).with_limits(limits).read().err().unwrap();
    assert_eq!(problem, "The submission unpacks to more than 3 MB");

    // The same, in the zip file of the class.
    let stage = Stage::new().with_limits(limits);
    let download = stage.folder.path().join("download.zip");
    let files = [Made::new("anna/work.zip", bomb), Made::new("bo/rand.py", "1")];
    made::write_zip(&files, &download);
    let class = Class::open_within(&download, limits).unwrap();
    let problem = stage.unpack(&class.submissions[0]).err().unwrap();
    assert_eq!(problem, "The submission unpacks to more than 3 MB");
    class.submissions[1].content().unwrap();
}

#[test]
fn too_many_files_are_a_problem() {
    let files: Vec<_> = (0..30).map(|number| Made::new(number.to_string(), "1")).collect();
    let limits = Limits { entries: 20, ..Limits::default() };
    let stage = Stage::new().with_limits(limits);
    made::write_folder(&files, &stage.anna());
    let problem = stage.read().err().unwrap();
    assert_eq!(
        problem,
        "The submission is too large: there are more than 20 files and folders in it"
    );
    let problem = Stage::with_zip(made::zip_of(&files)).with_limits(limits).read().err().unwrap();
    assert_eq!(problem, "work.zip cannot be read: there are more than 20 files in it");
}

#[test]
fn a_broken_or_encrypted_zip_file_is_a_problem_of_its_learner() {
    let whole = made::zip_of(&[Made::new("rand.py", "print(1)\n".repeat(99))]);
    let damaged = "work.zip cannot be read: it is damaged, or not a zip file";
    let problem = |zip: &[u8]| Stage::with_zip(zip).read().err().unwrap();
    assert_eq!(problem(&whole[..whole.len() / 2]), damaged);
    assert_eq!(problem(b""), damaged);
    let locked =
        "work.zip.unpacked/rand.py cannot be read: it is encrypted: submit it without a password";
    assert_eq!(problem(&encrypted(whole.clone())), locked);
    let mut wrong = whole.clone();
    wrong[45] ^= 0xff;
    assert_eq!(problem(&wrong), "work.zip.unpacked/rand.py cannot be read: it is damaged");

    // Beside something that can be read, it is a note.
    let stage = Stage::with_zip(&whole[..40]);
    fs::write(stage.anna().join("rand.py"), "1").unwrap();
    let (names, notes) = stage.names_and_notes();
    assert_eq!(
        (names, notes),
        (vec!["rand.py".into(), "work.zip".into()], vec![format!("{damaged}.")])
    );
}

#[test]
fn a_broken_file_in_the_zip_file_of_the_class_is_a_problem_of_its_learner() {
    let stage = Stage::new();
    let download = stage.folder.path().join("download.zip");
    let files = [Made::new("anna/rand.py", "x".repeat(999)), Made::new("bo/rand.py", "1")];
    let mut zip = made::zip_of(&files);
    zip[50] ^= 0xff;
    fs::write(&download, zip).unwrap();
    let class = Class::open(&download).unwrap();
    let problem = class.submissions[0].content().unwrap_err();
    assert_eq!(problem, "rand.py cannot be read: it is damaged");
    class.submissions[1].content().unwrap();
}

#[test]
fn zip_files_in_zip_files_are_read_up_to_a_limit() {
    let inner = made::zip_of(&[Made::new("rand.py", "1")]);
    let middle = made::zip_of(&[Made::new("b.zip", inner)]);
    let outer = made::zip_of(&[Made::new("a.zip", middle.clone())]);
    let stage = Stage::with_zip(&middle);
    let names = stage.names_and_notes().0;
    let inner = "work.zip.unpacked/b.zip";
    assert_eq!(names, ["work.zip", inner, &format!("{inner}.unpacked/rand.py")]);
    let stage = Stage::with_zip(outer);
    fs::write(stage.anna().join("rand.py"), "1").unwrap();
    let (names, notes) = stage.names_and_notes();
    let innermost = "work.zip.unpacked/a.zip.unpacked/b.zip";
    assert_eq!(names, ["rand.py", "work.zip", "work.zip.unpacked/a.zip", innermost]);
    let note = format!("{innermost} was not unpacked: it is in too many other zip files.");
    assert_eq!(notes, [note]);
}

#[test]
fn folders_in_a_zip_file_are_no_files() {
    let stage = Stage::with_zip(zip(|zip| {
        zip.add_directory("src", options()).unwrap();
        zip.start_file("src/rand.py", options()).unwrap();
        zip.add_directory("empty", options()).unwrap();
    }));
    assert_eq!(stage.names_and_notes().0, ["work.zip", "work.zip.unpacked/src/rand.py"]);
}

#[test]
fn a_file_in_the_place_of_a_folder_is_left_out() {
    let stage = Stage::with_zip(zip(|zip| {
        for name in ["a", "a/b", "c/d", "c"] {
            zip.start_file(name, options()).unwrap();
        }
    }));
    let (names, notes) = stage.names_and_notes();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(notes.iter().all(|note| note.ends_with("there is another of that name.")), "{notes:?}");
}

#[test]
fn a_path_that_is_too_deep_or_too_long_is_left_out() {
    let deep = format!("{}rand.py", "d/".repeat(500));
    let long = format!("{}.py", "n".repeat(300));
    let files = [Made::new(deep, "1"), Made::new(long, "1"), Made::new("rand.py", "1")];
    let (names, notes) = Stage::with_zip(made::zip_of(&files)).names_and_notes();
    assert_eq!(names, ["work.zip", "work.zip.unpacked/rand.py"]);
    assert_eq!(notes.len(), 2, "{notes:?}");
}

#[test]
fn a_hash_tells_what_has_changed() {
    let stage = Stage::new();
    let content = || {
        stage.read().map(|(unpacked, _)| {
            fs::remove_dir_all(stage.folder.path().join("unpacked")).unwrap();
            unpacked.content
        })
    };
    let (_, notes) = stage.names_and_notes();
    assert_eq!(notes, ["The submission is empty."]);
    fs::remove_dir_all(stage.folder.path().join("unpacked")).unwrap();
    let answer = stage.anna().join("rand.py");
    let write = |text: &str| fs::write(&answer, text).unwrap();
    write("1");
    let first = content().unwrap();
    write("2");
    assert_ne!(content().unwrap(), first);
    write("1");
    File::open(&answer).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(content().unwrap(), first);
    fs::rename(&answer, stage.anna().join("Rand.py")).unwrap();
    assert_ne!(content().unwrap(), first);
}

#[test]
fn a_program_is_executable_wherever_it_came_from() {
    let stage =
        Stage::with_zip(made::zip_of(&[Made::new("rand", "#!/bin/sh\n"), Made::new("text", "x")]));
    stage.read().unwrap();
    let mode = |name: &str| {
        let path = stage.folder.path().join("unpacked/work.zip.unpacked").join(name);
        path.metadata().unwrap().permissions().mode() & 0o111
    };
    assert_eq!((mode("rand"), mode("text")), (0o111, 0));
}

#[test]
fn a_file_that_may_not_be_read_is_a_problem() {
    let stage = Stage::new();
    let answer = stage.anna().join("rand.py");
    File::create(&answer).unwrap().write_all(b"1").unwrap();
    fs::set_permissions(&answer, PermissionsExt::from_mode(0o000)).unwrap();
    if rustix::process::geteuid().is_root() {
        return; // It may read everything.
    }
    let problem = stage.read().err().unwrap();
    assert!(problem.starts_with("rand.py cannot be read: Permission denied"), "{problem}");
}

#[test]
fn nothing_is_put_into_a_folder_that_is_there() {
    let stage = Stage::new();
    let class = Class::open(&stage.class()).unwrap();
    assert!(class.submissions[1].unpack(&stage.anna()).is_err());
    assert!(Path::new(&stage.anna()).exists());
}

#[test]
fn a_folder_that_is_swapped_for_a_link_leads_to_nothing_else() {
    let stage = Stage::new();
    fs::write(stage.anna().join("rand.py"), "1").unwrap();
    let outside = stage.folder.path().join("outside");
    made::write_folder(&[Made::new("src/secret.py", "secret")], &outside);
    let class = Class::open(&stage.class()).unwrap();
    fs::rename(stage.anna(), stage.folder.path().join("anna")).unwrap();
    symlink(outside, stage.anna()).unwrap();
    assert!(stage.unpack(&class.submissions[0]).is_err());
}

#[test]
fn a_link_inside_of_a_submission_is_a_copy() {
    let stage = Stage::new();
    made::write_folder(&[Made::new("src/rand.py", "1")], &stage.anna());
    symlink("src/rand.py", stage.anna().join("rand.py")).unwrap();
    symlink("../bo/rand.py", stage.anna().join("stolen.py")).unwrap();
    let (names, notes) = stage.names_and_notes();
    assert_eq!(names, ["rand.py", "src/rand.py"]);
    assert_eq!(notes, ["stolen.py was left out: it is a link."]);
}

/// Its own program may read it.
#[test]
fn a_zip_file_is_there_beside_what_was_in_it() {
    let data = made::zip_of(&[Made::new("numbers.txt", "1 2 3")]);
    let files = [Made::new("rand.py", "1"), Made::new("data.zip", data.clone())];
    let stage = Stage::new();
    made::write_folder(&files, &stage.anna());
    let (_, files) = stage.read().unwrap();
    let names: Vec<_> = files.keys().collect();
    assert_eq!(names, ["data.zip", "data.zip.unpacked/numbers.txt", "rand.py"]);
    assert_eq!(files["data.zip"], data);
}

/// Each learner's row says so, also if the zip file is that of the class.
#[test]
fn links_in_the_zip_file_of_the_class_are_told_of_whose_they_were() {
    let stage = Stage::new();
    let download = stage.folder.path().join("download.zip");
    let class = zip(|zip| {
        zip.start_file("anna/rand.py", options()).unwrap();
        zip.add_symlink("anna/src/data.txt", "../rand.py", options()).unwrap();
        zip.start_file("bo/rand.py", options()).unwrap();
    });
    fs::write(&download, class).unwrap();
    let class = Class::open(&download).unwrap();
    let (anna, _) = stage.unpack(&class.submissions[0]).unwrap();
    assert_eq!(anna.notes, ["src/data.txt was left out: it is a link."]);
    let bo = class.submissions[1].unpack(&stage.folder.path().join("bo")).unwrap();
    assert_eq!(bo.notes, [""; 0]);
}
