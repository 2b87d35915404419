"""Starts chains of processes: each starts the next one and ends at once, so that nobody's parent
lives."""

import os
import time

CHAINS, SECONDS = 200, 2
END = time.time() + SECONDS

print("starts", flush=True)
for _ in range(CHAINS):
    if os.fork() == 0:
        while time.time() < END:
            os.setsid()
            # Slow enough for a machine with other tests.
            time.sleep(0.2)
            if os.fork() > 0:
                os._exit(0)
        os._exit(0)
time.sleep(max(0, END - time.time()))
