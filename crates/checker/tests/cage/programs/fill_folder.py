"""Writes files of which none is large, but all are."""

import os
import tempfile
import time

FILES, MEGABYTES = 30, 10

print("starts", flush=True)
folder = tempfile.gettempdir()
for number in range(FILES):
    with open(os.path.join(folder, str(number)), "wb") as file:
        file.write(b"x" * (MEGABYTES << 20))
time.sleep(1)
