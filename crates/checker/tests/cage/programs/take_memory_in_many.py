"""Takes memory in twenty processes, none of which takes much."""

import os
import time

PROCESSES, MEGABYTES = 20, 10

print("starts", flush=True)
for _ in range(PROCESSES):
    if os.fork() == 0:
        taken = [bytearray(b"x" * (1 << 20)) for _ in range(MEGABYTES)]
        time.sleep(1.5)
        os._exit(0)
time.sleep(1.5)
