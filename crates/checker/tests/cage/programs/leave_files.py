"""Leaves files in its temporary folder that are hard to remove, and a link out of it."""

import os
from hostile import attempt, targets

(victim,) = targets()
folder = os.path.join(os.environ["TMPDIR"], "left")


def leave():
    os.makedirs(os.path.join(folder, "closed", "deep"))
    os.symlink(victim, os.path.join(folder, "closed", "link"))
    os.symlink(victim, os.path.join(folder, "link"))
    os.chmod(os.path.join(folder, "closed"), 0)
    os.chmod(folder, 0)


attempt(leave)
