//! The real program: what it prints and when, compared with transcripts of CPython 3.11 running the
//! original; its command line; and how it ends.

use common::testing::{Run, ends_quietly, explains_itself, refuses, runs_like_cpython};

const PROGRAM: &str = env!("CARGO_BIN_EXE_countsync");

#[test]
fn runs_like_the_original() {
    let default = include_str!("transcripts/default.txt");
    runs_like_cpython(
        PROGRAM,
        &[Run {
            arguments: &[],
            environment: &[],
            transcript: default,
            seconds: &[0, 1, 1, 2, 2, 3, 3],
        }],
    );
}

#[test]
fn names_a_bad_argument_and_the_fix() {
    refuses(
        PROGRAM,
        &[
            (&["x"], "'x'"),
            (&[""], "''"),
            (&["--seed", "1"], "'--seed'"),
            (&["--frob"], "'--frob'"),
            (&["-x"], "'-x'"),
        ],
    );
}

#[test]
fn help_and_version() {
    explains_itself(PROGRAM, "countsync", env!("CARGO_PKG_VERSION"));
}

#[test]
fn ends_quietly_on_a_closed_pipe_and_ctrl_c() {
    ends_quietly(PROGRAM);
}
