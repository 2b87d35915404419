"""Connects to local sockets, by path or by an abstract name that begins with @, and sends a
descriptor."""

import os
import socket
from hostile import attempt, targets


def connect(name):
    address = "\0" + name[1:] if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        connection.connect(address)
        return socket.send_fds(connection, [b"hostile"], [0])


for name in targets():
    attempt(connect, name)
