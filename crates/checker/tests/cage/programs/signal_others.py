"""Sends signals to processes that it has nothing to do with."""

import os
import signal
from hostile import attempt, targets

for target in targets():
    process, name = target.split()
    attempt(os.kill, int(process), signal.Signals[name])
