//! System calls that the kernel refuses: those that get around the other layers, and those that no
//! program here needs.

use nix::libc::{self, c_int, c_long};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Op,
    SeccompCondition, SeccompFilter, SeccompRule, TargetArch, sock_filter,
};
use std::collections::BTreeMap;
use std::io;

/// What the filter need not hold, because another layer does.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere {
    /// Files outside cannot be changed, not even their owner, mode and times.
    pub mounts: bool,
    /// Files outside cannot be truncated.
    pub truncation: bool,
    /// Signals do not reach processes outside.
    pub signals: bool,
    /// The network has nothing but a loopback interface, which may be used.
    pub loopback: bool,
}

/// How many calls are compared one after the other.
const MOST_IN_A_ROW: usize = 4;

/// The filter.
///
/// # Errors
///
/// If there is none for this architecture.
pub fn program(elsewhere: Elsewhere) -> io::Result<BpfProgram> {
    let architecture = architecture()
        .ok_or_else(|| io::Error::other("there is no system call filter for this processor"))?;
    let calls = calls(elsewhere).map_err(io::Error::other)?;
    let search = search(&calls, architecture).map_err(io::Error::other)?;
    Ok([&refuse_foreign_and_new_calls(architecture)[..], &search].concat())
}

/// A call that is refused by these rules, and the error with which it is.
type Call = (i64, Vec<SeccompRule>, c_int);

/// All calls that are refused, by their numbers.
fn calls(elsewhere: Elsewhere) -> Result<Vec<Call>, BackendError> {
    let by_error = [
        (sockets(elsewhere.loopback)?, libc::EACCES),
        (forbidden(elsewhere)?, libc::EPERM),
        (unknown()?, libc::ENOSYS),
    ];
    let with = |(rules, error): (Rules, c_int)| {
        rules.into_iter().map(move |(number, rules)| (number, rules, error))
    };
    let mut calls: Vec<_> = by_error.into_iter().flat_map(with).collect();
    calls.sort_by_key(|(number, ..)| *number);
    Ok(calls)
}

/// Instructions that find a call among these, and refuse it if a rule matches. They halve what is
/// left at each step: as a filter is put in place, the kernel goes through it for every call that
/// there is, to know those that are always allowed.
fn search(calls: &[Call], architecture: TargetArch) -> Result<BpfProgram, BackendError> {
    let error = calls.first().map_or(0, |(_, _, error)| *error);
    if calls.len() <= MOST_IN_A_ROW && calls.iter().all(|(_, _, other)| *other == error) {
        let rules: Rules = calls.iter().map(|(call, rules, _)| (*call, rules.clone())).collect();
        let (allow, refuse) = (SeccompAction::Allow, SeccompAction::Errno(error as u32));
        return SeccompFilter::new(rules, allow, refuse, architecture)?.try_into();
    }
    let (lower, higher) = calls.split_at(calls.len() / 2);
    let from = higher[0].0 as u32;
    let [lower, higher] = [search(lower, architecture)?, search(higher, architecture)?];
    let over_lower = instruction(libc::BPF_JMP | libc::BPF_JA, 0, 0, lower.len() as u32);
    let is_higher = instruction(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 1, from);
    Ok([&[LOAD_NUMBER, is_higher, over_lower][..], &lower, &higher].concat())
}

fn architecture() -> Option<TargetArch> {
    TargetArch::try_from(std::env::consts::ARCH).ok()
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;
type Built = Result<Rules, BackendError>;

/// A test of an argument, counted from 0.
fn test(argument: u8, op: Op, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Length::Dword, op, value)
}

/// Matches if one of these does, each of which is a test of an argument.
fn any(tests: &[(u8, Op, c_int)]) -> Result<Vec<SeccompRule>, BackendError> {
    // A negative value has 32 bits, like the argument.
    let rule = |(argument, op, value): &(u8, Op, c_int)| {
        SeccompRule::new(vec![test(*argument, op.clone(), u64::from(*value as u32))?])
    };
    tests.iter().map(rule).collect()
}

/// Sockets, except for pairs, which are connected to each other from the start.
fn sockets(loopback: bool) -> Built {
    let mut rules = Rules::new();
    // The rest of this argument is flags.
    const KIND: u64 = 0xf;
    let kind = |kind: c_int| (1, Op::MaskedEq(KIND), kind);
    // A pair for datagrams can be connected to another socket. A raw one is the same.
    let pairs = [(0, Op::Ne, libc::AF_UNIX), kind(libc::SOCK_DGRAM), kind(libc::SOCK_RAW)];
    rules.insert(libc::SYS_socketpair, any(&pairs)?);
    let socket = if loopback {
        let is = |family: c_int| test(0, Op::Ne, family as u64);
        let mut refused = vec![SeccompRule::new(vec![is(libc::AF_INET)?, is(libc::AF_INET6)?])?];
        let others = [libc::SOCK_RAW, libc::SOCK_RDM, libc::SOCK_SEQPACKET, libc::SOCK_DCCP, 10];
        refused.extend(any(&others.map(kind))?);
        refused
    } else {
        Vec::new()
    };
    rules.insert(libc::SYS_socket, socket);
    if !loopback {
        // A pair needs no name, which would be one of the whole network.
        rules.insert(libc::SYS_bind, Vec::new());
        // With these, the kernel gives it one when it sends.
        let naming = [libc::SO_PASSCRED, libc::SO_PASSPIDFD];
        rules.insert(libc::SYS_setsockopt, any(&naming.map(|option| (2, Op::Eq, option)))?);
    }
    Ok(rules)
}

/// Calls that seem not to exist, so that programs do without them.
fn unknown() -> Built {
    let all = [
        // Its flags are in memory, where they can change. The C library starts threads without it,
        // too.
        libc::SYS_clone3,
        // These could make other refused calls unseen.
        libc::SYS_io_uring_setup,
        libc::SYS_io_uring_enter,
        libc::SYS_io_uring_register,
        // Memory that no process need map, so that nobody sees whose it is.
        libc::SYS_memfd_create,
        libc::SYS_memfd_secret,
        // It keeps 2 MB of memory in a pipe for each byte in a huge page, and nobody sees whose they are.
        libc::SYS_vmsplice,
        // Its flags and its mode are in memory.
        libc::SYS_openat2,
    ];
    let mut rules: Rules = all.into_iter().map(|call| (call, Vec::new())).collect();
    // It takes room for a file without making it larger, unseen by the limit on a file's size. With
    // the other flag, it gives room back.
    let mode = libc::FALLOC_FL_KEEP_SIZE | libc::FALLOC_FL_PUNCH_HOLE;
    let keeps_size = (1, Op::MaskedEq(mode as u64), libc::FALLOC_FL_KEEP_SIZE);
    rules.insert(libc::SYS_fallocate, any(&[keeps_size])?);
    Ok(rules)
}

/// Always refused.
const FORBIDDEN: &[c_long] = &[
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_migrate_pages,
    // The kernel.
    libc::SYS_perf_event_open,
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_fanotify_init,
    libc::SYS_syslog,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    // Mounts and namespaces.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_open_tree,
    OPEN_TREE_ATTR,
    libc::SYS_move_mount,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    // Keys.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // Memory and messages that outlive the program.
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_semctl,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
];

/// Also refused on this architecture, which alone has them.
#[cfg(target_arch = "x86_64")]
const FORBIDDEN_HERE: &[c_long] =
    &[libc::SYS_kexec_file_load, libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_modify_ldt];
#[cfg(not(target_arch = "x86_64"))]
const FORBIDDEN_HERE: &[c_long] = &[];

/// Calls that change a file's owner, mode, times or attributes. Without this, a program could do
/// that to files that it may only read, if they belong to its user.
const CHANGE_ATTRIBUTES: &[c_long] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    SETXATTRAT,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    REMOVEXATTRAT,
    FILE_SETATTR,
];

#[cfg(target_arch = "x86_64")]
const CHANGE_ATTRIBUTES_HERE: &[c_long] = &[
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
];
#[cfg(not(target_arch = "x86_64"))]
const CHANGE_ATTRIBUTES_HERE: &[c_long] = &[];

// `libc` does not have these. Calls this new have the same number everywhere.
const STATMOUNT: c_long = 457;
const LISTMOUNT: c_long = 458;
const SETXATTRAT: c_long = 463;
const REMOVEXATTRAT: c_long = 466;
const OPEN_TREE_ATTR: c_long = 467;
const FILE_SETATTR: c_long = 469;
/// The first call that did not exist when this was written.
const FIRST_NEW: u32 = 470;

/// Type into a terminal, as if the user did, or load another line discipline for it.
const CHANGE_TERMINAL: [c_int; 3] =
    [libc::TIOCSTI as c_int, libc::TIOCLINUX as c_int, libc::TIOCSETD as c_int];
/// FS_IOC_SETFLAGS and FS_IOC_FSSETXATTR.
const SET_FILE_FLAGS: [c_int; 2] = [0x4008_6602, 0x401c_5820];

/// F_SETDELEG, since Linux 6.19.
const SET_DELEGATION: c_int = 1040;
/// Whoever opens a file has to wait for those who hold it like this, or is noticed by them.
const HOLD_FILES: [c_int; 3] = [libc::F_SETLEASE, libc::F_NOTIFY, SET_DELEGATION];

/// Modes of a file that give its user's or its group's rights to whoever runs it.
const RIGHTS_OF_OWNER: [c_int; 2] = [libc::S_ISUID as c_int, libc::S_ISGID as c_int];

/// Calls that set a file's mode, and which argument that is.
const SET_MODE: &[(c_long, u8)] = &[
    (libc::SYS_fchmod, 1),
    (libc::SYS_fchmodat, 2),
    (libc::SYS_fchmodat2, 2),
    (libc::SYS_mknodat, 2),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_chmod, 1),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_mknod, 1),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_creat, 1),
];

/// Calls that open a file, and which argument its flags are. The mode is the next one.
const OPEN: &[(c_long, u8)] = &[
    (libc::SYS_openat, 2),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_open, 1),
];

/// New namespaces.
const NAMESPACES: [c_int; 7] = [
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWUTS,
];

fn forbidden(elsewhere: Elsewhere) -> Built {
    let mut rules = Rules::new();
    // A file with the rights of the checker's user would outlive the cage in a folder that the
    // program may write to.
    for (call, mode) in SET_MODE {
        rules.insert(*call, any(&RIGHTS_OF_OWNER.map(|right| has(*mode, right)))?);
    }
    for (call, flags) in OPEN {
        rules.insert(*call, opening(*flags, elsewhere)?);
    }
    rules.insert(libc::SYS_fcntl, any(&HOLD_FILES.map(|request| (1, Op::Eq, request)))?);
    let mut always = |calls: &[c_long]| rules.extend(calls.iter().map(|call| (*call, Vec::new())));
    always(FORBIDDEN);
    always(FORBIDDEN_HERE);
    let mut requests = CHANGE_TERMINAL.to_vec();
    if !elsewhere.mounts {
        always(CHANGE_ATTRIBUTES);
        always(CHANGE_ATTRIBUTES_HERE);
        // Landlock lets it watch any folder.
        always(&[libc::SYS_inotify_add_watch]);
        // These say what is mounted.
        always(&[STATMOUNT, LISTMOUNT]);
        requests.extend(SET_FILE_FLAGS);
    }
    let requests: Vec<_> = requests.into_iter().map(|request| (1, Op::Eq, request)).collect();
    rules.insert(libc::SYS_ioctl, any(&requests)?);
    rules.insert(libc::SYS_clone, any(&NAMESPACES.map(|flag| has(0, flag)))?);
    // Those about other processes: 0 is the caller.
    for call in [
        libc::SYS_prlimit64,
        libc::SYS_sched_setscheduler,
        libc::SYS_sched_setparam,
        libc::SYS_sched_setattr,
        libc::SYS_sched_setaffinity,
        libc::SYS_move_pages,
    ] {
        rules.insert(call, any(&[(0, Op::Ne, 0)])?);
    }
    // With a limit of 0 on core dumps, Linux may pipe one to a program of the system.
    let core = libc::RLIMIT_CORE as c_int;
    rules.insert(libc::SYS_setrlimit, any(&[(0, Op::Eq, core)])?);
    let is_set = SeccompCondition::new(2, Length::Qword, Op::Ne, 0)?;
    let set_core = SeccompRule::new(vec![test(1, Op::Eq, core as u64)?, is_set])?;
    rules.entry(libc::SYS_prlimit64).or_default().push(set_core);
    const ONE_PROCESS: c_int = 1;
    for (call, one_process) in
        [(libc::SYS_setpriority, libc::PRIO_PROCESS as c_int), (libc::SYS_ioprio_set, ONE_PROCESS)]
    {
        rules.insert(call, any(&[(0, Op::Ne, one_process), (1, Op::Ne, 0)])?);
    }
    if !elsewhere.signals {
        // -1 is everybody.
        rules.insert(libc::SYS_kill, any(&[(0, Op::Eq, -1)])?);
    }
    if !elsewhere.truncation {
        rules.insert(libc::SYS_truncate, Vec::new());
    }
    Ok(rules)
}

/// Matches if an argument has this bit.
fn has(argument: u8, bit: c_int) -> (u8, Op, c_int) {
    (argument, Op::MaskedEq(bit as u32 as u64), bit)
}

/// What is refused of a call that opens a file, with these flags and a mode after them.
fn opening(flags: u8, elsewhere: Elsewhere) -> Result<Vec<SeccompRule>, BackendError> {
    let all = |tests: [(u8, Op, c_int); 2]| {
        let tests = tests.map(|(argument, op, value)| test(argument, op, value as u32 as u64));
        SeccompRule::new(tests.into_iter().collect::<Result<_, _>>()?)
    };
    let mut refused = Vec::new();
    // Without them, the mode counts for nothing, and may be anything.
    for makes in [libc::O_CREAT, libc::O_TMPFILE & !libc::O_DIRECTORY] {
        for right in RIGHTS_OF_OWNER {
            refused.push(all([has(flags, makes), has(flags + 1, right)])?);
        }
    }
    if !elsewhere.truncation {
        // Without writing to it, and yet emptying it.
        const NEITHER: c_int = libc::O_ACCMODE;
        let mask = Op::MaskedEq((libc::O_TRUNC | libc::O_ACCMODE) as u64);
        let empties = |access| (flags, mask.clone(), libc::O_TRUNC | access);
        refused.extend(any(&[libc::O_RDONLY, NEITHER].map(empties))?);
    }
    Ok(refused)
}

/// Instructions that go before the others. They refuse calls of another architecture, for
/// which the rest would kill the program; calls too new to be known; and those of x32, whose
/// numbers are higher still.
fn refuse_foreign_and_new_calls(architecture: TargetArch) -> [sock_filter; 5] {
    // As <linux/audit.h> has them.
    let own = match architecture {
        TargetArch::x86_64 => 0xc000_003e,
        TargetArch::aarch64 => 0xc000_00b7,
        TargetArch::riscv64 => 0xc000_00f3,
    };
    let jump = |test, k, jt, jf| instruction(libc::BPF_JMP | test | libc::BPF_K, jt, jf, k);
    let refused = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
    [
        LOAD_ARCHITECTURE,
        jump(libc::BPF_JEQ, own, 0, 2),
        LOAD_NUMBER,
        jump(libc::BPF_JGE, FIRST_NEW, 0, 1),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, refused),
    ]
}

// As <linux/seccomp.h> lays out what a filter may load.
const LOAD_NUMBER: sock_filter = load(0);
const LOAD_ARCHITECTURE: sock_filter = load(4);

const fn load(offset: u32) -> sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset)
}

const fn instruction(code: u32, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter { code: code as u16, jt, jf, k }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offered::works;
    use nix::errno::Errno;

    const ALL_HELD: Elsewhere =
        Elsewhere { mounts: true, truncation: true, signals: true, loopback: false };

    /// Whether a call without arguments, or only with these, fails with this error.
    fn fails(elsewhere: Elsewhere, number: c_long, arguments: [u64; 4], error: Errno) -> bool {
        works(|| {
            seccompiler::apply_filter(&program(elsewhere)?).map_err(io::Error::other)?;
            let [first, second, third, fourth] = arguments;
            // SAFETY: the kernel reads no memory at these addresses, as it refuses the call.
            let result = unsafe { libc::syscall(number, first, second, third, fourth) };
            match Errno::result(result) {
                Err(found) if found == error => Ok(()),
                other => Err(io::Error::other(format!("{other:?}"))),
            }
        })
    }

    #[test]
    fn each_call_is_found_in_few_steps() {
        let nothing = Elsewhere { mounts: false, truncation: false, signals: false, ..ALL_HELD };
        for elsewhere in [ALL_HELD, nothing, Elsewhere { loopback: true, ..ALL_HELD }] {
            let calls = calls(elsewhere).expect("there are rules");
            let numbers = calls.iter().map(|(number, ..)| *number);
            assert!(numbers.is_sorted_by(|one, next| one < next), "one is refused in two ways");
            let program = program(elsewhere).expect("there is a filter");
            for number in 0..FIRST_NEW {
                let rules = calls.iter().find(|(call, ..)| *call == i64::from(number));
                let expected = match rules {
                    Some((_, rules, _)) if !rules.is_empty() => None,
                    Some((_, _, error)) => Some(libc::SECCOMP_RET_ERRNO | *error as u32),
                    None => Some(libc::SECCOMP_RET_ALLOW),
                };
                let (found, steps) = run(&program, number);
                assert_eq!(found, expected, "{number}");
                assert!(steps < 64, "{number}: {steps}");
            }
        }
    }

    /// What a filter returns for a call, unless that depends on the arguments, and in how many steps.
    fn run(program: &[sock_filter], number: u32) -> (Option<u32>, usize) {
        const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
        const EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
        const NOT_LESS: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;
        const ALWAYS: u32 = libc::BPF_JMP | libc::BPF_JA;
        // Which the first two instructions load and compare.
        let architecture = program[1].k;
        let (mut at, mut loaded) = (0, 0);
        for steps in 1.. {
            let instruction = &program[at];
            at += 1;
            let over = |is_so| if is_so { instruction.jt } else { instruction.jf } as usize;
            match u32::from(instruction.code) {
                RETURN => return (Some(instruction.k), steps),
                EQUAL => at += over(loaded == instruction.k),
                NOT_LESS => at += over(loaded >= instruction.k),
                ALWAYS => at += instruction.k as usize,
                _ if instruction.k == LOAD_NUMBER.k => loaded = number,
                _ if instruction.k == LOAD_ARCHITECTURE.k => loaded = architecture,
                _ => return (None, steps),
            }
        }
        unreachable!("it ends")
    }

    #[test]
    fn calls_that_are_too_new_or_of_another_architecture_seem_not_to_exist() {
        const X32: c_long = 0x4000_0000;
        let unknown = [libc::SYS_clone3, libc::SYS_vmsplice];
        for call in unknown.into_iter().chain([FIRST_NEW.into(), X32 | libc::SYS_getpid]) {
            assert!(fails(ALL_HELD, call, [0; 4], Errno::ENOSYS), "{call}");
        }
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn a_32_bit_call_is_refused_and_does_not_kill_the_program() {
        assert!(works(|| {
            seccompiler::apply_filter(&program(ALL_HELD)?).map_err(io::Error::other)?;
            const GETPID: i64 = 20;
            let mut result = GETPID;
            // SAFETY: this call takes no arguments, and changes no memory.
            unsafe { std::arch::asm!("int 0x80", inout("rax") result, options(nostack)) };
            match result == -i64::from(libc::ENOSYS) {
                true => Ok(()),
                false => Err(io::Error::other("it was let through")),
            }
        }));
    }

    #[test]
    fn bits_of_an_argument_that_the_kernel_ignores_hide_nothing() {
        let more = 1 << 32;
        for request in CHANGE_TERMINAL {
            let arguments = [0, more | request as u64, 0, 0];
            assert!(fails(ALL_HELD, libc::SYS_ioctl, arguments, Errno::EPERM), "{request:x}");
        }
        let others = [libc::SYS_prlimit64, libc::SYS_sched_setaffinity];
        for call in others {
            assert!(fails(ALL_HELD, call, [1, 0, 0, 0], Errno::EPERM), "{call}");
            assert!(!fails(ALL_HELD, call, [more, 0, 0, 0], Errno::EPERM), "{call}");
        }
        let namespace = libc::CLONE_NEWUSER as u64;
        assert!(fails(ALL_HELD, libc::SYS_clone, [namespace | 17, 0, 0, 0], Errno::EPERM));
    }

    #[test]
    fn no_file_gets_the_rights_of_its_owner() {
        // Of no file: neither the descriptor nor the path exists.
        const NONE: u64 = u64::MAX;
        for mode in [0o4755, 0o2755, 0o6000] {
            assert!(fails(ALL_HELD, libc::SYS_fchmod, [NONE, mode, 0, 0], Errno::EPERM));
            assert!(fails(ALL_HELD, libc::SYS_fchmodat, [NONE, 0, mode, 0], Errno::EPERM));
            assert!(fails(ALL_HELD, libc::SYS_fchmodat2, [NONE, 0, mode, 0], Errno::EPERM));
            assert!(fails(ALL_HELD, libc::SYS_mknodat, [NONE, 0, mode, 0], Errno::EPERM));
            for makes in [libc::O_CREAT, libc::O_TMPFILE] {
                let open = [NONE, 0, (makes | libc::O_WRONLY) as u64, mode];
                assert!(fails(ALL_HELD, libc::SYS_openat, open, Errno::EPERM), "{makes:o}");
            }
            // The mode is no argument then.
            let open = [NONE, 0, (libc::O_RDONLY | libc::O_DIRECTORY) as u64, mode];
            assert!(!fails(ALL_HELD, libc::SYS_openat, open, Errno::EPERM));
        }
        let create = [NONE, 0, libc::O_CREAT as u64, 0o1777];
        assert!(!fails(ALL_HELD, libc::SYS_openat, create, Errno::EPERM));
        assert!(!fails(ALL_HELD, libc::SYS_fchmod, [NONE, 0o1777, 0, 0], Errno::EPERM));
        assert!(fails(ALL_HELD, libc::SYS_openat2, [0; 4], Errno::ENOSYS));
    }

    #[test]
    fn a_pair_of_sockets_stays_a_pair() {
        let pair = |kind: c_int| [libc::AF_UNIX as u64, kind as u64, 0, 0];
        for kind in [libc::SOCK_DGRAM, libc::SOCK_RAW, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC] {
            assert!(fails(ALL_HELD, libc::SYS_socketpair, pair(kind), Errno::EACCES), "{kind}");
        }
        for kind in [libc::SOCK_STREAM, libc::SOCK_SEQPACKET | libc::SOCK_NONBLOCK] {
            assert!(!fails(ALL_HELD, libc::SYS_socketpair, pair(kind), Errno::EACCES), "{kind}");
        }
    }

    #[test]
    fn the_limit_on_core_dumps_stays() {
        let core = u64::from(libc::RLIMIT_CORE);
        // Of no limit: the address is not mapped.
        let (set, only_get) = ([0, core, 1 << 32, 0], [0, core, 0, 0]);
        assert!(fails(ALL_HELD, libc::SYS_prlimit64, set, Errno::EPERM));
        assert!(!fails(ALL_HELD, libc::SYS_prlimit64, only_get, Errno::EPERM));
        assert!(fails(ALL_HELD, libc::SYS_setrlimit, [core, 0, 0, 0], Errno::EPERM));
    }

    #[test]
    fn nobody_has_to_wait_for_a_program_to_open_a_file() {
        for request in HOLD_FILES {
            let arguments = [0, request as u64, 0, 0];
            assert!(fails(ALL_HELD, libc::SYS_fcntl, arguments, Errno::EPERM), "{request}");
        }
        assert!(!fails(ALL_HELD, libc::SYS_fcntl, [0, libc::F_GETFL as u64, 0, 0], Errno::EPERM));
    }

    #[test]
    fn the_filter_holds_what_no_other_layer_does() {
        let nothing = Elsewhere { mounts: false, truncation: false, signals: false, ..ALL_HELD };
        const NONE: u64 = u64::MAX;
        let everybody = u64::MAX;
        let empties = (libc::O_RDONLY | libc::O_TRUNC) as u64;
        let calls = [
            (libc::SYS_kill, [everybody, 0, 0, 0]),
            // Of no file: the standard input of the tests may be /dev/null, and they may run as root.
            (libc::SYS_fchmod, [NONE, 0, 0, 0]),
            (libc::SYS_truncate, [0; 4]),
            (libc::SYS_inotify_add_watch, [NONE, 0, 0, 0]),
            (libc::SYS_openat, [0, 0, empties, 0]),
            (STATMOUNT, [0; 4]),
            (LISTMOUNT, [0; 4]),
        ];
        for (call, arguments) in calls {
            assert!(fails(nothing, call, arguments, Errno::EPERM), "{call}");
            assert!(!fails(ALL_HELD, call, arguments, Errno::EPERM), "{call}");
        }
    }
}
