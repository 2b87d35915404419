//! The run of a class by the real checker: killed, stopped, started twice, and with submissions that
//! do their worst.

use crate::layouts::files_in;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const CHECKER: &str = env!("CARGO_BIN_EXE_checker");
/// How long something may take that is waited for.
const LONGEST: Duration = Duration::from_secs(120);

/// Kills the worker that grades it. Without a cage, it can: the worker is the parent of its parent.
pub const KILLS: &str = "import os, signal, time
recorder = os.getppid()
worker = int(open(f'/proc/{recorder}/stat').read().rsplit(')', 1)[1].split()[1])
if 'grade-worker' in open(f'/proc/{worker}/cmdline').read():
    os.kill(worker, signal.SIGKILL)
time.sleep(5)
";

/// Right and wrong answers to countasync.
pub const RIGHT: &str = include_str!("../answers/countasync.py");
pub const BLOCKING: &str =
    "import time\nfor _ in range(3):\n    print('One')\n    time.sleep(1)\n    print('Two')\n";
pub const CRASHES: &str = "print('One')\nraise ValueError('no')\n";

/// A class, and the folder for its grades.
pub struct Stage(TempDir);

/// What a grade comes to: points, and the mistake of each criterion; or why there is none.
type Grade = BTreeMap<String, Value>;

impl Stage {
    /// A class of learners who each submitted a `countasync.py`.
    pub fn new(answers: &[(&str, &str)]) -> Self {
        let stage = Self(tempfile::tempdir().expect("a folder"));
        for (learner, answer) in answers {
            stage.submit(learner, "countasync.py", answer);
        }
        stage
    }

    /// Many learners, with right and wrong answers.
    pub fn of_many(learners: usize) -> Self {
        let stage = Self::new(&[]);
        let answers = [RIGHT, BLOCKING, CRASHES, RIGHT];
        for (number, answer) in answers.iter().cycle().take(learners).enumerate() {
            stage.submit(&format!("learner{number:02}"), "countasync.py", answer);
        }
        stage
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn submit(&self, learner: &str, file: &str, text: &str) {
        let path = self.at("class").join(learner).join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    /// The checker, in the folder that all is in.
    pub fn checker(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(CHECKER);
        command.args(arguments).current_dir(self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn command(&self, grades: &str, arguments: &str) -> Command {
        let mut command = self.checker(&["countasync", "--class", "class", "--into", grades]);
        command.args(arguments.split_whitespace());
        command
    }

    pub fn run(&self, grades: &str, arguments: &str) -> Ended {
        self.command(grades, arguments).output().expect("it starts").into()
    }

    /// All files in a folder.
    pub fn all_files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        files_in(&self.at(folder))
    }

    /// The names of the results that there are, without their ending.
    pub fn keys(&self, grades: &str) -> Vec<String> {
        let names = self.results(grades).into_keys();
        names.map(|name| name.trim_end_matches(".json").to_owned()).collect()
    }

    /// Merges folders of grades into another.
    pub fn merge(&self, grades: &str, into: &str) -> Ended {
        let mut command = self.checker(&["--merge"]);
        command.args(grades.split_whitespace()).args(["--into", into]);
        command.output().expect("it starts").into()
    }

    pub fn start(&self, grades: &str, arguments: &str) -> Child {
        self.command(grades, arguments).spawn().expect("it starts")
    }

    pub fn result(&self, grades: &str, learner: &str) -> Value {
        let path = self.at(grades).join("results").join(learner).with_extension("json");
        let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_slice(&text).expect("a result is always whole")
    }

    /// The results that there are, each with the number of its file, which is another one once it is
    /// written again.
    pub fn results(&self, grades: &str) -> BTreeMap<String, u64> {
        let entries = fs::read_dir(self.at(grades).join("results")).into_iter().flatten().flatten();
        let named = entries.map(|entry| {
            let number = entry.metadata().map_or(0, |data| data.ino());
            (entry.file_name().to_string_lossy().into_owned(), number)
        });
        named.filter(|(name, _)| name.ends_with(".json")).collect()
    }

    /// What all learners have earned, without times.
    pub fn grades(&self, grades: &str) -> BTreeMap<String, Grade> {
        let keys = self.keys(grades).into_iter();
        keys.map(|learner| {
            let result = self.result(grades, &learner);
            (learner, grade(&result))
        })
        .collect()
    }
}

/// How the checker ended.
#[derive(Debug)]
pub struct Ended {
    code: Option<i32>,
    said: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { code: output.status.code(), said }
    }
}

impl Ended {
    #[track_caller]
    pub fn is(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{}", self.said);
    }

    #[track_caller]
    pub fn says(&self, text: &str) {
        assert!(self.said.contains(text), "{text:?} is not in: {}", self.said);
    }
}

/// The grade in a result, or in the report of a single check, of the only exercise.
fn grade(result: &Value) -> Grade {
    let mut grade = Grade::new();
    let report = match &result["answers"] {
        Value::Null => &result["exercises"][0],
        answers => &answers[0]["graded"]["report"],
    };
    for name in ["verdict", "earned", "problem", "confirmed"] {
        grade.insert(name.into(), report[name].clone());
    }
    for one in report["criteria"].as_array().into_iter().flatten() {
        let id = one["id"].as_str().expect("an id").to_owned();
        let verdict = [one["verdict"].clone(), one["reason"]["mistake"].clone()];
        grade.insert(id, verdict.to_vec().into());
    }
    grade
}

#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + LONGEST;
    while !is_so() {
        assert!(Instant::now() < until, "{what}: not after {LONGEST:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn killed_at_any_moment_it_goes_on_and_ends_with_the_same_grades() {
    let stage = Stage::of_many(40);
    stage.run("undisturbed", "").is(0);
    let mut random = StdRng::seed_from_u64(13);
    for _ in 0..10 {
        let before = stage.results("grades");
        let mut run = stage.start("grades", "--jobs 1");
        // At the start, or soon after one or two learners are done.
        let more = random.random_range(0..3);
        wait_until("a result", || stage.results("grades").len() >= (before.len() + more).min(39));
        thread::sleep(Duration::from_millis(random.random_range(0..500)));
        run.kill().expect("SIGKILL can be sent");
        assert_eq!(run.wait().expect("it ends").code(), None, "it was over before");
        // Nothing that was finished is lost, or made again.
        let after = stage.results("grades");
        assert!(before.iter().all(|(name, number)| after.get(name) == Some(number)), "{after:?}");
        // Each is whole.
        stage.grades("grades");
    }
    assert!(stage.results("grades").len() > 3, "too little was done before");
    stage.run("grades", "").is(0);
    assert_eq!(stage.grades("grades"), stage.grades("undisturbed"));
    assert_eq!(stage.grades("grades").len(), 40);
    let table = |grades: &str| {
        fs::read_to_string(stage.at(grades).join("grades.csv")).expect("it is there")
    };
    assert_eq!(table("grades"), table("undisturbed"));
    assert!(!stage.at("grades/.scratch").exists());
    let leftover = |name: &str| name.starts_with(".checker-");
    let names = |folder: &str| {
        let entries = fs::read_dir(stage.at(folder)).expect("a folder").flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    assert!(!names("grades").iter().chain(&names("grades/results")).any(|it| leftover(it)));
}

#[test]
fn only_what_was_changed_or_is_named_is_graded_again() {
    let stage = Stage::new(&[("anna", RIGHT), ("ben", RIGHT), ("chloe", CRASHES)]);
    stage.run("grades", "").is(0);
    let first = stage.results("grades");
    let changed = |since: &BTreeMap<String, u64>| {
        let now = stage.results("grades").into_iter();
        let changed = now.filter(|(name, number)| since.get(name) != Some(number));
        changed.map(|(name, _)| name).collect::<Vec<_>>()
    };
    // The same content, written now.
    stage.submit("anna", "countasync.py", RIGHT);
    stage.submit("ben", "countasync.py", BLOCKING);
    stage.run("grades", "").is(0);
    assert_eq!(changed(&first), ["ben.json"]);
    assert_eq!(stage.grades("grades")["ben"]["verdict"], "points-lost");
    let second = stage.results("grades");
    stage.run("grades", "--only ANNA").is(0);
    assert_eq!(changed(&second), ["anna.json"]);
    let unknown = stage.run("grades", "--only annaa");
    unknown.is(2);
    unknown.says("did you mean anna");
    let others = stage.run("grades", "--only anna --clock real");
    others.is(2);
    others.says("the last run differs in clock: \"Auto\" and \"Real\"");
    let third = stage.results("grades");
    let anew = stage.run("grades", "--time-limit 50");
    anew.is(0);
    anew.says("everyone is graded again");
    assert_eq!(changed(&third).len(), 3);
    // A learner who hands in later.
    let fourth = stage.results("grades");
    stage.submit("dora", "CountAsync.py", RIGHT);
    stage.run("grades", "--time-limit 50").is(0);
    assert_eq!(changed(&fourth), ["dora.json"]);
    assert_eq!(stage.grades("grades")["dora"]["verdict"], "full-marks");
}

#[test]
fn a_second_run_into_the_same_folder_says_so_and_stops() {
    let stage = Stage::of_many(10);
    let mut first = stage.start("grades", "--jobs 1");
    wait_until("a result", || !stage.results("grades").is_empty());
    let second = stage.run("grades", "");
    second.is(2);
    second.says("another run is using this folder");
    first.wait().expect("it ends");
    assert_eq!(stage.grades("grades").len(), 10);
}

#[test]
fn interrupted_it_keeps_what_is_finished_and_says_how_to_go_on() {
    let stage = Stage::of_many(12);
    let mut run = stage.start("grades", "--jobs 1");
    wait_until("a result", || !stage.results("grades").is_empty());
    let interrupted = Instant::now();
    let id = nix::unistd::Pid::from_raw(run.id().try_into().expect("an id"));
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT).expect("it can be sent");
    let status = run.wait().expect("it ends");
    eprintln!("it took {:?} to end", interrupted.elapsed());
    let mut said = String::new();
    run.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert_eq!(status.code(), Some(130), "{said}");
    let kept = stage.results("grades");
    assert!(kept.len() < 12, "it was over before");
    // The command that it printed goes on.
    let (_, command) = said.split_once("To continue:\n").unwrap_or_else(|| panic!("{said}"));
    let mut shell = Command::new("sh");
    let ended = shell.args(["-c", command]).current_dir(stage.0.path()).output().expect("sh");
    Ended::from(ended).is(0);
    let now = stage.results("grades");
    assert_eq!(now.len(), 12);
    assert!(kept.iter().all(|(name, number)| now.get(name) == Some(number)), "{now:?}");
}

#[test]
fn a_submission_that_does_its_worst_is_a_row_and_nobody_else_is_touched() {
    let stage = Stage::new(&[
        ("anna", RIGHT),
        (
            "bomb",
            "import os\nprint('One')\nwhile True:\n    try: os.fork()\n    except OSError: pass\n",
        ),
        ("endless", "print('One')\nwhile True: pass\n"),
        ("flood", "while True: print('One' * 1000)\n"),
        ("waits", "import threading\nprint('One')\nthreading.Event().wait()\n"),
        ("zoe", RIGHT),
    ]);
    stage.submit("none", "notes.txt", "sorry");
    stage.submit("broken", "countasync/Cargo.toml", "[package\n");
    let pipe = stage.at("class/pipe/countasync.py");
    fs::create_dir_all(pipe.parent().expect("a folder")).expect("it can be made");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    let link = stage.at("class/link");
    fs::create_dir_all(&link).expect("it can be made");
    symlink(stage.at("class/anna/countasync.py"), link.join("countasync.py")).expect("a link");
    let ended = stage.run("grades", "--time-limit 5 --max-cpu 2");
    let grades = stage.grades("grades");
    for learner in ["anna", "zoe"] {
        assert_eq!(grades[learner]["verdict"], "full-marks", "{ended:?}");
    }
    for learner in ["bomb", "endless", "flood", "waits"] {
        assert_eq!(grades[learner]["verdict"], "points-lost", "{learner}: {grades:?}");
    }
    for learner in ["none", "broken", "pipe", "link"] {
        let result = stage.result("grades", learner);
        let answer = &result["answers"][0]["graded"];
        let has_reason = answer["missing"].is_string()
            || answer["report"]["problem"].is_string()
            || result["problem"].is_string();
        assert!(has_reason, "{learner}: {result:#}");
    }
    assert_eq!(grades.len(), 10);
}

#[test]
fn a_submission_that_kills_the_worker_costs_nobody_else_a_grade() {
    let stage = Stage::new(&[("anna", RIGHT), ("kills", KILLS), ("zoe", BLOCKING)]);
    let ended = stage.run("grades", "--cage off --clock real");
    ended.is(3);
    ended.says("kills");
    let problem = &stage.result("grades", "kills")["problem"];
    assert!(problem.as_str().is_some_and(|why| why.contains("signal 9")), "{problem}");
    assert_eq!(stage.grades("grades")["anna"]["verdict"], "full-marks");
    assert_eq!(stage.grades("grades")["zoe"]["verdict"], "points-lost");
}

/// Answers everyone who connects. Returns its port.
fn server_outside() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let _ = connection.and_then(|mut it| it.write_all(b"hello\n"));
        }
    });
    port
}

#[test]
fn a_verdict_is_that_of_a_single_check() {
    let connects = format!(
        "import socket\nassert socket.create_connection(('127.0.0.1', {})).recv(6)\n{RIGHT}",
        server_outside()
    );
    let answers = [
        ("anna", RIGHT),
        ("ben", BLOCKING),
        ("chloe", CRASHES),
        // Only in real time.
        ("dora", &*connects),
    ];
    let stage = Stage::new(&answers);
    for options in ["--cage off", "--cage off --confirm"] {
        let grades = options.trim_start_matches('-').replace(' ', "");
        stage.run(&grades, options).is(0);
        for (learner, _) in answers {
            let mut command = Command::new(CHECKER);
            command.args(["countasync", "--format", "json", "--dir"]);
            command.arg(stage.at("class").join(learner)).args(options.split_whitespace());
            let output = command.output().expect("it starts");
            let single = serde_json::from_slice(&output.stdout).expect("a report");
            let result = stage.result(&grades, learner);
            assert_eq!(grade(&result), grade(&single), "{learner} {options}");
            let clocks = |report: &Value| report["clocks"].clone();
            let report = &result["answers"][0]["graded"]["report"];
            assert_eq!(clocks(report), clocks(&single["exercises"][0]), "{learner} {options}");
        }
    }
}

/// A program in the cage reads the system's folders.
#[cfg(target_os = "linux")]
#[test]
fn grades_are_not_put_where_every_program_may_read() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    let ended = stage.run("/usr/no-such-grades", "");
    ended.is(2);
    ended.says("--into /usr/no-such-grades: every program may read what is in /usr");
    assert!(!PathBuf::from("/usr/no-such-grades").exists());
}

#[test]
fn a_folder_that_is_not_for_grades_is_refused_and_left_alone() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    fs::create_dir(stage.at("full")).expect("it can be made");
    fs::write(stage.at("full/mine.txt"), "mine").expect("it can be written");
    fs::write(stage.at("file"), "mine").expect("it can be written");
    symlink("nowhere", stage.at("dangling")).expect("a link");
    for (grades, why) in [
        ("full", "this folder holds other files (mine.txt)"),
        ("file", "File exists"),
        ("dangling", "No such file"),
        ("class/grades", "it is among the submissions"),
        ("class", "it is among the submissions"),
        (".", "the submissions are in it"),
    ] {
        let ended = stage.run(grades, "");
        ended.is(2);
        ended.says("--into");
        ended.says(why);
    }
    assert!(!stage.at("class/grades").exists());
    let entries = |path: &str| fs::read_dir(stage.at(path)).expect("a folder").count();
    assert_eq!((entries("full"), entries("class")), (1, 1));
    // A link to a folder is fine, as are links to the submissions.
    fs::create_dir(stage.at("real")).expect("it can be made");
    symlink("real", stage.at("linked")).expect("a link");
    stage.run("linked", "").is(0);
    assert_eq!(stage.grades("real").len(), 1);
    // The grades of another class stay.
    fs::rename(stage.at("class/anna"), stage.at("class/other")).expect("it can be renamed");
    let ended = stage.run("real", "");
    ended.is(2);
    ended.says("the grades of another class");
}

#[test]
fn a_result_that_cannot_be_kept_ends_the_run_with_its_reason() {
    let stage = Stage::new(&[("anna", RIGHT), ("ben", RIGHT)]);
    stage.run("grades", "").is(0);
    let blocked = stage.at("grades/results/ben.json");
    fs::remove_file(&blocked).expect("it is there");
    fs::create_dir_all(blocked.join("full")).expect("it can be made");
    let ended = stage.run("grades", "");
    ended.is(2);
    ended.says("results/ben.json");
    ended.says("the same command continues");
    assert_eq!(grade(&stage.result("grades", "anna"))["verdict"], "full-marks");
    fs::remove_dir_all(&blocked).expect("it can be removed");
    stage.run("grades", "").is(0);
    assert_eq!(stage.grades("grades").len(), 2);
}

#[test]
fn a_program_that_this_machine_cannot_start_is_not_the_learners_fault() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    stage.submit("ruby", "countasync", "#!/no/such/ruby\n");
    let file = stage.at("class/ruby/countasync");
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("it can be executable");
    let ended = stage.run("grades", "");
    ended.is(3);
    ended.says("could not be started: ruby");
    let why = &stage.result("grades", "ruby")["answers"][0]["graded"]["report"]["problem"];
    assert!(why.as_str().is_some_and(|why| why.ends_with("/no/such/ruby")), "{why}");
    // It is tried again.
    let before = stage.results("grades");
    stage.run("grades", "").is(3);
    let after = stage.results("grades");
    assert_ne!(before["ruby.json"], after["ruby.json"]);
    assert_eq!(before["anna.json"], after["anna.json"]);
}

#[test]
fn results_of_other_options_or_of_another_learner_are_not_believed() {
    let stage = Stage::new(&[("anna", RIGHT), ("ben", BLOCKING), ("zoe", BLOCKING)]);
    stage.run("grades", "").is(0);
    let [anna, ben] = ["anna", "ben"].map(|it| stage.at(&format!("grades/results/{it}.json")));
    fs::copy(&anna, &ben).expect("it can be copied");
    // Only for zoe: ben has no result of his own then.
    let ended = stage.run("grades", "--only zoe");
    ended.is(3);
    ended.says("not graded yet: ben");
    stage.run("grades", "").is(0);
    assert_eq!(stage.grades("grades")["ben"]["verdict"], "points-lost");
    // As after a run with other options that was stopped at once.
    let class = stage.at("grades/class.json");
    let text = fs::read_to_string(&class).expect("it is there");
    fs::write(&class, text.replace("\"time_limit\": null", "\"time_limit\": 50.0")).expect("text");
    let ended = stage.run("grades", "--time-limit 50 --only zoe");
    ended.is(3);
    ended.says("not graded yet: anna; ben");
}

#[test]
fn who_submitted_is_told_as_it_is_now() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    stage.run("grades", "").is(0);
    let path = stage.at("grades/results/anna.json");
    let text = fs::read_to_string(&path).expect("it is there");
    fs::write(&path, text.replace("\"name\": \"anna\"", "\"name\": \"old\"")).expect("text");
    stage.run("grades", "").is(0);
    assert_eq!(stage.result("grades", "anna")["submitter"]["name"], "anna");
    let table = fs::read_to_string(stage.at("grades/grades.csv")).expect("it is there");
    assert!(!table.contains("old"), "{table}");
}

#[test]
fn what_is_in_the_place_of_our_files_is_left_alone_and_nothing_hangs() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    fs::create_dir_all(stage.at("foreign/.scratch")).expect("it can be made");
    fs::write(stage.at("foreign/class.json"), "{}").expect("it can be written");
    fs::write(stage.at("foreign/.scratch/mine"), "mine").expect("it can be written");
    let ended = stage.run("foreign", "");
    ended.is(2);
    ended.says("this folder holds other files (class.json)");
    assert!(stage.at("foreign/.scratch/mine").exists());
    // Through a link, nothing of ours is removed.
    fs::create_dir(stage.at("mine")).expect("it can be made");
    fs::write(stage.at("mine/.checker-1"), "mine").expect("it can be written");
    stage.run("grades", "").is(0);
    fs::remove_dir_all(stage.at("grades/feedback")).expect("it can be removed");
    symlink(stage.at("mine"), stage.at("grades/feedback")).expect("a link");
    stage.run("grades", "").is(2);
    assert!(stage.at("mine/.checker-1").exists());
    fs::remove_file(stage.at("grades/feedback")).expect("it can be removed");
    // Nobody writes into this pipe.
    let result = stage.at("grades/results/anna.json");
    fs::remove_file(&result).expect("it can be removed");
    nix::unistd::mkfifo(&result, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    stage.run("grades", "").is(0);
    assert_eq!(stage.grades("grades")["anna"]["verdict"], "full-marks");
}

#[test]
fn a_merge_refuses_what_it_would_ignore() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    for option in ["--only anna", "--shard 1/2", "--clock real", "--confirm"] {
        let ended = stage.merge(&format!("grades {option}"), "all");
        ended.is(2);
        ended.says("cannot be used with");
    }
}

#[test]
fn only_those_who_were_asked_for_are_awaited() {
    let stage = Stage::new(&[("anna", RIGHT), ("ben", RIGHT)]);
    let ended = stage.run("grades", "--only anna");
    ended.is(0);
    ended.says("1 of 1 submissions graded");
    // `printf %s anna | sha256sum` begins with 55: she is in the first half.
    let ended = stage.run("half", "--only anna --shard 2/2");
    ended.is(2);
    ended.says("anna is in shard 1/2");
    assert!(!stage.at("half").exists());
}

#[test]
fn a_folder_is_for_one_part_of_the_class() {
    let stage = Stage::new(&[("anna", RIGHT)]);
    stage.run("half", "--shard 1/2").is(0);
    stage.run("all", "").is(0);
    for (folder, part, held) in [
        ("half", "--shard 2/2", "shard 1/2"),
        ("half", "", "shard 1/2"),
        ("all", "--shard 1/2", "the whole class"),
    ] {
        let before = fs::read_to_string(stage.at(folder).join("class.json")).expect("text");
        let ended = stage.run(folder, part);
        ended.is(2);
        ended.says(&format!("it holds the grades of {held}: name another folder"));
        let now = fs::read_to_string(stage.at(folder).join("class.json")).expect("text");
        assert_eq!(now, before, "{part}");
    }
}

#[test]
fn pages_of_those_who_are_gone_are_removed() {
    let stage = Stage::new(&[("anna", RIGHT), ("ben", RIGHT)]);
    stage.run("grades", "").is(0);
    fs::write(stage.at("grades/feedback/mine.html"), "mine").expect("it can be written");
    fs::remove_dir_all(stage.at("class/ben")).expect("it can be removed");
    let ended = stage.run("grades", "");
    ended.is(0);
    ended.says("no longer among the submissions, so no longer in grades.csv: ben\n");
    let is_there = |name: &str| stage.at("grades/feedback").join(name).exists();
    assert_eq!(["anna.html", "ben.html", "mine.html"].map(is_there), [true, false, true]);
}

fn children(id: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let ids = threads.filter_map(|it| fs::read_to_string(it.path().join("children")).ok());
    ids.collect::<String>().split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// The recorders that this run has started, by way of its workers.
fn recorders(run: u32) -> Vec<u32> {
    let is_recorder = |id: &u32| {
        fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|it| it == b"checker\0record\0")
    };
    let has_program = |id: &u32| !children(*id).is_empty();
    let all = children(run).into_iter().flat_map(children);
    all.filter(is_recorder).filter(has_program).collect()
}

/// The programs that they run.
fn programs(run: u32) -> Vec<u32> {
    recorders(run).into_iter().flat_map(children).collect()
}

#[test]
fn what_the_machine_kills_costs_nobody_a_point() {
    for killed in [recorders, programs] {
        let stage = Stage::new(&[("anna", RIGHT)]);
        let run = stage.start("grades", "--clock real");
        let mut found = Vec::new();
        wait_until("a recorder", || {
            found = killed(run.id());
            !found.is_empty()
        });
        for id in found {
            let id = nix::unistd::Pid::from_raw(id.try_into().expect("an id"));
            nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGKILL).expect("it can be sent");
        }
        let ended = Ended::from(run.wait_with_output().expect("it ends"));
        let result = stage.result("grades", "anna");
        let report = &result["answers"][0]["graded"]["report"];
        // If this machine is too busy, that is the reason, and not the program.
        let verdict = report["verdict"].as_str().expect("a verdict");
        assert!(["full-marks", "inconclusive"].contains(&verdict), "{ended:?} {report:#}");
    }
}
