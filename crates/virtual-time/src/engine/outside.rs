//! Whether the program reaches outside its own processes. If it waits for something outside, it
//! waits in real time: such a run is not believed.

use super::clock_files;
use super::descriptors;
use super::filter::{EVENT_POLLS, SYS_IO_PGETEVENTS};
use super::memory;
use super::processes::Processes;
use super::quiescence::Sleeper;
use super::sockets::{self, Address, address, is_peer_inside, who};
use super::stop::Call;
use crate::run::HIDDEN;
use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{LocalFlags, SpecialCharacterIndices, tcgetattr};
use nix::unistd::Pid;
use rustix::fs::getxattr;
use rustix::net::SocketType;
use rustix::net::sockopt::{socket_acceptconn, socket_type};
use std::collections::BTreeSet;
use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Why a call that is about to begin reaches outside; `None` if it does not.
pub fn begins(
    call: &Call,
    process: Pid,
    processes: &Processes,
    start: SystemTime,
) -> Option<String> {
    let [first, second, third, _, fifth, _] = call.arguments();
    let descriptor = first as i32;
    let name = || super::name_of(call.number());
    match call.number() {
        libc::SYS_connect => {
            let to = address(call.thread, second, third as usize)?;
            let is_datagram = descriptors::copy(process, descriptor)
                .is_ok_and(|socket| socket_type(socket) == Ok(SocketType::DGRAM));
            // Connecting a datagram socket sends nothing; programs look up a route that way.
            let sends = !is_datagram || matches!(to, Address::Path(_));
            sends.then(|| who(&to, process, processes))?
        }
        libc::SYS_sendto => who(&address(call.thread, fifth, 128)?, process, processes),
        // The first of several messages stands for all.
        libc::SYS_sendmsg | libc::SYS_sendmmsg => {
            let [name, length] = memory::read_words(call.thread, second).ok()?;
            (name != 0).then(|| {
                let to = address(call.thread, name.cast_unsigned(), length as u32 as usize)?;
                who(&to, process, processes)
            })?
        }
        libc::SYS_kill | libc::SYS_rt_sigqueueinfo => signals(descriptor, processes),
        libc::SYS_tkill => {
            let thread = Pid::from_raw(descriptor);
            (!processes.threads.contains_key(&thread)).then(|| signals(descriptor, processes))?
        }
        libc::SYS_tgkill | libc::SYS_rt_tgsigqueueinfo => signals(descriptor, processes),
        libc::SYS_pidfd_send_signal => signals(process_of(process, descriptor)?, processes),
        libc::SYS_pidfd_open => is_outside(descriptor, processes)
            .then(|| format!("it may wait for process {descriptor}, which is not its own")),
        libc::SYS_process_vm_readv | libc::SYS_process_vm_writev => {
            is_outside(descriptor, processes)
                .then(|| "it reads or writes the memory of another process".into())
        }
        libc::SYS_mount | libc::SYS_fsopen => Some("it mounts a file system".into()),
        libc::SYS_clone => (first & libc::CLONE_UNTRACED as u64 != 0)
            .then(|| "it starts a process that is not to be traced".into()),
        libc::SYS_ptrace => Some("it uses ptrace, but is being traced already".into()),
        libc::SYS_setsockopt => {
            let is_socket = second as i32 == libc::SOL_SOCKET;
            is_socket.then(|| "it gives a socket a timeout (SO_RCVTIMEO or SO_SNDTIMEO)".into())
        }
        libc::SYS_recvmmsg
        | libc::SYS_semtimedop
        | libc::SYS_mq_timedsend
        | libc::SYS_mq_timedreceive
        | libc::SYS_io_getevents
        | SYS_IO_PGETEVENTS => Some(format!("it waits in {}, with a timeout", name())),
        libc::SYS_shmget | libc::SYS_semget | libc::SYS_msgget | libc::SYS_mq_open => {
            Some(format!("it may share with other processes what {} returns", name()))
        }
        libc::SYS_mmap => {
            let [_, _, protection, _, file, _] = call.arguments();
            shares(process, file as i32, protection as i32 & libc::PROT_WRITE != 0, start)
        }
        libc::SYS_prctl if first as i32 == libc::PR_SET_DUMPABLE => {
            (second == 0).then(|| HIDDEN.into())
        }
        libc::SYS_settimeofday
        | libc::SYS_clock_settime
        | libc::SYS_adjtimex
        | libc::SYS_clock_adjtime
        | libc::SYS_perf_event_open
        | libc::SYS_prctl => Some(format!("it reads or sets another clock, with {}", name())),
        libc::SYS_fanotify_init | libc::SYS_userfaultfd => {
            Some(format!("it may wait for other processes, with {}", name()))
        }
        _ => None,
    }
}

/// Calls whose result shows whether it reaches outside.
pub fn shows_at_the_end(call: &Call) -> bool {
    let number = call.number();
    matches!(number, libc::SYS_accept | libc::SYS_accept4 | libc::SYS_flock | libc::SYS_fcntl)
        || clock_files::may_be_opened(call)
}

/// Files whose lock the program did not get, by device and inode.
pub type Refused = BTreeSet<(u64, u64)>;

/// Why a call that has ended reaches outside.
pub fn ended(
    call: &Call,
    process: Pid,
    processes: &Processes,
    refused: &mut Refused,
) -> Option<String> {
    match call.number() {
        libc::SYS_accept | libc::SYS_accept4 => {
            let descriptor = i32::try_from(call.result()).ok().filter(|it| *it >= 0)?;
            let is_inside = descriptors::copy(process, descriptor)
                .is_ok_and(|socket| is_peer_inside(&socket, process, processes));
            (!is_inside).then(|| "a process outside has connected to it".into())
        }
        libc::SYS_open | libc::SYS_openat | libc::SYS_openat2 => {
            clock_files::opened(process, i32::try_from(call.result()).ok().filter(|it| *it >= 0)?)
        }
        libc::SYS_flock | libc::SYS_fcntl => {
            let path = descriptors::path(process, call.argument(0) as i32);
            let file = fs::metadata(path).ok()?;
            let file = (file.dev(), file.ino());
            let is_refused = [Errno::EAGAIN, Errno::EACCES]
                .into_iter()
                .any(|error| call.result() == -(error as i64));
            if !is_refused {
                refused.remove(&file);
                return None;
            }
            // One attempt is not a wait: Java virtual machines find ended ones in this way, and cargo
            // tries before it waits.
            (!refused.insert(file))
                .then(|| "it waits for a file lock, which another process may hold".into())
        }
        _ => None,
    }
}

/// What others may hold the other end of: the targets of descriptors.
pub type Inherited = BTreeSet<PathBuf>;

/// The targets of the descriptors that the program has inherited, except for its output.
pub fn open_at_the_start(program: Pid) -> Inherited {
    let given = descriptors::all(program).filter(|(descriptor, _)| ![1, 2].contains(descriptor));
    // What has a path is judged by that.
    given.map(|(_, to)| to).filter(|to| !to.is_absolute()).collect()
}

/// A descriptor that a thread waits for.
pub struct Waited {
    process: Pid,
    descriptor: i32,
    /// Where it leads.
    to: PathBuf,
}

/// The descriptors that a sleeper waits for.
///
/// # Errors
///
/// Why the run is not believed, if they cannot be found.
pub fn waited(sleeper: &Sleeper, process: Pid) -> Result<Vec<Waited>, String> {
    let Some((number, arguments)) = sleeper.call else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for descriptor in waited_descriptors(sleeper.thread, process, number, &arguments) {
        match descriptors::target(process, descriptor) {
            Some(to) => all.push(Waited { process, descriptor, to }),
            // It has a copy of it, which can have any number.
            None if EVENT_POLLS.contains(&number) => {
                return Err("it waits for a descriptor that it has closed".into());
            }
            // Nobody makes ready what is closed.
            None => {}
        }
    }
    Ok(all)
}

/// Why something outside may make this descriptor ready.
pub fn held_outside(
    waited: &Waited,
    processes: &Processes,
    inherited: &Inherited,
) -> Option<String> {
    if inherited.contains(&waited.to) {
        let to = waited.to.display();
        return Some(format!("it waits for {to}, which it has inherited from outside"));
    }
    leads_outside(waited, processes)
}

/// Whether a descriptor leads to a terminal of the program's own; if so, whether there is something
/// to read in it. To ask for that makes the kernel pass on what is on its way.
pub fn has_terminal_input(waited: &Waited) -> Option<bool> {
    let Waited { process, descriptor, to } = waited;
    let is_terminal = to.starts_with("/dev/ptmx") || to.starts_with("/dev/pts");
    is_terminal.then(|| {
        descriptors::copy(*process, *descriptor).is_ok_and(|terminal| {
            let mut terminal = [PollFd::new(terminal.as_fd(), PollFlags::POLLIN)];
            poll(&mut terminal, PollTimeout::ZERO) == Ok(1)
        })
    })
}

/// Whether a descriptor leads to a socket that waits for connections.
pub fn is_for_connections(waited: &Waited) -> bool {
    let socket = descriptors::copy(waited.process, waited.descriptor);
    socket.is_ok_and(|socket| socket_acceptconn(socket) == Ok(true))
}

/// The descriptors that a thread waits for.
fn waited_descriptors(thread: Pid, process: Pid, number: i64, arguments: &[u64; 6]) -> Vec<i32> {
    let first = arguments[0] as i32;
    match number {
        libc::SYS_read
        | libc::SYS_readv
        | libc::SYS_write
        | libc::SYS_writev
        | libc::SYS_accept
        | libc::SYS_accept4
        | libc::SYS_connect
        | libc::SYS_recvfrom
        | libc::SYS_recvmsg
        | libc::SYS_sendto
        | libc::SYS_sendmsg => vec![first],
        libc::SYS_splice => vec![first, arguments[2] as i32],
        libc::SYS_sendfile => vec![first, arguments[1] as i32],
        libc::SYS_poll | libc::SYS_ppoll => {
            let length = 8 * (arguments[1] as usize).min(1 << 20);
            let bytes = memory::read_up_to(thread, arguments[0], length);
            let descriptors = bytes
                .chunks_exact(8)
                .map(|entry| i32::from_ne_bytes(entry[..4].try_into().expect("four bytes")));
            descriptors.filter(|descriptor| *descriptor >= 0).collect()
        }
        libc::SYS_select | libc::SYS_pselect6 => {
            let count = (first.max(0) as usize).min(1 << 16);
            let sets = arguments[1..4].iter().filter(|set| **set != 0);
            let bits = sets.flat_map(|set| {
                let bytes = memory::read_up_to(thread, *set, count.div_ceil(64) * 8);
                (0..bytes.len() * 8).filter(move |bit| bytes[bit / 8] & (1 << (bit % 8)) != 0)
            });
            bits.map(|bit| bit as i32).collect()
        }
        number if EVENT_POLLS.contains(&number) => in_event_poll(process, first),
        _ => Vec::new(),
    }
}

fn in_event_poll(process: Pid, descriptor: i32) -> Vec<i32> {
    descriptors::info(process, descriptor, "tfd")
}

fn leads_outside(waited: &Waited, processes: &Processes) -> Option<String> {
    let Waited { process, descriptor, ref to } = *waited;
    let to = to.to_string_lossy();
    let kind = to.split(['[', ':']).next().unwrap_or_default();
    match (kind, &*to) {
        ("pipe", _) => None,
        ("anon_inode", "anon_inode:[eventpoll]") => in_event_poll(process, descriptor)
            .into_iter()
            .filter(|inner| *inner != descriptor)
            .find_map(|descriptor| {
                let to = descriptors::target(process, descriptor)?;
                leads_outside(&Waited { process, descriptor, to }, processes)
            }),
        (
            "anon_inode",
            "anon_inode:[eventfd]" | "anon_inode:[timerfd]" | "anon_inode:[signalfd]",
        ) => None,
        ("pidfd", _) | ("anon_inode", "anon_inode:[pidfd]") => {
            let other = process_of(process, descriptor)?;
            is_outside(other, processes)
                .then(|| format!("it waits for process {other}, which is not its own"))
        }
        ("socket", _) => match descriptors::copy(process, descriptor) {
            Ok(socket) => sockets::held_outside(&socket, process, processes),
            Err(why) => Some(format!("it waits for a socket that cannot be examined ({why})")),
        },
        _ => {
            let file = fs::metadata(descriptors::path(process, descriptor)).ok()?;
            let kind = file.file_type();
            let quiet = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
            if kind.is_fifo() {
                Some(format!("it waits for the named pipe {to}"))
            } else if kind.is_char_device()
                && !quiet.contains(&&*to)
                && !is_terminal_inside(process, &to, processes)
            {
                Some(format!("it waits for the device {to}"))
            } else if kind.is_char_device() && has_timeout(process, descriptor) {
                Some("it reads from a terminal with a timeout (VTIME)".into())
            } else if kind.is_file() || kind.is_dir() || kind.is_char_device() {
                None
            } else {
                Some(format!("it waits for {to}"))
            }
        }
    }
}

/// Whether this is a terminal that nobody outside types into: the program's own, whose other side is
/// the tracer, or one whose other side a process of the program has open.
fn is_terminal_inside(process: Pid, device: &str, processes: &Processes) -> bool {
    const OTHER_SIDES: [&str; 2] = ["/dev/ptmx", "/dev/pts/ptmx"];
    let own = descriptors::target(process, 1);
    if OTHER_SIDES.contains(&device) || own.is_some_and(|own| own.as_os_str() == device) {
        return true;
    }
    let number = device.strip_prefix("/dev/pts/").and_then(|number| number.parse().ok());
    let Some(number) = number else { return false };
    processes.ids().any(|process| {
        let mut open = descriptors::all(process);
        open.any(|(it, _)| descriptors::info(process, it, "tty-index").contains(&number))
    })
}

/// Whether reading from this terminal ends after a while: that wait is the kernel's own.
fn has_timeout(process: Pid, terminal: i32) -> bool {
    let settings = descriptors::copy(process, terminal).ok().and_then(|it| tcgetattr(it).ok());
    settings.is_some_and(|settings| {
        let is_raw = !settings.local_flags.contains(LocalFlags::ICANON);
        is_raw && settings.control_chars[SpecialCharacterIndices::VTIME as usize] > 0
    })
}

/// The process of a process descriptor.
fn process_of(process: Pid, descriptor: i32) -> Option<i32> {
    descriptors::info(process, descriptor, "Pid").first().copied()
}

/// Whether there is such a process, and it is not one of the program's.
fn is_outside(process: i32, processes: &Processes) -> bool {
    let known = process <= 0 || processes.was_inside(Pid::from_raw(process));
    !known && Path::new(&format!("/proc/{process}")).exists()
}

/// Why a signal to this target, as in `kill`, reaches outside.
fn signals(target: i32, processes: &Processes) -> Option<String> {
    match target {
        -1 => Some("it sends a signal to all processes".into()),
        0 => None,
        group @ ..0 => (!processes.was_inside(Pid::from_raw(-group))).then(|| {
            format!("it sends a signal to process group {}, which is not its own", -group)
        }),
        process => is_outside(process, processes)
            .then(|| format!("it sends a signal to process {process}, which is not its own")),
    }
}

/// Why others may write to this file while it is mapped.
fn shares(process: Pid, file: i32, writes: bool, start: SystemTime) -> Option<String> {
    let to = descriptors::target(process, file)?;
    let to = to.to_string_lossy();
    let metadata = fs::metadata(descriptors::path(process, file)).ok()?;
    if to.starts_with("/memfd:") || to == "/dev/zero" {
        return None;
    }
    let is_new = metadata.created().is_ok_and(|created| created >= start);
    let a_minute_ago = start - Duration::from_secs(60);
    // What nobody has written to for a minute is data: tables of the C library, code of a Java
    // virtual machine, the cache of a compiler.
    let is_data = !writes
        && metadata.is_file()
        && !to.starts_with("/dev/shm/")
        && metadata.modified().is_ok_and(|modified| modified < a_minute_ago);
    // Nobody can write to a program that is running.
    let is_program = !writes
        && fs::metadata(format!("/proc/{process}/exe"))
            .is_ok_and(|exe| (exe.dev(), exe.ino()) == (metadata.dev(), metadata.ino()));
    (!is_new && !is_data && !is_program)
        .then(|| format!("it shares memory with others, through {to}"))
}

/// Why this program cannot be traced as it would run by itself.
pub fn program(process: Pid) -> Option<String> {
    const SET_USER_OR_GROUP: u32 = libc::S_ISUID | libc::S_ISGID;
    let path = format!("/proc/{process}/exe");
    let metadata = fs::metadata(&path).ok()?;
    let has_capabilities = getxattr(&path, "security.capability", &mut [0; 64]).is_ok();
    if metadata.mode() & SET_USER_OR_GROUP != 0 || has_capabilities {
        return Some("it starts a program that gains privileges (setuid, capabilities)".into());
    }
    let mut magic = [0; 5];
    let mut file = fs::File::open(&path).ok()?;
    std::io::Read::read_exact(&mut file, &mut magic).ok()?;
    (magic[..4] == *b"\x7fELF" && magic[4] == 1).then(|| "it starts a 32-bit program".into())
}
