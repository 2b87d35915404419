"""Connects to a server by TCP, and sends something."""

import socket
from hostile import attempt, targets


def connect(address):
    host, port = address.rsplit(" ", 1)
    with socket.create_connection((host, int(port)), timeout=2) as connection:
        return connection.send(b"hostile")


for address in targets():
    attempt(connect, address)
