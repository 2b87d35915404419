//! Namespaces of processes, mounts, the network and IPC: what is outside has no name inside.

use crate::mounts;
use crate::{Kind, Plan, shut_off};
use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::{set_dumpable, set_pdeathsig};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Gid, Pid, Uid, fork, getgid, getuid};
use rustix::thread::{CapabilitySet, capabilities};
use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

/// Those of a cage, besides that of users.
const ALL: CloneFlags = CloneFlags::CLONE_NEWPID
    .union(CloneFlags::CLONE_NEWNS)
    .union(CloneFlags::CLONE_NEWNET)
    .union(CloneFlags::CLONE_NEWIPC);

/// Those in which nothing has a name, if the filter sees to that.
const NAMELESS: CloneFlags = CloneFlags::CLONE_NEWNET.union(CloneFlags::CLONE_NEWIPC);

/// Those that are new for each cage of this kind. The rest are [shared](share).
pub fn own(kind: Kind) -> CloneFlags {
    if kind.shares_nameless() { ALL.difference(NAMELESS) } else { ALL }
}

/// Goes on as the first process of new namespaces. The process that called this becomes a stub that
/// ends as its child does.
///
/// # Errors
///
/// If the system refuses. Then it is not known how far this process has got.
pub fn enter(plan: &Plan) -> io::Result<()> {
    if is_privileged() {
        unshare(CloneFlags::CLONE_NEWPID).map_err(|why| failed("a process namespace", why))?;
    } else {
        enter_user(CloneFlags::CLONE_NEWPID)?;
    }
    become_first_process()?;
    unshare(ALL.difference(CloneFlags::CLONE_NEWPID))
        .map_err(|why| failed("namespaces of mounts and the network", why))?;
    enter_own(plan, None)
}

/// Goes on in this process, which is the first one in namespaces of its own.
///
/// # Errors
///
/// If the system refuses. Then it is not known how far this process has got.
pub fn enter_own(plan: &Plan, base: Option<&mounts::Base>) -> io::Result<()> {
    if plan.loopback {
        bring_up_loopback().map_err(|why| failed("the loopback interface", why))?;
    }
    mounts::replace_all(plan, base)
}

/// Enters the namespaces that several cages of this kind can share, and mounts in there what they have
/// in common.
///
/// # Errors
///
/// If the system refuses. Then it is not known how far this process has got.
pub fn share(kind: Kind) -> io::Result<mounts::Base> {
    // Each cage gets a copy of this mount namespace.
    let shared = CloneFlags::CLONE_NEWNS | ALL.difference(own(kind));
    if is_privileged() {
        unshare(shared).map_err(|why| failed("namespaces to share", why))?;
    } else {
        enter_user(shared)?;
    }
    mounts::Base::mount()
}

fn is_privileged() -> bool {
    capabilities(None)
        .is_ok_and(|capabilities| capabilities.effective.contains(CapabilitySet::SYS_ADMIN))
}

/// Enters a user namespace, and another one along with it.
fn enter_user(and: CloneFlags) -> io::Result<()> {
    // Inside, it has none until they are mapped.
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER | and).map_err(|why| failed("a user namespace", why))?;
    keep(user, group).map_err(|why| failed("a user namespace", why))
}

fn failed(what: &str, why: impl Into<io::Error>) -> io::Error {
    let why = why.into();
    io::Error::new(why.kind(), format!("{what}: {why}"))
}

/// In this new user namespace, this user and this group have the same ids as outside.
fn keep(user: Uid, group: Gid) -> io::Result<()> {
    let write_maps = || {
        // Without this, the kernel lets nobody without privileges map groups.
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
        fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
    };
    // The files in /proc of a process that is closed to others are root's.
    set_dumpable(true)?;
    let written = write_maps();
    set_dumpable(false)?;
    written
}

/// Forks. Only the child returns; it cannot outlive its parent.
fn become_first_process() -> io::Result<()> {
    let (alive, stub) = io::pipe()?;
    // SAFETY: this process has one thread.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            drop(alive);
            stand_in_for(child)
        }
        ForkResult::Child => {
            drop(stub);
            set_pdeathsig(Signal::SIGKILL)?;
            // It may have ended just before that.
            let mut end = [PollFd::new(alive.as_fd(), PollFlags::empty())];
            match poll(&mut end, PollTimeout::ZERO)? {
                0 => Ok(()),
                _ => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
            }
        }
    }
}

/// Ends as the child does, and is stopped when it is.
fn stand_in_for(child: Pid) -> ! {
    // Nothing but SIGKILL ends this process before its child.
    let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), None);
    loop {
        match waitpid(child, Some(WaitPidFlag::WUNTRACED)) {
            Ok(WaitStatus::Exited(_, code)) => shut_off(code),
            Ok(WaitStatus::Signaled(..)) => {
                let _ = kill(Pid::this(), Signal::SIGKILL);
            }
            Ok(WaitStatus::Stopped(..)) => {
                let _ = kill(Pid::this(), Signal::SIGSTOP);
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => shut_off(1),
        }
    }
}

/// In a new network namespace, the loopback interface is down.
fn bring_up_loopback() -> io::Result<()> {
    use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
    nix::ioctl_readwrite_bad!(get_flags, libc::SIOCGIFFLAGS, libc::ifreq);
    nix::ioctl_write_ptr_bad!(set_flags, libc::SIOCSIFFLAGS, libc::ifreq);
    let any = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    // SAFETY: an all-zero value of this plain C structure is valid.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name[0] = b'l' as libc::c_char;
    request.ifr_name[1] = b'o' as libc::c_char;
    // SAFETY: the structure is the one of these requests, the kernel sets the flags in it, and the
    // descriptor is open.
    unsafe {
        get_flags(any.as_raw_fd(), &mut request)?;
        request.ifr_ifru.ifru_flags |= libc::IFF_UP as libc::c_short;
        set_flags(any.as_raw_fd(), &request)?;
    }
    Ok(())
}
