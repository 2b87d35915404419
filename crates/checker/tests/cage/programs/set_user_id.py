"""Makes programs that run with the rights of their user, whoever starts them (set-user-ID)."""

import os
from hostile import attempt

HOME = os.environ.get("HOME", ".")
SET_USER_ID = 0o4755


def change_mode(path):
    with open(path, "w"):
        os.chmod(path, SET_USER_ID)
    return path


def create(path):
    os.umask(0)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, SET_USER_ID))
    return path


def make_node(path):
    os.umask(0)
    os.mknod(path, SET_USER_ID)
    return path


for number, make in enumerate([change_mode, create, make_node]):
    path = os.path.join(HOME, f"program-{number}")
    attempt(make, path)
    if os.path.exists(path) and os.stat(path).st_mode & 0o6000:
        print("has made a set-user-ID program", flush=True)
        os.remove(path)
