"""Reads files that are none of its business, and prints them."""

from hostile import attempt, targets


def read(path):
    with open(path, "rb") as file:
        return file.read(100_000)


for path in targets():
    attempt(read, path)
