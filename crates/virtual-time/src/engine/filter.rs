//! Which system calls the kernel reports: those that tell the time, may wait until a deadline, or
//! may reach outside. Arguments are tested, too, so that most waits without a timeout cost nothing.

use super::clock::TELL_TIME;
use nix::libc::{self, c_long};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, sock_filter,
};
use std::collections::BTreeMap;
use std::io;

/// Calls that wait for what is in an event poll.
pub const EVENT_POLLS: [c_long; 3] =
    [libc::SYS_epoll_wait, libc::SYS_epoll_pwait, libc::SYS_epoll_pwait2];
/// `libc` does not have this one.
pub const SYS_IO_PGETEVENTS: c_long = 333;

/// What the kernel reports with a call that is not one of x86-64.
pub const FOREIGN: u16 = 1;

/// Always reported.
const ALWAYS: &[c_long] = &[
    // They tell the time.
    libc::SYS_gettimeofday,
    libc::SYS_time,
    libc::SYS_times,
    libc::SYS_sysinfo,
    // They wait.
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    // They wait. When the program is traced, even a signal that is ignored ends them: so their end
    // is examined, even if they have no timeout.
    libc::SYS_poll,
    libc::SYS_epoll_wait,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_rt_sigtimedwait,
    // Timers.
    libc::SYS_alarm,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    libc::SYS_timerfd_gettime,
    libc::SYS_timer_create,
    libc::SYS_timer_settime,
    libc::SYS_timer_gettime,
    libc::SYS_timer_getoverrun,
    libc::SYS_timer_delete,
    // They set the time, or tell it in a way that is not known here.
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
    libc::SYS_perf_event_open,
    // They may reach outside.
    libc::SYS_connect,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_flock,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_pidfd_open,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_send_signal,
    libc::SYS_mq_open,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_fanotify_init,
    libc::SYS_userfaultfd,
    // They may make files that the program serves itself: to look at one would be to wait for it.
    libc::SYS_mount,
    libc::SYS_fsopen,
    // They start another thread or process.
    libc::SYS_clone,
    libc::SYS_fork,
    libc::SYS_vfork,
    // They replace the program.
    libc::SYS_execve,
    libc::SYS_execveat,
];

/// They may open a file that tells the time.
const OPENS: [c_long; 3] = [libc::SYS_open, libc::SYS_openat, libc::SYS_openat2];

/// Calls that start another thread or process. There is also `clone3`, which is refused.
pub const STARTS: [c_long; 3] = [libc::SYS_clone, libc::SYS_fork, libc::SYS_vfork];

/// The flags of clone(2) by which such a call, with this first argument, starts one. `None` for
/// another call.
pub fn clone_flags(number: c_long, argument: u64) -> Option<i32> {
    match number {
        libc::SYS_clone => Some(argument as i32),
        libc::SYS_fork => Some(0),
        libc::SYS_vfork => Some(libc::CLONE_VM | libc::CLONE_VFORK),
        _ => None,
    }
}

/// Calls that replace the program of a process.
pub const EXECUTES: [c_long; 2] = [libc::SYS_execve, libc::SYS_execveat];

/// Refused, as by a kernel that does not have them; programs can do without. With the first, the
/// kernel would wait unseen. The second has its flags in memory, where they can change.
pub const REFUSED: [c_long; 2] = [libc::SYS_io_uring_setup, libc::SYS_clone3];

/// Reported if this argument is not null, counted from 0: a timeout, an address, a key.
const NOT_NULL: &[(c_long, u8)] = &[
    (libc::SYS_ppoll, 2),
    (libc::SYS_select, 4),
    (libc::SYS_pselect6, 4),
    (libc::SYS_futex_waitv, 3),
    (libc::SYS_recvmmsg, 4),
    (libc::SYS_semtimedop, 3),
    (libc::SYS_mq_timedsend, 4),
    (libc::SYS_mq_timedreceive, 4),
    (libc::SYS_io_getevents, 4),
    (SYS_IO_PGETEVENTS, 4),
    (libc::SYS_sendto, 4),
    (libc::SYS_shmget, 0),
    (libc::SYS_semget, 0),
    (libc::SYS_msgget, 0),
];

/// Reported if this argument is one of these numbers.
const ONE_OF: &[(c_long, u8, &[u64])] = &[
    (libc::SYS_getitimer, 0, &[libc::ITIMER_REAL as u64]),
    (libc::SYS_setitimer, 0, &[libc::ITIMER_REAL as u64]),
    (
        libc::SYS_prctl,
        0,
        &[libc::PR_SET_TSC as u64, libc::PR_GET_TSC as u64, libc::PR_SET_DUMPABLE as u64],
    ),
    (
        libc::SYS_fcntl,
        1,
        &[
            libc::F_SETLK as u64,
            libc::F_SETLKW as u64,
            libc::F_OFD_SETLK as u64,
            libc::F_OFD_SETLKW as u64,
        ],
    ),
    // SO_RCVTIMEO and SO_SNDTIMEO, in both of their forms.
    (libc::SYS_setsockopt, 2, &[20, 21, 66, 67]),
];

/// The low bits of the operation of a futex call: which one it is.
pub const FUTEX_COMMAND: u64 = 0x7f;
/// Futex calls that wait, and may have a timeout.
pub const FUTEX_WAITS: [i32; 5] = [
    libc::FUTEX_WAIT,
    libc::FUTEX_WAIT_BITSET,
    libc::FUTEX_LOCK_PI,
    libc::FUTEX_WAIT_REQUEUE_PI,
    libc::FUTEX_LOCK_PI2,
];

/// The filter, for the kernel. Calls that open a file are reported if `opens_are_reported`.
pub fn program(opens_are_reported: bool) -> io::Result<BpfProgram> {
    let opens: &[c_long] = if opens_are_reported { &OPENS } else { &[] };
    let rules = rules(opens).map_err(io::Error::other)?;
    let (default, reported) = (SeccompAction::Allow, SeccompAction::Trace(0));
    let filter = SeccompFilter::new(rules, default, reported, TargetArch::x86_64)
        .map_err(io::Error::other)?;
    let program = BpfProgram::try_from(filter).map_err(io::Error::other)?;
    Ok([&report_foreign_calls()[..], &program].concat())
}

fn rules(opens: &[c_long]) -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::BackendError> {
    let condition = |argument, length, op, value| {
        SeccompRule::new(vec![SeccompCondition::new(argument, length, op, value)?])
    };
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for call in ALWAYS.iter().chain(opens).chain(&REFUSED) {
        rules.insert(*call, Vec::new());
    }
    for (call, argument) in NOT_NULL {
        rules.insert(*call, vec![condition(*argument, Length::Qword, Op::Ne, 0)?]);
    }
    for (call, argument, values) in ONE_OF {
        let equal = |value| condition(*argument, Length::Dword, Op::Eq, value);
        rules.insert(*call, values.iter().copied().map(equal).collect::<Result<_, _>>()?);
    }
    let clocks = TELL_TIME.map(|clock| condition(0, Length::Dword, Op::Eq, clock as u64));
    rules.insert(libc::SYS_clock_gettime, clocks.into_iter().collect::<Result<_, _>>()?);
    let futexes = FUTEX_WAITS.map(|command| {
        SeccompRule::new(vec![
            SeccompCondition::new(1, Length::Dword, Op::MaskedEq(FUTEX_COMMAND), command as u64)?,
            SeccompCondition::new(3, Length::Qword, Op::Ne, 0)?,
        ])
    });
    rules.insert(libc::SYS_futex, futexes.into_iter().collect::<Result<_, _>>()?);
    // Memory that is shared, and not only with children.
    let shared = SeccompRule::new(vec![SeccompCondition::new(
        3,
        Length::Dword,
        Op::MaskedEq((libc::MAP_SHARED | libc::MAP_ANONYMOUS) as u64),
        libc::MAP_SHARED as u64,
    )?])?;
    rules.insert(libc::SYS_mmap, vec![shared]);
    Ok(rules)
}

/// Instructions before those of the filter, which knows only the calls of x86-64 and would kill a
/// program that makes a 32-bit call. The numbers of x32 calls have a bit of their own.
fn report_foreign_calls() -> [sock_filter; 5] {
    const NUMBER: u32 = 0;
    const ARCHITECTURE: u32 = 4;
    const X86_64: u32 = 0xc000_003e;
    const X32_BIT: u32 = 0x4000_0000;
    let instruction = |code: u32, jt, jf, k| sock_filter { code: code as u16, jt, jf, k };
    let load = |offset| instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset);
    let jump = |test, k, jt, jf| instruction(libc::BPF_JMP | test | libc::BPF_K, jt, jf, k);
    [
        load(ARCHITECTURE),
        jump(libc::BPF_JEQ, X86_64, 0, 2),
        load(NUMBER),
        jump(libc::BPF_JSET, X32_BIT, 0, 1),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_TRACE | FOREIGN as u32),
    ]
}
