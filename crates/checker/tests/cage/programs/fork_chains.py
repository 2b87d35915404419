"""Starts chains of processes: each starts the next one and ends at once, so that nobody's parent
lives. They go on until the first process ends."""

import os
import select
import time

CHAINS, SECONDS = 200, 1

print("starts", flush=True)
reader, writer = os.pipe()
for _ in range(CHAINS):
    if os.fork() == 0:
        os.close(writer)
        # Slow enough for a machine with other tests.
        while not select.select([reader], [], [], 0.2)[0]:
            os.setsid()
            if os.fork() > 0:
                os._exit(0)
        os._exit(0)
time.sleep(SECONDS)
