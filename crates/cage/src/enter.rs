//! Puts a process into a cage, along with the programs that it starts.

use crate::confine::{confine, end_with_this_thread};
use crate::held::Held;
use crate::private_folder::{PrivateFolder, empty};
use crate::{Base, Plan, mounts, namespaces, set_user_id, system};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::libc;
use seccompiler::BpfProgram;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::process::Command;
use std::ptr;

impl Plan {
    /// Puts this process into the cage, so that it can start programs there. It must have only one
    /// thread.
    ///
    /// With namespaces, this process stays outside as a mere stub, which ends when its only child
    /// does, and in the same way. It is the child that returns: the first process of the new
    /// namespaces. When either ends, the kernel ends all processes in there.
    ///
    /// # Errors
    ///
    /// If a layer of the plan cannot be used. The process must not go on then.
    pub fn enter(self) -> io::Result<Entered> {
        self.enter_by(None).map_err(failed)
    }

    /// The same for a process that was forked by the one that has made the base, with the flags of its
    /// [namespaces](Base::namespaces). There is no stub: this process goes on in the cage.
    ///
    /// # Errors
    ///
    /// As above, and if the base is one of other cages.
    pub fn enter_from(self, base: &Base) -> io::Result<Entered> {
        match base.serves(&self) {
            true => self.enter_by(Some(base)).map_err(failed),
            false => Err(failed(io::Error::other("its base is that of another one"))),
        }
    }

    fn enter_by(mut self, base: Option<&Base>) -> io::Result<Entered> {
        keep_descriptors_from_programs()?;
        leave_keys();
        for path in self.read.iter_mut().chain(&mut self.links).chain(&mut self.write) {
            *path = std::path::absolute(&path)?;
        }
        let filter = base.and_then(Base::filter).cloned();
        if self.layers.namespaces {
            match base.and_then(|base| base.mounts.as_ref()) {
                Some(base) => namespaces::enter_own(&self, Some(base))?,
                None => namespaces::enter(&self)?,
            }
            return Ok(Entered { plan: self, folder: Folder::Mounted, filter });
        }
        if self.loopback {
            let why = "a loopback interface of its own needs namespaces";
            return Err(io::Error::new(io::ErrorKind::Unsupported, why));
        }
        let folder = PrivateFolder::new()?;
        Ok(Entered { plan: self, folder: Folder::Temporary(folder), filter })
    }
}

/// Why there is no cage.
pub fn failed(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("the cage could not be set up: {error}"))
}

impl Plan {
    /// Whether a program may read this file or folder, as seen from outside.
    #[must_use]
    pub fn may_read(&self, path: &Path) -> bool {
        let Ok(path) = path.canonicalize() else { return false };
        let given = self.read.iter().chain(&self.write).cloned();
        // These first: the system has many.
        let readable = given.chain(system::readable()).filter_map(|path| path.canonicalize().ok());
        readable.into_iter().any(|readable| path.starts_with(readable))
    }
}

/// A cage that this process is in. Without namespaces, the program's private folder is removed when
/// it is dropped.
pub struct Entered {
    plan: Plan,
    folder: Folder,
    /// The filter of the plan, if it has been made.
    filter: Option<BpfProgram>,
}

enum Folder {
    /// A file system that ends with its namespace.
    Mounted,
    Temporary(PrivateFolder),
}

impl Entered {
    /// Confines the program that this command starts. Its environment becomes that of the plan. All
    /// layers take effect before it is loaded, and before any `pre_exec` that the command gets
    /// later.
    ///
    /// # Errors
    ///
    /// If a layer of the plan cannot be used. If that shows only when the program starts, starting
    /// it fails.
    pub fn confine(&self, command: &mut Command) -> io::Result<()> {
        confine(command, &self.plan, self.private_folder(), self.filter.clone())
    }

    /// The program that this command starts is killed when the thread that starts it ends, even if
    /// there are no namespaces to see to that.
    pub fn end_with_this_thread(&self, command: &mut Command) {
        if !self.plan.layers.namespaces {
            end_with_this_thread(command);
        }
    }

    /// The program's private folder. With namespaces, it is on a file system of its own, along with
    /// `/dev/shm`.
    #[must_use]
    pub fn private_folder(&self) -> &Path {
        match &self.folder {
            Folder::Mounted => Path::new(mounts::PRIVATE),
            Folder::Temporary(folder) => folder.path(),
        }
    }

    /// Removes what a program has left in its private folder, after all its processes have ended.
    ///
    /// # Errors
    ///
    /// If something cannot be removed.
    pub fn clear(&self) -> io::Result<()> {
        if let Folder::Mounted = self.folder {
            empty(Path::new(mounts::SHARED_MEMORY), |_| false)?;
        }
        let kept = self.mounted_in_private_folder();
        empty(self.private_folder(), |name| kept.iter().any(|kept| kept == name))
    }

    /// Removes files outside that would give their owner's or group's rights to whoever runs them. The
    /// filter lets no program make one; to be called after all have ended, as there may be none.
    pub fn remove_set_user_id_programs(&self) {
        if self.plan.layers.filter {
            return;
        }
        for folder in &self.plan.write {
            set_user_id::remove_programs(folder);
        }
    }

    /// What is in the private folder only because the plan has a path there, such as /tmp/answer.
    fn mounted_in_private_folder(&self) -> Vec<OsString> {
        let here = std::env::current_dir().ok();
        let Plan { read, links, write, .. } = &self.plan;
        let paths = read.iter().chain(links).chain(write).chain(&here);
        let inside = paths.filter_map(|path| path.strip_prefix(mounts::PRIVATE).ok());
        inside.filter_map(|path| path.iter().next()).map(OsStr::to_owned).collect()
    }

    /// What holds the programs that start here.
    #[must_use]
    pub fn held(&self) -> Held {
        self.plan.layers.held()
    }
}

/// Joins a new session keyring, with none of the user's keys in it. Where the system has no keys, or
/// keeps them from this process, nothing needs to be done.
fn leave_keys() {
    const KEYCTL_JOIN_SESSION_KEYRING: libc::c_int = 1;
    // SAFETY: without a name, the call takes no other pointer.
    unsafe {
        libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, ptr::null::<libc::c_char>());
    }
}

/// Programs get none of the open files that this process has inherited, but for the standard
/// streams.
fn keep_descriptors_from_programs() -> io::Result<()> {
    // SAFETY: with this flag, it closes nothing.
    let all = unsafe {
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC)
    };
    if all == 0 {
        return Ok(());
    }
    // Linux before 5.11: one after the other.
    let names = fs::read_dir("/proc/self/fd")?.map(|entry| Ok(entry?.file_name()));
    // All names first: the descriptor that lists them is closed by then.
    let names = names.collect::<io::Result<Vec<_>>>()?;
    let number = |name: OsString| name.to_str()?.parse().ok();
    for descriptor in names.into_iter().filter_map(number).filter(|number| *number > 2) {
        // SAFETY: if it has been closed, the call fails and does nothing else.
        let descriptor = unsafe { BorrowedFd::borrow_raw(descriptor) };
        let _ = fcntl(descriptor, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC));
    }
    Ok(())
}
