"""Leaves processes behind in sessions of their own that hear no signal, and a chain of others."""

import os
import signal
import time
from hostile import attempt

END = time.time() + 5


def leave_sleeper():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.pthread_sigmask(signal.SIG_SETMASK, range(1, 32))
            for number in range(3):
                os.close(number)
            time.sleep(5)
        os._exit(0)


def leave_chain():
    if os.fork() == 0:
        while time.time() < END:
            os.setsid()
            time.sleep(0.01)
            if os.fork() > 0:
                os._exit(0)
        os._exit(0)


for leave in (leave_sleeper, leave_sleeper, leave_chain):
    attempt(leave)
