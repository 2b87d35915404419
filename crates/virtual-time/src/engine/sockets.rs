//! Who is at the other end of a socket.

use super::descriptors;
use super::memory;
use super::processes::Processes;
use nix::libc;
use nix::unistd::Pid;
use rustix::net::sockopt::{socket_domain, socket_peercred, socket_type};
use rustix::net::{AddressFamily, SocketAddrAny, SocketType, getpeername, getsockname};
use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::path::Path;

/// What a socket address names.
#[derive(Debug, PartialEq, Eq)]
pub enum Address {
    Path(Vec<u8>),
    Internet(IpAddr, u16),
    /// One of the kernel itself.
    Kernel,
    Other(u16),
}

/// `None` if it cannot be read: the kernel will refuse it.
pub fn address(thread: Pid, address: u64, length: usize) -> Option<Address> {
    let bytes = memory::read_up_to(thread, address, length.min(128));
    let family = u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?);
    let port = || Some(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?));
    Some(match i32::from(family) {
        libc::AF_UNIX => {
            let path = bytes.get(2..)?;
            // An abstract name begins with a null byte; a path ends with one.
            let end = match path.first() {
                Some(0) => path.len(),
                _ => path.iter().position(|byte| *byte == 0).unwrap_or(path.len()),
            };
            Address::Path(path[..end].to_vec())
        }
        libc::AF_INET => {
            let ip: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            Address::Internet(Ipv4Addr::from(ip).into(), port()?)
        }
        libc::AF_INET6 => {
            let ip: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            Address::Internet(Ipv6Addr::from(ip).to_canonical(), port()?)
        }
        // It ends a connection.
        libc::AF_UNSPEC | libc::AF_NETLINK => Address::Kernel,
        _ => Address::Other(family),
    })
}

/// Why somebody outside answers at this address. If nobody does, the kernel refuses.
pub fn who(to: &Address, process: Pid, processes: &Processes) -> Option<String> {
    match to {
        Address::Kernel => None,
        Address::Other(family) => Some(format!("it talks to a socket of family {family}")),
        Address::Path(path) => {
            let shown = match path.split_first() {
                Some((0, name)) => format!("@{}", String::from_utf8_lossy(name)),
                _ => String::from_utf8_lossy(path).into_owned(),
            };
            let there = unix_sockets(process, &shown);
            (!are_all_inside(&there, processes))
                .then(|| format!("it talks to another process, through the socket {shown}"))
        }
        Address::Internet(ip, port) => {
            let is_local = ip.is_loopback() || ip.is_unspecified();
            if !is_local {
                return Some(format!("it talks to the network: {ip}, port {port}"));
            }
            let there = sockets(process)
                .filter(|socket| socket.local.1 == *port && socket.is_open_to_all)
                .map(|socket| socket.inode)
                .collect::<BTreeSet<_>>();
            (!are_all_inside(&there, processes))
                .then(|| format!("it talks to another process, on port {port}"))
        }
    }
}

/// Why somebody outside may send to this socket.
pub fn held_outside(socket: &OwnedFd, process: Pid, processes: &Processes) -> Option<String> {
    let is_internet = |domain| domain == AddressFamily::INET || domain == AddressFamily::INET6;
    match (socket_domain(socket), socket_type(socket)) {
        // Its peer was examined when it connected.
        (Ok(AddressFamily::UNIX), _) => None,
        (Ok(domain), Ok(SocketType::STREAM)) if is_internet(domain) => None,
        (Ok(domain), Ok(SocketType::DGRAM)) if is_internet(domain) => {
            let (ip, port) = internet(getpeername(socket).ok()??)?;
            who(&Address::Internet(ip, port), process, processes)
        }
        _ => Some("it waits for a socket of an unknown kind".into()),
    }
}

/// Whether the other end of a connected socket is one of the program's processes.
pub fn is_peer_inside(socket: &OwnedFd, process: Pid, processes: &Processes) -> bool {
    if socket_domain(socket) == Ok(AddressFamily::UNIX) {
        return socket_peercred(socket).is_ok_and(|peer| {
            processes.was_inside(Pid::from_raw(peer.pid.as_raw_nonzero().get()))
        });
    }
    let ours = getsockname(socket).ok().and_then(internet);
    let theirs = getpeername(socket).ok().flatten().and_then(internet);
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return false };
    let others = sockets(process).filter(|it| it.local == theirs && it.remote == ours);
    is_held_inside(&others.map(|it| it.inode).collect(), processes)
}

fn internet(address: SocketAddrAny) -> Option<(IpAddr, u16)> {
    let address = SocketAddr::try_from(address).ok()?;
    Some((address.ip().to_canonical(), address.port()))
}

/// An internet socket, as the kernel lists it.
#[derive(Clone, Copy, Debug)]
struct Socket {
    inode: u64,
    local: (IpAddr, u16),
    remote: (IpAddr, u16),
    /// Whether anybody can send to it.
    is_open_to_all: bool,
    /// Whether it is being connected, or the other end has not confirmed all that was sent.
    is_sending: bool,
}

/// All internet sockets that a process can see.
fn sockets(process: Pid) -> impl Iterator<Item = Socket> {
    ["tcp", "tcp6", "udp", "udp6"].into_iter().flat_map(move |kind| {
        let table = fs::read_to_string(format!("/proc/{process}/net/{kind}")).unwrap_or_default();
        let lines = table.lines().skip(1);
        lines.filter_map(|line| listed(line, kind.starts_with("udp"))).collect::<Vec<_>>()
    })
}

/// A line of such a list.
fn listed(line: &str, is_datagram: bool) -> Option<Socket> {
    const LISTENING: &str = "0A";
    const CONNECTING: [&str; 2] = ["02", "03"];
    let words: Vec<_> = line.split_whitespace().collect();
    Some(Socket {
        inode: words.get(9)?.parse().ok()?,
        local: end(words.get(1)?)?,
        remote: end(words.get(2)?)?,
        is_open_to_all: is_datagram || *words.get(3)? == LISTENING,
        is_sending: !is_datagram
            && (CONNECTING.contains(words.get(3)?) || !words.get(4)?.starts_with("00000000:")),
    })
}

/// Whether something is on its way between sockets of the program.
pub fn has_sent(program: Pid, processes: &Processes) -> bool {
    let sending: BTreeSet<_> =
        sockets(program).filter(|socket| socket.is_sending).map(|socket| socket.inode).collect();
    !sending.is_empty() && is_held_inside(&sending, processes)
}

/// Address and port, in hexadecimal digits: words of four bytes, in the machine's byte order.
fn end(text: &str) -> Option<(IpAddr, u16)> {
    let (ip, port) = text.split_once(':')?;
    let words = (0..ip.len() / 8).map(|word| u32::from_str_radix(&ip[8 * word..8 * word + 8], 16));
    let bytes: Vec<u8> =
        words.collect::<Result<Vec<_>, _>>().ok()?.into_iter().flat_map(u32::to_ne_bytes).collect();
    let ip = match <[u8; 4]>::try_from(&*bytes) {
        Ok(bytes) => Ipv4Addr::from(bytes).into(),
        Err(_) => Ipv6Addr::from(<[u8; 16]>::try_from(&*bytes).ok()?).to_canonical(),
    };
    Some((ip, u16::from_str_radix(port, 16).ok()?))
}

/// The sockets that are bound to this path, or to this abstract name.
fn unix_sockets(process: Pid, name: &str) -> BTreeSet<u64> {
    let table = fs::read_to_string(format!("/proc/{process}/net/unix")).unwrap_or_default();
    let lines = table.lines().filter_map(|line| {
        let inode = line.split_whitespace().nth(6)?;
        let (_, path) = line.split_once(&format!(" {inode} "))?;
        // A relative path is listed as it was given.
        let is_same = path == name || Path::new(path).file_name() == Path::new(name).file_name();
        is_same.then(|| inode.parse().ok())?
    });
    lines.collect()
}

/// Which of these sockets the program's processes have open.
fn held_inside(inodes: &BTreeSet<u64>, processes: &Processes) -> BTreeSet<u64> {
    let open = processes.ids().flat_map(descriptors::all).filter_map(|(_, to)| {
        to.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    });
    open.filter(|inode| inodes.contains(inode)).collect()
}

fn is_held_inside(inodes: &BTreeSet<u64>, processes: &Processes) -> bool {
    !held_inside(inodes, processes).is_empty()
}

/// Whether nobody else has one of these sockets open.
fn are_all_inside(inodes: &BTreeSet<u64>, processes: &Processes) -> bool {
    held_inside(inodes, processes) == *inodes
}
