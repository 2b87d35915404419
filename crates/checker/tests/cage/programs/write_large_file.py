"""Writes one file, larger than any answer needs."""

import os
import time

MEGABYTES = 1024

print("starts", flush=True)
with open(os.path.join(os.environ["TMPDIR"], "file"), "wb") as file:
    for _ in range(MEGABYTES):
        file.write(b"x" * (1 << 20))
time.sleep(1)
