//! A program gets nothing of what the checker was started with.

use crate::attack::Attack;
use crate::files::nothing_is_told;

pub const ALL: &[Attack] = &[
    Attack::new("files", "looks for tokens in its environment", "print_environment.py", |stage| {
        stage.aim(&[]);
        nothing_is_told(stage)
    }),
    Attack::new("files", "reads what the checker has open", "read_open_files.py", |stage| {
        stage.aim(&[]);
        nothing_is_told(stage)
    }),
];
