//! A program that waits for somebody outside is not believed. The test is the outsider: it acts
//! half a real second after the program has begun, while a thread of the program sleeps longer by
//! the program's own clock. Unnoticed, the right lines would come in the wrong order.

use crate::programs::{Case, cases};
use crate::{MARKER, check_all, kill, new_marker, processes, wait_until};
use nix::fcntl::{FcntlArg, Flock, FlockArg, fcntl};
use nix::libc;
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{FileExt, PermissionsExt, chown};
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// When the outsider acts.
const DELAY: Duration = Duration::from_millis(500);

/// Prepares somebody outside, who may use this folder, and returns the argument of the program.
type Prepare = fn(&Path) -> String;

/// A case of `outside.c`, and who is outside.
const OUTSIDERS: &[(&str, &str, Prepare)] = &[
    ("server", "TCP", tcp_server),
    ("server", "unix", |folder| unix_server(folder, &folder.join("server"))),
    ("server", "abstract", abstract_server),
    ("server_nonblocking", "TCP", tcp_server),
    ("client", "unix", unix_client),
    ("tcp_client", "TCP", tcp_client),
    ("datagram", "UDP", udp_server),
    ("datagram_connected", "UDP", udp_server),
    ("fifo", "", writer_of_fifo),
    ("fifo_opened", "", writer_of_fifo),
    ("flock_held", "", holder_of_flock),
    ("flock_tried", "", holder_of_flock),
    ("fcntl_held", "", holder_of_lock),
    ("description_held", "", holder_of_lock),
    ("memory", "/dev/shm", |folder| writer_of_memory(folder, true)),
    ("memory", "file", |folder| writer_of_memory(folder, false)),
    ("memory_read", "/dev/shm", |folder| writer_of_memory(folder, true)),
    ("memory_read", "file", |folder| writer_of_memory(folder, false)),
    ("signalled", "", sender_of_signal),
    ("pid_descriptor", "", |_| std::process::id().to_string()),
    ("free_lock", "", |folder| {
        fs::write(folder.join("lock"), "").expect("a file");
        text(folder)
    }),
];

/// The thread goes on even if the program does not come: nobody waits for it.
fn later(act: impl FnOnce() -> io::Result<()> + Send + 'static) {
    thread::spawn(act);
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// Keeps what was accepted open until the other side closes it.
fn answer(mut connection: impl Read + Write) -> io::Result<()> {
    thread::sleep(DELAY);
    connection.write_all(b"x")?;
    connection.read_to_end(&mut Vec::new())?;
    Ok(())
}

fn tcp_server(_: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    later(move || answer(listener.accept()?.0));
    port.to_string()
}

fn unix_server(_: &Path, path: &Path) -> String {
    let listener = UnixListener::bind(path).expect("a listener");
    later(move || answer(listener.accept()?.0));
    text(path)
}

fn abstract_server(folder: &Path) -> String {
    let name = text(folder).replace('/', "-");
    let address = SocketAddr::from_abstract_name(&name).expect("an address");
    let listener = UnixListener::bind_addr(&address).expect("a listener");
    later(move || answer(listener.accept()?.0));
    format!("@{name}")
}

fn udp_server(_: &Path) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let port = socket.local_addr().expect("an address").port();
    later(move || {
        let (_, peer) = socket.recv_from(&mut [0])?;
        thread::sleep(DELAY);
        socket.send_to(b"x", peer).map(drop)
    });
    port.to_string()
}

/// Waits for a file that the program makes.
fn comes(path: &Path) -> bool {
    wait_until(|| path.exists())
}

fn unix_client(folder: &Path) -> String {
    let path = folder.join("listener");
    later(move || {
        comes(&path);
        thread::sleep(DELAY);
        UnixStream::connect(path)?.read_to_end(&mut Vec::new()).map(drop)
    });
    text(folder)
}

fn tcp_client(folder: &Path) -> String {
    let path = folder.join("port");
    later(move || {
        comes(&path);
        thread::sleep(DELAY);
        let port = fs::read_to_string(path)?.parse().map_err(io::Error::other)?;
        TcpStream::connect(("127.0.0.1", port))?.read_to_end(&mut Vec::new()).map(drop)
    });
    text(folder)
}

fn writer_of_fifo(folder: &Path) -> String {
    let path = folder.join("fifo");
    mkfifo(&path, Mode::S_IRWXU).expect("a FIFO");
    later(move || {
        thread::sleep(DELAY);
        let mut fifo = OpenOptions::new().read(true).write(true).open(path)?;
        fifo.write_all(b"x")?;
        thread::sleep(DELAY);
        Ok(())
    });
    text(folder)
}

fn holder_of_flock(folder: &Path) -> String {
    let file = File::create(folder.join("lock")).expect("a file");
    let lock = Flock::lock(file, FlockArg::LockExclusive).expect("a lock");
    let begun = folder.join("begun");
    later(move || {
        comes(&begun);
        thread::sleep(DELAY);
        drop(lock);
        Ok(())
    });
    text(folder)
}

fn holder_of_lock(folder: &Path) -> String {
    let file = File::create(folder.join("lock")).expect("a file");
    let whole = libc::flock {
        l_type: libc::F_WRLCK as i16,
        l_whence: libc::SEEK_SET as i16,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    fcntl(&file, FcntlArg::F_OFD_SETLK(&whole)).expect("a lock");
    let begun = folder.join("begun");
    later(move || {
        comes(&begun);
        thread::sleep(DELAY);
        drop(file);
        Ok(())
    });
    text(folder)
}

/// A file in memory, or in the folder.
fn writer_of_memory(folder: &Path, in_memory: bool) -> String {
    let place = if in_memory { Path::new("/dev/shm") } else { folder };
    let place = place.join(folder.file_name().expect("a name"));
    fs::create_dir_all(&place).expect("a folder");
    let file = File::create(place.join("memory")).expect("a file");
    file.set_len(4096).expect("a length");
    // It is older than the program: the kernel notes the time of a file in steps of some milliseconds.
    thread::sleep(Duration::from_millis(20));
    let shown = text(&place);
    later(move || {
        thread::sleep(DELAY);
        file.write_all_at(b"x", 0)?;
        thread::sleep(DELAY);
        fs::remove_dir_all(place)
    });
    shown
}

fn sender_of_signal(folder: &Path) -> String {
    let path = folder.join("pid");
    later(move || {
        comes(&path);
        thread::sleep(DELAY);
        let process = fs::read_to_string(path)?.parse().map_err(io::Error::other)?;
        nix::sys::signal::kill(Pid::from_raw(process), Signal::SIGUSR1)?;
        Ok(())
    });
    text(folder)
}

/// Runs all of them in this way.
fn check_outsiders(at_once: usize, how: fn(&Case) -> Result<(), String>) {
    let known = cases("outside");
    let title = |(name, who, _): &(&str, &str, Prepare)| format!("outside {name} {who}");
    check_all(OUTSIDERS, at_once, title, |(name, _, prepare)| {
        let folder = tempfile::tempdir().expect("a folder");
        let case = known.iter().find(|case| case.name == *name).expect("such a case");
        how(&case.with(prepare(folder.path())))
    });
}

#[test]
fn a_program_that_waits_for_somebody_outside_is_not_believed() {
    check_outsiders(4, Case::check);
}

#[test]
#[ignore = "takes as long as the programs say"]
fn somebody_outside_in_real_time() {
    check_outsiders(24, Case::check_in_real_time);
}

/// The program, copied so that it belongs to nobody and runs with nobody's permissions.
fn setuid_program(folder: &Path) -> Option<String> {
    const NOBODY: u32 = 65534;
    let program = folder.join("setuid");
    // By another process: the child of another test may hold a file open that this one writes, and
    // the system starts no program that is open for writing.
    let copied = Command::new("cp").arg(&cases("outside")[0].words()[0]).arg(&program).status();
    assert!(copied.expect("cp").success());
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("permissions");
    if chown(&program, Some(NOBODY), None).is_err() {
        println!("not tested: only root can give a program to another user");
        return None;
    }
    fs::set_permissions(&program, Permissions::from_mode(0o4755)).expect("permissions");
    Some(text(&program))
}

fn check_setuid(how: fn(&Case) -> Result<(), String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(program) = setuid_program(folder.path()) else { return };
    let case = cases("outside").into_iter().find(|case| case.name == "setuid_program");
    how(&case.expect("such a case").with(program)).expect("as expected");
}

#[test]
fn a_program_with_the_permissions_of_somebody_else_is_not_believed() {
    check_setuid(Case::check);
}

#[test]
#[ignore = "for completeness"]
fn a_program_with_the_permissions_of_somebody_else_in_real_time() {
    check_setuid(Case::check_in_real_time);
}

/// A pipe that the command has inherited leads outside.
#[test]
fn an_inherited_descriptor_leads_outside() {
    let case = cases("outside").into_iter().find(|case| case.name == "inherited");
    let words = case.expect("such a case").words();
    let marker = new_marker();
    let output = assert_cmd::Command::new("sh")
        .args(["-c", r#"(sleep 0.5; echo) | exec "$@" 3<&0"#, "sh", crate::VIRTUAL_TIME, "--"])
        .args(words)
        .env(MARKER, &marker)
        .timeout(Duration::from_secs(60))
        .output()
        .expect("it starts");
    processes(&marker).into_iter().for_each(kill);
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // Either nobody can wait for it, or whoever does is not believed.
    let closed = stdout.contains("EBADF") && output.status.code() == Some(0);
    let noticed = stderr.contains("not believed") && output.status.code() == Some(125);
    assert!(closed || noticed, "{stdout}{stderr}{}", output.status);
}
