//! What holds programs, in words: a line of a report, what is lacking, and all that this machine has.

use cage::held::{Held, Hold, Layer};
use cage::{Layers, Part};
use std::fmt::Write;

/// Each part of the cage, and what it promises.
const PARTS: [(Part, &str, &str); 4] = [
    (Part::Files, "files", "it reads what it needs, and writes to a folder of its own"),
    (Part::Network, "network", "it reaches no network and no socket outside"),
    (Part::Processes, "processes", "it reaches no process outside"),
    (Part::Limits, "limits", "it takes no more of the machine than it may"),
];

/// What may hold a program, and what that is.
const LAYERS: [(Layer, &str, &str); 4] = [
    (Layer::Namespaces, "namespaces", "it sees files, processes and a network of its own only"),
    (Layer::Landlock, "Landlock", "the kernel refuses files, TCP and signals to others"),
    (Layer::Filter, "filter", "the kernel refuses whole system calls (seccomp)"),
    (Layer::Limits, "counts", "the kernel counts, and the checker 20 to 50 times a second"),
];

const NO_CAGE: &str = "there is no cage on this system: it is made of what only Linux has";

/// What to do so that a system offers a layer.
fn remedy(layer: Layer) -> &'static str {
    match layer {
        Layer::Namespaces => {
            "check as root, or allow user namespaces: on Ubuntu by \
             sysctl kernel.apparmor_restrict_unprivileged_userns=0, in Docker by --privileged"
        }
        Layer::Landlock => "use Linux 5.13 or newer, with landlock in the kernel option lsm=",
        Layer::Filter => "use a kernel with CONFIG_SECCOMP_FILTER",
        Layer::Limits => "use Linux",
    }
}

/// Whether this is one of the layers.
fn is_used(Layers { namespaces, landlock, filter }: Layers, layer: Layer) -> bool {
    match layer {
        Layer::Namespaces => namespaces,
        Layer::Landlock => landlock,
        Layer::Filter => filter,
        Layer::Limits => cfg!(target_os = "linux"),
    }
}

/// What holds programs, in one line.
#[must_use]
pub fn line(held: &Held) -> String {
    let parts = PARTS.map(|(part, name, _)| {
        let hold = held.part(part);
        let is_by = |(layer, ..): &&(Layer, &str, &str)| hold.by.contains(layer);
        let by: Vec<_> = LAYERS.iter().filter(is_by).map(|(_, layer, _)| *layer).collect();
        match (&by[..], &hold.except[..]) {
            ([], _) => format!("{name} (not held)"),
            (by, []) => format!("{name} ({})", by.join(", ")),
            (by, except) => format!("{name} ({}; not {})", by.join(", "), except.join(", ")),
        }
    });
    parts.join(", ")
}

/// The first promise that these do not hold wholly, with what would; `None` if they hold all.
#[must_use]
pub fn lacking(layers: Layers) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some(NO_CAGE.into());
    }
    let held = layers.held();
    let missing = held.missing().next()?;
    let (_, name, _) = PARTS.iter().find(|(part, ..)| *part == missing)?;
    let problem = match held.part(missing) {
        Hold { by, .. } if by.is_empty() => format!("{name} are not held here"),
        Hold { except, .. } => format!("{name} are not wholly held here: {}", except.join(", ")),
    };
    let absent = LAYERS.iter().filter(|(layer, ..)| !is_used(layers, *layer));
    let remedies = absent.map(|(layer, name, _)| format!("; for {name}, {}", remedy(*layer)));
    Some(problem + &remedies.collect::<String>())
}

/// What this machine has: the promises, what holds each of them, and what that is.
#[must_use]
pub fn describe(layers: Layers) -> String {
    if !cfg!(target_os = "linux") {
        return format!("{NO_CAGE}.\n");
    }
    let mut text = String::new();
    write_promises(&mut text, &layers.held()).expect("a string takes all");
    write_layers(&mut text, layers).expect("a string takes all");
    text
}

fn write_promises(text: &mut String, held: &Held) -> std::fmt::Result {
    write!(text, "Held by:     ")?;
    for (_, name, _) in LAYERS {
        write!(text, "{name:12}")?;
    }
    writeln!(text)?;
    for (part, name, promise) in PARTS {
        let hold = held.part(part);
        write!(text, "  {name:11}")?;
        for (layer, ..) in LAYERS {
            write!(text, "{:12}", if hold.by.contains(&layer) { "yes" } else { "-" })?;
        }
        writeln!(text, "{promise}")?;
        if !hold.except.is_empty() {
            writeln!(text, "  {:11}not held: {}", "", hold.except.join(", "))?;
        }
    }
    Ok(())
}

fn write_layers(text: &mut String, layers: Layers) -> std::fmt::Result {
    writeln!(text, "\nOn this machine:")?;
    for (layer, name, what) in LAYERS {
        let is_used = is_used(layers, layer);
        writeln!(text, "  {name:11}{:12}{what}", if is_used { "yes" } else { "no" })?;
        if !is_used {
            writeln!(text, "  {:11}to get it, {}", "", remedy(layer))?;
        }
    }
    Ok(())
}
