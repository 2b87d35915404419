"""Connects one of a pair of sockets to another socket, and sends it a descriptor."""

import socket
from hostile import attempt, targets


def connect(kind, name):
    one, other = socket.socketpair(socket.AF_UNIX, kind)
    with one, other:
        one.connect(name)
        return socket.send_fds(one, [b"hostile"], [other.fileno()])


def send(kind, name):
    one, other = socket.socketpair(socket.AF_UNIX, kind)
    with one, other:
        return one.sendto(b"hostile", name)


(path,) = targets()
for kind in [socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET]:
    attempt(connect, kind, path)
    attempt(send, kind, path)
