"""Takes memory that belongs to no process: in files that exist nowhere but there."""

import os
import time

FILES, MEGABYTES = 20, 10

print("starts", flush=True)
taken = []
for number in range(FILES):
    taken.append(os.memfd_create(str(number)))
    os.write(taken[-1], b"x" * (MEGABYTES << 20))
time.sleep(1)
print("took", FILES * MEGABYTES)
