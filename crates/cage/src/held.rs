//! Which promises are held, and by which layers.

use crate::{Layers, Part};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What holds each promise of a cage on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Held(pub BTreeMap<Part, Hold>);

/// What holds one promise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Each of these holds the promise, or at least a part of it.
    pub by: Vec<Layer>,
    /// What none of them holds, in words that go on after "not".
    pub except: Vec<String>,
}

/// A layer of a cage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    Namespaces,
    Landlock,
    Filter,
    /// Counting how much a program takes: resource limits, and looks at its processes and files.
    Counting,
}

// Versions since which Landlock holds more: see landlock(7).
pub(crate) const TRUNCATION: i32 = 3;
const TCP: i32 = 4;
pub(crate) const SCOPES: i32 = 6;

impl Held {
    /// What these layers hold, with this version of Landlock. `can_ask` is whether processes can be
    /// made to ask before they start others.
    pub(crate) fn by(layers: Layers, landlock: i32, can_ask: bool) -> Self {
        let Layers { namespaces, filter, .. } = layers;
        let landlock = if layers.landlock { landlock } else { 0 };
        let (has_landlock, scopes) = (landlock > 0, landlock >= SCOPES);
        Self(BTreeMap::from([
            (
                Part::Files,
                Hold::by(&[
                    (Layer::Namespaces, namespaces),
                    (Layer::Landlock, has_landlock),
                    // It closes gaps in Landlock, and holds nothing without it.
                    (Layer::Filter, filter && has_landlock && !namespaces),
                ])
                .except("files", namespaces || has_landlock)
                .except("set-user-ID programs", filter)
                .except("making others wait for files", filter)
                .except("keys", filter)
                .except("watching folders", namespaces || filter)
                .except("modes, owners and times of files", namespaces || !has_landlock || filter)
                .except(
                    "truncating files",
                    namespaces || !has_landlock || filter || landlock >= TRUNCATION,
                ),
            ),
            (
                Part::Network,
                Hold::by(&[
                    (Layer::Namespaces, namespaces),
                    (Layer::Landlock, landlock >= TCP),
                    (Layer::Filter, filter),
                ])
                .except("TCP", namespaces || filter || landlock >= TCP)
                .except("UDP", namespaces || filter)
                .except("abstract sockets", namespaces || filter || scopes)
                .except("sockets in the file system", namespaces || filter)
                .except("sockets in its own folder", !namespaces || filter)
                // Network namespaces do not hold these, which reach the host of a virtual machine.
                .except("vsock", filter),
            ),
            (
                Part::Processes,
                Hold::by(&[
                    (Layer::Namespaces, namespaces),
                    // Every version holds ptrace.
                    (Layer::Landlock, has_landlock),
                    (Layer::Filter, filter),
                ])
                .except("signals", namespaces || scopes)
                .except("ptrace", namespaces || has_landlock || filter)
                .except("command lines of others", namespaces || has_landlock)
                .except("priorities and limits of others", namespaces || filter)
                .except("limits of its recorder", !namespaces || filter)
                .except("namespaces of its own", !namespaces || filter),
            ),
            (
                Part::Limits,
                Hold::by(&[
                    (Layer::Namespaces, namespaces),
                    (Layer::Filter, filter),
                    (Layer::Counting, cfg!(target_os = "linux")),
                ])
                .except("memory that no process has mapped", filter)
                .except("shared memory that outlives it", namespaces || filter)
                // On the virtual clock, its tracer counts them.
                .except("bursts of processes in real time", filter && can_ask),
            ),
        ]))
    }

    /// What holds this promise.
    #[must_use]
    pub fn part(&self, part: Part) -> &Hold {
        &self.0[&part]
    }

    /// The promises that are not held, or not wholly.
    pub fn missing(&self) -> impl Iterator<Item = Part> {
        self.0.iter().filter(|(_, hold)| !hold.is_whole()).map(|(part, _)| *part)
    }
}

impl Hold {
    fn by(layers: &[(Layer, bool)]) -> Self {
        let used = layers.iter().filter(|(_, is_used)| *is_used);
        Self { by: used.map(|(layer, _)| *layer).collect(), except: Vec::new() }
    }

    fn except(mut self, what: &str, is_held: bool) -> Self {
        if !is_held {
            self.except.push(what.into());
        }
        self
    }

    /// Whether all of the promise is held.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.by.is_empty() && self.except.is_empty()
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Namespaces => "namespaces",
            Self::Landlock => "Landlock",
            Self::Filter => "a system call filter",
            Self::Counting => "limits",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Part::{Files, Limits, Network, Processes};

    fn held(namespaces: bool, landlock: i32, filter: bool) -> Held {
        Held::by(Layers { namespaces, landlock: landlock > 0, filter }, landlock, true)
    }

    #[test]
    fn where_nobody_can_be_asked_many_processes_may_start_between_two_looks() {
        let all = Layers { namespaces: true, landlock: true, filter: true };
        let held = Held::by(all, SCOPES, false);
        assert_eq!(held.missing().collect::<Vec<_>>(), [Limits]);
        assert_eq!(held.part(Limits).except, ["bursts of processes in real time"]);
    }

    #[test]
    fn in_a_container_landlock_and_the_filter_hold_everything() {
        assert_eq!(held(false, SCOPES, true).missing().count(), 0);
        assert_eq!(held(true, 0, true).missing().count(), 0, "so do namespaces and the filter");
    }

    #[test]
    fn what_an_older_landlock_does_not_hold_the_filter_does_but_for_signals() {
        let held = held(false, 1, true);
        assert_eq!(held.missing().collect::<Vec<_>>(), [Processes]);
        assert_eq!(held.part(Processes).except, ["signals"]);
        assert_eq!(held.part(Network).by, [Layer::Filter]);
    }

    #[test]
    fn each_layer_alone_leaves_gaps() {
        let alone = held(false, SCOPES, false);
        assert_eq!(alone.missing().collect::<Vec<_>>(), [Files, Network, Processes, Limits]);
        assert_eq!(alone.part(Network).except, ["UDP", "sockets in the file system", "vsock"]);
        let of_files = [
            "set-user-ID programs",
            "making others wait for files",
            "keys",
            "watching folders",
            "modes, owners and times of files",
        ];
        assert_eq!(alone.part(Files).except, of_files);
        let alone = held(false, 0, true);
        assert_eq!(alone.missing().collect::<Vec<_>>(), [Files, Processes]);
        assert_eq!(alone.part(Files).by, []);
        let alone = held(true, 0, false);
        assert_eq!(alone.missing().collect::<Vec<_>>(), [Files, Network, Processes, Limits]);
        assert_eq!(alone.part(Files).except, of_files[..3]);
        assert_eq!(alone.part(Network).except, ["sockets in its own folder", "vsock"]);
        let none = held(false, 0, false);
        assert_eq!(none.missing().count(), 4);
    }
}
