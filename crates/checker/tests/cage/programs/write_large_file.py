"""Writes one file, larger than any answer needs."""

import os
import tempfile
import time

MEGABYTES = 100

print("starts", flush=True)
with open(os.path.join(tempfile.gettempdir(), "file"), "wb") as file:
    for _ in range(MEGABYTES):
        file.write(b"x" * (1 << 20))
time.sleep(1)
