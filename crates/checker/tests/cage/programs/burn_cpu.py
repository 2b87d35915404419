"""Computes in two processes, each for less than it may take in all."""

import os
import time

# Less than a second in each.
SECONDS = 0.8

print("starts", flush=True)
child = os.fork()
while time.process_time() < SECONDS:
    sum(range(100_000))
if child:
    os.wait()
