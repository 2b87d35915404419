//! What takes effect in a program's process just before the program is loaded.

use crate::filter::{self, Elsewhere};
use crate::landlock::{self, Rules};
use crate::{Plan, held};
use nix::libc::rlim_t;
use nix::sys::prctl::{set_no_new_privs, set_pdeathsig};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getppid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capability_is_in_bounding_set,
    remove_capability_from_bounding_set, set_capabilities,
};
use seccompiler::BpfProgram;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// How many files and sockets a process may have open.
const MOST_OPEN: rlim_t = 512;

/// All that holds a program and can take effect without allocating anything.
struct Holds {
    resources: Vec<(Resource, rlim_t, rlim_t)>,
    rules: Option<Rules>,
    filter: Option<BpfProgram>,
}

/// Confines the program that this command starts: see [`crate::Entered::confine`].
/// `filter` is that of the plan, unless it is still to be made.
pub fn confine(
    command: &mut Command,
    plan: &Plan,
    private_folder: &Path,
    filter: Option<BpfProgram>,
) -> io::Result<()> {
    let layers = plan.layers;
    let filter = match filter {
        None if layers.filter => Some(filter::program(elsewhere(plan))?),
        made => made,
    };
    let mut holds = Holds {
        resources: resources(plan),
        rules: layers.landlock.then(|| Rules::of(plan, private_folder)).transpose()?,
        filter,
    };
    command.env_clear().envs(plan.environment.iter().map(|(name, value)| (name, value)));
    command.env("HOME", private_folder).env("TMPDIR", private_folder);
    // SAFETY: between fork and exec it only makes system calls: nothing is allocated or locked.
    unsafe { command.pre_exec(move || holds.take_effect()) };
    Ok(())
}

/// What the filter of this plan need not hold.
pub fn elsewhere(plan: &Plan) -> Elsewhere {
    let layers = plan.layers;
    let version = if layers.landlock { landlock::version() } else { 0 };
    Elsewhere {
        mounts: layers.namespaces,
        truncation: layers.namespaces || version >= held::TRUNCATION,
        signals: layers.namespaces || version >= held::SCOPES,
        loopback: plan.loopback,
    }
}

/// Ends the program with the thread that starts it: see [`crate::Entered::end_with_this_thread`].
pub fn end_with_this_thread(command: &mut Command) {
    let parent = Pid::this();
    let take_effect = move || {
        set_pdeathsig(Signal::SIGKILL)?;
        // It may have ended just before that.
        match getppid() == parent {
            true => Ok(()),
            false => Err(io::Error::from_raw_os_error(nix::libc::ESRCH)),
        }
    };
    // SAFETY: between fork and exec it only makes system calls: nothing is allocated or locked.
    unsafe { command.pre_exec(take_effect) };
}

impl Holds {
    fn take_effect(&mut self) -> io::Result<()> {
        for (resource, soft, hard) in &self.resources {
            setrlimit(*resource, *soft, *hard)?;
        }
        set_no_new_privs()?;
        drop_capabilities()?;
        if let Some(rules) = self.rules.take() {
            rules.apply()?;
        }
        if let Some(filter) = &self.filter {
            seccompiler::apply_filter(filter)
                .map_err(|_| io::Error::from_raw_os_error(nix::libc::ENOSYS))?;
        }
        Ok(())
    }
}

/// The programs that this process starts get no capabilities.
pub fn drop_bounding_set() {
    for number in 0..u64::BITS {
        let capability = CapabilitySet::from_bits_retain(1 << number);
        match capability_is_in_bounding_set(capability) {
            // A process that may not do this has none, and gets none by starting a program.
            Ok(true) => drop(remove_capability_from_bounding_set(capability)),
            Ok(false) => {}
            // The kernel has no more.
            Err(_) => return,
        }
    }
}

fn drop_capabilities() -> io::Result<()> {
    drop_bounding_set();
    let none = CapabilitySet::empty();
    Ok(set_capabilities(
        None,
        CapabilitySets { effective: none, permitted: none, inheritable: none },
    )?)
}

/// The limits of each process, soft and hard. All but the size of a file are backstops: what counts
/// is how much all processes take together.
fn resources(plan: &Plan) -> Vec<(Resource, rlim_t, rlim_t)> {
    let limits = plan.limits;
    /// Bytes: less than any dump has. With 0, Linux would still pipe one to a program, if it is set up
    /// to; 1 says not to (`do_coredump` in Linux, fs/coredump.c).
    const NO_CORE_DUMP: rlim_t = 1;
    let cpu = rlim_t::from(limits.cpu);
    let wanted = [
        (Resource::RLIMIT_CORE, NO_CORE_DUMP, NO_CORE_DUMP),
        // One byte more, so that a file over its limit shows.
        (Resource::RLIMIT_FSIZE, limits.file.saturating_add(1), limits.file.saturating_add(1)),
        // SIGXCPU comes at the soft limit, SIGKILL at the hard one. The kernel counts ticks, which on a busy
        // machine are more than the time that was taken: the looks at all processes come first.
        (Resource::RLIMIT_CPU, 2 * cpu, 2 * cpu + 1),
        (Resource::RLIMIT_NOFILE, MOST_OPEN, MOST_OPEN),
        (Resource::RLIMIT_MSGQUEUE, 0, 0),
        (Resource::RLIMIT_RTPRIO, 0, 0),
    ];
    let no_more_than_now = |(resource, soft, hard): (Resource, rlim_t, rlim_t)| {
        let (soft_now, hard_now) = getrlimit(resource).ok()?;
        // Usually 0.
        let soft_now = if resource == Resource::RLIMIT_CORE { hard_now } else { soft_now };
        Some((resource, soft.min(soft_now), hard.min(hard_now)))
    };
    wanted.into_iter().filter_map(no_more_than_now).collect()
}
