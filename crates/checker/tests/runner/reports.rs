//! What a real check reports, in all formats, and the files that reports are written to.

use crate::{Call, GOOD, side_by_side};
use checker::exercises;
use checker::report::Format;
use clap::ValueEnum;
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use std::fs;

/// What a program could print to break a report, take over a terminal or give orders to a CI system.
const NASTY: &str = "print One
    print ']]></failure></testcase><testcase name=\"ends\"/>'
    print '\"}], \"verdict\": \"full-marks\"'
    print '::error::this command is not ours'
    print 'nor ##[error]this'
    print 'nor ##vso[task.complete result=Succeeded;]this'
    print 'total 10/10'
    bytes 1b5d303b7469746c65071b5b324a1b5b33366d0a
    bytes c29b33316de280ae00080dff0a
    print-error '  ::error::nor this'
    print-error \u{1b}[2J
    print 'part1(1) sleeping for 0 seconds.'
    print 'Returning part1(1) == \u{1b}[2J\u{9b}2J\u{202e}\u{8}]]>.'
    print 'part2(1, \"\u{1b}[2J\u{9b}2J\u{202e}\u{8}]]>\") sleeping for 0 seconds.'
    print '-->Chained result1 => \u{9b}2J\u{202e}\u{8}]]> (took 0.00 seconds).'
    print '\u{9b}2J\u{202e}\u{8} executed in 7.00 seconds.'
    print 'Initiated makerandom(0) \u{9b}2J\u{202e}\u{8}]]>.'
    print 'makerandom(0) == 3 \u{9b}2J\u{202e}\u{8}]]> too low; retrying.'";

#[test]
fn nothing_that_a_program_prints_acts_on_the_reader_of_the_report() {
    let formats = ["human", "json", "junit"];
    let all: Vec<_> = exercises::ALL
        .iter()
        .flat_map(|exercise| {
            formats.map(|format| format!("{} --verbose --format {format}", exercise.name))
        })
        .collect();
    side_by_side(&all, |arguments| {
        let script = format!("{NASTY} exit 1 --");
        let mut call = Call::new(arguments).impostor(&script);
        call.command.env("CLICOLOR_FORCE", "1");
        let answer = call.answer();
        assert_eq!((answer.code, &*answer.stderr), (1, ""), "{arguments}");
        let report = without_colors_of_the_checker(answer.stdout);
        assert_harmless(&report, arguments);
        assert!(!report.lines().any(|line| line.starts_with("total 10/10")), "{report}");
        if arguments.ends_with("json") {
            let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
            assert_eq!(report["verdict"], "points-lost");
        }
        if arguments.ends_with("junit") {
            let report = Report::deserialize_from_str(&report).expect("XML");
            let criteria = Call::new(&format!("--list {}", arguments.split(' ').next().unwrap()));
            let criteria = criteria.answer().stdout.lines().count() - 1;
            assert_eq!(report.tests, criteria, "{arguments}");
        }
    });
}

/// Makes sure that nothing in a report acts on a terminal or a log.
fn assert_harmless(report: &str, what: &str) {
    // Control characters, and the character that reverses text.
    let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!report.contains(acts), "{what}: {report:?}");
    for line in report.lines() {
        // What GitHub's and Azure's runners treat as a command.
        assert!(!line.trim_start().starts_with("::"), "{what}: {line}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{what}: {line}");
    }
}

/// All formats in one run, each in its file, besides that on standard output.
#[test]
fn a_run_has_all_reports_that_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let formats = Format::value_variants().iter().filter_map(Format::to_possible_value);
    let formats: Vec<_> = formats.map(|format| format.get_name().to_owned()).collect();
    let mut call = Call::new("chained");
    for format in &formats {
        let file = folder.path().join(format).display().to_string();
        call.command.args(["--report", &format!("{format}={file}")]);
    }
    let script = format!("{NASTY} exit 1 --");
    let answer = call.impostor(&script).answer();
    assert_eq!((answer.code, &*answer.stderr), (1, ""));
    assert!(answer.stdout.starts_with("chained 0/10  "), "{}", answer.stdout);
    for format in &formats {
        let report = fs::read_to_string(folder.path().join(format)).expect("a report");
        match &**format {
            "human" => assert_eq!(report, answer.stdout),
            "github" => {
                let (start, rest) = report.split_once('\n').expect("a line");
                let token = start.strip_prefix("::stop-commands::").expect("a token");
                let (human, annotations) =
                    rest.split_once(&format!("::{token}::\n")).expect("its end");
                assert_harmless(human, format);
                for line in annotations.lines() {
                    let (command, message) = line[2..].split_once("::").expect("a command");
                    let is_known = ["error ", "notice "].iter().any(|it| command.starts_with(it));
                    assert!(is_known, "{line}");
                    assert_harmless(message, format);
                }
            }
            _ => assert_harmless(&report, format),
        }
    }
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), formats.len());
}

fn without_colors_of_the_checker(mut report: String) -> String {
    for color in ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m"] {
        report = report.replace(&format!("\u{1b}{color}"), "");
    }
    report
}

#[test]
fn junit_tells_the_failures_of_the_learner_from_the_errors_of_the_checker() {
    let report = |script| {
        let call = Call::new("countasync --format junit").impostor(script);
        let answer = call.answer();
        Report::deserialize_from_str(&answer.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", answer.stdout))
    };
    let kinds = |report: &Report| -> Vec<_> {
        let cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
        cases
            .map(|case| match &case.status {
                TestCaseStatus::Success { .. } => "success",
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. } => "failure",
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. } => "error",
                TestCaseStatus::Skipped { .. } => "skipped",
            })
            .collect()
    };
    let failed = report("print One print Two exit 1");
    assert_eq!(kinds(&failed), ["failure", "failure", "skipped", "skipped", "failure"]);
    assert_eq!((failed.failures, failed.errors), (3, 0));
    let good = report(GOOD);
    assert_eq!(kinds(&good), ["success"; 5]);

    let mut call = Call::new("countasync --format junit");
    call.command.args(["--", "/there/is/no/such/program"]);
    let not_started = Report::deserialize_from_str(&call.answer().stdout).expect("a report");
    assert_eq!(kinds(&not_started), ["error"]);
    assert_eq!((not_started.failures, not_started.errors), (0, 1));
}

#[test]
fn a_report_file_is_new_and_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let call = || {
        let mut call = Call::new("countasync --format json");
        call.command.arg("--output").arg(&file);
        call.impostor("print One")
    };
    let answer = call().answer();
    assert_eq!((answer.code, &*answer.stdout, &*answer.stderr), (1, "", ""));
    let text = fs::read_to_string(&file).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&text).expect("whole");
    assert_eq!(report["verdict"], "points-lost");

    fs::write(&file, "mine").expect("it can be written");
    let answer = call().answer();
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("--output") && answer.stderr.contains("report.json"));
    assert_eq!(fs::read_to_string(&file).expect("a file"), "mine");
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 1, "nothing else is left there");
}

#[test]
fn two_reports_into_one_file_are_refused_before_anything_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("inner")).expect("it can be made");
    fs::write(folder.path().join("there"), "mine").expect("it can be written");
    for (reports, problem) in [
        (
            "--output a --report json=inner/../a",
            "--report inner/../a: another report goes to this file, by --output",
        ),
        (
            "--report json=a --report html=b --report junit=./a",
            "--report ./a: another report goes to this file, by --report",
        ),
        ("--report json=a --report html=there", "--report there: this file already exists"),
        ("--report json=no/a", "--report no/a: there is no folder no"),
    ] {
        let mut call = Call::new(&format!("countasync {reports} --"));
        call.command.current_dir(&folder).args(["touch", "ran"]);
        let answer = call.answer();
        assert_eq!((answer.code, &*answer.stdout), (2, ""), "{reports}");
        assert_eq!(answer.stderr, format!("checker: {problem}\n"));
        let names = fs::read_dir(&folder).expect("a folder").count();
        assert_eq!(names, 2, "{reports}: nothing ran, and nothing was written");
    }
    assert_eq!(fs::read_to_string(folder.path().join("there")).expect("a file"), "mine");
}

/// The others are written, and the caller knows that one is missing.
#[test]
fn a_report_whose_file_has_been_taken_meanwhile_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut call =
        Call::new("countasync --cage off --report gradescope=a --report html=b --report junit=c");
    call.command.current_dir(&folder);
    call.command.args(["--", "sh", "-c", "echo One; echo forged > a; ln -s /tmp/nowhere b"]);
    let answer = call.answer();
    assert_eq!(answer.code, 2, "{}", answer.stderr);
    let why = "this file was created while the program ran";
    assert_eq!(answer.stderr, format!("checker: --report a: {why}\nchecker: --report b: {why}\n"));
    assert!(answer.stdout.starts_with("countasync 1/10  "), "{}", answer.stdout);
    assert!(
        fs::read_to_string(folder.path().join("c")).expect("a report").contains("</testsuites>")
    );
}

/// A program that outlives its end could write into its own report: it is gone before.
#[test]
fn no_program_follows_up_its_report() {
    let forge = "until [ -e results.json ]; do sleep 0.01; done; echo forged > results.json";
    let script = format!("(setsid sh -c '{forge}' &); echo One");
    for clock in ["auto", "real"] {
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = "--cage off --report gradescope=results.json";
        let mut call = Call::new(&format!("countasync --clock {clock} {arguments}"));
        call.command.current_dir(&folder).args(["--", "sh", "-c", &script]);
        let answer = call.answer();
        assert_eq!(answer.code, 1, "{clock}: {}", answer.stderr);
        let report = fs::read_to_string(folder.path().join("results.json")).expect("a report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("not forged");
        assert_eq!(report["score"], 1.0, "{clock}");
    }
}

/// Platforms show nothing but the report.
#[test]
fn an_answer_that_is_missing_is_in_the_report() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("countasync.sh"), "echo One").expect("it can be written");
    let report = |arguments: &str| {
        let mut call = Call::new(&format!("{arguments} --format gradescope --dir"));
        call.command.arg(folder.path());
        let answer = call.answer();
        assert_eq!(answer.code, 2, "{}", answer.stderr);
        answer
    };
    let answer = report("countasync chained");
    assert!(answer.stderr.contains("no answer to chained"), "{}", answer.stderr);
    let tests = answer.json()["tests"].clone();
    let last = tests.as_array().and_then(|tests| tests.last()).expect("a test");
    assert_eq!(last["name"], "chained: could not be started");
    assert!(last["output"].as_str().expect("why").starts_with("no answer to chained: "), "{last}");

    let above = folder.path().join("above");
    fs::create_dir(&above).expect("it can be made");
    fs::create_dir(above.join("mine")).expect("it can be made");
    fs::rename(folder.path().join("countasync.sh"), above.join("mine/countasync.sh"))
        .expect("moved");
    let mut call = Call::new("countasync --format exercism --dir");
    call.command.arg(&above);
    let answer = call.answer();
    assert_eq!(answer.json()["status"], "error");
    let message = answer.json()["message"].to_string();
    assert!(message.contains("its answers are in folders below it: move them up, or "));
}

/// GitHub and GitLab link to the file that they checked out.
#[test]
fn annotations_and_cases_name_the_file_in_the_repository() {
    let repository = tempfile::tempdir().expect("a folder");
    let script = "print One sleep 1000 print Two print One sleep 1000 print Two
         print One sleep 1000 print Two print-time countasync";
    let quoted = crate::words(script).into_iter().map(|word| format!(" '{word}'"));
    let text = format!("# It sleeps.\nexec '{}' {}\n", crate::IMPOSTOR, quoted.collect::<String>());
    crate::write_file(&repository.path().join("src/mine.sh"), &text);
    let nasty = "\n::error::attacker\u{1b}[2J.sh";
    fs::copy(repository.path().join("src/mine.sh"), repository.path().join("src").join(nasty))
        .expect("it can be copied");
    let report_on = |name: &str, format: &str, workspace: &str| {
        let mut call = Call::new(&format!("countasync --cage off --format {format}"));
        call.command.current_dir(repository.path().join("src"));
        let workspace = repository.path().join(workspace);
        call.command.env("GITHUB_WORKSPACE", workspace).args(["--", "sh", name]);
        call.answer().stdout
    };
    let report = |format: &str, workspace: &str| report_on("mine.sh", format, workspace);
    let github = report("github", ".");
    let place = "title=countasync%3A blocking-sleep,file=src/mine.sh,line=2::";
    assert!(github.contains(&format!("::error {place}")), "{github}");
    assert!(report("junit", ".").contains("file=\"src/mine.sh\""));
    assert!(!report("github", "src/..").contains("file=/"), "only relative paths");
    assert!(!report("github", "elsewhere").contains("file="), "not in the repository");
    for format in ["github", "junit"] {
        let report = report_on(nasty, format, ".");
        assert!(!report.contains("file="), "{report}");
        assert!(!report.contains("attacker\u{1b}"), "{report}");
    }
}

#[test]
fn an_annotation_does_not_point_at_the_answer_to_another_exercise() {
    let folder = tempfile::tempdir().expect("a folder");
    let answer = "sleep 1; echo countasync executed in 1.00 seconds.";
    fs::write(folder.path().join("countasync.sh"), answer).expect("it can be written");
    fs::write(folder.path().join("countsync.sh"), "echo One").expect("it can be written");
    let mut call = Call::new("countsync --format github --dir .");
    call.command.current_dir(&folder);
    let github = call.answer().stdout;
    assert!(github.contains("countsync%3A no-reported-time,file=countsync.sh::"), "{github}");
    assert!(!github.contains("file=countasync.sh"), "{github}");
}

/// A starter, or what does not compile, loses its points at a line that its own message names.
#[test]
fn an_annotation_is_at_the_line_that_an_error_message_names() {
    let repository = tempfile::tempdir().expect("a folder");
    let root = repository.path().canonicalize().expect("a real path");
    let named = |message: &str| {
        let text = format!(
            "cat >&2 <<'end'\n{}\nend\nexit 1\n",
            message.replace("HERE", root.to_str().unwrap())
        );
        crate::write_file(&root.join("src/mine.sh"), &text);
        let mut call = Call::new("countasync --cage off --format github");
        call.command.current_dir(&root).env("GITHUB_WORKSPACE", &root);
        let report = call.command.args(["--", "sh", "src/mine.sh"]).output().expect("it starts");
        let report = String::from_utf8(report.stdout).expect("UTF-8");
        let (_, place) = report.split_once("::error title=").expect("an annotation");
        let (place, _) = place.split_once("::").expect("its message");
        place.split(',').skip(1).collect::<Vec<_>>().join(" ")
    };
    let in_line = |line: usize| format!("file=src/mine.sh line={line}");
    assert_eq!(
        named("thread 'main' panicked at src/mine.sh:7:5:\nnot written yet: src/mine.sh:7"),
        in_line(7)
    );
    let traceback =
        "Traceback (most recent call last):\n  File \"HERE/src/mine.sh\", line 9, in <module>
  File \"HERE/src/mine.sh\", line 4, in count\n  File \"/usr/lib/sleep.py\", line 2, in sleep
NameError: name 'One' is not defined";
    assert_eq!(named(traceback), in_line(4));
    assert_eq!(
        named("Error: no\n    at f (file://HERE/src/mine.sh:3:1)\n    at HERE/src/mine.sh:8:1"),
        in_line(3)
    );
    assert_eq!(named("error: /lib/mine.sh:9: no"), "file=src/mine.sh", "it is another file");
}

/// The report has taken long: it is not lost, and the exit code is that of the grade.
#[test]
fn a_report_whose_file_has_been_taken_meanwhile_goes_to_standard_output() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("inner");
    let attacks = [
        ("touch inner/report", "inner/report: this file was created while the program ran"),
        ("mv inner away; ln -s /tmp inner", "inner/report: its folder was moved or replaced"),
        ("mv inner away; mkdir inner", "inner/report: its folder was moved or replaced"),
        ("rm -r inner", "inner/report: its folder was moved or replaced"),
    ];
    for (attack, why) in attacks {
        fs::create_dir(&inner).expect("it can be made");
        let mut call = Call::new("countasync --cage off --format json --output inner/report");
        call.command.current_dir(&folder);
        call.command.args(["--", "sh", "-c", &format!("echo One; {attack}")]);
        let answer = call.answer();
        assert_eq!(answer.code, 1, "{attack}: {}", answer.stderr);
        assert_eq!(answer.json()["verdict"], "points-lost", "{attack}");
        assert!(answer.stderr.starts_with("checker: --output inner/report: "), "{}", answer.stderr);
        assert!(answer.stderr.contains(why), "{attack}: {}", answer.stderr);
        assert_eq!(answer.stderr.lines().count(), 1, "{attack}: {}", answer.stderr);
        let left = fs::read_dir(&inner).map_or(0, |entries| {
            entries.flatten().filter(|entry| entry.file_name() != "report").count()
        });
        assert!(left == 0 || inner.is_symlink(), "{attack}: {left} files are left");
        for name in ["inner", "away"] {
            let path = folder.path().join(name);
            let _ = fs::remove_file(&path);
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// A report that has nowhere to go is refused before the program runs, not after.
#[test]
fn an_output_that_cannot_be_written_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let dangling = folder.path().join("link");
    std::os::unix::fs::symlink("nowhere", &dangling).expect("a link");
    for output in [folder.path().join("no-folder/report"), dangling, folder.path().to_owned()] {
        let ran = folder.path().join("ran");
        let mut call = Call::new("countasync --output");
        call.command.arg(&output).args(["--", "touch"]).arg(&ran);
        let answer = call.answer();
        assert_eq!((answer.code, &*answer.stdout), (2, ""), "{}", output.display());
        assert!(answer.stderr.starts_with("checker: --output "), "{}", answer.stderr);
        assert_eq!(answer.stderr.lines().count(), 1, "{}", answer.stderr);
        assert!(!ran.exists(), "{}", output.display());
    }
}
