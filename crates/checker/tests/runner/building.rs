//! What a stranger's package may do while it is built: its build script is a program like any other,
//! and runs in a cage.

use crate::processes::{processes, wait_until};
use crate::{ALLOW_MARKER, Answer, CHECKER, Call, write_file};
use cage::limits::Limits;
use cage::{Layers, Plan};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

/// The layers of a cage that are left out.
const CAGES: [&str; 2] = ["", "--cage-without namespaces"];

/// A learner's package, with an answer to countsync.
struct Package(TempDir);

impl Package {
    /// With this as the body of its build script.
    fn with(script: &str) -> Self {
        let package = Self(tempfile::tempdir().expect("a folder"));
        let manifest = "[workspace]\n[package]\nname = \"countsync\"\nedition = \"2024\"\n";
        package.file("Cargo.toml", manifest);
        package.file("src/main.rs", "fn main() { println!(\"this is countsync\"); }");
        package.file("build.rs", &format!("use std::{{env, fs, process}}; fn main() {{{script}}}"));
        package
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn file(&self, path: &str, text: &str) {
        write_file(&self.at(path), text);
    }

    fn call(&self, options: &str) -> Call {
        let mut call = Call::new("countsync --verbose");
        call.command.args(ALLOW_MARKER).args(options.split_whitespace());
        call.command.arg("--dir").arg(self.0.path());
        call
    }

    fn check(&self, options: &str) -> Answer {
        self.call(options).answer()
    }
}

/// A package whose program prints this, from a file that was changed then.
fn write_package(folder: &Path, word: &str, changed: SystemTime) {
    let manifest = "[workspace]\n[package]\nname = \"countsync\"\nedition = \"2024\"\n";
    write_file(&folder.join("Cargo.toml"), manifest);
    let main = folder.join("src/main.rs");
    write_file(&main, &format!("fn main() {{ println!(\"it is {word}\"); }}"));
    let main = File::options().write(true).open(main).expect("it is there");
    main.set_modified(changed).expect("it is ours");
}

/// Cargo goes by times alone, and builds where it is told to.
#[test]
fn what_is_graded_was_built_from_the_sources_that_are_there() {
    let long_ago = SystemTime::now() - Duration::from_secs(1_000_000);
    for options in ["", "--cage-without namespaces", "--cage off"] {
        let top = tempfile::tempdir().expect("a folder");
        let at = |name: &str| top.path().join(name);
        let check = |folder: &str, variables: &[(&str, PathBuf)], word: &str| {
            let mut call = Call::new("countsync --verbose");
            call.command.args(options.split_whitespace()).arg("--dir").arg(at(folder));
            call.command.envs(variables.iter().cloned());
            let answer = call.answer();
            let is_it = answer.stdout.contains(&format!("it is {word}"));
            assert!(is_it, "{options}, {folder}, {word}: {} {}", answer.stdout, answer.stderr);
        };
        write_package(&at("anna"), "first", SystemTime::now());
        check("anna", &[], "first");
        write_package(&at("anna"), "copied", SystemTime::now());
        let copied = Command::new("cp").arg("-r").args([at("anna"), at("bert")]).status();
        assert!(copied.expect("cp").success());
        check("bert", &[], "copied");
        let shared =
            [("CARGO_TARGET_DIR", at("shared")), ("CARGO_BUILD_BUILD_DIR", at("also-shared"))];
        for word in ["one", "other"] {
            let _ = fs::remove_dir_all(at("carla"));
            write_package(&at("carla"), word, long_ago);
            check("carla", &shared, word);
        }
        let system = [("CARGO_BUILD_TARGET", "x86_64-unknown-linux-gnu".into())];
        write_package(&at("anna"), "for-a-system", SystemTime::now());
        check("anna", &system, "for-a-system");
    }
}

/// A shell script that a build script starts in a session of its own, and does not wait for.
fn in_session(script: &str) -> String {
    format!(
        "process::Command::new(\"setsid\").args([\"sh\", \"-c\", {script:?}])
            .stdin(process::Stdio::null()).stdout(process::Stdio::null())
            .stderr(process::Stdio::null()).spawn().unwrap();"
    )
}

#[test]
fn a_build_script_does_not_say_which_program_is_run() {
    let other = tempfile::tempdir().expect("a folder");
    let other = other.path().join("countsync");
    fs::copy("/bin/echo", &other).expect("a copy");
    let message = json!({
        "reason": "compiler-artifact", "target": {"name": "countsync"}, "executable": other,
    });
    let script = format!(
        "let parent = std::os::unix::process::parent_id();
         let cargo = format!(\"/proc/{{parent}}/fd/1\");
         fs::OpenOptions::new().write(true).open(cargo).unwrap();
         fs::write(format!(\"/proc/{{parent}}/fd/1\"), {:?}).unwrap();",
        format!("{message}\n")
    );
    let package = Package::with(&script);
    for options in CAGES {
        let answer = package.check(options);
        assert!(answer.stdout.contains("this is countsync"), "{}{}", answer.stdout, answer.stderr);
    }
}

/// A build script runs before the executable is made, but what it has started goes on.
#[test]
fn an_executable_that_leads_elsewhere_is_not_run() {
    let package = Package::with("");
    // Whatever cargo makes there is replaced until the build ends.
    let daemon = "cd $OUT_DIR/../../..; while :; do ln -sfn /bin/echo countsync; done";
    package.file("build.rs", &format!("use std::process; fn main() {{{}}}", in_session(daemon)));
    package.file(
        "src/main.rs",
        &format!("fn main() {{ {} }}", "println!(\"this is countsync\");".repeat(2000)),
    );
    let answer = package.check("");
    // Cargo may have been the last to put something there; or it could not, as what is there leads out
    // of the cage.
    let refusals = ["cargo built no executable", "failed to link or copy"];
    let is_refused = refusals.iter().any(|refusal| answer.stdout.contains(refusal));
    assert!(is_refused || answer.stdout.contains("this is countsync"), "{}", answer.stdout);
}

#[test]
fn a_package_may_depend_on_another_one_in_the_folder_of_answers() {
    let package = Package::with("");
    let manifest = |name: &str, rest: &str| {
        format!("[workspace]\n[package]\nname = \"{name}\"\nedition = \"2024\"\n{rest}")
    };
    let dependency = "[dependencies]\ncommon = { path = \"../common\" }\n";
    package.file("countsync/Cargo.toml", &manifest("countsync", dependency));
    package.file("countsync/src/main.rs", "fn main() { println!(\"{}\", common::TEXT); }");
    package.file("common/Cargo.toml", &manifest("common", ""));
    package.file("common/src/lib.rs", "pub const TEXT: &str = \"from the other one\";");
    for options in CAGES {
        let answer = package.check(options);
        assert!(answer.stdout.contains("from the other"), "{}{}", answer.stdout, answer.stderr);
    }
}

#[test]
fn a_build_leaves_no_process_behind() {
    let package = Package::with(&in_session("while :; do sleep 1; done"));
    for options in CAGES {
        // It looks for them itself.
        let start = Instant::now();
        let answer = package.check(options);
        assert!(answer.stdout.contains("this is countsync"), "{}{}", answer.stdout, answer.stderr);
        assert!(start.elapsed() < Duration::from_secs(60), "nobody waits for them");
        fs::remove_dir_all(package.at("target")).expect("it is ours");
    }
}

#[test]
fn a_build_ends_when_the_checker_is_killed() {
    for options in CAGES {
        for signal in [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGINT] {
            let package = Package::with(
                "let file = env::var(\"OUT_DIR\").unwrap() + \"/../../../started\";
                 fs::write(file, \"\").unwrap();
                 std::thread::sleep(std::time::Duration::from_secs(1000));",
            );
            let call = package.call(options);
            let mut command = Command::new(CHECKER);
            command.args(call.command.get_args()).env(crate::MARKER, &call.marker);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            let mut checker = command.spawn().expect("it starts");
            wait_until("it builds", || package.at("target/caged/debug/started").exists());
            kill(Pid::from_raw(checker.id().cast_signed()), signal).expect("it is there");
            checker.wait().expect("it is ours");
            wait_until("no process is left", || processes(&call.marker).is_empty());
        }
    }
}

#[test]
fn a_build_has_no_terminal() {
    // What is 0 for a process without a terminal of its own.
    let package = Package::with(
        "let session = fs::read_to_string(\"/proc/self/stat\").unwrap();
         let terminal = session.rsplit(')').next().unwrap().split(' ').nth(5).unwrap().to_owned();
         println!(\"cargo::rustc-env=TERMINAL={terminal}\");",
    );
    package.file("src/main.rs", "fn main() { println!(\"terminal <{}>\", env!(\"TERMINAL\")); }");
    // Without namespaces, it cannot read about itself.
    let call = package.call("");
    let words: Vec<_> = call.command.get_args().map(|it| it.display().to_string()).collect();
    // It has a terminal of its own.
    let mut script = Command::new("script");
    script.args(["-qec", &format!("{CHECKER} {}", words.join(" ")), "/dev/null"]);
    let output = script.env(crate::MARKER, &call.marker).stdin(Stdio::null()).output();
    let output = String::from_utf8(output.expect("it starts").stdout).expect("UTF-8");
    assert!(output.contains("terminal <0>"), "{output}");
}

#[test]
fn a_build_prints_no_more_than_a_bounded_output() {
    let to_cargo = |descriptor: u8| {
        format!(
            "use std::io::Write;
             let parent = std::os::unix::process::parent_id();
             let cargo = format!(\"/proc/{{parent}}/fd/{descriptor}\");
             let mut cargo = fs::OpenOptions::new().write(true).open(cargo).unwrap();
             for _ in 0..40 {{ if cargo.write_all(&[b'x'; 1 << 20]).is_err() {{ break }} }}"
        )
    };
    let answer = Package::with(&to_cargo(1)).check("");
    let why = "cargo build printed more than 16 MB";
    assert!(answer.stdout.contains(why), "{}{}", answer.stdout, answer.stderr);
    let answer = Package::with(&to_cargo(2)).check("");
    assert!(answer.stdout.contains("this is countsync"), "{}", answer.stdout);
    assert!(answer.stderr.len() < 2 << 20, "{}", answer.stderr.len());
    assert!(answer.stderr.lines().all(|line| line.len() < 11_000));
}

#[test]
fn cargo_is_not_asked_about_a_manifest_without_end() {
    let package = Package::with("");
    package.file("Cargo.toml", "[workspace]\nmembers = [\"member\"]\n");
    fs::create_dir(package.at("member")).expect("a new folder");
    symlink("/dev/zero", package.at("member/Cargo.toml")).expect("a new link");
    let start = Instant::now();
    let answer = package.check("");
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(start.elapsed() < Duration::from_secs(60), "it took {:?}", start.elapsed());
}

#[test]
fn nobody_is_told_to_run_cargo_where_it_would_write_through_a_link() {
    for name in ["Cargo.lock", "target"] {
        let package = Package::with("");
        let elsewhere = tempfile::tempdir().expect("a folder");
        let elsewhere = elsewhere.path().join("elsewhere");
        package.file(
            "Cargo.toml",
            "[workspace]\n[package]\nname = \"countsync\"\nedition = \"2024\"\n\
             [dependencies]\nnobody-has-this-crate = \"1\"\n",
        );
        symlink(&elsewhere, package.at(name)).expect("a new link");
        let answer = package.check("");
        assert_eq!(answer.code, 2);
        let path = package.at(name);
        let why = format!("{} is a link: put the file itself there", path.display());
        assert!(answer.stdout.contains(&why), "{}{}", answer.stdout, answer.stderr);
        assert!(!answer.stdout.contains("cargo fetch"), "{}", answer.stdout);
        assert!(!elsewhere.exists());
    }
}

#[test]
fn a_build_has_limits() {
    let threads = "let threads: Vec<_> = (0..300).map(|_| std::thread::spawn(|| \
                   std::thread::sleep(std::time::Duration::from_secs(10)))).collect(); \
                   for thread in threads { let _ = thread.join(); }";
    for options in CAGES {
        let answer = Package::with(threads).check(options);
        let why = "building was stopped: more than 256 processes and threads";
        assert!(answer.stdout.contains(why), "{}{}", answer.stdout, answer.stderr);
    }
}

/// How a build with these limits ends, as the checker's own program says that started it.
fn ending(script: &str, limits: Limits, seconds: u64) -> String {
    ending_with(&[], script, limits, seconds)
}

/// The same for a build that may write to these folders.
fn ending_with(folders: &[PathBuf], script: &str, limits: Limits, seconds: u64) -> String {
    let plan = Plan {
        read: Vec::new(),
        links: Vec::new(),
        write: folders.to_vec(),
        environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
        missing: None,
        loopback: false,
        limits,
        layers: Layers::offered(),
    };
    let order = json!({"plan": plan, "command": ["sh", "-c", script], "seconds": seconds});
    let mut build = Command::new(CHECKER);
    build.arg("build").current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut build = build.spawn().expect("it starts");
    let mut stdin = build.stdin.take().expect("a pipe");
    writeln!(stdin, "{order}").expect("it is read");
    let output = build.wait_with_output().expect("it ends");
    drop(stdin);
    let output = String::from_utf8(output.stdout).expect("UTF-8");
    output.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_build_takes_no_more_than_its_time_its_cpu_time_and_its_memory() {
    let limits = Limits { cpu: 1, memory: 100 << 20, ..Limits::DEFAULT };
    assert_eq!(ending("sleep 1000", limits, 1), json!("time-limit").to_string());
    assert_eq!(
        ending("while :; do :; done & while :; do :; done", limits, 60),
        json!({"limit": {"cpu": 1}}).to_string()
    );
    assert_eq!(
        ending("head -c 200000000 /dev/zero | tail", limits, 60),
        json!({"limit": {"memory": 100 << 20}}).to_string()
    );
    assert_eq!(ending("exit 3", limits, 60), json!({"exited": 3}).to_string());
}

#[test]
fn what_a_build_adds_to_its_folder_is_bounded() {
    let limits = Limits { added: 50 << 20, added_files: 100, ..Limits::DEFAULT };
    let large = "for i in 1 2 3 4 5 6; do head -c 10000000 /dev/zero > $i; done";
    let many = "for i in $(seq 101); do : > $i; done";
    let within = "for i in $(seq 90); do : > $i; done; head -c 40000000 /dev/zero > 1; ln 1 100";
    let deep = "d=$(printf %0200d 0); for i in $(seq 21); do mkdir $d; cd $d 2>/dev/null; done";
    for (script, ending) in [
        (large, json!({"limit": {"folder": 50 << 20}})),
        (many, json!({"limit": {"files": 100}})),
        (deep, json!({"limit": {"files": 100}})),
        (within, json!({"exited": 0})),
    ] {
        // It is seen at the end; or else while the build goes on.
        for rest in ["", "; sleep 1000"] {
            if rest.is_empty() || ending.get("limit").is_some() {
                let folder = tempfile::tempdir().expect("a folder");
                // That does not count.
                fs::write(folder.path().join("before"), vec![1; 60 << 20]).expect("a new file");
                let path = folder.path().canonicalize().expect("it is there");
                let script = format!("cd {} && {script}{rest}", path.display());
                assert_eq!(
                    ending_with(&[path], &script, limits, 60),
                    ending.to_string(),
                    "{script}"
                );
            }
        }
    }
}

/// What it builds and what its program writes there count alike.
#[test]
fn what_cargo_run_adds_to_its_folder_is_bounded() {
    let package = Package::with("");
    let program = "fn main() {
        let folder = std::env::var(\"CARGO_TARGET_DIR\").unwrap();
        for name in 0..10 {
            std::fs::write(format!(\"{folder}/{name}\"), vec![1; 20 << 20]).unwrap();
        }
        println!(\"all written\");
    }";
    package.file("src/main.rs", program);
    for (limit, seen) in [("100M", "stopped: more than 100 MB of files"), ("400M", "all written")] {
        let mut call = Call::new("countsync --verbose --clock real --max-folder");
        call.command.arg(limit).args(ALLOW_MARKER).args(["--", "cargo", "run", "--manifest-path"]);
        call.command.arg(package.at("Cargo.toml"));
        let answer = call.answer();
        assert!(answer.stdout.contains(seen), "{limit}: {}{}", answer.stdout, answer.stderr);
    }
}

/// The filter refuses to make one; without it, none is left.
#[test]
fn no_build_leaves_a_set_user_id_program() {
    let package = Package::with(
        "use std::os::unix::fs::PermissionsExt;
         let folder = env::var(\"OUT_DIR\").unwrap() + \"/../../..\";
         for mode in [0o4755, 0o2755, 0o755] {
             let program = format!(\"{folder}/{mode:o}\");
             fs::copy(\"/bin/true\", &program).unwrap();
             let _ = fs::set_permissions(&program, fs::Permissions::from_mode(mode));
             fs::hard_link(&program, program.clone() + \"-too\").unwrap();
         }",
    );
    for options in ["", "--cage-without filter", "--cage-without filter,namespaces"] {
        let answer = package.check(options);
        assert!(answer.stdout.contains("this is countsync"), "{}{}", answer.stdout, answer.stderr);
        let built = package.at("target/caged/debug");
        assert!(built.join("755-too").exists());
        let entries = fs::read_dir(built).expect("it was built").flatten();
        let files = entries.filter(|entry| entry.path().is_file());
        let gives_rights = |it: &fs::DirEntry| it.metadata().expect("ours").mode() & 0o6000 != 0;
        let left: Vec<_> = files.filter(gives_rights).collect();
        assert!(left.is_empty(), "{options}: {left:?}");
        fs::remove_dir_all(package.at("target")).expect("it is ours");
    }
}
