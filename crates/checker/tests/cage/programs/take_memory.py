"""Takes memory, and uses it."""

import time

MEGABYTES = 200

print("starts", flush=True)
taken = [bytearray(b"x" * (1 << 20)) for _ in range(MEGABYTES)]
time.sleep(1)
