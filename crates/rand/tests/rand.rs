//! The real program: what it prints and when, compared with transcripts of CPython 3.11 running the
//! original; its command line; and how it ends.

use common::testing::{Run, ends_quietly, explains_itself, refuses, runs_like_cpython};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rand");

#[test]
fn runs_like_the_original() {
    let default = include_str!("transcripts/default.txt");
    let seconds = &[0, 0, 0, 0, 0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12, 12, 12];
    let forced: &[_] = &[("CLICOLOR_FORCE", "1")];
    runs_like_cpython(
        PROGRAM,
        &[
            Run { arguments: &[], environment: &[], transcript: default, seconds },
            Run { arguments: &[], environment: forced, transcript: default, seconds },
            Run {
                arguments: &["--seed", "444"],
                environment: &[("NO_COLOR", "1")],
                transcript: default,
                seconds,
            },
            Run {
                arguments: &["--seed=42"],
                environment: forced,
                transcript: include_str!("transcripts/seed-42.txt"),
                seconds: &[0, 0, 0, 0, 0, 0, 2, 3, 4, 6, 6, 8, 9, 9, 9],
            },
        ],
    );
}

#[test]
fn names_a_bad_argument_and_the_fix() {
    refuses(
        PROGRAM,
        &[
            (&["7"], "'7'"),
            (&[""], "''"),
            (&["--seed", "x"], "--seed 'x'"),
            (&["--seed", "-1"], "--seed '-1'"),
            (&["--seed", "2.5"], "--seed '2.5'"),
            (&["--seed", "18446744073709551616"], "--seed '18446744073709551616'"),
            (&["--seed", ""], "--seed ''"),
            (&["--seed"], "--seed"),
            (&["--frob"], "'--frob'"),
            (&["-x"], "'-x'"),
        ],
    );
}

#[test]
fn help_and_version() {
    explains_itself(PROGRAM, "rand", env!("CARGO_PKG_VERSION"));
}

#[test]
fn ends_quietly_on_a_closed_pipe_and_ctrl_c() {
    ends_quietly(PROGRAM);
}
