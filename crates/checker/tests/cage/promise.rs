//! What the cage promises, each with a program that breaks it.

use crate::column::Column;
use crate::stage::{Seen, Stage};
use std::sync::{PoisonError, RwLock};

/// What is looked at once the checker has ended: whether nothing has come through.
pub type Look = Box<dyn FnOnce(&Seen) -> bool>;

/// Something that no program can do.
pub struct Promise {
    /// As the README says it.
    pub name: &'static str,
    /// The program that does it, in the folder `programs`.
    pub program: &'static str,
    /// Options of the checker.
    pub options: &'static str,
    /// Whether it loads the machine, so that nothing else may run meanwhile.
    pub alone: bool,
    /// Sets up what the program attacks.
    pub prepare: fn(&Stage) -> Look,
}

impl Promise {
    /// A promise without options, about a program that may run beside others.
    pub const fn new(
        name: &'static str,
        program: &'static str,
        prepare: fn(&Stage) -> Look,
    ) -> Self {
        Self { name, program, options: "", alone: false, prepare }
    }

    /// Whether the promise is kept, on both clocks or, if not everything is tried, in real time.
    pub fn is_held(&self, column: &Column) -> bool {
        column.clocks.iter().all(|clock| self.is_held_on(clock, column))
    }

    fn is_held_on(&self, clock: &str, column: &Column) -> bool {
        /// Held by those that run beside others, or by the one that runs alone.
        static MACHINE: RwLock<()> = RwLock::new(());
        let (_beside, _alone) = match self.alone {
            true => (None, Some(MACHINE.write().unwrap_or_else(PoisonError::into_inner))),
            false => (Some(MACHINE.read().unwrap_or_else(PoisonError::into_inner)), None),
        };
        let stage = Stage::new(column, self.program);
        let start = std::time::Instant::now();
        let look = (self.prepare)(&stage);
        let seen = stage.check(clock, if column.has_cage() { self.options } else { "" });
        let held = look(&seen);
        let took = start.elapsed().as_secs_f64();
        let has_tried = !seen.lines().is_empty();
        assert!(!held || has_tried, "{} has not tried anything: {seen}", self.program);
        if std::env::var_os("SHOW").is_some() {
            eprintln!("{clock}, {}: {held} {took:.2} s\n{seen}", self.name);
        }
        held
    }
}
