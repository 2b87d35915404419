"""Lets the process that started it open no more files."""

import os
import resource
from hostile import attempt

_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
attempt(resource.prlimit, os.getppid(), resource.RLIMIT_NOFILE, (3, most))
