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
    compare(Column::new("off", User::Ordinary, Lacks::Nothing, "--cage off"));
}

#[test]
fn without_the_cage_as_root() {
    compare(Column::new("off", User::Root, Lacks::Nothing, "--cage off"));
}
#[test]
fn root() { compare(Column::new("root", User::Root, Lacks::Nothing, "")); }
#[test]
fn user() { compare(Column::new("user", User::Ordinary, Lacks::Nothing, "")); }
#[test]
fn docker_root() { compare(Column::new("docker root", User::Root, Lacks::Namespaces, "")); }
#[test]
fn docker_user() { compare(Column::new("docker user", User::Ordinary, Lacks::Namespaces, "")); }
#[test]
fn without_landlock() { compare(Column::new("no landlock", User::Ordinary, Lacks::Landlock, "")); }
#[test]
fn without_mounts() { compare(Column::new("no mounts", User::Ordinary, Lacks::Mounts, "")); }
#[test]
fn without_layer_namespaces() { compare(Column::new("-namespaces", User::Ordinary, Lacks::Nothing, "--cage-without namespaces")); }
#[test]
fn without_layer_landlock() { compare(Column::new("-landlock", User::Ordinary, Lacks::Nothing, "--cage-without landlock")); }
#[test]
fn without_layer_filter() { compare(Column::new("-filter", User::Ordinary, Lacks::Nothing, "--cage-without filter")); }
