"""Starts processes, all of which start more, until there are as many as it may be to stay harmless."""

import os
import time

MOST, SECONDS = 7, 2
END = time.time() + SECONDS

print("starts", flush=True)
for _ in range(MOST):
    os.fork()
time.sleep(max(0, END - time.time()))
