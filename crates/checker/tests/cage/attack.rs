//! What hostile programs do, and how it is tried.

use crate::machine::Machine;
use crate::stage::{Seen, Stage};
use std::sync::{PoisonError, RwLock};

/// Looks at what is left outside once the checker has ended: whether nothing has come through.
pub type Look = Box<dyn FnOnce(&Seen) -> bool>;

/// Something that no program can do in a cage.
pub struct Attack {
    /// The part of the cage that is to hold it, as the report calls it.
    pub part: &'static str,
    /// As the README says it.
    pub name: &'static str,
    /// The program that does it, in the folder `programs`.
    pub program: &'static str,
    /// Options of the checker, if there is a cage.
    pub options: &'static str,
    /// Whether the checker itself has a part in what happens, so that it depends on the clock.
    pub depends_on_clock: bool,
    /// Whether it loads the machine, so that nothing else may run meanwhile.
    pub alone: bool,
    /// Sets up what the program attacks.
    pub prepare: fn(&Stage) -> Look,
}

impl Attack {
    /// What the kernel refuses, on whichever clock. It may run beside others.
    pub const fn new(
        part: &'static str,
        name: &'static str,
        program: &'static str,
        prepare: fn(&Stage) -> Look,
    ) -> Self {
        let (depends_on_clock, alone) = (false, false);
        Self { part, name, program, options: "", depends_on_clock, alone, prepare }
    }

    /// Whether it is held on this machine, and what was seen.
    pub fn is_held(&self, machine: &Machine) -> (bool, String) {
        let clocks = machine.clocks();
        let needed = if self.depends_on_clock { clocks.len() } else { 1 };
        let (mut is_held, mut all_seen) = (true, String::new());
        for clock in clocks.iter().take(needed) {
            let (held, seen) = self.is_held_on(clock, machine);
            is_held &= held;
            all_seen += &format!("on the {clock} clock: {seen}");
        }
        (is_held, all_seen)
    }

    fn is_held_on(&self, clock: &str, machine: &Machine) -> (bool, Seen) {
        /// Locked by all those that run beside others, or by the one that runs alone.
        static LOAD: RwLock<()> = RwLock::new(());
        let (_beside, _alone) = match self.alone {
            true => (None, Some(LOAD.write().unwrap_or_else(PoisonError::into_inner))),
            false => (Some(LOAD.read().unwrap_or_else(PoisonError::into_inner)), None),
        };
        let stage = Stage::new(machine, self.program);
        let look = (self.prepare)(&stage);
        let seen = stage.check(clock, if machine.has_cage() { self.options } else { "" });
        let held = look(&seen);
        let has_tried = !seen.lines().is_empty();
        assert!(!held || has_tried, "{} has not tried anything: {seen}", self.program);
        assert!(
            held || !seen.claims(self.part),
            "{}: the report says that {} is held: {seen}",
            self.name,
            self.part,
        );
        (held, seen)
    }
}
