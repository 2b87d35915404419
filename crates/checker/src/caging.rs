//! The cage that programs run in, as far as the checker decides: what holds them, and what each of
//! them may do. The cage itself is the crate `cage`.
//!
//! - `options`: the command line; `report`: what this machine offers

mod options;
mod report;

pub use options::CageOptions;
pub use report::{describe, lacking, line};

use cage::environment::passed;
use cage::limits::Limits;
use cage::needs::Needs;
use cage::{Layers, Plan};
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// How programs are held.
#[derive(Clone, Debug, PartialEq)]
pub struct Caging {
    /// What holds them: this system offers all of it.
    pub layers: Layers,
    pub limits: Limits,
    /// Files and folders that they may read besides what they need.
    pub allowed: Vec<PathBuf>,
    /// Variables that they get besides those that all get, by name.
    pub variables: Vec<OsString>,
    /// Whether they may talk to themselves over the loopback interface.
    pub loopback: bool,
}

impl Caging {
    /// What a program may do that this command starts here, and whose own folders these are. It may
    /// take some time: interpreters are asked where they are.
    #[must_use]
    pub fn plan(&self, command: &[String], folders: &[PathBuf]) -> Plan {
        // The search knows which folders are too much to give away, such as a home folder.
        let named = folders.iter().map(|folder| folder.display().to_string());
        let words: Vec<_> = command.iter().cloned().chain(named).collect();
        let here = env::current_dir().unwrap_or_else(|_| Path::new("/").into());
        let Needs { mut read, write, environment, missing } = Needs::of(&words, &here);
        read.extend(self.allowed.iter().cloned());
        let passed: BTreeMap<_, _> = passed(env::vars_os(), &self.variables).into_iter().collect();
        let environment = passed.into_iter().chain(environment).collect::<BTreeMap<_, _>>();
        Plan {
            read,
            write,
            environment: environment.into_iter().collect(),
            missing,
            loopback: self.loopback,
            limits: self.limits,
            layers: self.layers,
        }
    }
}
