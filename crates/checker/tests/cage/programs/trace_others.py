"""Traces a process that it has nothing to do with, and kills it."""

import os
from hostile import attempt, targets
from system_calls import call

KILL, ATTACH = 8, 16


def trace_and_kill(process):
    call("ptrace", ATTACH, process, 0, 0)
    os.waitpid(process, 0)
    return call("ptrace", KILL, process, 0, 0)


(process,) = targets()
attempt(trace_and_kill, int(process))
