"""Crashes, and wants its memory written to a file."""

import os
import resource
from hostile import attempt

_, most = resource.getrlimit(resource.RLIMIT_CORE)
attempt(resource.setrlimit, resource.RLIMIT_CORE, (most, most))
os.abort()
