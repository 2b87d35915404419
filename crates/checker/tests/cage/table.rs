//! All attacks on all machines, compared with the table in the checker's README, so that neither
//! can change without the other.
//!
//! Each column is a test of its own, and each cell is what was seen. A cell that is
//! not as in the README fails the column: once it is understood, write it there.

use crate::attack::Attack;
use crate::machine::{Lacks, Machine, User, offers_all_layers};
use crate::{files, limits, network, processes, surroundings};
use std::collections::BTreeMap;

const README: &str = include_str!("../../README.md");

/// The first cell of the table.
const CORNER: &str = "in a cage, a program that";

fn attacks() -> impl Iterator<Item = &'static Attack> {
    [files::ALL, network::ALL, processes::ALL, surroundings::ALL, limits::ALL].into_iter().flatten()
}

/// The rows of the table, each with all its cells.
fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    let cells = |row: &'static str| row.split('|').map(str::trim).skip(1).collect::<Vec<_>>();
    let lines = README.lines().map(cells);
    let table = lines.skip_while(|cells| cells.first() != Some(&CORNER));
    table.take_while(|cells| !cells.is_empty())
}

/// A column of the table: for each attack, whether it is held.
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

/// Tries these attacks on this machine: they are held as this column of the README says. Returns how
/// many have been tried.
#[track_caller]
fn try_attacks<'a>(
    attacks: impl Iterator<Item = &'a Attack>,
    name: &'static str,
    machine: &Machine,
) -> usize {
    let expected = column(name);
    let (mut tried, mut differences) = (0, Vec::new());
    for attack in attacks {
        let (held, seen) = attack.is_held(machine);
        tried += 1;
        if expected.get(attack.name) != Some(&held) {
            let held = if held { "held" } else { "no" };
            differences.push(format!("{}: {held}, {seen}", attack.name));
        }
    }
    assert!(differences.is_empty(), "{name}, seen otherwise:\n{}", differences.join("\n"));
    tried
}

/// A machine, if the tests can show it: for some, only root can.
fn machine(user: User, lacks: Lacks, options: &'static str) -> Option<Machine> {
    if user == User::Root && !rustix::process::geteuid().is_root() {
        eprintln!("not tried: what programs of root can do; root has to run the tests");
        return None;
    }
    if !offers_all_layers() {
        eprintln!("not tried: this kernel does not offer all that the README's table is about");
        return None;
    }
    Some(Machine::new(user, lacks, options))
}

/// This machine is what a column is about: tries all attacks.
#[track_caller]
fn compare(name: &'static str, user: User, lacks: Lacks, options: &'static str) {
    let Some(machine) = machine(user, lacks, options) else { return };
    let tried = try_attacks(attacks(), name, &machine);
    assert_eq!(tried, column(name).len(), "the README has rows that nobody tries");
}

/// This machine is like the one that a column is about: tries what the checker has no part in.
#[track_caller]
fn is_like(name: &'static str, user: User, lacks: Lacks, options: &'static str) {
    let Some(machine) = machine(user, lacks, options) else { return };
    try_attacks(attacks().filter(|attack| !attack.depends_on_clock), name, &machine);
}

const ROOT: &str = "as root";
const ORDINARY: &str = "as a user";
const ROOT_IN_DOCKER: &str = "in Docker, as root";
const ORDINARY_IN_DOCKER: &str = "in Docker, as a user";
const NO_LANDLOCK: &str = "no Landlock";
const NO_FILTER: &str = "no filter";
const ONLY_FILTER: &str = "only the filter";
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
    is_like(ORDINARY_IN_DOCKER, User::Ordinary, Lacks::Mounts, "");
}

#[test]
fn without_namespaces() {
    is_like(ORDINARY_IN_DOCKER, User::Ordinary, Lacks::Nothing, "--cage-without namespaces");
}

#[test]
fn on_a_kernel_without_landlock() {
    compare(NO_LANDLOCK, User::Ordinary, Lacks::Landlock, "");
}

#[test]
fn without_landlock() {
    is_like(NO_LANDLOCK, User::Ordinary, Lacks::Nothing, "--cage-without landlock");
}

/// As on an old kernel in a container.
#[test]
fn with_the_filter_only() {
    compare(ONLY_FILTER, User::Ordinary, Lacks::Namespaces, "--cage-without landlock");
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
