"""Traces the process that started it."""

import os
import time
from hostile import attempt
from system_calls import call

SEIZE = 0x4206

attempt(call, "ptrace", SEIZE, os.getppid(), 0, 0)
time.sleep(0.5)
