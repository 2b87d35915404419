//! What the checker decides about the cage: which layers it has, and what each program may do. The
//! cage itself is the crate `cage`.
//!
//! - `options`: the command line; `report`: what the cage covers on this machine
//! - `refused`: what it kept from a program that crashed

mod options;
mod refused;
mod report;

pub use options::CageOptions;
pub use refused::refused;
pub use report::{describe, is_cage, lacking, line, why_no_namespaces};

use cage::environment::passed;
use cage::limits::Limits;
use cage::needs::{Needs, VersionManagers};
use cage::{Layers, Plan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The cage of all programs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Caging {
    /// What it is made of: this machine has all of these.
    pub layers: Layers,
    pub limits: Limits,
    /// Files and folders that programs may read besides what they need.
    pub allowed: Vec<PathBuf>,
    /// Names of variables that they get besides the usual ones.
    pub variables: Vec<OsString>,
    /// Whether each may talk to itself over a loopback interface.
    pub loopback: bool,
    /// What they have answered while this cage was used.
    #[serde(skip)]
    pub managers: VersionManagers,
}

impl Caging {
    /// The same cage, for programs that start when the user may have changed the settings of version
    /// managers.
    #[must_use]
    pub fn asking_again(&self) -> Self {
        Self { managers: VersionManagers::default(), ..self.clone() }
    }

    /// What a program may do if this command starts it and these folders are its own. This can
    /// take a while: version managers are asked where interpreters are, each once. They are asked
    /// here, also about a program that is started in its learner's folder: settings in there are not
    /// the user's.
    #[must_use]
    pub fn plan(&self, command: &[String], folders: &[PathBuf]) -> Plan {
        self.plan_with_target(command, folders, None)
    }

    /// The same, where cargo builds in this folder.
    #[must_use]
    pub fn plan_with_target(
        &self,
        command: &[String],
        folders: &[PathBuf],
        target: Option<&Path>,
    ) -> Plan {
        let here = env::current_dir().unwrap_or_else(|_| Path::new("/").into());
        let Needs { read, links, write, environment, missing } =
            Needs::of(command, &here, folders, &self.allowed, &self.managers, target);
        let passed: BTreeMap<_, _> = passed(env::vars_os(), &self.variables).into_iter().collect();
        let environment = passed.into_iter().chain(environment).collect::<BTreeMap<_, _>>();
        let mut plan = Plan {
            read,
            links,
            write,
            environment: environment.into_iter().collect(),
            missing,
            loopback: self.loopback,
            limits: self.limits,
            layers: self.layers,
        };
        self.allowed.iter().for_each(|path| plan.let_read(path));
        plan
    }
}
