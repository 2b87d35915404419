"""Leaves shared memory behind that no process has to hold."""

from hostile import attempt, targets
from system_calls import call

CREATE, SIZE = 0o1000, 4096

(key,) = targets()
attempt(call, "shmget", int(key), SIZE, CREATE | 0o600)
