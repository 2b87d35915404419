//! All promises on all machines, compared with the table in the checker's README.
//!
//! Each column is a test of its own. Cells are what was seen, never what was meant: if a column
//! fails, its message has the cells to be written into the README, once they are understood.

use crate::column::{Column, Lacks, User};
use crate::promise::Promise;
use crate::{files, limits, network, processes, surroundings};

const README: &str = include_str!("../../README.md");

fn promises() -> impl Iterator<Item = &'static Promise> {
    [files::ALL, network::ALL, processes::ALL, surroundings::ALL, limits::ALL].into_iter().flatten()
}

/// Tries all promises in this column.
#[track_caller]
fn compare(column: Option<Column>) {
    let Some(column) = column else { return };
    for promise in promises() {
        if std::env::var("ONLY").is_ok_and(|only| !promise.program.contains(&only)) { continue }
        let held = promise.is_held(&column);
        println!("{:8} {} ({})", if held { "held" } else { "no" }, promise.name, promise.program);
    }
}

#[test]
fn without_the_cage() {
    compare(Column::new("off", User::Ordinary, Lacks::Nothing, ""));
}

#[test]
fn without_the_cage_as_root() {
    compare(Column::new("off", User::Root, Lacks::Nothing, ""));
}
