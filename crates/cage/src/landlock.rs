//! The rules for Landlock: which files a program may read and write; no TCP, and no abstract
//! sockets or signals to processes outside, as far as the kernel's version knows these.

use crate::{Plan, mounts, real_path, system};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope, path_beneath_rules,
};
use nix::fcntl::{OFlag, open};
use nix::libc;
use nix::sys::stat::Mode;
use std::io::{self, IsTerminal};
use std::os::fd::BorrowedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest version whose rights are used here.
const NEWEST: ABI = ABI::V7;

/// The kernel's version of Landlock, 0 for none.
pub fn version() -> i32 {
    const LANDLOCK_CREATE_RULESET_VERSION: libc::c_uint = 1;
    // SAFETY: with this flag, the call only returns the version.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<libc::c_void>(),
            0_usize,
            LANDLOCK_CREATE_RULESET_VERSION,
        )
    };
    i32::try_from(version).unwrap_or_default().max(0)
}

/// Files in /proc that say nothing about other processes. Those that a system does not have are left
/// out.
const OF_THE_MACHINE: [&str; 10] = [
    "/proc/cgroups",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys",
    "/proc/uptime",
    "/proc/version",
    "/proc/vmstat",
];

/// Rules that can be put into effect without allocating anything.
pub struct Rules(RulesetCreated);

impl Rules {
    /// Those of this plan, for a program with this private folder.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn of(plan: &Plan, private_folder: &Path) -> io::Result<Self> {
        let mut ruleset = Ruleset::default()
            .handle_access(AccessFs::from_all(NEWEST))
            .map_err(io::Error::other)?
            .scope(Scope::from_all(NEWEST))
            .map_err(io::Error::other)?;
        // Rules cannot tell the loopback interface from others. It is the only one in its
        // namespace.
        if !plan.loopback {
            ruleset =
                ruleset.handle_access(AccessNet::from_all(NEWEST)).map_err(io::Error::other)?;
        }
        let read = AccessFs::from_read(NEWEST);
        // No program needs to make devices.
        let write = AccessFs::from_all(NEWEST)
            & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev);
        let in_namespaces = |paths: &[&str]| -> Vec<PathBuf> {
            let paths = paths.iter().filter(|_| plan.layers.namespaces);
            paths.map(PathBuf::from).collect()
        };
        let own = [private_folder.to_owned()].into_iter();
        // In namespaces, there are only its own processes. Elsewhere, /proc tells even the command
        // lines of all others.
        let processes: &[&str] = if plan.layers.namespaces { &["/proc"] } else { &OF_THE_MACHINE };
        // In namespaces, nothing else is in /etc.
        let readable: Vec<_> = if plan.layers.namespaces {
            system::FOLDERS.iter().map(PathBuf::from).chain(["/etc".into()]).collect()
        } else {
            system::readable().collect()
        };
        let ruleset = ruleset
            .create()
            .map_err(io::Error::other)?
            .add_rules(path_beneath_rules(readable, read))
            .map_err(io::Error::other)?
            .add_rules(path_beneath_rules(own, write))
            .map_err(io::Error::other)?
            .add_rules(path_beneath_rules(processes, of_processes()))
            .map_err(io::Error::other)?
            .add_rules(path_beneath_rules(system::DEVICES, terminal()))
            .map_err(io::Error::other)?
            // In namespaces, these are its own, and the root holds only what it may read.
            .add_rules(path_beneath_rules(in_namespaces(&[mounts::SHARED_MEMORY]), write))
            .map_err(io::Error::other)?
            .add_rules(path_beneath_rules(in_namespaces(&["/dev/pts"]), terminal()))
            .map_err(io::Error::other)?
            .add_rules(path_beneath_rules(in_namespaces(&["/"]), AccessFs::ReadDir))
            .map_err(io::Error::other)?;
        let ruleset = of_real_paths(ruleset, plan.read.iter().chain(&plan.write), read)?;
        Ok(Self(of_real_paths(ruleset, &plan.write, write)?))
    }

    /// Restricts this thread and all that it starts. Allocates nothing.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn apply(self) -> io::Result<()> {
        let Self(mut ruleset) = self;
        let refused = |_| io::Error::from_raw_os_error(libc::EPERM);
        // It may open its own terminal again, as /dev/stdout, and no other.
        // SAFETY: standard output is open, as this process is about to become a program.
        let output = unsafe { BorrowedFd::borrow_raw(libc::STDOUT_FILENO) };
        if output.is_terminal() {
            let rule = PathBeneath::new(output, terminal());
            ruleset = ruleset.add_rule(rule).map_err(refused)?;
        }
        // What it knows of itself. Processes that it starts do not get this where the rules leave out
        // other processes: nobody knows their ids yet.
        if let Ok(own) = open(c"/proc/self", OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty()) {
            let rule = PathBeneath::new(own, of_processes());
            ruleset = ruleset.add_rule(rule).map_err(refused)?;
        }
        let status = ruleset.restrict_self().map_err(refused)?;
        match (status.ruleset, status.landlock) {
            (RulesetStatus::NotEnforced, _) => Err(io::Error::from_raw_os_error(libc::ENOSYS)),
            (_, LandlockStatus::Available { .. }) => Ok(()),
            _ => Err(io::Error::from_raw_os_error(libc::ENOSYS)),
        }
    }
}

/// Lets a command change nothing but what is in this folder, whose path is a real one: one of the
/// user's programs that writes where a learner can put links. Has no effect where there is no
/// Landlock.
///
/// # Errors
///
/// If there is a link on the way to the folder, or the system refuses.
pub fn write_only_in(command: &mut Command, folder: &Path) -> io::Result<()> {
    if version() == 0 {
        return Ok(());
    }
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_write(NEWEST))
        .and_then(Ruleset::create)
        .map_err(io::Error::other)?;
    let write = AccessFs::from_write(NEWEST);
    let mut ruleset = Some(of_real_paths(ruleset, [&folder.to_owned()], write)?);
    let restrict = move || match ruleset.take().map(RulesetCreated::restrict_self) {
        Some(Err(_)) => Err(io::Error::from_raw_os_error(libc::EPERM)),
        _ => Ok(()),
    };
    // SAFETY: between fork and exec it only makes system calls: nothing is allocated or locked.
    unsafe { command.pre_exec(restrict) };
    Ok(())
}

/// Adds what may be done with each of these files and folders, as far as they exist.
fn of_real_paths<'a>(
    mut ruleset: RulesetCreated,
    paths: impl IntoIterator<Item = &'a PathBuf>,
    access: BitFlags<AccessFs>,
) -> io::Result<RulesetCreated> {
    for path in paths {
        let Some(opened) = real_path::open(path)? else { continue };
        // The kernel takes no rights of folders for a file.
        let access = if real_path::is_folder(&opened)? {
            access
        } else {
            access & AccessFs::from_file(NEWEST)
        };
        let rule = PathBeneath::new(opened, access);
        ruleset = ruleset.add_rule(rule).map_err(io::Error::other)?;
    }
    Ok(ruleset)
}

fn of_processes() -> BitFlags<AccessFs> {
    AccessFs::ReadFile | AccessFs::ReadDir
}

fn terminal() -> BitFlags<AccessFs> {
    AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev
}
