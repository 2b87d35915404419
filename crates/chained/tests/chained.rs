//! The real program: what it prints and when, compared with transcripts of CPython 3.11 running the
//! original; its command line; and how it ends.

use common::testing::{Run, ends_quietly, explains_itself, refuses, runs_like_cpython};

const PROGRAM: &str = env!("CARGO_BIN_EXE_chained");

#[test]
fn runs_like_the_original() {
    let default = include_str!("transcripts/default.txt");
    let seconds = &[0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 8, 8, 11, 11, 11];
    runs_like_cpython(
        PROGRAM,
        &[
            Run { arguments: &[], environment: &[], transcript: default, seconds },
            Run { arguments: &["1", "2", "3"], environment: &[], transcript: default, seconds },
            Run {
                arguments: &["7", "-3", "0", "7"],
                environment: &[],
                transcript: include_str!("transcripts/repeated.txt"),
                seconds: &[0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 7, 7, 8, 8, 8, 8, 12, 12, 12],
            },
            // With this seed no two chains wake in the same second after different sleeps: their
            // order would be a matter of milliseconds, and a busy machine could swap them.
            Run {
                arguments: &["--seed", "167", "5", "9223372036854775807", "-9223372036854775808"],
                environment: &[],
                transcript: include_str!("transcripts/seed-167.txt"),
                seconds: &[0, 0, 0, 1, 1, 3, 3, 5, 5, 6, 6, 7, 7, 8, 8, 8],
            },
            Run {
                arguments: &["--seed", "18446744073709551615", "--", "8"],
                environment: &[],
                transcript: include_str!("transcripts/largest-seed.txt"),
                seconds: &[0, 0, 0, 3, 3, 3],
            },
        ],
    );
}

#[test]
fn names_a_bad_argument_and_the_fix() {
    refuses(
        PROGRAM,
        &[
            (&["x"], "'x'"),
            (&["2.5"], "'2.5'"),
            (&["99999999999999999999"], "'99999999999999999999'"),
            (&[""], "''"),
            (&["-99999999999999999999"], "'-99999999999999999999'"),
            (&["-2.5"], "'-2.5'"),
            (&["9223372036854775808"], "'9223372036854775808'"),
            (&["1", "x\n", "3"], "'x\\n'"),
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
    explains_itself(PROGRAM, "chained", env!("CARGO_PKG_VERSION"));
}

#[test]
fn ends_quietly_on_a_closed_pipe_and_ctrl_c() {
    ends_quietly(PROGRAM);
}
