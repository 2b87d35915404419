//! Starts recorders: one process for all those of a run, which is loaded once, prepares what they
//! have in common, and forks them. It ends before any program runs, so that none can reach it.

use crate::protection;
use crate::recorder::processes::pid;
use crate::recorder::{Before, Job, NoRecording, can_start, go_to_start};
use cage::{Base, Plan};
use nix::unistd::{Pid, dup2_stdin, dup2_stdout, setsid};
use rustix::io::retry_on_intr;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use std::env;
use std::io::{self, IoSlice, IoSliceMut, IsTerminal, PipeReader, PipeWriter, Read, Write};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long recorders may take to start, on a busy machine.
const START: Duration = Duration::from_secs(30);

/// A recorder that has been started. Its program runs once it has been told to go on.
pub struct Started {
    pub id: Pid,
    pub stdin: PipeWriter,
    pub stdout: PipeReader,
}

/// Starts a recorder for each job. They are children of this process, which adopts orphans.
pub fn start_all(checker: &Path, jobs: &[Job]) -> Vec<io::Result<Started>> {
    let mut started: Vec<_> = jobs.iter().map(|_| Err(did_not_start())).collect();
    for group in groups(jobs) {
        let jobs: Vec<_> = group.iter().map(|index| &jobs[*index]).collect();
        match start(checker, &jobs) {
            Ok(recorders) => group
                .iter()
                .zip(recorders)
                .for_each(|(index, recorder)| started[*index] = Ok(recorder)),
            Err(error) => group.iter().for_each(|index| {
                started[*index] = Err(io::Error::new(error.kind(), error.to_string()));
            }),
        }
    }
    started
}

/// Which jobs one process can start the recorders of.
fn groups(jobs: &[Job]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, job) in jobs.iter().enumerate() {
        let is_alike = |group: &&mut Vec<usize>| are_alike(&jobs[group[0]], job);
        match groups.iter_mut().find(is_alike) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
}

/// Whether their cages can start from the same base.
fn are_alike(one: &Job, other: &Job) -> bool {
    let kind = |job: &Job| job.cage.as_ref().map(Plan::kind);
    cfg!(target_os = "linux") && kind(one) == kind(other)
}

fn did_not_start() -> io::Error {
    io::Error::other("its recorder did not start")
}

/// Starts a recorder for each job: fewer if that fails on the way.
fn start(checker: &Path, jobs: &[&Job]) -> io::Result<Vec<Started>> {
    let (mut socket, its) = UnixStream::pair()?;
    socket.set_read_timeout(Some(START))?;
    socket.set_write_timeout(Some(START))?;
    let mut starter = Command::new(checker)
        .arg0("checker")
        .arg("record")
        .stdin(OwnedFd::from(its))
        .stdout(Stdio::null())
        .spawn()?;
    let started = order(&mut socket, jobs, &starter);
    // It waits for no more, even if that has failed.
    let _ = socket.shutdown(Shutdown::Write);
    if cfg!(target_os = "linux") {
        // Until it and its recorders have let go of the socket.
        if socket.read_to_end(&mut Vec::new()).is_err() {
            starter.kill()?;
        }
        starter.wait()?;
    }
    started
}

/// Orders a recorder for each job.
fn order(socket: &mut UnixStream, jobs: &[&Job], starter: &Child) -> io::Result<Vec<Started>> {
    let mut pipes = Vec::new();
    for job in jobs {
        let (its_stdin, stdin) = io::pipe()?;
        let (stdout, its_stdout) = io::pipe()?;
        let job = serde_json::to_vec(job).map_err(io::Error::from)?;
        let descriptors = [its_stdin.as_fd(), its_stdout.as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
        let length = (job.len() as u64).to_le_bytes();
        let length = [IoSlice::new(&length)];
        retry_on_intr(|| sendmsg(&*socket, &length, &mut ancillary, SendFlags::empty()))?;
        socket.write_all(&job)?;
        pipes.push((stdin, stdout));
    }
    socket.shutdown(Shutdown::Write)?;
    let mut started = Vec::new();
    for (stdin, stdout) in pipes {
        let id = if cfg!(target_os = "linux") {
            let mut id = [0; size_of::<i32>()];
            if socket.read_exact(&mut id).is_err() {
                break;
            }
            Pid::from_raw(i32::from_le_bytes(id))
        } else {
            pid(starter.id())
        };
        started.push(Started { id, stdin, stdout });
    }
    Ok(started)
}

/// A recorder that has been ordered.
struct Order {
    job: Job,
    stdin: OwnedFd,
    stdout: OwnedFd,
}

impl Order {
    /// The next one, if there is another.
    fn read(socket: &mut UnixStream) -> io::Result<Option<Self>> {
        let mut length = [0; size_of::<u64>()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut into = [IoSliceMut::new(&mut length)];
        #[cfg(target_os = "linux")]
        let flags = RecvFlags::CMSG_CLOEXEC;
        // Elsewhere, this process is the recorder, which closes them.
        #[cfg(not(target_os = "linux"))]
        let flags = RecvFlags::empty();
        match recvmsg(&*socket, &mut into, &mut ancillary, flags)?.bytes {
            0 => return Ok(None),
            read if read == size_of::<u64>() => {}
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        let mut descriptors = ancillary.drain().flat_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        });
        let mut descriptors = descriptors.by_ref().flatten();
        let (stdin, stdout) =
            descriptors.next().zip(descriptors.next()).ok_or(io::ErrorKind::InvalidData)?;
        let mut job = Vec::new();
        socket.take(u64::from_le_bytes(length)).read_to_end(&mut job)?;
        let job = serde_json::from_slice(&job)?;
        Ok(Some(Self { job, stdin, stdout }))
    }
}

/// A recorder that is to go on with its job.
pub struct Ordered {
    pub job: Job,
    /// What its cage starts from, or why there is no recording.
    pub base: Result<Option<Base>, NoRecording>,
    pub before: Before,
}

/// Starts what has been ordered at standard input. Returns in each recorder; `None` in the process
/// that has started them.
///
/// # Errors
///
/// If nothing has been ordered, or the system refuses.
pub fn start_ordered() -> io::Result<Option<Ordered>> {
    let not_for_people =
        || io::Error::other("record is not for people: it is how the checker starts its recorders");
    if io::stdin().is_terminal() {
        return Err(not_for_people());
    }
    protection::close_to_root();
    // Away from the user's terminal: Ctrl-C is for the checker, which closes standard input.
    let _ = setsid();
    let before = Before::begin()?;
    let mut socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut orders = Vec::new();
    while let Some(order) = Order::read(&mut socket).map_err(|_| not_for_people())? {
        orders.push(order);
    }
    if orders.is_empty() {
        return Err(not_for_people());
    }
    // Before this process enters namespaces, where it may do more than the programs will.
    let checked = check(&orders)?;
    let plan = orders[0].job.cage.as_ref();
    let base = plan.map(Base::of).transpose();
    let mut left = orders.into_iter().zip(checked);
    while let Some((order, checked)) = left.next() {
        let (forked, checked) = match fork(base.as_ref().ok().and_then(Option::as_ref)) {
            Ok(forked) => (forked, checked),
            // Without namespaces, to say so.
            Err(error) => (fork(None)?, Err(error.into())),
        };
        if let Some(id) = forked {
            socket.write_all(&id.as_raw().to_le_bytes())?;
            continue;
        }
        // From here on, this is a recorder. It has what is open for the others closed before it lets
        // go of the socket.
        drop(left);
        dup2_stdout(&order.stdout)?;
        dup2_stdin(&order.stdin)?;
        let _ = setsid();
        protection::continue_when_parent_ends()?;
        let base = checked.and_then(|()| base.map_err(NoRecording::from));
        return Ok(Some(Ordered { job: order.job, base, before }));
    }
    Ok(None)
}

/// Whether each program can be started, as far as that shows outside of the cage.
fn check(orders: &[Order]) -> io::Result<Vec<Result<(), NoRecording>>> {
    // It may be impossible to return to this folder; if no program starts here, nobody needs to.
    let starts_elsewhere =
        |order: &Order| order.job.start.as_ref().is_some_and(|it| it.is_absolute());
    let returns = !orders.iter().all(starts_elsewhere);
    let check = |Order { job, .. }: &Order| {
        let here = (returns && job.start.is_some()).then(env::current_dir).transpose()?;
        let checked = go_to_start(job).and_then(|()| can_start(job));
        here.map_or(Ok(()), env::set_current_dir)?;
        Ok(checked)
    };
    orders.iter().map(check).collect()
}

/// Forks a recorder, for which its cage has a base. Returns its id; in the recorder, `None`.
#[cfg(target_os = "linux")]
fn fork(base: Option<&Base>) -> io::Result<Option<Pid>> {
    use nix::libc;
    let flags = base.map_or(0, Base::namespaces) | libc::SIGCHLD;
    // SAFETY: this process has one thread. Without a stack, the new one goes on with a copy of this
    // one's, as after fork(2), which knows no namespaces.
    let id = unsafe { libc::syscall(libc::SYS_clone, libc::c_long::from(flags), 0, 0, 0, 0) };
    match i32::try_from(id) {
        Ok(0) => Ok(None),
        Ok(id) if id > 0 => Ok(Some(Pid::from_raw(id))),
        _ => Err(io::Error::last_os_error()),
    }
}

/// This process is the recorder: where it would not become the checker's child when its parent ends,
/// there is one for each job.
#[cfg(not(target_os = "linux"))]
fn fork(_base: Option<&Base>) -> io::Result<Option<Pid>> {
    Ok(None)
}
