"""Puts a link where the checker is about to write."""

import os
from hostile import attempt, targets

path, victim = targets()
attempt(os.symlink, victim, path)
