//! What holds programs, in words: one line of a report, what is lacking, and a table of it all.

use cage::held::{Held, Hold};
use cage::{Layers, Part};

/// Each part of the cage, and what it promises.
const PARTS: [(Part, &str, &str); 4] = [
    (Part::Files, "files", "it reads what it needs, and writes to a folder of its own"),
    (Part::Network, "network", "it reaches no network and no socket outside"),
    (Part::Processes, "processes", "it reaches no process outside"),
    (Part::Limits, "limits", "it takes no more of the machine than it may"),
];

/// What may hold a program: its name, what it is, and how to get it.
const LAYERS: [(&str, &str, &str); 3] = [
    (
        "namespaces",
        "the program sees files, processes and a network of its own, and nothing else",
        "check as root, or allow user namespaces: on Ubuntu by sysctl \
         kernel.apparmor_restrict_unprivileged_userns=0, in Docker by --privileged",
    ),
    (
        "Landlock",
        "the kernel refuses files, TCP, signals and sockets that are not allowed",
        "use Linux 5.13 or newer with landlock in the kernel option lsm=",
    ),
    (
        "filter",
        "the kernel refuses whole system calls (seccomp)",
        "use a kernel with CONFIG_SECCOMP_FILTER, and a container that allows the call seccomp",
    ),
];

/// What holds programs, in one line.
#[must_use]
pub fn line(held: &Held) -> String {
    let part = |(part, name, _): &(Part, &str, &str)| {
        let hold = held.part(*part);
        match (&hold.by[..], &hold.except[..]) {
            ([], _) => format!("{name} not held"),
            (_, []) => format!("{name} by {}", by(hold)),
            (_, except) => format!("{name} by {}, except {}", by(hold), except.join(", ")),
        }
    };
    PARTS.iter().map(part).collect::<Vec<_>>().join("; ")
}

fn by(hold: &Hold) -> String {
    let names: Vec<_> = hold.by.iter().map(ToString::to_string).collect();
    match &names[..] {
        [] => "nothing".into(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first promise that these do not hold wholly, with what would; `None` if there is none.
#[must_use]
pub fn lacking(layers: Layers) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some(format!("{NO_CAGE}; leave it out"));
    }
    let held = layers.held();
    let missing = held.missing().next()?;
    let (_, name, _) = PARTS.iter().find(|(part, ..)| *part == missing)?;
    let hold = held.part(missing);
    let what = match &hold.except[..] {
        [] => String::new(),
        except => format!(" ({})", except.join(", ")),
    };
    let fixes = absent(layers).map(|(name, _, fix)| format!("for {name}, {fix}"));
    let fixes = fixes.collect::<Vec<_>>().join("; ");
    Some(format!("{name} are not wholly held here{what}: {fixes}"))
}

/// What is not used of what may hold a program.
fn absent(layers: Layers) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    used(layers).into_iter().zip(LAYERS).filter_map(|(used, layer)| (!used).then_some(layer))
}

fn used(Layers { namespaces, landlock, filter }: Layers) -> [bool; 3] {
    [namespaces, landlock, filter]
}

const NO_CAGE: &str = "there is no cage on this system: it is made of what only Linux has";

/// What there is on this machine: a table of the promises and what holds them, and one of what that
/// is.
#[must_use]
pub fn describe(layers: Layers) -> String {
    if !cfg!(target_os = "linux") {
        return format!("{NO_CAGE}.\n");
    }
    let held = layers.held();
    let mut text = String::from("A program in the cage:\n");
    for (part, name, promise) in PARTS {
        let hold = held.part(part);
        text += &format!("  {name:10}  {promise}\n");
        text += &format!("  {:10}  held by {}\n", "", by(hold));
        if !hold.except.is_empty() {
            text += &format!("  {:10}  not held: {}\n", "", hold.except.join(", "));
        }
    }
    text += "\nWhat holds it:\n";
    for (is_used, (name, what, fix)) in used(layers).into_iter().zip(LAYERS) {
        let used = if is_used { "yes" } else { "no" };
        text += &format!("  {name:10}  {used:3}  {what}\n");
        if !is_used {
            text += &format!("  {:15}  to get it: {fix}\n", "");
        }
    }
    text += &format!(
        "  {:10}  yes  the kernel counts some, the checker the rest: 20 to 50 times a second\n",
        "limits"
    );
    text
}
