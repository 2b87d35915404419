//! What several cages have in common: made once, by a process that then forks those that enter them.

use crate::confine::{drop_bounding_set, elsewhere};
use crate::{Kind, Plan, filter, mounts, namespaces};
use seccompiler::BpfProgram;
use std::io;
use std::os::raw::c_int;

/// What the cages of all plans of a kind start from.
pub struct Base {
    kind: Kind,
    pub(crate) mounts: Option<mounts::Base>,
    filter: Option<BpfProgram>,
}

impl Base {
    /// Makes what the cage of this plan starts from, and those of all plans that it
    /// [serves](Self::serves). This process must have only one thread. It is for nothing but cages from
    /// then on: with namespaces, it is in some of its own.
    ///
    /// # Errors
    ///
    /// If a layer of the plan cannot be used. The process must not go on then.
    pub fn of(plan: &Plan) -> io::Result<Self> {
        let layers = plan.layers;
        let make = || {
            let share = || namespaces::share(plan.kind());
            let mounts = layers.namespaces.then(share).transpose()?;
            drop_bounding_set();
            let filter = layers.filter.then(|| filter::program(elsewhere(plan))).transpose()?;
            Ok(Self { kind: plan.kind(), mounts, filter })
        };
        make().map_err(crate::enter::failed)
    }

    /// Whether the cage of this plan can start from it.
    #[must_use]
    pub fn serves(&self, plan: &Plan) -> bool {
        self.kind == plan.kind()
    }

    /// Flags for clone(2): a process that enters one of these cages is forked with them.
    #[must_use]
    pub fn namespaces(&self) -> c_int {
        if self.kind.layers.namespaces { namespaces::own(self.kind).bits() } else { 0 }
    }

    /// The filter of a plan that it serves.
    pub(crate) fn filter(&self) -> Option<&BpfProgram> {
        self.filter.as_ref()
    }
}
