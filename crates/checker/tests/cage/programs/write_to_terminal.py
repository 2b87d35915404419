"""Writes to another terminal, and types into it."""

import fcntl
import os
import termios
from hostile import attempt, targets


def write_to(path):
    terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
    return os.write(terminal, b"hostile")


def type_into(path):
    terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
    return [fcntl.ioctl(terminal, termios.TIOCSTI, letter) for letter in (b"l", b"s", b"\n")]


for path in targets():
    attempt(write_to, path)
    attempt(type_into, path)
