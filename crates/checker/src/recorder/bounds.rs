//! Keeps a program in a cage within its limits, and says which one it has hit.

use crate::recording::Ending;
use cage::limits::Limit;
use cage::{Entered, Plan};
use std::process::Command;

/// How much a program may take: without a cage, anything.
pub struct Bounds(Option<platform::Kept>);

impl Bounds {
    /// For a program that is about to be started with this command in real time, before that is confined
    /// to its cage: whoever starts a process in there has to ask.
    pub fn in_real_time(
        cage: Option<(&Entered, &Plan)>,
        command: &mut Command,
    ) -> std::io::Result<Self> {
        let kept = cage.map(|(cage, plan)| platform::Kept::asking(cage, plan, command));
        Ok(Self(kept.transpose()?))
    }

    /// For a program that is about to be started on the virtual clock, where its tracer counts the
    /// processes.
    pub fn on_the_virtual_clock(cage: Option<(&Entered, &Plan)>) -> Self {
        Self(cage.map(|(cage, plan)| platform::Kept::traced(cage, plan)))
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::*;
    use std::io;
    use std::os::fd::BorrowedFd;

    pub struct Kept;

    impl Kept {
        pub fn asking(_: &Entered, _: &Plan, _: &mut Command) -> io::Result<Self> {
            Ok(Self)
        }

        pub fn traced(_: &Entered, _: &Plan) -> Self {
            Self
        }
    }

    impl Bounds {
        pub fn has_started(&mut self) -> io::Result<()> {
            Ok(())
        }

        pub fn processes(&self) -> Option<u32> {
            None
        }

        pub fn news(&self) -> Option<BorrowedFd<'_>> {
            None
        }

        pub fn hit(&mut self) -> Option<Limit> {
            None
        }

        pub fn with_limit(&self, ending: Ending) -> Ending {
            ending
        }
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use super::*;
    use crate::recorder::processes::first_below;
    use cage::limits::Limits;
    use cage::limits::asking::{Answers, Asks};
    use cage::limits::looks::{CpuTime, Looks, threads};
    use std::io;
    use std::os::fd::BorrowedFd;

    pub struct Kept {
        limits: Limits,
        looks: Looks,
        asks: Option<Asks>,
        answers: Option<Answers>,
    }

    impl Kept {
        pub fn asking(cage: &Entered, plan: &Plan, command: &mut Command) -> io::Result<Self> {
            // On the virtual clock, its tracer sees to that.
            cage.end_with_this_thread(command);
            let asks = if plan.layers.filter { Some(Asks::from_start(command)?) } else { None };
            Ok(Self { asks, ..Self::new(cage, plan, CpuTime::All) })
        }

        pub fn traced(cage: &Entered, plan: &Plan) -> Self {
            Self::new(cage, plan, CpuTime::User)
        }

        fn new(cage: &Entered, plan: &Plan, counts: CpuTime) -> Self {
            let (limits, folder) = (plan.limits, cage.private_folder().into());
            let looks = Looks::new(limits, folder, &plan.write, counts);
            Self { limits, looks, asks: None, answers: None }
        }

        fn are_too_many(&self) -> bool {
            self.answers.as_ref().is_some_and(Answers::are_too_many)
        }
    }

    impl Bounds {
        /// To be called once the program has been started.
        pub fn has_started(&mut self) -> io::Result<()> {
            let Some(kept) = &mut self.0 else { return Ok(()) };
            let most = kept.limits.processes;
            if let Some(asks) = kept.asks.take() {
                kept.answers = asks.answer(most, move || {
                    threads(&first_below(Looks::enough(most))).try_into().unwrap_or(u32::MAX)
                })?;
            }
            Ok(())
        }

        /// How many processes and threads it may have.
        pub fn processes(&self) -> Option<u32> {
            Some(self.0.as_ref()?.limits.processes)
        }

        /// Readable as soon as there are too many processes.
        pub fn news(&self) -> Option<BorrowedFd<'_>> {
            Some(self.0.as_ref()?.answers.as_ref()?.news())
        }

        /// The limit that the program has been seen to hit, if any.
        pub fn hit(&mut self) -> Option<Limit> {
            let kept = self.0.as_mut()?;
            if kept.are_too_many() {
                return Some(Limit::Processes(kept.limits.processes));
            }
            kept.looks.look(first_below)
        }

        /// The ending of a program that ended by itself; or the limit, if that is why it did.
        pub fn with_limit(&self, ending: Ending) -> Ending {
            let (Some(kept), Ending::Exited(_) | Ending::Signaled(_)) = (&self.0, &ending) else {
                return ending;
            };
            let limit = match &ending {
                // With these, the kernel ends a process that no look has stopped. But anyone can send them.
                Ending::Signaled(signal)
                    if ["SIGXCPU", "SIGKILL"].contains(&&**signal)
                        && kept.looks.part_of_cpu_time() > 1.0 =>
                {
                    Some(Limit::Cpu(kept.limits.cpu))
                }
                // Its main process may have ended while others go on.
                _ if kept.are_too_many() => Some(Limit::Processes(kept.limits.processes)),
                _ => kept.looks.look_at_the_end(),
            };
            limit.map_or(ending, Ending::Limit)
        }
    }
}
