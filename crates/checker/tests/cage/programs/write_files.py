"""Writes to files that are not its own, and creates those that are not there."""

from hostile import attempt, targets


def write(path):
    with open(path, "a") as file:
        return file.write("hostile")


for path in targets():
    attempt(write, path)
