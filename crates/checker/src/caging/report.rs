//! The cage in words: a line of a report, what is not covered, and all that this machine has.

use cage::held::{Held, Hold, Layer};
use cage::{Layers, Part};
use nix::unistd::geteuid;
use std::fmt::Write;

/// Each part of the cage, and what it promises of a program.
const PARTS: [(Part, &str, &str); 4] = [
    (Part::Files, "files", "reads only what it needs, writes only to its private folder"),
    (Part::Network, "network", "reaches no network, and no socket outside"),
    (Part::Processes, "processes", "reaches no process outside"),
    (Part::Limits, "limits", "takes no more of the machine than its limits"),
];

/// Each layer, and what it does to a program.
const LAYERS: [(Layer, &str, &str); 4] = [
    (Layer::Namespaces, "namespaces", "it sees only files, processes and a network of its own"),
    (Layer::Landlock, "Landlock", "the kernel refuses it other files, TCP, and signals to others"),
    (Layer::Filter, "filter", "the kernel blocks certain system calls (seccomp)"),
    (
        Layer::Counting,
        "counting",
        "the kernel counts what it takes, and the checker polls, about 20 to 30 times a second",
    ),
];

const NO_CAGE: &str = "there is no cage on this system: only Linux has what it is made of";

/// How to get a layer that this machine does not have.
fn remedy(layer: Layer) -> &'static str {
    match layer {
        Layer::Namespaces if geteuid().is_root() => {
            "start the container with --cap-add SYS_ADMIN and a seccomp profile that allows mount and \
             unshare"
        }
        Layer::Namespaces => {
            "run the checker as root, or allow user namespaces, on Ubuntu with: \
             sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        }
        Layer::Landlock => "use Linux 5.13 or newer, with landlock in its boot option lsm=",
        Layer::Filter => "use a kernel with CONFIG_SECCOMP_FILTER",
        Layer::Counting => "use Linux",
    }
}

/// Whether this is one of the layers.
fn is_used(Layers { namespaces, landlock, filter }: Layers, layer: Layer) -> bool {
    match layer {
        Layer::Namespaces => namespaces,
        Layer::Landlock => landlock,
        Layer::Filter => filter,
        Layer::Counting => cfg!(target_os = "linux"),
    }
}

/// Why there are no namespaces, in words that go on after "it needs namespaces".
#[must_use]
pub fn why_no_namespaces() -> String {
    match Layers::offered().namespaces {
        true => ", which --cage-without leaves out".into(),
        false => format!(": to get them, {}", remedy(Layer::Namespaces)),
    }
}

/// What was covered, in one line; with `verbose`, also by which layers.
#[must_use]
pub fn line(held: Option<&Held>, verbose: bool) -> String {
    const NAMES: &str = "files, network or processes";
    match held {
        None => "NOT in a cage: programs ran with your own permissions".into(),
        Some(held) if !is_cage(held) => {
            format!("NOT in a cage: nothing here covers {NAMES}; see --cage-report")
        }
        Some(held) => format!("in a cage: {}", covered(held, verbose)),
    }
}

/// Whether it covers more than limits, at least in part.
#[must_use]
pub fn is_cage(held: &Held) -> bool {
    [Part::Files, Part::Network, Part::Processes].iter().any(|part| !held.part(*part).by.is_empty())
}

fn covered(held: &Held, verbose: bool) -> String {
    let parts = PARTS.map(|(part, name, _)| {
        let hold = held.part(part);
        let is_by = |(layer, ..): &&(Layer, &str, &str)| hold.by.contains(layer);
        let by: Vec<_> = LAYERS.iter().filter(is_by).map(|(_, layer, _)| *layer).collect();
        let mut notes = Vec::new();
        if verbose && !by.is_empty() {
            notes.push(by.join(", "));
        }
        match &hold.except[..] {
            _ if by.is_empty() => notes.push("not covered".into()),
            [] => {}
            except => notes.push(format!("not {}", except.join(", "))),
        }
        if notes.is_empty() { name.into() } else { format!("{name} ({})", notes.join("; ")) }
    });
    parts.join(", ")
}

/// Why a layer is not among those that are used, and how to get it.
fn absence(layer: Layer) -> String {
    if is_used(Layers::offered(), layer) {
        return "left out by --cage-without".into();
    }
    let them = if layer == Layer::Namespaces { "them" } else { "it" };
    format!("to get {them}, {}", remedy(layer))
}

/// The parts that these layers leave open, at least in part, and how to get more layers; `None` if
/// they cover everything.
#[must_use]
pub fn lacking(layers: Layers) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some(NO_CAGE.into());
    }
    let held = layers.held();
    let parts = PARTS.iter().filter(|(part, ..)| held.missing().any(|missing| missing == *part));
    let parts = parts.map(|(part, name, _)| match held.part(*part) {
        Hold { by, .. } if by.is_empty() => (*name).to_owned(),
        Hold { except, .. } => format!("{name} ({})", except.join(", ")),
    });
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() {
        return None;
    }
    let absent = LAYERS.iter().filter(|(layer, ..)| !is_used(layers, *layer));
    let remedies = absent.map(|(layer, name, _)| format!("; no {name}: {}", absence(*layer)));
    Some(format!("not covered here: {}{}", parts.join(", "), remedies.collect::<String>()))
}

/// What the cage promises, which layers cover that on this machine, and what these do.
#[must_use]
pub fn describe(layers: Layers) -> String {
    if !cfg!(target_os = "linux") {
        return format!("{NO_CAGE}.\n");
    }
    let mut text = String::new();
    write_promises(&mut text, &layers.held()).expect("a string takes all");
    write_layers(&mut text, layers).expect("a string takes all");
    text + &verdict(&layers.held())
}

fn verdict(held: &Held) -> String {
    let is_missing = |part| held.missing().any(|missing| missing == part);
    let missing = PARTS.iter().filter(|(part, ..)| is_missing(*part));
    let missing: Vec<_> = missing.map(|(_, name, _)| *name).collect();
    match &missing[..] {
        [] => "\nEverything is covered: --cage require will work here.\n".into(),
        some => {
            format!(
                "\nNot covered, or not wholly: {}. --cage require will refuse to run.\n",
                some.join(", ")
            )
        }
    }
}

fn write_promises(text: &mut String, held: &Held) -> std::fmt::Result {
    writeln!(text, "A program in the cage")?;
    for (_, name, promise) in PARTS {
        writeln!(text, "  {name:11}{promise}")?;
    }
    write!(text, "\nCovered by   ")?;
    for (_, name, _) in LAYERS {
        write!(text, "{name:12}")?;
    }
    writeln!(text)?;
    for (part, name, _) in PARTS {
        let hold = held.part(part);
        write!(text, "  {name:11}")?;
        for (layer, ..) in LAYERS {
            write!(text, "{:12}", if hold.by.contains(&layer) { "yes" } else { "-" })?;
        }
        writeln!(text)?;
        if !hold.except.is_empty() {
            writeln!(text, "  {:11}not covered: {}", "", hold.except.join(", "))?;
        }
    }
    Ok(())
}

fn write_layers(text: &mut String, layers: Layers) -> std::fmt::Result {
    writeln!(text, "\nLayers on this machine")?;
    for (layer, name, what) in LAYERS {
        let is_used = is_used(layers, layer);
        let is_left_out = !is_used && self::is_used(Layers::offered(), layer);
        let state = match is_used {
            true => "yes",
            false if is_left_out => "left out",
            false => "no",
        };
        writeln!(text, "  {name:11}{state:12}{what}")?;
        if !is_used && !is_left_out {
            writeln!(text, "  {:11}{}", "", absence(layer))?;
        }
    }
    Ok(())
}
