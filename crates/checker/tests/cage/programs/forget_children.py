"""Starts processes that end at once, one after another, and never waits for any."""

import os
import select
from hostile import targets

(number,) = targets()
print("starts", flush=True)
for _ in range(int(number)):
    reader, writer = os.pipe()
    if os.fork() == 0:
        os._exit(0)
    os.close(writer)
    # Until the child has ended.
    select.select([reader], [], [])
    os.close(reader)
print("has started", number, flush=True)
