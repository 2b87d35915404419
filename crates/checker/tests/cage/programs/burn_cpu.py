"""Computes in two processes, each for less than it may take in all."""

import os

# About 1.5 seconds in each.
TURNS = 100

print("starts", flush=True)
os.fork()
for _ in range(TURNS):
    sum(range(1_000_000))
