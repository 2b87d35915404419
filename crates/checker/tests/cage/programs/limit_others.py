"""Takes files, processors and turns away from a process that it has nothing to do with."""

import os
import resource
from hostile import attempt, targets

(target,) = targets()
process = int(target)
attempt(resource.prlimit, process, resource.RLIMIT_NOFILE, (3, 3))
attempt(os.setpriority, os.PRIO_PROCESS, process, 19)
attempt(os.sched_setaffinity, process, {0})
attempt(os.sched_setscheduler, process, os.SCHED_IDLE, os.sched_param(0))
