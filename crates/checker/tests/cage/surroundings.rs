//! A program gets nothing of what the checker was started with.

use crate::files::nothing_is_told;
use crate::promise::Promise;

pub const ALL: &[Promise] = &[
    Promise::new("sees no token in its environment", "print_environment.py", |stage| {
        stage.aim(&[]);
        nothing_is_told(stage)
    }),
    Promise::new("has none of the checker's files open", "read_open_files.py", |stage| {
        stage.aim(&[]);
        nothing_is_told(stage)
    }),
];
