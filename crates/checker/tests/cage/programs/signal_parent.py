"""Sends a signal to the process that started it."""

import os
import signal
import time
from hostile import attempt, targets

(name,) = targets()
attempt(os.kill, os.getppid(), signal.Signals[name])
time.sleep(0.5)
