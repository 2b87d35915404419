//! Counts processes and threads as they start, in real time: the kernel makes whoever wants to
//! start one wait until this process answers (seccomp user notification). When there is one too
//! many, nobody gets an answer any more, so nobody can start another. That goes for root, too, who
//! is exempt from the system's own limit on processes.

use super::let_go::LetGo;
use crate::offered::works;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc::{self, sock_filter, sock_fprog};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg, socketpair,
};
use std::io::{self, IoSliceMut, PipeReader, PipeWriter, Read, Write, pipe};
use std::mem;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::OnceLock;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How soon it is counted again whether there is room for one more.
const AGAIN: Duration = Duration::from_millis(1);

/// Whether the system can ask. It cannot if an outer sandbox listens already: only one can.
#[must_use]
pub fn is_possible() -> bool {
    static IS_POSSIBLE: OnceLock<bool> = OnceLock::new();
    let attempt = || {
        nix::sys::prctl::set_no_new_privs()?;
        let filter = filter().ok_or(io::ErrorKind::Unsupported)?;
        Ok(install(&filter).map(|_| ())?)
    };
    *IS_POSSIBLE.get_or_init(|| works(attempt))
}

/// A program whose processes have to ask before they start others.
pub struct Asks {
    /// Receives the descriptor to listen on, which the process sends just before the program is
    /// loaded.
    listener: OwnedFd,
}

impl Asks {
    /// Makes the program of this command ask, and all that it starts. This has to take effect before a
    /// cage does: with a cage's limit on open files, the kernel may refuse to pass on a descriptor because
    /// of those that other programs of the user are passing on.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn from_start(command: &mut Command) -> io::Result<Self> {
        let (listener, send) =
            socketpair(AddressFamily::Unix, SockType::Datagram, None, SockFlag::SOCK_CLOEXEC)?;
        let filter = filter();
        // SAFETY: between fork and exec, it makes system calls and allocates nothing.
        unsafe {
            command.pre_exec(move || {
                // Nobody may install a filter without it.
                nix::sys::prctl::set_no_new_privs()?;
                // If it cannot ask, looks count. That is no reason not to start.
                if let Some(filter) = &filter
                    && let Ok(listener) = install(filter)
                {
                    send_descriptor(send.as_raw_fd(), listener)?;
                    libc::close(listener);
                }
                Ok(())
            });
        }
        Ok(Self { listener })
    }

    /// Answers the program, which has been started, from a thread of its own, as long as there are
    /// no more than `most` processes and threads. Nobody says when one has ended: `living` counts
    /// those that live, and is called only when there may be too many. `None` if the system cannot
    /// ask.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn answer(
        self,
        most: u32,
        living: impl FnMut() -> u32 + Send + 'static,
    ) -> io::Result<Option<Answers>> {
        let Some(listener) = receive_descriptor(&self.listener)? else { return Ok(None) };
        answer_at_once(&listener);
        let (end, until) = pipe()?;
        let (news, over) = pipe()?;
        let let_go = LetGo::default();
        let questions = Questions { listener, end, over, most, living, at_most: 1, let_go };
        let thread = thread::Builder::new().spawn(move || questions.answer())?;
        Ok(Some(Answers { news, until: Some(until), thread: Some(thread) }))
    }
}

/// Answers whoever asks, until it is dropped. After that, nobody can start anything.
pub struct Answers {
    /// Readable when there are too many.
    news: PipeReader,
    until: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Answers {
    /// Whether there are too many. Then nobody gets an answer any more.
    #[must_use]
    pub fn are_too_many(&self) -> bool {
        let mut descriptors = [PollFd::new(self.news(), PollFlags::POLLIN)];
        let ready = poll(&mut descriptors, PollTimeout::ZERO);
        ready.is_ok() && is_readable(&descriptors[0])
    }

    /// Readable when there are too many.
    #[must_use]
    pub fn news(&self) -> BorrowedFd<'_> {
        self.news.as_fd()
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        drop(self.until.take());
        if let Some(thread) = self.thread.take() {
            // If it has panicked, the kernel refuses whoever asks.
            let _ = thread.join();
        }
    }
}

/// What the thread that answers works with.
struct Questions<Living> {
    listener: OwnedFd,
    /// Closed on the other side when the thread has to end.
    end: PipeReader,
    over: PipeWriter,
    most: u32,
    living: Living,
    /// No more than this many live, or will once all that were let go have started theirs: some of
    /// them may have ended.
    at_most: u32,
    let_go: LetGo,
}

/// What somebody asks who wants to start a process or a thread.
pub struct Question {
    id: u64,
    pub thread: i32,
    /// The number of the system call, and its first argument.
    pub call: libc::c_long,
    pub flags: u64,
}

impl<Living: FnMut() -> u32> Questions<Living> {
    fn answer(mut self) {
        while self.is_asked() {
            let Ok(question) = next_question(&self.listener) else { continue };
            self.let_go.asks_again(&question);
            if !self.has_room() {
                let _ = self.over.write_all(&[1]);
                // As long as the listener is open, whoever asks has to wait.
                let _ = self.end.read(&mut [0]);
                return;
            }
            self.at_most += 1;
            self.let_go.add(&question);
            // Whoever asked may have been killed.
            let _ = let_go(&self.listener, question.id);
        }
    }

    /// Whether there is room for one more. Meanwhile, nobody else can start any.
    fn has_room(&mut self) -> bool {
        while self.at_most >= self.most {
            // In this order, one that is started in between counts twice, and not never.
            let starting = self.let_go.look();
            let living = (self.living)();
            self.at_most = living.saturating_add(starting);
            if living >= self.most || self.at_most >= self.most && self.ends_within(AGAIN) {
                return false;
            }
        }
        true
    }

    /// Whether the thread has to end, which is waited for.
    fn ends_within(&self, time: Duration) -> bool {
        let mut end = [PollFd::new(self.end.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(time).expect("a short time");
        let _ = poll(&mut end, timeout);
        end[0].any() == Some(true)
    }

    /// Waits until somebody asks. False if nobody is left who could, or the thread has to end.
    fn is_asked(&self) -> bool {
        loop {
            let mut descriptors = [self.end.as_fd(), self.listener.as_fd()]
                .map(|descriptor| PollFd::new(descriptor, PollFlags::POLLIN));
            match poll(&mut descriptors, PollTimeout::NONE) {
                Err(Errno::EINTR) => {}
                Err(_) => return false,
                Ok(_) => {
                    return descriptors[0].any() == Some(false) && is_readable(&descriptors[1]);
                }
            }
        }
    }
}

/// Whether there is something to read, not only an end.
fn is_readable(descriptor: &PollFd) -> bool {
    descriptor.revents().is_some_and(|events| events.contains(PollFlags::POLLIN))
}

/// Has whoever asks hand over its core to whoever answers. Until the question has been read, a signal such
/// as the end of a child interrupts it, and no program expects that of `fork`. Kernels before 6.6 cannot.
fn answer_at_once(listener: &OwnedFd) {
    const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP: libc::c_ulong = 1;
    // SAFETY: the kernel takes a number.
    let _ = unsafe {
        libc::ioctl(
            listener.as_raw_fd(),
            libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS,
            SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP,
        )
    };
}

/// The next question. An error if whoever asked has been killed, or interrupted by a signal.
fn next_question(listener: &OwnedFd) -> io::Result<Question> {
    // SAFETY: it is plain numbers, which the kernel wants to be zero.
    let mut question: libc::seccomp_notif = unsafe { mem::zeroed() };
    // SAFETY: the kernel writes one such structure there.
    let done = unsafe {
        libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut question)
    };
    Errno::result(done)?;
    let libc::seccomp_notif { id, pid, data, .. } = question;
    let (call, flags) = (data.nr.into(), data.args[0]);
    Ok(Question { id, thread: pid.cast_signed(), call, flags })
}

/// Lets the kernel carry out the call.
fn let_go(listener: &OwnedFd, id: u64) -> io::Result<()> {
    let flags = libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32;
    let mut answer = libc::seccomp_notif_resp { id, val: 0, error: 0, flags };
    // SAFETY: the kernel reads one such structure there.
    let done = unsafe {
        libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, &raw mut answer)
    };
    Errno::result(done)?;
    Ok(())
}

/// Installs the filter for the calling thread. Returns the descriptor of its listener.
fn install(filter: &[sock_filter]) -> Result<RawFd, Errno> {
    let program = sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
    let with_listener = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
    // Lets no signal but SIGKILL interrupt whoever waits for an answer. Kernels before 5.19 cannot.
    let unless_killed = with_listener | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    // SAFETY: the kernel reads the filter, which lives on.
    let install = |flags: libc::c_ulong| unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program)
    };
    let listener = match Errno::result(install(unless_killed)) {
        Err(Errno::EINVAL) => Errno::result(install(with_listener))?,
        listener => listener?,
    };
    Ok(listener as RawFd)
}

/// A message that carries a descriptor.
#[repr(C)]
struct Control {
    header: libc::cmsghdr,
    descriptor: RawFd,
}

/// Sends a descriptor. Unlike the libraries for this, it allocates nothing.
fn send_descriptor(to: RawFd, descriptor: RawFd) -> io::Result<()> {
    let mut byte = [0_u8; 1];
    let mut part = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: byte.len() };
    // SAFETY: both are plain numbers and pointers; some systems have padding in them.
    let (mut control, mut message): (Control, libc::msghdr) = unsafe { mem::zeroed() };
    // These lengths have other types with musl.
    control.header.cmsg_len = (mem::offset_of!(Control, descriptor) + size_of::<RawFd>()) as _;
    control.header.cmsg_level = libc::SOL_SOCKET;
    control.header.cmsg_type = libc::SCM_RIGHTS;
    control.descriptor = descriptor;
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = (&raw mut control).cast();
    message.msg_controllen = size_of::<Control>() as _;
    // SAFETY: all that the message points to lives until the call returns.
    Errno::result(unsafe { libc::sendmsg(to, &raw const message, 0) })?;
    Ok(())
}

/// The descriptor that has been sent, if there is one.
fn receive_descriptor(from: &OwnedFd) -> io::Result<Option<OwnedFd>> {
    let (mut byte, mut space) = ([0], cmsg_space!(RawFd));
    let mut parts = [IoSliceMut::new(&mut byte)];
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC;
    let message = match recvmsg::<()>(from.as_raw_fd(), &mut parts, Some(&mut space), flags) {
        Ok(message) => message,
        Err(Errno::EAGAIN) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(descriptors) = control
            && let [descriptor] = descriptors[..]
        {
            // SAFETY: it has just been received, and nobody else has it.
            return Ok(Some(unsafe { OwnedFd::from_raw_fd(descriptor) }));
        }
    }
    Ok(None)
}

/// Asks at each call that starts a process or a thread. `clone3` has its flags in memory: it is
/// refused as if the kernel did not have it, and libraries use `clone` instead. So are the calls of
/// another architecture, which have other numbers. `None` for an architecture that is not known
/// here.
fn filter() -> Option<Vec<sock_filter>> {
    const NUMBER: u32 = mem::offset_of!(libc::seccomp_data, nr) as u32;
    const ARCHITECTURE: u32 = mem::offset_of!(libc::seccomp_data, arch) as u32;
    /// The numbers of x32 calls have this bit; no other number is as large.
    const X32: u32 = 0x4000_0000;
    let instruction = |code: u32, jt, jf, k| sock_filter { code: code as u16, jt, jf, k };
    let load = |offset| instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset);
    let jump = |test, k, jt, jf| instruction(libc::BPF_JMP | test | libc::BPF_K, jt, jf, k);
    let result = |k| instruction(libc::BPF_RET | libc::BPF_K, 0, 0, k);
    let refused = || result(libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32);
    let mut filter = vec![
        load(ARCHITECTURE),
        jump(libc::BPF_JEQ, architecture()?, 1, 0),
        refused(),
        load(NUMBER),
        jump(libc::BPF_JGE, X32, 1, 0),
        jump(libc::BPF_JEQ, libc::SYS_clone3 as u32, 0, 1),
        refused(),
    ];
    for call in STARTS {
        filter.push(jump(libc::BPF_JEQ, *call as u32, 0, 1));
        filter.push(result(libc::SECCOMP_RET_USER_NOTIF));
    }
    filter.push(result(libc::SECCOMP_RET_ALLOW));
    Some(filter)
}

/// The kernel's number for the architecture that this is built for (`AUDIT_ARCH_*` in
/// `linux/audit.h`).
fn architecture() -> Option<u32> {
    match std::env::consts::ARCH {
        "x86_64" => Some(0xc000_003e),
        "aarch64" => Some(0xc000_00b7),
        _ => None,
    }
}

/// Calls that start processes and threads. Newer architectures have only the first.
const STARTS: &[libc::c_long] = &[
    libc::SYS_clone,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
];

#[cfg(test)]
mod tests {
    use super::*;
    use procfs::process::Process;
    use std::process::{Child, Stdio};
    use std::time::{Duration, Instant};

    fn start(script: &str) -> (Child, Asks) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(Stdio::piped()).stderr(Stdio::null());
        // SAFETY: one system call.
        unsafe {
            command.pre_exec(|| {
                Errno::result(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
                Ok(())
            });
        }
        let asks = Asks::from_start(&mut command).expect("sockets");
        (command.spawn().expect("a shell"), asks)
    }

    /// Runs this script with no more than this many processes, which `living` counts. Its exit
    /// code; `None` if there were too many.
    fn run(script: &str, most: u32, living: fn(i32) -> u32) -> Option<i32> {
        let (mut child, asks) = start(script);
        let id = child.id().cast_signed();
        let answers = asks.answer(most, move || living(id)).expect("a thread");
        let answers = answers.expect("this system can ask");
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until && !answers.are_too_many() {
            if let Some(status) = child.try_wait().expect("it is ours") {
                return status.code();
            }
            thread::sleep(Duration::from_millis(1));
        }
        child.kill().expect("it is ours");
        child.wait().expect("it is ours");
        assert!(answers.are_too_many(), "it has not ended");
        None
    }

    /// The process and its children.
    fn count(process: i32) -> u32 {
        let tasks = Process::new(process).and_then(|it| it.tasks());
        let tasks = tasks.into_iter().flatten().flatten();
        1 + tasks.filter_map(|task| task.children().ok()).flatten().count() as u32
    }

    #[test]
    fn as_many_as_are_allowed_can_be_started() {
        let three = "sleep 1 & sleep 1 & sleep 1 & wait; exit 7";
        assert_eq!(run(three, 4, |_| panic!("there is no need to count")), Some(7));
        assert_eq!(run(three, 3, count), None);
    }

    #[test]
    fn those_that_have_ended_do_not_count() {
        let one_after_another = "for i in 1 2 3 4 5 6 7 8 9; do (exit $i); done; exit 7";
        assert_eq!(run(one_after_another, 2, count), Some(7));
        assert_eq!(run(one_after_another, 9, |_| 9), None);
    }

    /// Whoever asks is refused instead of waiting, so that a program ends even if nobody kills it.
    #[test]
    fn nobody_waits_once_the_answers_have_ended() {
        let (mut child, asks) = start("read go; (exit 0) && exit 7");
        drop(asks.answer(9, || 0).expect("a thread").expect("this system can ask"));
        drop(child.stdin.take());
        let code = child.wait().expect("it is ours").code();
        assert!(code.is_some_and(|code| code != 7), "{code:?}");
    }
}
