"""Prints its environment, and that of the process that started it."""

import os
from hostile import attempt


def environment_of(process):
    with open(f"/proc/{process}/environ") as file:
        return file.read().split("\0")


attempt(lambda: dict(os.environ))
attempt(environment_of, "self")
attempt(environment_of, os.getppid())
