//! The machines that hostile programs are run on. They are all this one, but for what the kernel is
//! told to refuse.

use nix::libc;
use std::fs;
use std::io;
use std::mem::offset_of;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// An ordinary user that is there on every machine.
const NOBODY: u32 = 65534;

/// Who runs the checker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    Root,
    Ordinary,
}

/// What the machine does not offer, although its kernel could.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacks {
    Nothing,
    /// As in a container with Docker's default profile: neither namespaces nor mounts, and root has
    /// few of its privileges.
    Namespaces,
    /// As a kernel without Landlock.
    Landlock,
    /// Namespaces can be made, but nothing can be mounted in them, as where AppArmor restricts them.
    Mounts,
    /// An outer sandbox decides about system calls, so that no inner one can.
    Listener,
}

/// A machine, with the checker on it.
pub struct Machine {
    user: User,
    lacks: Lacks,
    /// Options of the checker.
    pub options: &'static str,
    /// Removed at the end.
    folder: TempDir,
}

impl Machine {
    /// A machine that lacks this, whose user starts the checker with these options.
    pub fn new(user: User, lacks: Lacks, options: &'static str) -> Self {
        let folder = open_folder();
        copy_program(Path::new(env!("CARGO_BIN_EXE_checker")), &folder.path().join("checker"));
        Self { user, lacks, options, folder }
    }

    /// The clocks that programs are checked on: of the machines that lack nothing, all; elsewhere, what
    /// they do on one of them is enough.
    pub fn clocks(&self) -> &'static [&'static str] {
        match (self.lacks, self.options, self.user) {
            (Lacks::Nothing, "", User::Root) => &["auto", "real"],
            (Lacks::Nothing, "", User::Ordinary) => &["real", "auto"],
            _ => &["real"],
        }
    }

    /// Whether programs run in a cage.
    pub fn has_cage(&self) -> bool {
        self.options != "--cage off"
    }

    /// Whether a cage here has a filter of system calls.
    pub fn has_filter(&self) -> bool {
        !self.options.contains("filter")
    }

    /// A folder that every user can enter, on the same file system as the checker.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The checker, which every user can read.
    pub fn checker(&self) -> PathBuf {
        self.folder.path().join("checker")
    }

    /// Lets the user of this machine run the command.
    pub fn as_user(&self, command: &mut Command) {
        if let Some(id) = self.other_user() {
            command.uid(id).gid(id);
        }
    }

    /// The user of this machine, if that is another than the one of the tests: nobody.
    pub fn other_user(&self) -> Option<u32> {
        (self.user == User::Ordinary && rustix::process::geteuid().is_root()).then_some(NOBODY)
    }

    /// Where its user finds programs: not in the home folder of the user of the tests. None if that is
    /// the same user.
    pub fn path(&self) -> Option<&'static str> {
        self.other_user().map(|_| "/usr/local/bin:/usr/bin:/bin")
    }

    /// Runs the command on this machine, as its user.
    pub fn on_this_machine(&self, command: &mut Command) {
        self.as_user(command);
        let refused = match self.lacks {
            Lacks::Nothing => return,
            Lacks::Namespaces => &NAMESPACES_AND_MOUNTS[..],
            Lacks::Landlock => &LANDLOCK[..],
            Lacks::Mounts => &MOUNTS[..],
            Lacks::Listener => &[],
        };
        let listens = self.lacks == Lacks::Listener;
        let filter = filter(refused, self.lacks == Lacks::Namespaces);
        let drops_privileges = self.user == User::Root && self.lacks == Lacks::Namespaces;
        // SAFETY: between fork and exec, this makes system calls and allocates nothing.
        unsafe {
            command.pre_exec(move || {
                if drops_privileges {
                    drop_privileges()?;
                }
                install(&filter, listens)
            });
        }
    }
}

/// Copies a program, by another process: the child of another test may hold a file open that this one
/// writes, and the system starts no program that is open for writing.
pub fn copy_program(from: &Path, to: &Path) {
    let copied = Command::new("cp").args([from, to]).status();
    assert!(copied.expect("cp").success());
}

/// A folder that every user can enter. Removed at the end.
pub fn open_folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("cage-").tempdir().expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
    folder
}

/// Whether this kernel offers all that a cage can be made of, to all users: namespaces, and a Landlock
/// that knows of signals and abstract sockets (version 6).
pub fn offers_all_layers() -> bool {
    let version = 1;
    // SAFETY: with this flag, the call has no pointers to follow.
    let landlock = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0, 0, version) };
    let mut namespaces = Command::new("unshare");
    namespaces.args(["--user", "--map-root-user", "--mount", "--net", "--pid", "--ipc", "true"]);
    namespaces.stderr(std::process::Stdio::null());
    if rustix::process::geteuid().is_root() {
        namespaces.uid(NOBODY).gid(NOBODY);
    }
    landlock >= 6 && namespaces.status().is_ok_and(|status| status.success())
}

/// The privileges that Docker leaves to root: see `docker run --cap-add`.
const OF_ROOT_IN_A_CONTAINER: [u32; 14] = [
    0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31, // CHOWN to SETFCAP
];

/// Root gets these only with the next program.
fn drop_privileges() -> io::Result<()> {
    for capability in 0..=40 {
        if !OF_ROOT_IN_A_CONTAINER.contains(&capability) {
            // SAFETY: a system call without pointers. What this kernel does not know is not there.
            unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        }
    }
    Ok(())
}

/// A system call, and the error that it ends with.
type Refused = (libc::c_long, libc::c_int);

/// The part of <https://github.com/moby/profiles/blob/main/seccomp/default.json> that concerns a cage.
const NAMESPACES_AND_MOUNTS: [Refused; 16] = [
    (libc::SYS_unshare, libc::EPERM),
    (libc::SYS_setns, libc::EPERM),
    (libc::SYS_clone3, libc::ENOSYS),
    (libc::SYS_mount, libc::EPERM),
    (libc::SYS_umount2, libc::EPERM),
    (libc::SYS_pivot_root, libc::EPERM),
    (libc::SYS_open_tree, libc::EPERM),
    (libc::SYS_move_mount, libc::EPERM),
    (libc::SYS_fsopen, libc::EPERM),
    (libc::SYS_fsconfig, libc::EPERM),
    (libc::SYS_fsmount, libc::EPERM),
    (libc::SYS_fspick, libc::EPERM),
    (libc::SYS_mount_setattr, libc::EPERM),
    (libc::SYS_io_uring_setup, libc::EPERM),
    (libc::SYS_io_uring_enter, libc::EPERM),
    (libc::SYS_io_uring_register, libc::EPERM),
];

const LANDLOCK: [Refused; 3] = [
    (libc::SYS_landlock_create_ruleset, libc::ENOSYS),
    (libc::SYS_landlock_add_rule, libc::ENOSYS),
    (libc::SYS_landlock_restrict_self, libc::ENOSYS),
];

const MOUNTS: [Refused; 6] = [
    (libc::SYS_mount, libc::EACCES),
    (libc::SYS_umount2, libc::EACCES),
    (libc::SYS_pivot_root, libc::EACCES),
    (libc::SYS_open_tree, libc::EACCES),
    (libc::SYS_move_mount, libc::EACCES),
    (libc::SYS_fsopen, libc::EACCES),
];

const NEW_NAMESPACES: libc::c_int = libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET;

/// A filter that refuses these system calls and, if asked for, new namespaces by clone.
fn filter(refused: &[Refused], and_namespaces: bool) -> Vec<libc::sock_filter> {
    let load =
        |offset: usize| step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset as u32, 0, 0);
    let end = |result: u32| step(libc::BPF_RET | libc::BPF_K, result, 0, 0);
    let error = |error: i32| end(libc::SECCOMP_RET_ERRNO | error as u32);
    let if_equal = |value: u32, no| step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, value, 0, no);
    let mut filter = vec![load(offset_of!(libc::seccomp_data, nr))];
    for &(call, code) in refused {
        filter.extend([if_equal(call as u32, 1), error(code)]);
    }
    if and_namespaces {
        let if_any =
            step(libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K, NEW_NAMESPACES as u32, 0, 1);
        let flags = load(offset_of!(libc::seccomp_data, args));
        filter.extend([if_equal(libc::SYS_clone as u32, 3), flags, if_any, error(libc::EPERM)]);
    }
    filter.push(end(libc::SECCOMP_RET_ALLOW));
    filter
}

fn step(code: u32, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code: code as u16, jt, jf, k }
}

/// Installs a filter. If it `listens`, its listener stays open in the next program.
fn install(filter: &[libc::sock_filter], listens: bool) -> io::Result<()> {
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
    let flags = if listens { libc::SECCOMP_FILTER_FLAG_NEW_LISTENER } else { 0 };
    let operation = libc::SECCOMP_SET_MODE_FILTER;
    // SAFETY: the program is valid until the call returns; the kernel copies it.
    let result = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        libc::syscall(libc::SYS_seccomp, operation, flags, &raw const program)
    };
    if listens && result > 0 {
        // SAFETY: a system call without pointers.
        unsafe { libc::fcntl(result as libc::c_int, libc::F_SETFD, 0) };
    }
    if result >= 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
