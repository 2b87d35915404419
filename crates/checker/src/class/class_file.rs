//! What is known of a class besides its results: what was asked, and who submitted. It is kept in
//! `class.json`, so that a folder of grades tells how it came about.

use super::shard::Shard;
use crate::caging::Caging;
use crate::clock::Clock;
use crate::escape::visible;
use crate::grade::Settings;
use cage::limits::Limits;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use submissions::{Layout, Submitter};

/// The content of `class.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassFile {
    /// [`FORMAT`](super::learner::FORMAT).
    pub format: u32,
    pub asked: Asked,
    /// The name of the folder or zip file with the submissions.
    #[serde(default)]
    pub name: String,
    pub layout: Layout,
    /// The name of the assignment, as far as that of the download tells.
    pub assignment: String,
    /// What the teacher should know about the class: sentences.
    pub notes: Vec<String>,
    /// Everybody who submitted something, also those of other shards. Ordered by key.
    pub submitters: Vec<Submitter>,
    /// Which part of the class was graded, if not all of it.
    pub shard: Option<Shard>,
}

impl ClassFile {
    /// Why these grades and the others are plainly not of the same assignment, if they are not. The
    /// learners may be the same.
    #[must_use]
    pub fn why_not_of(&self, other: &Self) -> Option<String> {
        let [ours, theirs] = [self, other].map(|it| &it.asked.exercises);
        if self.layout != other.layout {
            return Some("the submissions come from different platforms".into());
        }
        if !ours.iter().any(|exercise| theirs.contains(exercise)) {
            return Some(format!("one is {}, the other {}", theirs.join(", "), ours.join(", ")));
        }
        (self.assignment != other.assignment)
            .then(|| format!("one is named {}, the other {}", other.assignment, self.assignment))
    }
}

/// What grades depend on, besides what was submitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The version of the checker.
    pub version: String,
    /// Their names, in the order of the results.
    pub exercises: Vec<String>,
    /// In seconds, for each run.
    pub time_limit: Option<f64>,
    pub clock: Clock,
    pub confirm: bool,
    /// What the cage allows; without this, programs run without one.
    pub cage: Option<Allowed>,
}

impl Asked {
    /// What is asked of a run that grades these exercises with these settings.
    pub fn new(exercises: impl Iterator<Item = &'static str>, settings: &Settings) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            exercises: exercises.map(ToOwned::to_owned).collect(),
            time_limit: settings.time_limit,
            clock: settings.clock,
            confirm: settings.confirm,
            cage: settings.caging.as_ref().map(Allowed::from),
        }
    }

    /// The first difference to what was asked of another run: its name, and both values.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<String> {
        let [one, other] = [self, other].map(|it| serde_json::to_value(it).unwrap_or_default());
        differing(&one, &other)
    }

    /// A hash of it, the same for what is the same.
    #[must_use]
    pub fn hash(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The first difference between these: its name and both values.
fn differing(one: &Value, other: &Value) -> Option<String> {
    if one == other {
        return None;
    }
    if let (Value::Object(one), Value::Object(other)) = (one, other) {
        let named = |(name, value): (&String, &Value)| {
            let difference = differing(value, other.get(name).unwrap_or(&Value::Null))?;
            let separator = if difference.starts_with(':') { "" } else { " " };
            Some(format!("{name}{separator}{difference}"))
        };
        return one.iter().find_map(named);
    }
    let shown = |value: &Value| match value {
        Value::Null => "none".to_owned(),
        Value::Object(_) => "some".to_owned(),
        value => value.to_string(),
    };
    Some(format!(": {} and {}", shown(one), shown(other)))
}

/// What programs may do in the cage. Which layers hold them depends on the machine, and is in each
/// result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Allowed {
    pub read: Vec<PathBuf>,
    /// Names of variables, escaped.
    pub variables: Vec<String>,
    pub loopback: bool,
    pub limits: Limits,
}

impl From<&Caging> for Allowed {
    fn from(caging: &Caging) -> Self {
        Self {
            read: caging.allowed.clone(),
            variables: caging.variables.iter().map(|it| visible(it.as_encoded_bytes())).collect(),
            loopback: caging.loopback,
            limits: caging.limits,
        }
    }
}
