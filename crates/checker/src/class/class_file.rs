//! What is known of a class besides its results: what was asked, and who submitted. It is kept in
//! `class.json`, so that a folder of grades tells how it came about.

use super::shard::Shard;
use crate::clock::Clock;
use cage::limits::Limits;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use submissions::{Layout, Submitter};

/// The content of `class.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassFile {
    /// [`FORMAT`](super::learner::FORMAT).
    pub format: u32,
    pub asked: Asked,
    pub layout: Layout,
    /// What the teacher should know about the class: sentences.
    pub notes: Vec<String>,
    /// Everybody who submitted something, also those of other shards. Ordered by key.
    pub submitters: Vec<Submitter>,
    /// Which part of the class was graded, if not all of it.
    pub shard: Option<Shard>,
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
