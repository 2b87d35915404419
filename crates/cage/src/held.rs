//! Which promises are held, and by what.

use crate::Part;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What holds each promise of a cage, on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Held(pub BTreeMap<Part, Hold>);

/// What holds one promise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Each of them holds the promise, or a part of it.
    pub by: Vec<Layer>,
    /// What none of them holds.
    pub except: Vec<String>,
}

/// Something of the kernel that holds a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    Namespaces,
    Landlock,
    Filter,
    /// Resource limits, and whoever looks at what the program takes.
    Limits,
}

impl Held {
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
    /// Whether the promise is held wholly.
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
            Self::Limits => "limits",
        })
    }
}
