//! The command line, and programs that cannot be started: exit code 2 and one clear line.

use crate::{Call, GOOD, write_file};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn bad_usage_is_named() {
    for (arguments, named) in [
        ("countasync countsync -- true", "one exercise before the command"),
        ("-- true", "one exercise before the command"),
        ("countasync --", "there is no command"),
        ("countasnyc", "did you mean countasync?"),
        ("CountAsync", "did you mean countasync?"),
        ("COUNTSYNC", "did you mean countsync?"),
        ("fibonacci", "there is no such exercise"),
        (
            "countasync python3 mine.py",
            "put -- before the command, as in: countasync -- python3 mine",
        ),
        ("chained python3 -u mine.py 1", "as in: chained -- python3 -u mine.py 1"),
        ("timeline rand node rand.js", "as in: rand -- node rand.js"),
        ("timeline countasync --live --clock virtual", "--clock virtual jumps over its waits"),
        ("timeline countasync --example bloking", "has only blocking, countasync-starter, "),
        (
            "timeline countsync --example blocking",
            "--example: countsync has only countsync-starter",
        ),
        ("timeline rand --example blocked -- true", "--example"),
        ("timeline --example blocking", "<EXERCISE>"),
        ("countasync --output nosuch/r.json -- true", "there is no folder nosuch"),
        ("record", "not for people"),
        ("--time-limit 0 countasync -- true", "--time-limit 60"),
        ("--time-limit -1 countasync -- true", "--time-limit 60"),
        ("--time-limit ten countasync -- true", "--time-limit 60"),
        ("--time-limit nan countasync -- true", "--time-limit 60"),
        ("--format yaml countasync -- true", "human"),
        (
            "--report yaml=a countasync -- true",
            "there is no format \"yaml\"; there are human, json",
        ),
        ("--report json countasync -- true", "as in --report gradescope=results.json"),
        ("--report json= countasync -- true", "as in --report gradescope=results.json"),
        ("--watch --report json=a countasync -- true", "--report"),
        ("--cage-report --report json=a", "--cage-report"),
        ("--list --report json=a", "--list"),
        ("--class a --into b --report json=a", "--report"),
        ("--dir /tmp countasync -- true", "--dir"),
        ("--watch -- true", "one exercise"),
        ("--watch --dir /tmp", "--watch: name one exercise"),
        ("--watch --format json countasync -- true", "leave out --format"),
        ("--watch --output r.txt countasync -- true", "--output"),
        ("--watch --list", "--watch"),
        ("--max-memory 2X countasync -- true", "as in 512M or 2G"),
        ("--max-memory 1K countasync -- true", "at least 4K"),
        ("--max-processes 0 countasync -- true", "--max-processes"),
        ("--allow-read /no/such/file countasync -- true", "there is no such file or folder"),
        ("--max-cpu 0.5 countasync -- true", "give whole seconds"),
        ("--cage-report --cage off", "--cage-report"),
        ("--cage-report --format json", "--cage-report"),
        ("--cage-report --output r.txt", "--cage-report"),
        ("--allow-read / countasync -- true", "name only the folder"),
        ("--allow-read /tmp countasync -- true", "its own /tmp: name a file or folder in it"),
        ("--allow-read /dev countasync -- true", "its own /dev:"),
        ("--allow-read /proc chained -- true", "its own /proc:"),
        ("--allow-env FOO=bar countasync -- true", "give only its name, FOO"),
        ("--allow-env HOME countasync -- true", "always the program's private folder"),
        ("--allow-env NO_SUCH_VARIABLE countasync -- true", "there is no such variable"),
        (
            "--allow-loopback --cage-without namespaces countasync -- true",
            "which --cage-without leaves",
        ),
        ("--cage off --max-cpu 5 countasync -- true", "--max-cpu has no effect with --cage off"),
        ("--cage-without everything countasync -- true", "namespaces, landlock, filter"),
        ("--dir /there/is/no/such/folder", "/there/is/no/such/folder"),
        ("--frob", "--frob"),
    ] {
        let answer = Call::new(arguments).answer();
        let is_quiet = answer.stdout.is_empty() || arguments == "record";
        assert!(answer.code == 2 && is_quiet, "{arguments}: {}", answer.stdout);
        assert!(answer.stderr.contains(named), "{arguments}: {}", answer.stderr);
    }
}

#[test]
fn a_program_that_cannot_be_started_is_nobodys_mistake() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str, mode| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("it can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        path.display().to_string()
    };
    let here = |name: &str| folder.path().join(name).display().to_string();
    file("mine.py", "print(1)", 0o644);
    file("mine.rb", "puts 1", 0o755);
    let no_such = "this machine has no such program: ";
    for (command, why) in [
        (&["/there/is/no/such/program"][..], no_such),
        (&["no-such-program-on-the-path"], no_such),
        (&[""], "there is no such program"),
        (&[&file("text", "One", 0o644)], "it is not executable: type chmod +x /"),
        (&[&here("mine.py")], "it is not executable: type chmod +x /"),
        (&[&here("")], "it is a folder"),
        (
            &[&file("garbage", "\u{1}\u{2}", 0o755)],
            "this system cannot load it: was it built for another one?",
        ),
        (&[&file("script", "echo One", 0o755)], "no #! line that says what runs it: add one"),
        (&[&here("mine.rb")], "no #! line that says what runs it: type ruby /"),
        (&[&file("interpreter", "#!/no/such/interpreter\n", 0o755)], "the interpreter"),
        (&["mine.py"], "type ./mine.py or python3 mine.py"),
        (&["python3", "typo.py"], "there is no file typo.py"),
        (&["python3.9", "-u", "-X", "dev", "typo.py", "mine.py"], "there is no file typo.py"),
        (&["node", "typo.js"], "there is no file typo.js"),
        (&["deno", "run", "--allow-all", "typo.ts"], "there is no file typo.ts"),
        (&["FOO=1", "python3", "mine.py"], "type env FOO=1 python3 mine.py"),
        (&["cd", "there"], "type sh -c 'cd there'"),
        (&["echo One | cat"], "type sh -c 'echo One | cat'"),
        (&["echo One"], "leave out the quotes"),
        (&["no\n::error::such\u{1b}[2J"], r"no\n::error::such\x1b[2J"),
    ] {
        let mut call = Call::new("countasync");
        call.command.current_dir(&folder).arg("--").args(command);
        let answer = call.answer();
        assert_eq!(answer.code, 2, "{command:?}: {}", answer.stdout);
        assert!(answer.stdout.contains("could not be started: "), "{command:?}: {}", answer.stdout);
        assert!(answer.stdout.contains(why), "{command:?}: {}", answer.stdout);
        assert!(!answer.stdout.contains("failed"), "{command:?}: {}", answer.stdout);
    }
}

/// An argument of an interpreter may not be a file, or not the program.
#[test]
fn a_command_that_names_a_file_which_is_not_there_may_still_run() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("tool"), "echo One").expect("it can be written");
    for command in [&["bash", "-c", "echo One", "out.sh"][..], &["bash", "tool", "out.sh"]] {
        let mut call = Call::new("countasync --format json");
        call.command.current_dir(&folder).arg("--").args(command);
        assert_eq!(call.answer().code, 1, "{command:?}");
    }
}

/// A line of its own could give orders to a CI system, an escape code to a terminal.
#[test]
fn what_was_typed_is_harmless_in_messages() {
    let nasty = "no\n::error::such\u{1b}[2J";
    let shown = r"no\n::error::such\x1b[2J";
    let calls = [&[nasty][..], &["--dir", nasty], &["--output", "no/such/\n::error::\u{1b}[2J"]];
    for arguments in calls {
        let mut call = Call::new("");
        call.command.args(arguments);
        let answer = call.answer();
        assert_eq!((answer.code, &*answer.stdout), (2, ""), "{arguments:?}");
        let acts = |c: char| c.is_control() && c != '\n';
        assert!(!answer.stderr.contains(acts), "{arguments:?}: {:?}", answer.stderr);
        assert!(!answer.stderr.lines().any(|line| line.trim_start().starts_with("::")));
        let is_shown = answer.stderr.contains(shown) || arguments[0] == "--output";
        assert!(is_shown, "{arguments:?}: {}", answer.stderr);
    }
}

#[test]
fn a_folder_says_what_it_has_no_answer_to_and_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| write_file(&folder.path().join(name), text);
    let call = |arguments: &str| {
        let mut call = Call::new(arguments);
        call.command.arg("--dir").arg(folder.path());
        call.answer()
    };
    let answer = call("");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stderr.contains("no answer to countasync: add an executable"),
        "{}",
        answer.stderr
    );

    file("chained", "#!/bin/sh\n");
    file("Rand.py", "");
    file("countsync.sh", "echo One");
    let answer = call("");
    assert!(
        answer.stderr.contains("chained is there, but it is not executable: run chmod +x"),
        "{}",
        answer.stderr
    );
    assert!(
        answer.stderr.contains("Rand.py is there, but its name is not in lowercase"),
        "{}",
        answer.stderr
    );
    assert!(answer.stdout.contains("countsync 1/10"), "{}", answer.stdout);
    file("countsync.py", "");
    assert!(call("").stdout.contains("more than one answer to countsync: keep only one"));

    // The others are graded even if a package does not build.
    file("countasync/Cargo.toml", "[package]\nname = \"countasync\"\nedition = \"2024\"\n");
    file("countasync/src/main.rs", "compile_error!(\"it\\n::error::is\"); fn main() {}");
    fs::remove_file(folder.path().join("countsync.py")).expect("it is ours");
    let answer = call("");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stdout.contains("could not be started: cargo build failed"),
        "{}",
        answer.stdout
    );
    assert!(answer.stdout.contains("countsync 1/10"), "{}", answer.stdout);
    assert!(answer.stderr.contains("::error::is"), "{}", answer.stderr);
    assert!(!answer.stderr.lines().any(|line| line.trim_start().starts_with("::")));
}

#[test]
fn a_folder_of_learners_is_told_to_name_one_of_them() {
    let class = tempfile::tempdir().expect("a folder");
    fs::create_dir(class.path().join("anna")).expect("it can be made");
    fs::write(class.path().join("anna/chained.py"), "").expect("it can be written");
    let mut call = Call::new("");
    call.command.arg("--dir").arg(class.path());
    let answer = call.answer();
    assert_eq!(answer.code, 2, "{}", answer.stdout);
    let words = "move them up, or name one of these folders, as in --dir /";
    assert!(answer.stderr.contains(words), "{}", answer.stderr);
    assert!(answer.stderr.contains("/anna"), "{}", answer.stderr);
}

#[test]
fn a_picture_says_when_its_run_did_not_end_cleanly() {
    let answer = Call::new("timeline countasync").impostor(GOOD).answer();
    assert_eq!((answer.code, &*answer.stderr), (0, ""), "{}", answer.stdout);
    let answer = Call::new("timeline countasync").impostor("print One exit 3").answer();
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    assert!(answer.stderr.contains("did not end cleanly: exit code 3"), "{}", answer.stderr);
}

#[test]
fn full_marks_end_with_0() {
    let answer = Call::new("countasync").impostor(GOOD).answer();
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("total 10/10"), "{}", answer.stdout);
}

/// Layers that are left out are like those that a machine lacks.
#[test]
#[cfg(target_os = "linux")]
fn a_cage_that_is_required_has_to_cover_everything() {
    let require = "--cage require --cage-without namespaces,landlock countasync -- true";
    let answer = Call::new(require).answer();
    assert_eq!((answer.code, &*answer.stdout), (2, ""));
    for named in ["not covered here: files, ", "processes", "; no namespaces: left out by --cage-"]
    {
        assert!(answer.stderr.contains(named), "{}", answer.stderr);
    }
    let draw = format!("timeline {}", require.replace("countasync ", ""));
    assert!(Call::new(&draw).answer().stderr.contains("not covered here: files"));
}

#[test]
#[cfg(target_os = "linux")]
fn reports_say_what_the_cage_covers() {
    let told = Call::new("--cage-report").answer();
    assert_eq!((told.code, &*told.stderr), (0, ""));
    let told = told.stdout;
    assert_eq!(Call::new("timeline --cage-report").answer().stdout, told);
    let lacks = Call::new("--cage-report --cage-without filter,namespaces").answer().stdout;
    assert!(lacks.ends_with(". --cage require will refuse to run.\n"), "{lacks}");
    assert!(lacks.contains("namespaces left out"), "{lacks}");
    for part in ["files ", "network ", "processes ", "limits ", "namespaces ", "Landlock "] {
        assert!(told.lines().any(|line| line.trim_start().starts_with(part)), "{told}");
    }
    let arguments = "countasync --cage-without landlock,namespaces";
    let human = Call::new(arguments).impostor(GOOD).answer().stdout;
    assert!(
        human.contains("\nin a cage: files (not covered), network, processes (not "),
        "{human}"
    );
    let human = Call::new(&format!("{arguments} --verbose")).impostor(GOOD).answer().stdout;
    assert!(human.contains("\nin a cage: files (not covered), network (filter), "), "{human}");
    let json = Call::new(&format!("{arguments} --format json")).impostor(GOOD).answer().json();
    let cage = &json["exercises"][0]["cage"];
    assert_eq!(cage["files"]["by"], serde_json::json!([]), "{cage:#}");
    assert_eq!(cage["network"]["by"], serde_json::json!(["filter"]), "{cage:#}");
    let off = Call::new("countasync --cage off").impostor(GOOD).answer().stdout;
    assert!(off.contains("\nNOT in a cage: programs ran with your own permissions"), "{off}");
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut checker = std::process::Command::new(crate::CHECKER);
    let output = checker.arg("--list").stdout(writer).output().expect("it starts");
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}

#[test]
fn a_program_that_answers_no_exercise_gets_a_row_for_each_label() {
    let mut call = Call::new("timeline --clock virtual --");
    call.command.args([
        "sh",
        "-c",
        "echo 'a: asks'; sleep 1; echo 'b: asks'; sleep 1; echo 'a: done'; echo 'b: done'; echo 'c: 1'",
    ]);
    let answer = call.answer();
    assert_eq!((answer.code, &*answer.stderr), (0, ""), "{}", answer.stdout);
    let row = |label: &str| {
        let row = answer.stdout.lines().find(|line| line.starts_with(label));
        row.unwrap_or_else(|| panic!("no row {label}: {}", answer.stdout))
    };
    assert!(row("a  ").contains("asks") && row("a  ").contains("done"), "{}", answer.stdout);
    assert!(row("b  ").starts_with("b     "), "it starts later: {}", answer.stdout);
    assert!(row("main").contains("c: 1"), "once is no label: {}", answer.stdout);
    assert_eq!(Call::new("timeline").answer().code, 2, "neither an exercise nor a command");
}
