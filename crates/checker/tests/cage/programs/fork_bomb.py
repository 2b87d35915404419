"""Starts processes, all of which start more: 256 in all."""

import os
import time

ROUNDS, SECONDS = 8, 2

print("starts", flush=True)
for _ in range(ROUNDS):
    os.fork()
time.sleep(SECONDS)
