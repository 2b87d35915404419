"""Writes files of which none is large, but all are."""

import os
import time

FILES, MEGABYTES = 10, 10

print("starts", flush=True)
folder = os.environ["TMPDIR"]
for number in range(FILES):
    with open(os.path.join(folder, str(number)), "wb") as file:
        file.write(b"x" * (MEGABYTES << 20))
time.sleep(1)
