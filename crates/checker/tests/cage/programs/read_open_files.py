"""Reads what it was started with open."""

import os
from hostile import attempt


def read(number):
    return os.pread(number, 1000, 0)


for number in range(3, 200):
    attempt(read, number)
