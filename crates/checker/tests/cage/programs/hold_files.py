"""Asks Linux to let everybody wait who opens a file, and to say what happens in a folder."""

import fcntl
import os
from hostile import attempt, targets


def lease(path):
    file = os.open(path, os.O_RDONLY)
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    return "holds up others"


def notice(path):
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    fcntl.fcntl(folder, fcntl.F_NOTIFY, fcntl.DN_MODIFY)
    return "notices others"


(path,) = targets()
attempt(lease, path)
attempt(notice, path)
