//! The package for GitLab: its job is carried out as a runner would.

use crate::answers::{FORGES_COMMANDS, RIGHT};
use crate::{stderr, stdout, write_file, written};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::tempdir;

/// Carries out the job in a repository with this answer to countasync.
fn run(repository: &Path, answer: &str) -> (Output, Value) {
    written("gitlab countasync", repository);
    write_file(&repository.join("countasync.py"), answer);
    let text = fs::read_to_string(repository.join(".gitlab/check/job.yml")).expect("it is there");
    let file: Value = serde_saphyr::from_str(&text).expect("it is YAML");
    let job = &file["check"];
    let script = job["script"].as_array().expect("a list").iter();
    let script: Vec<_> = script.map(|command| command.as_str().expect("a command")).collect();
    let mut shell = Command::new("sh");
    shell.args(["-ec", &script.join("\n")]).current_dir(repository);
    for (name, value) in job["variables"].as_object().expect("variables") {
        shell.env(name, value.as_str().expect("a text"));
    }
    // It is tested elsewhere that programs run nowhere without a cage that is required.
    shell.env("CAGE", "auto");
    (shell.output().expect("sh"), job.clone())
}

#[test]
fn the_job_keeps_its_report_and_is_red_if_points_were_lost() {
    for (answer, code) in [(RIGHT, 0), (FORGES_COMMANDS, 1)] {
        let repository = tempdir().expect("a folder");
        write_file(&repository.path().join("check.xml"), "forged");
        let (output, job) = run(repository.path(), answer);
        assert_eq!(output.status.code(), Some(code), "{}{}", stdout(&output), stderr(&output));
        let artifacts = &job["artifacts"];
        assert_eq!(artifacts["when"], "always");
        assert_eq!(artifacts["paths"], Value::from(vec![artifacts["reports"]["junit"].clone()]));
        let report = artifacts["reports"]["junit"].as_str().expect("a path");
        let report = fs::read_to_string(repository.path().join(report)).expect("it is there");
        assert!(report.starts_with("<?xml "), "{report}");
        assert_eq!(report.contains("<failure"), code == 1, "{report}");
        // A section would begin after such a line.
        assert!(!stdout(&output).contains("\x1b[0Ksection_"), "{}", stdout(&output));
        assert_eq!(job["variables"]["CAGE"], "require");
        // This is the exit code of what could not be judged.
        assert_eq!(job["allow_failure"]["exit_codes"], 3);
    }
}
