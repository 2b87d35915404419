//! All promises on all machines, compared with the table in the checker's README, so that neither
//! can change without the other.
//!
//! Each column is a test of its own, and each cell is what was seen, on both clocks. A cell that is
//! not as in the README fails the column: once it is understood, write it there.

use crate::column::{Column, Lacks, User, offers_all_layers};
use crate::promise::Promise;
use crate::{files, limits, network, processes, surroundings};
use std::collections::BTreeMap;

const README: &str = include_str!("../../README.md");

/// The first cell of the table.
const CORNER: &str = "a program";

fn promises() -> impl Iterator<Item = &'static Promise> {
    [files::ALL, network::ALL, processes::ALL, surroundings::ALL, limits::ALL].into_iter().flatten()
}

/// The rows of the table, each with all its cells.
fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    let cells = |row: &'static str| row.split('|').map(str::trim).skip(1).collect::<Vec<_>>();
    let lines = README.lines().map(cells);
    let table = lines.skip_while(|cells| cells.first() != Some(&CORNER));
    table.take_while(|cells| !cells.is_empty())
}

/// A column of the table: for each promise, whether it is held.
fn column(name: &str) -> BTreeMap<&'static str, bool> {
    let header = rows().next().expect("the README has the table");
    let place = header.iter().position(|cell| *cell == name);
    let place = place.unwrap_or_else(|| panic!("the README's table has no column {name}"));
    let cell = |row: Vec<&'static str>| match row[place] {
        "held" => (row[0], true),
        "no" => (row[0], false),
        other => panic!("{}, {name}: {other} is neither held nor no", row[0]),
    };
    // After the header and the line below it.
    rows().skip(2).map(cell).collect()
}

/// Tries all promises on this machine: they are held as this column of the README says.
#[track_caller]
fn compare(name: &'static str, user: User, lacks: Lacks, options: &'static str) {
    let machine = format!("{name} {options}");
    if user == User::Root && !rustix::process::geteuid().is_root() {
        eprintln!("not tried: {machine}: root runs the tests of it");
        return;
    }
    if !offers_all_layers() {
        eprintln!("not tried: {machine}: this kernel does not offer all layers");
        return;
    }
    let expected = column(name);
    let machine = Column::new(user, lacks, options);
    let seen = promises().map(|promise| (promise.name, promise.is_held(&machine)));
    let seen: BTreeMap<_, _> = seen.collect();
    let other = |(name, held): (&&str, &bool)| {
        (expected.get(name) != Some(held)).then(|| format!("{name}: {held}"))
    };
    let differences: Vec<_> = seen.iter().filter_map(other).collect();
    assert!(differences.is_empty(), "{name} {options}, seen otherwise: {differences:#?}");
    assert_eq!(seen.len(), expected.len(), "the README has rows that nobody tries");
}

const ROOT: &str = "as root";
const ORDINARY: &str = "as a user";
const ROOT_IN_DOCKER: &str = "in Docker, as root";
const ORDINARY_IN_DOCKER: &str = "in Docker, as a user";
const NO_LANDLOCK: &str = "no Landlock";
const NO_FILTER: &str = "no filter";
const OFF_AS_ROOT: &str = "no cage, as root";
const OFF: &str = "no cage, as a user";

#[test]
fn as_root() {
    compare(ROOT, User::Root, Lacks::Nothing, "");
}

#[test]
fn as_an_ordinary_user() {
    compare(ORDINARY, User::Ordinary, Lacks::Nothing, "");
}

#[test]
fn in_a_container_as_root() {
    compare(ROOT_IN_DOCKER, User::Root, Lacks::Namespaces, "");
}

#[test]
fn in_a_container() {
    compare(ORDINARY_IN_DOCKER, User::Ordinary, Lacks::Namespaces, "");
}

#[test]
fn where_nothing_can_be_mounted() {
    compare(ORDINARY_IN_DOCKER, User::Ordinary, Lacks::Mounts, "");
}

#[test]
fn without_namespaces() {
    compare(ORDINARY_IN_DOCKER, User::Ordinary, Lacks::Nothing, "--cage-without namespaces");
}

#[test]
fn on_a_kernel_without_landlock() {
    compare(NO_LANDLOCK, User::Ordinary, Lacks::Landlock, "");
}

#[test]
fn without_landlock() {
    compare(NO_LANDLOCK, User::Ordinary, Lacks::Nothing, "--cage-without landlock");
}

#[test]
fn without_the_filter() {
    compare(NO_FILTER, User::Ordinary, Lacks::Nothing, "--cage-without filter");
}

/// Each program can do what it tries: what still holds then is held by something else.
#[test]
fn without_a_cage_as_root() {
    compare(OFF_AS_ROOT, User::Root, Lacks::Nothing, "--cage off");
}

#[test]
fn without_a_cage() {
    compare(OFF, User::Ordinary, Lacks::Nothing, "--cage off");
}
