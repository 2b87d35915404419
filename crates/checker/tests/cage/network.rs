//! A program reaches no network and no socket, and nobody reaches it.

use crate::attack::{Attack, Look};
use crate::stage::Stage;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

const HERE: &str = "127.0.0.1";
/// Another address of this machine, at which nobody else listens.
const ALSO_HERE: &str = "127.0.0.2";

const fn attack(name: &'static str, program: &'static str, prepare: fn(&Stage) -> Look) -> Attack {
    Attack::new("network", name, program, prepare)
}

pub const ALL: &[Attack] = &[
    attack("connects by TCP", "connect.py", |stage| {
        let (four, six) = (listener(HERE), listener("::1"));
        stage.aim(&[&four.1, &six.1]);
        Box::new(move |_| four.0.accept().is_err() && six.0.accept().is_err())
    }),
    attack("connects by TCP, through io_uring", "connect_by_io_uring.c", connects_to_nobody),
    attack("connects by TCP, with 32-bit calls", "connect_by_32_bit_calls.c", connects_to_nobody),
    attack("sends datagrams, and raw packets", "send_datagrams.py", |stage| {
        let socket = UdpSocket::bind((HERE, 0)).expect("a port");
        socket.set_nonblocking(true).expect("it is ours");
        stage.aim(&[&HERE, &socket.local_addr().expect("an address").port()]);
        Box::new(move |_| socket.recv(&mut [0; 100]).is_err())
    }),
    attack("connects to an abstract socket", "connect_to_sockets.py", |stage| {
        let name = SocketAddr::from_abstract_name(&stage.secret).expect("a name");
        let listener = UnixListener::bind_addr(&name).expect("a new name");
        stage.aim(&[&format!("@{}", stage.secret)]);
        is_left_alone(listener)
    }),
    attack("connects to a socket in the home folder", "connect_to_sockets.py", |stage| {
        let path = stage.path("home/agent");
        stage.aim(&[&path.display()]);
        is_left_alone(listener_at(&path))
    }),
    attack("connects to a socket in its own folder", "connect_to_sockets.py", |stage| {
        let path = stage.path("submissions/mallory/socket");
        stage.aim(&[&path.display()]);
        is_left_alone(listener_at(&path))
    }),
    attack("connects a pair of sockets to another one", "connect_by_pair.py", |stage| {
        let path = stage.path("submissions/mallory/socket");
        let socket = UnixDatagram::bind(&path).expect("a new socket");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o777)).expect("it is ours");
        socket.set_nonblocking(true).expect("it is ours");
        stage.aim(&[&path.display()]);
        Box::new(move |_| socket.recv(&mut [0; 100]).is_err())
    }),
    attack("listens for connections", "listen.py", |stage| {
        let port = listener(ALSO_HERE).0.local_addr().expect("an address").port();
        stage.aim(&[&port]);
        let ended = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&ended);
        let connects = thread::spawn(move || {
            while !is_over.load(Relaxed) {
                if TcpStream::connect((ALSO_HERE, port)).is_ok() {
                    return true;
                }
                thread::sleep(Duration::from_millis(20));
            }
            false
        });
        Box::new(move |_| {
            ended.store(true, Relaxed);
            !connects.join().expect("no panic")
        })
    }),
];

fn connects_to_nobody(stage: &Stage) -> Look {
    let (listener, _) = listener(HERE);
    stage.aim(&[&HERE, &listener.local_addr().expect("an address").port()]);
    Box::new(move |_| listener.accept().is_err())
}

/// Somebody who listens at this address, and how a program writes that.
fn listener(host: &str) -> (TcpListener, String) {
    let listener = TcpListener::bind((host, 0)).expect("a port");
    listener.set_nonblocking(true).expect("it is ours");
    let port = listener.local_addr().expect("an address").port();
    (listener, format!("{host} {port}"))
}

/// Open to all users.
fn listener_at(path: &Path) -> UnixListener {
    let listener = UnixListener::bind(path).expect("a new socket");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o777)).expect("it is ours");
    listener
}

fn is_left_alone(listener: UnixListener) -> Look {
    listener.set_nonblocking(true).expect("it is ours");
    Box::new(move |_| listener.accept().is_err())
}
