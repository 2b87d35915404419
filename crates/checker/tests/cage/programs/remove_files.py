"""Removes a file of somebody else, and renames another."""

import os
from hostile import attempt, targets

removed, renamed = targets()
attempt(os.remove, removed)
attempt(os.rename, renamed, renamed + ".hostile")
