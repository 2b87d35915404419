//! What takes effect in the process of a program just before it is loaded.

use crate::filter::{self, Elsewhere};
use crate::landlock::{self, Rules};
use crate::{Plan, held};
use nix::libc::rlim_t;
use nix::sys::prctl::set_no_new_privs;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustix::thread::{
    CapabilitySet, CapabilitySets, remove_capability_from_bounding_set, set_capabilities,
};
use seccompiler::BpfProgram;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Everything that holds a program, ready to take effect without allocating anything.
struct Holds {
    resources: Vec<(Resource, rlim_t, rlim_t)>,
    rules: Option<Rules>,
    filters: Vec<BpfProgram>,
}

/// Confines a program that is to be started: see [`crate::Entered::confine`].
pub fn confine(command: &mut Command, plan: &Plan, private_folder: &Path) -> io::Result<()> {
    let layers = plan.layers;
    let version = if layers.landlock { landlock::version() } else { 0 };
    let elsewhere = Elsewhere {
        mounts: layers.namespaces,
        truncation: layers.namespaces || version >= held::TRUNCATION,
        signals: layers.namespaces || version >= held::SCOPES,
        loopback: plan.loopback,
    };
    let mut holds = Holds {
        resources: resources(plan),
        rules: layers.landlock.then(|| Rules::of(plan, private_folder)).transpose()?,
        filters: if layers.filter { filter::programs(elsewhere)? } else { Vec::new() },
    };
    command.env_clear().envs(plan.environment.iter().map(|(name, value)| (name, value)));
    command.env("HOME", private_folder).env("TMPDIR", private_folder);
    // SAFETY: between fork and exec it only makes system calls: nothing is allocated or locked.
    unsafe { command.pre_exec(move || holds.take_effect()) };
    Ok(())
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
        for filter in &self.filters {
            seccompiler::apply_filter(filter)
                .map_err(|_| io::Error::from_raw_os_error(nix::libc::ENOSYS))?;
        }
        Ok(())
    }
}

fn drop_capabilities() -> io::Result<()> {
    for number in 0..u64::BITS {
        // Who may not do that has none to lose, and gets none by starting a program.
        let capability = CapabilitySet::from_bits_retain(1 << number);
        let _ = remove_capability_from_bounding_set(capability);
    }
    let none = CapabilitySet::empty();
    Ok(set_capabilities(
        None,
        CapabilitySets { effective: none, permitted: none, inheritable: none },
    )?)
}

/// The limits of each process, soft and hard. They are backstops, except for the size of a file: what
/// counts is what all processes take together.
fn resources(plan: &Plan) -> Vec<(Resource, rlim_t, rlim_t)> {
    let limits = plan.limits;
    /// Virtual machines reserve much more than they use.
    const RESERVED: u64 = 4;
    /// As many as programs that look for more usually get.
    const FILES: rlim_t = 4096;
    let cpu = rlim_t::from(limits.cpu);
    let wanted = [
        (Resource::RLIMIT_CORE, 0, 0),
        (Resource::RLIMIT_FSIZE, limits.file, limits.file),
        // SIGXCPU comes at the first, SIGKILL at the second.
        (Resource::RLIMIT_CPU, cpu, cpu + 1),
        (
            Resource::RLIMIT_DATA,
            RESERVED.saturating_mul(limits.memory),
            RESERVED.saturating_mul(limits.memory),
        ),
        (Resource::RLIMIT_NOFILE, FILES, FILES),
        (Resource::RLIMIT_MSGQUEUE, 0, 0),
        (Resource::RLIMIT_RTPRIO, 0, 0),
    ];
    let no_more_than_now = |(resource, soft, hard): (Resource, rlim_t, rlim_t)| {
        let (soft_now, hard_now) = getrlimit(resource).ok()?;
        Some((resource, soft.min(soft_now), hard.min(hard_now)))
    };
    wanted.into_iter().filter_map(no_more_than_now).collect()
}
