"""Starts processes, each of which has a session of its own."""

import os
import time

MOST, SECONDS = 200, 2
END = time.time() + SECONDS

print("starts", flush=True)
for _ in range(MOST):
    if os.fork() == 0:
        os.setsid()
        time.sleep(max(0, END - time.time()))
        os._exit(0)
time.sleep(max(0, END - time.time()))
