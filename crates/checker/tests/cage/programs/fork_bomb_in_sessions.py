"""Starts processes, each of which has a session of its own and lives until the first one ends."""

import os
import time

MOST, SECONDS = 200, 1

print("starts", flush=True)
reader, writer = os.pipe()
for _ in range(MOST):
    if os.fork() == 0:
        os.close(writer)
        os.setsid()
        os.read(reader, 1)
        os._exit(0)
time.sleep(SECONDS)
