"""Writes ten thousand small files."""

import os
import time

FILES = 10_100

print("starts", flush=True)
folder = os.environ["TMPDIR"]
for number in range(FILES):
    os.close(os.open(os.path.join(folder, str(number)), os.O_CREAT | os.O_WRONLY))
time.sleep(1)
