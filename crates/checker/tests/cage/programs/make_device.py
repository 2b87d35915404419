"""Makes a device of its own, the log of the kernel, and writes to it."""

import os
import stat
from hostile import attempt, targets

KERNEL_LOG = os.makedev(1, 11)


def write_to_device(text):
    path = os.path.join(os.environ["TMPDIR"], "device")
    os.mknod(path, stat.S_IFCHR | 0o600, KERNEL_LOG)
    with open(path, "w") as device:
        return device.write(text + "\n")


attempt(write_to_device, *targets())
