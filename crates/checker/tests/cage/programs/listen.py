"""Waits for somebody to connect to it."""

import socket
from hostile import attempt, targets


def listen(port):
    with socket.create_server(("0.0.0.0", port)) as server:
        server.settimeout(3)
        return server.accept()[1]


(port,) = targets()
attempt(listen, int(port))
