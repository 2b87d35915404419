"""Writes to whatever the process that started it has open, and into its memory."""

import os
from hostile import attempt

FORGED = b'["", {"Done": {"Ok": {}}}]\n'


def write(path):
    file = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    return os.write(file, FORGED)


parent = os.getppid()
for number in range(20):
    attempt(write, f"/proc/{parent}/fd/{number}")
attempt(write, f"/proc/{parent}/mem")
