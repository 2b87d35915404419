//! Puts a process into a cage, and the programs that it starts.

use crate::held::Held;
use crate::{Layers, Plan};
use std::io;
use std::path::Path;
use std::process::Command;

impl Plan {
    /// Puts this process into the cage, so that it can start programs there. With namespaces, this
    /// process stays outside as a mere stub: it ends when its only child does, in the same way, and
    /// what returns is that child, which is the first process of the new namespaces. When either
    /// ends, all processes in there end.
    ///
    /// # Errors
    ///
    /// If a layer of the plan cannot be used. This process is of no further use then.
    pub fn enter(self) -> io::Result<Entered> {
        Ok(Entered { plan: self })
    }
}

/// A cage that this process is in.
pub struct Entered {
    plan: Plan,
}

impl Entered {
    /// Confines a program that is to be started: sets its environment, and makes everything that
    /// holds it take effect before it is loaded, and before what is added to the command later on.
    ///
    /// # Errors
    ///
    /// If a layer of the plan cannot be used.
    pub fn confine(&self, command: &mut Command) -> io::Result<()> {
        let _ = command;
        Ok(())
    }

    /// The folder that is the program's own. On a file system of its own if there are namespaces:
    /// then `/dev/shm` is on the same one.
    #[must_use]
    pub fn private_folder(&self) -> &Path {
        Path::new("/tmp")
    }

    /// Removes everything from the private folder. All processes of the program have ended before.
    ///
    /// # Errors
    ///
    /// If something cannot be removed.
    pub fn clear(&self) -> io::Result<()> {
        Ok(())
    }

    /// What holds the programs that are started here.
    #[must_use]
    pub fn held(&self) -> Held {
        self.plan.layers.held()
    }
}

impl Layers {
    /// Those that this system offers, each tried in a process of its own.
    #[must_use]
    pub fn offered() -> Self {
        Self { namespaces: false, landlock: false, filter: false }
    }

    /// What they hold on this system.
    #[must_use]
    pub fn held(self) -> Held {
        Held([].into())
    }
}
