"""Computes in two processes, each for less than it may take in all."""

import os

# Less than a second in each.
TURNS = 50

print("starts", flush=True)
child = os.fork()
for _ in range(TURNS):
    sum(range(1_000_000))
if child:
    os.wait()
